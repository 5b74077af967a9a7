/** Runs all rules over the steps and the end of one file: steps in, sorted findings in offsets of the document out. */

import type { ErrorRule } from "../effects/outcome.ts";
import { createStepFinder, differing } from "../replay/kept-steps.ts";
import type { Step } from "../replay/step.ts";
import { createStepMemo } from "../replay/step-memo.ts";
import type { Directive } from "../syntax/directives.ts";
import { statementAt, textOfStatement } from "../syntax/document.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { contained } from "../text/bug.ts";
import type { Finding, Fix } from "../text/finding.ts";
import { inPortions } from "../text/portions.ts";
import { compareRanges, type TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { rules, rulesById } from "./index.ts";
import type { DirectiveContext, Rewriting, Rule, RuleFinding, RuleOptions, ScriptContext } from "./rule.ts";
import { createEndFinder } from "./support/kept-findings.ts";
import { place, severityOf } from "./support/place-findings.ts";
import { relationsOfFile } from "./support/relations-of-file.ts";
import type { RuleInput } from "./support/rule-input.ts";
import { saidOnce } from "./support/said-once.ts";
import { type MarkOfStep, markedSteps, marksOf } from "./support/step-marks.ts";

export type { RuleInput } from "./support/rule-input.ts";

/**
 * The findings of one file, sorted by place and without duplicates. Findings of a step are kept: a replay that reuses
 * its steps costs the rules of the new ones, and the rules of the script's end.
 */
export function runRules(input: RuleInput): readonly Finding[] {
  return atOnce(runRulesInTurns(input));
}

/** The same, pausing after each step that is looked at, and each rule that looks at the end of the script. */
export function* runRulesInTurns(input: RuleInput): Turns<readonly Finding[]> {
  const { inSteps, indexes } = yield* findInSteps(input);
  // What fixes are made of stays with the findings; the version before need not.
  const placing = { ...input, previousSteps: undefined };
  const context = scriptContext(placing, indexes, inSteps);
  const active = rules.filter((rule) => holdsFor(rule, input.options) && input.severities[rule.id] !== "off");
  const reported = new Set(active.map((rule) => rule.id));
  const findings: Finding[] = [];
  for (const { found } of inSteps) {
    for (const { rule, finding } of found) {
      if (reported.has(rule.id)) findings.push(place(rule, finding, placing, context));
    }
  }
  const atEnd = createEndFinder(input, context);
  for (const rule of active) {
    const [known] = yield* inPortions(() => byRule(rule, input, () => [atEnd(rule)]));
    for (const each of known?.found ?? []) findings.push(place(rule, each, placing, context));
    if (known?.kept !== true) yield;
  }
  return saidOnce(withoutDuplicates(applyDirectives(findings, active, input).sort(inDocumentOrder)));
}

function scriptContext(
  input: RuleInput,
  indexes: FoundInSteps["indexes"],
  inSteps: FoundInSteps["inSteps"],
): ScriptContext {
  const { file, steps, final, options, changesLater = () => false } = input;
  const textOf = (statement: StatementHandle) => textOfStatement(input.document, statement);
  const byKind = new Map<Statement["kind"], readonly Step[]>();
  const stepsOf = (kind: Statement["kind"]) => {
    const known = byKind.get(kind);
    if (known !== undefined) return known;
    const found: Step[] = [];
    for (const index of indexes.get(kind) ?? []) {
      const step = steps[index];
      if (step !== undefined) found.push(step);
    }
    byKind.set(kind, found);
    return found;
  };
  const find = createStepFinder(steps);
  const stepWith = (statement: StatementHandle) => steps[find(statement, statement)] ?? null;
  return {
    file,
    steps,
    stepsOf,
    marked: (mark) => markedSteps(steps, inSteps, mark),
    final,
    relations: relationsOfFile(steps[0]?.before ?? final, final),
    changesLater,
    options,
    rewriting: rewritingOf(input),
    placeOf: ({ handle }) => find(handle, handle),
    stepWith,
    textOf,
  };
}

/** Who presents a rejection: that one names a rule which does not exist is an error of types here. */
const presenters: Readonly<Record<ErrorRule, Rule>> = rulesById;

const byStatement: ReadonlyMap<Statement["kind"], readonly Rule[]> = groupByStatement();

interface StepFinding {
  readonly rule: Rule;
  readonly finding: RuleFinding;
}

/** What was found in a step, and what rules want to know of it at the end. */
interface Found {
  readonly found: readonly StepFinding[];
  readonly marks: readonly MarkOfStep[];
}

/** A step of which there is something to say or to know. */
interface FoundInStep extends Found {
  readonly index: number;
}

/** What was found in the steps of a version of a file. */
interface FoundInSteps {
  readonly options: RuleOptions;
  readonly inSteps: readonly FoundInStep[];
  /** The indexes of the steps by the kind of their statements. */
  readonly indexes: ReadonlyMap<Statement["kind"], readonly number[]>;
}

const foundInSteps = new WeakMap<readonly Step[], FoundInSteps>();

const nothingFound: Pick<FoundInSteps, "inSteps" | "indexes"> = { inSteps: [], indexes: new Map() };

/** A pause costs more than a look at findings that are kept. */
const keptBetweenPauses = 16;

function* findInSteps(input: RuleInput): Turns<FoundInSteps> {
  const { steps, options, previousSteps = [] } = input;
  const earlier = foundInSteps.get(previousSteps);
  const known = earlier !== undefined && sameOptions(earlier.options, options) ? earlier : null;
  const { first, last, lastBefore } =
    known === null ? { first: 0, last: steps.length, lastBefore: 0 } : differing(previousSteps, steps);
  const { inSteps, indexes } = known ?? nothingFound;
  const between: FoundInStep[] = [];
  for (let index = first; index < last; index++) {
    const step = steps[index];
    if (step === undefined) break;
    const kept = knownOfStep(step, input);
    const { found, marks } = kept ?? (yield* inPortions(() => findInStep(step, input)));
    if (found.length > 0 || marks.length > 0) between.push({ index, found, marks });
    if (kept === null || index % keptBetweenPauses === 0) yield;
  }
  const moved = last - lastBefore;
  const behind = inSteps.filter(({ index }) => index >= lastBefore);
  const result = {
    options,
    inSteps: [
      ...inSteps.filter(({ index }) => index < first),
      ...between,
      ...(moved === 0 ? behind : behind.map((each) => ({ ...each, index: each.index + moved }))),
    ],
    indexes: indexesAfter(indexes, previousSteps.slice(first, lastBefore), steps.slice(first, last), first),
  };
  foundInSteps.set(steps, result);
  return result;
}

/** The indexes by kind when the steps from `first` on are others. */
function indexesAfter(
  indexes: FoundInSteps["indexes"],
  before: readonly Step[],
  after: readonly Step[],
  first: number,
): FoundInSteps["indexes"] {
  const kindAt = (step: Step | undefined) => step?.statement.statement.kind;
  const isOfKind = (step: Step, at: number) =>
    step.statement === before[at]?.statement || kindAt(step) === kindAt(before[at]);
  if (before.length === after.length && after.every(isOfKind)) return indexes;
  const moved = after.length - before.length;
  const lastBefore = first + before.length;
  const next = new Map<Statement["kind"], number[]>();
  for (const [kind, all] of indexes) {
    const own = next.get(kind) ?? [];
    for (const index of all) if (index < first) own.push(index);
    next.set(kind, own);
  }
  for (const [at, { statement }] of after.entries()) {
    const { kind } = statement.statement;
    const own = next.get(kind);
    if (own === undefined) next.set(kind, [first + at]);
    else own.push(first + at);
  }
  for (const [kind, all] of indexes)
    for (const index of all) if (index >= lastBefore) next.get(kind)?.push(index + moved);
  return next;
}

/** Under the options that the entry names. */
interface CachedFindings extends Found {
  readonly options: RuleOptions;
}

const cache = createStepMemo<CachedFindings>();

function knownOfStep(step: Step, { options }: RuleInput): Found | null {
  const cached = cache.known(step);
  return cached !== undefined && sameOptions(cached.options, options) ? cached : null;
}

function findInStep(step: Step, input: RuleInput): Found {
  const { options } = input;
  return cache.make(step, () => ({
    options,
    found: [...checkStep(step, input)],
    marks: marksOf(step, (rule, find) => byRule(rule, input, find)),
  }));
}

function rewritingOf({ reading }: RuleInput): Rewriting | null {
  const library = reading?.library;
  return reading === undefined || library === undefined ? null : { ...reading, library };
}

function* checkStep(step: Step, input: RuleInput): Generator<StepFinding> {
  const { rejection } = step;
  const context = {
    step,
    text: textOfStatement(input.document, step.handle),
    options: input.options,
    rewriting: rewritingOf(input),
  };
  if (rejection !== null) {
    const rule = presenters[rejection.rule];
    const { present } = rule;
    if (rejection.repeats !== true && present !== undefined)
      yield* byRule(rule, input, () => [{ rule, finding: present({ ...context, rejection }) }]);
    return;
  }
  for (const rule of byStatement.get(step.statement.statement.kind) ?? []) {
    const { check } = rule;
    if (check === undefined || !holdsFor(rule, input.options)) continue;
    yield* byRule(rule, input, () => [...check(context)].map((finding) => ({ rule, finding })));
  }
}

/** What one rule finds in one place; nothing where it ends in an exception. */
function byRule<Found>(rule: Rule, { onBug }: RuleInput, find: () => readonly Found[]): readonly Found[] {
  return contained(`the rule ${rule.id}`, onBug, find, () => []);
}

function groupByStatement(): ReadonlyMap<Statement["kind"], readonly Rule[]> {
  const groups = new Map<Statement["kind"], Rule[]>();
  for (const rule of rules) {
    for (const kind of rule.statements ?? []) groups.set(kind, [...(groups.get(kind) ?? []), rule]);
  }
  return groups;
}

function holdsFor(rule: Rule, { version }: RuleOptions): boolean {
  return (rule.since ?? version) <= version && version <= (rule.until ?? version);
}

function sameOptions(a: RuleOptions, b: RuleOptions): boolean {
  if (a === b) return true;
  const names = ["version", "today", "timeZone", "pathmanVersion", "partmanVersion"] as const;
  return names.every((name) => a[name] === b[name]);
}

/** Drops what the comments of the file ignore, and adds what is wrong with those comments. */
function applyDirectives(findings: readonly Finding[], active: readonly Rule[], input: RuleInput): Finding[] {
  if (input.document.directives.length === 0) return [...findings];
  const targets = input.document.directives.map((directive) => ({ directive, range: targetOf(directive, input) }));
  const used = new Map<Directive, Set<string>>();
  const kept = findings.filter((finding) => {
    const ignoring = targets.filter(
      ({ directive, range }) => range !== null && covers(range, finding.range.start) && names(directive, finding.rule),
    );
    for (const { directive } of ignoring) used.set(directive, (used.get(directive) ?? new Set()).add(finding.rule));
    return ignoring.length === 0;
  });
  const context: DirectiveContext = {
    directives: input.document.directives,
    ruleIds: rules.map(({ id }) => id),
    usedFor: (directive) => used.get(directive) ?? new Set(),
  };
  for (const rule of active) {
    for (const { range, message, advice, fix } of byRule(rule, input, () => [
      ...(rule.checkDirectives?.(context) ?? []),
    ])) {
      const fixes: readonly Fix[] =
        fix === undefined
          ? []
          : [{ title: fix.title, edits: [{ range: fix.range, newText: fix.newText }], preferred: true }];
      const severity = severityOf(rule, undefined, input);
      kept.push({ range, rule: rule.id, severity, message, advice, related: [], fixes });
    }
  }
  return kept;
}

/** The text whose findings the directive ignores; null for none. */
function targetOf(directive: Directive, input: RuleInput): TextRange | null {
  if (directive.kind === "ignore-file") return { start: 0, end: input.document.text.length };
  if (directive.kind === "unreadable" || directive.statement === null) return null;
  const statement = statementAt(input.document, directive.statement);
  return statement === null ? null : { start: statement.start, end: statement.terminatorEnd };
}

function covers(range: TextRange, offset: number): boolean {
  return range.start <= offset && offset <= range.end;
}

function names(directive: Directive, rule: string): boolean {
  return directive.rules.length === 0 || directive.rules.some(({ id }) => id === rule);
}

function inDocumentOrder(a: Finding, b: Finding): number {
  return compareRanges(a.range, b.range) || compareText(a.rule, b.rule) || compareText(a.message, b.message);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of sorted findings. */
function withoutDuplicates(findings: readonly Finding[]): readonly Finding[] {
  return findings.filter((finding, index) => {
    const previous = findings[index - 1];
    return previous === undefined || inDocumentOrder(previous, finding) !== 0;
  });
}
