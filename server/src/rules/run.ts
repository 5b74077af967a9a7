/** Runs all rules over the steps and the end of one file: steps in, sorted findings in offsets of the document out. */

import type { Catalog } from "../catalog/catalog.ts";
import { hasParts, isPartitioned } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
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
import { compareRanges, type TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { rules, rulesById } from "./index.ts";
import type { DirectiveContext, Rewriting, Rule, RuleFinding, RuleOptions, ScriptContext } from "./rule.ts";
import { createEndFinder } from "./support/kept-findings.ts";
import { place, severityOf } from "./support/place-findings.ts";
import type { RuleInput } from "./support/rule-input.ts";
import { saidOnce } from "./support/said-once.ts";

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
  const context = scriptContext(placing, indexes);
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
    const [known] = byRule(rule, input, () => [atEnd(rule)]);
    for (const each of known?.found ?? []) findings.push(place(rule, each, placing, context));
    if (known?.kept !== true) yield;
  }
  return saidOnce(withoutDuplicates(applyDirectives(findings, active, input).sort(inDocumentOrder)));
}

function scriptContext(input: RuleInput, indexes: FoundInSteps["indexes"]): ScriptContext {
  const { file, steps, final, options, changesLater = () => false } = input;
  const textOf = (statement: StatementHandle) => textOfStatement(input.document, statement);
  const byKind = new Map<Statement["kind"], readonly Step[]>();
  const stepsOf = (kind: Statement["kind"]) => {
    const found = byKind.get(kind) ?? (indexes.get(kind) ?? []).flatMap((index) => steps[index] ?? []);
    byKind.set(kind, found);
    return found;
  };
  const find = createStepFinder(steps);
  const stepWith = (statement: StatementHandle) => steps[find(statement, statement)] ?? null;
  return {
    file,
    steps,
    stepsOf,
    final,
    relations: relationsOf(steps[0]?.before ?? final, final),
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

/** A step of which there is something to say. */
interface FoundInStep {
  readonly index: number;
  readonly found: readonly StepFinding[];
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
    const kept = knownFindings(step, input);
    const found = kept ?? findingsOfStep(step, input);
    if (found.length > 0) between.push({ index, found });
    if (kept === null || index % keptBetweenPauses === 0) yield;
  }
  const moved = last - lastBefore;
  const behind = inSteps.filter(({ index }) => index >= lastBefore);
  const result = {
    options,
    inSteps: [
      ...inSteps.filter(({ index }) => index < first),
      ...between,
      ...(moved === 0 ? behind : behind.map(({ index, found }) => ({ index: index + moved, found }))),
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
  if (before.length === after.length && after.every((step, at) => kindAt(step) === kindAt(before[at]))) return indexes;
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
interface CachedFindings {
  readonly options: RuleOptions;
  readonly findings: readonly StepFinding[];
}

const cache = createStepMemo<CachedFindings>();

function knownFindings(step: Step, { options }: RuleInput): readonly StepFinding[] | null {
  const cached = cache.known(step);
  return cached !== undefined && sameOptions(cached.options, options) ? cached.findings : null;
}

function findingsOfStep(step: Step, input: RuleInput): readonly StepFinding[] {
  const { options } = input;
  return cache.make(step, () => ({ options, findings: [...checkStep(step, input)] })).findings;
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

/** Most edits are of statements that leave the schema as it is. */
const relationsByCatalog = new WeakMap<
  Catalog["relations"],
  { readonly start: Catalog["relations"]; readonly found: ScriptContext["relations"] }
>();

/** Those that the file has to do with: of what it found and left as it was there is nothing to say in it. */
function relationsOf({ relations: start }: Catalog, { relations }: Catalog): ScriptContext["relations"] {
  const known = relationsByCatalog.get(relations);
  if (known?.start === start) return known.found;
  const [partitioned, inherited, partitionedIndexes]: [Relation[], Relation[], Relation[]] = [[], [], []];
  for (const relation of touchedRelations(start, relations)) {
    // What something unreadable may have changed may have other partitions, or none.
    const isKnown = relation.knowledge !== "tainted";
    if (isPartitioned(relation) && isKnown) partitioned.push(relation);
    if (relation.children.size > 0 && !isHypertable(relation, relations)) inherited.push(relation);
    if (relation.kind === "partitioned-index") partitionedIndexes.push(relation);
  }
  const found = { partitioned, inherited, partitionedIndexes };
  relationsByCatalog.set(relations, { start, found });
  return found;
}

/** TimescaleDB's tables, as a dump shows them: it makes the children itself, for rows that come, and sends the rows there. */
function isHypertable(relation: Relation, relations: Catalog["relations"]): boolean {
  const [child] = relation.children.keys();
  return child !== undefined && relations.get(child)?.schema === "_timescaledb_internal";
}

/** What others belong to, of what is new or changed and of all that this belongs to; in order of creation. */
function touchedRelations(start: Catalog["relations"], relations: Catalog["relations"]): readonly Relation[] {
  const touched = new Map<RelationId, Relation>();
  const above = new Set<RelationId>();
  const touchAbove = (id: RelationId | null | undefined): void => {
    if (id == null || above.has(id)) return;
    above.add(id);
    touch(relations.get(id));
  };
  const touch = (relation: Relation | undefined): void => {
    if (relation === undefined) return;
    const { kind, partitionOf, index, inherits } = relation;
    if (hasParts(relation) || kind === "partitioned-index") touched.set(relation.id, relation);
    touchAbove(partitionOf?.parent);
    touchAbove(index?.attachedTo);
    for (const parent of inherits) touchAbove(parent);
  };
  for (const relation of relations.changedFrom(start)) touch(relation);
  return [...touched.values()].sort((a, b) => a.id - b.id);
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
