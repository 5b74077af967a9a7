/** Runs all rules over the steps and the end of one file: steps in, sorted findings in offsets of the document out. */

import type { Catalog } from "../catalog/catalog.ts";
import { hasParts, isPartitioned } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { ErrorRule } from "../effects/outcome.ts";
import { createStepFinder } from "../replay/kept-steps.ts";
import type { Step } from "../replay/step.ts";
import type { Directive } from "../syntax/directives.ts";
import { statementWith } from "../syntax/document.ts";
import type { PlacedStatement, Statement } from "../syntax/statement.ts";
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
  for (const { step, found } of inSteps) {
    for (const { rule, finding } of found) {
      if (reported.has(rule.id)) findings.push(place(rule, finding, placing, step, context));
    }
  }
  const atEnd = createEndFinder(input, context);
  for (const rule of active) {
    const [known] = byRule(rule, input, () => [atEnd(rule)]);
    for (const each of known?.found ?? []) findings.push(place(rule, each, placing, null, context));
    if (known?.kept !== true) yield;
  }
  return saidOnce(withoutDuplicates(applyDirectives(findings, active, input).sort(inDocumentOrder)));
}

function scriptContext(input: RuleInput, indexes: FoundInSteps["indexes"]): ScriptContext {
  const { file, steps, final, options, changesLater = () => false } = input;
  const textOf = (statement: StatementHandle) => textOfStatement(input, statementWith(input.document, statement));
  const byKind = new Map<Statement["kind"], readonly Step[]>();
  const stepsOf = (kind: Statement["kind"]) => {
    const found = byKind.get(kind) ?? (indexes.get(kind) ?? []).flatMap((index) => steps[index] ?? []);
    byKind.set(kind, found);
    return found;
  };
  const placeOf = createStepFinder(steps);
  const stepWith = (statement: StatementHandle) => steps[placeOf(statement, statement)] ?? null;
  return {
    file,
    steps,
    stepsOf,
    final,
    relations: relationsOf(steps[0]?.before ?? final, final),
    changesLater,
    options,
    rewriting: rewritingOf(input),
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
  readonly step: Step;
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

/** A pause costs more than a look at findings that are kept. */
const keptBetweenPauses = 16;

function* findInSteps(input: RuleInput): Turns<FoundInSteps> {
  const { steps, options, previousSteps = [] } = input;
  const known = foundInSteps.get(previousSteps);
  let same = 0;
  if (known !== undefined && sameOptions(known.options, options))
    while (same < steps.length && steps[same] === previousSteps[same]) same++;
  const inSteps = known?.inSteps.filter(({ step }) => step.index < same) ?? [];
  const indexes = new Map<Statement["kind"], number[]>();
  for (const [kind, all] of known?.indexes ?? [])
    indexes.set(kind, all.slice(0, all.findLastIndex((index) => index < same) + 1));
  for (const step of steps.slice(same)) {
    const kept = knownFindings(step, input);
    const found = kept ?? findingsOfStep(step, input);
    if (found.length > 0) inSteps.push({ step, found });
    const { kind } = step.statement.statement;
    const ofKind = indexes.get(kind);
    if (ofKind === undefined) indexes.set(kind, [step.index]);
    else ofKind.push(step.index);
    if (kept === null || step.index % keptBetweenPauses === 0) yield;
  }
  const result = { options, inSteps, indexes };
  foundInSteps.set(steps, result);
  return result;
}

/** A statement may be remembered for longer than anybody needs the catalogs around it. */
interface CachedFindings extends Pick<Step, "file" | "handle" | "rejection"> {
  readonly before: WeakRef<Catalog>;
  readonly after: WeakRef<Catalog>;
  readonly state: Step["transaction"]["state"];
  readonly options: RuleOptions;
  readonly findings: readonly StepFinding[];
}

/** By the statement, which all versions of the document share: a step that only moved is a new step. */
const cache = new WeakMap<Statement, CachedFindings>();

function knownFindings(step: Step, { options }: RuleInput): readonly StepFinding[] | null {
  const cached = cache.get(step.statement.statement);
  if (cached === undefined || !saysTheSame(cached, step) || !sameOptions(cached.options, options)) return null;
  return cached.findings;
}

function findingsOfStep(step: Step, input: RuleInput): readonly StepFinding[] {
  const findings = [...checkStep(step, input)];
  const { file, handle, rejection, transaction } = step;
  cache.set(step.statement.statement, {
    ...{ file, handle, rejection, state: transaction.state, options: input.options, findings },
    before: new WeakRef(step.before),
    after: new WeakRef(step.after),
  });
  return findings;
}

/** Whether the step is the one that was looked at, but for the place of its statement. */
function saysTheSame(a: CachedFindings, b: Step): boolean {
  return (
    a.file === b.file &&
    a.handle === b.handle &&
    a.before.deref() === b.before &&
    a.after.deref() === b.after &&
    a.rejection === b.rejection &&
    a.state === b.transaction.state
  );
}

function rewritingOf({ reading }: RuleInput): Rewriting | null {
  const library = reading?.library;
  return reading === undefined || library === undefined ? null : { ...reading, library };
}

function* checkStep(step: Step, input: RuleInput): Generator<StepFinding> {
  const { rejection } = step;
  const context = {
    step,
    text: textOfStatement(input, step.statement),
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

function textOfStatement({ document }: RuleInput, statement: PlacedStatement | null): string {
  return statement === null ? "" : document.text.slice(statement.start, statement.end);
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
  const statement = input.document.statements[directive.statement];
  return statement === undefined ? null : { start: statement.start, end: statement.terminatorEnd };
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
