/** Runs all rules over the steps and the end of one file: steps in, sorted findings in offsets of the document out. */

import type { ErrorRule } from "../effects/outcome.ts";
import type { Step } from "../replay/step.ts";
import { stepListOf } from "../replay/step-list.ts";
import type { Directive } from "../syntax/directives.ts";
import { statementAt, textOfStatement } from "../syntax/document.ts";
import type { Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { contained, containedInTurns } from "../text/bug.ts";
import type { Finding, Fix } from "../text/finding.ts";
import { compareRanges, type TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { rules, rulesById } from "./index.ts";
import type { DirectiveContext, Rewriting, Rule, RuleOptions, ScriptContext } from "./rule.ts";
import { findInBlocks } from "./support/found-in-blocks.ts";
import { createEndFinder, type FoundAtEnd } from "./support/kept-findings.ts";
import { place, severityOf } from "./support/place-findings.ts";
import { relationsOfFile } from "./support/relations-of-file.ts";
import type { RuleInput } from "./support/rule-input.ts";
import { saidOnce } from "./support/said-once.ts";
import { type FoundInScript, markedSteps, marksOf, type StepFinding } from "./support/step-marks.ts";

export type { RuleInput } from "./support/rule-input.ts";

/**
 * The findings of one file, sorted by place and without duplicates. Findings of a step are kept: a replay that reuses
 * its steps costs the rules of the new ones, and the rules of the script's end.
 */
export function runRules(input: RuleInput): readonly Finding[] {
  return atOnce(runRulesInTurns(input));
}

/** The same, pausing after each step that is looked at, and each rule that looks at the end of the script, and after some of its findings. */
export function* runRulesInTurns(input: RuleInput): Turns<readonly Finding[]> {
  const inSteps = yield* findInSteps(input);
  // What fixes are made of stays with the findings; the version before need not.
  const placing = { ...input, previousSteps: undefined };
  const context = scriptContext(placing, inSteps);
  const active = rules.filter((rule) => holdsFor(rule, input.options) && input.severities[rule.id] !== "off");
  const reported = new Set(active.map((rule) => rule.id));
  const findings: Finding[] = [];
  for (const { found } of inSteps.some()) {
    for (const { rule, finding } of found) {
      if (!reported.has(rule.id)) continue;
      findings.push(place(rule, finding, placing, context));
      if (findings.length % placedBetweenPauses === 0) yield;
    }
  }
  const atEnd = createEndFinder(input, context, placedBetweenPauses);
  for (const rule of active) {
    if (rule.checkScript === undefined) continue;
    const known = yield* containedInTurns<FoundAtEnd | null>(
      whatOf(rule),
      input.onBug,
      () => atEnd(rule),
      () => null,
    );
    for (const each of known?.found ?? []) {
      findings.push(place(rule, each, placing, context));
      if (findings.length % placedBetweenPauses === 0) yield;
    }
    if (known?.kept !== true) yield;
  }
  const kept = applyDirectives(findings, active, input);
  yield;
  const sorted = kept.sort(inDocumentOrder);
  yield;
  return saidOnce(withoutDuplicates(sorted));
}

/** To place a finding takes less time than to pause. */
const placedBetweenPauses = 64;

function scriptContext(input: RuleInput, inSteps: FoundInScript): ScriptContext {
  const { file, final, options, changesLater = () => false } = input;
  const steps = stepListOf(input.steps);
  const textOf = (statement: StatementHandle) => textOfStatement(input.document, statement);
  const byKind = new Map<Statement["kind"], readonly Step[]>();
  const stepsOf: ScriptContext["stepsOf"] = (kind, isWanted) => {
    if (isWanted !== undefined) return [...steps.ofKind(kind, isWanted)];
    const known = byKind.get(kind) ?? [...steps.ofKind(kind)];
    byKind.set(kind, known);
    return known;
  };
  return {
    file,
    get steps() {
      return steps.all();
    },
    stepsOf,
    marked: (mark) => markedSteps(inSteps, mark),
    final,
    relations: relationsOfFile(steps.at(0)?.before ?? final, final),
    changesLater,
    options,
    rewriting: rewritingOf(input),
    placeOf: ({ handle }) => steps.placeOf(handle, handle),
    stepWith: (statement) => steps.factsAt(steps.placeOf(statement, statement)) ?? null,
    textOf,
  };
}

/** Who presents a rejection: that one names a rule which does not exist is an error of types here. */
const presenters: Readonly<Record<ErrorRule, Rule>> = rulesById;

const byStatement: ReadonlyMap<Statement["kind"], readonly Rule[]> = groupByStatement();

function findInSteps(input: RuleInput): Turns<FoundInScript> {
  return findInBlocks(stepListOf(input.steps), input.options, (step) => ({
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
  return contained(whatOf(rule), onBug, find, () => []);
}

function whatOf({ id }: Rule): string {
  return `the rule ${id}`;
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
  if (directive.kind === "ignore-file") return { start: 0, end: input.document.content.length };
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
