/** From a block to the conditions of each table: equalities followed, conditions passed down, and what gives no rows left out. */

import { notedPortion } from "../catalog/access.ts";
import type { Relation } from "../catalog/relation.ts";
import { addAll } from "../text/long-lists.ts";
import { itemsOfCondition } from "../text/portions.ts";
import {
  type Block,
  type Condition,
  type LevelItem,
  type OuterJoin,
  ownReferences,
  type QualLevel,
  referencesBelow,
  sidesOf,
} from "./block.ts";
import { type Clause, columnsOf, conjunctsOf, isImmutable } from "./clause.ts";
import { withEquivalences } from "./equivalence.ts";
import { mentionedColumns } from "./expression-facts.ts";
import { columnKey } from "./expression-key.ts";
import { decideNullTests } from "./null-tests.ts";
import {
  conjunctsOfAll,
  constantsAcross,
  type DerivedConstants,
  findsAtMostOne,
  mentionsOnly,
  type ReducedOuterJoin,
  reduceOuterJoins,
} from "./outer-joins.ts";
import { type Prediction, predict } from "./predict.ts";
import { type Environment, type OutputColumn, scopeOf, scopeOfTable, type TableMention } from "./query-level.ts";
import { refutes } from "./refute.ts";
import { type ColumnOfReference, derivedColumn, type ResolvedColumn, type Scope } from "./scope.ts";
import { barrierOf, hasWindow, openColumns, passesEmptiness } from "./subquery-shape.ts";
import { substituted } from "./substitute.ts";

/** A mention of a table with the conditions under which it is scanned. */
export interface TableReference {
  readonly mention: TableMention;
  /** Conditions that hold for the rows scanned and mention them; those with other tables' columns among them. */
  readonly clauses: readonly Clause[];
  /** Resolves the table's own columns. */
  readonly scope: Scope;
  /** Whether conditions may hold that we do not see: those of a view whose query is not known, and those that are too long. */
  readonly incomplete: "view" | "length" | null;
  /** What is scanned, as far as it rests on the conditions alone; null where the table's partitions are not known. */
  readonly prediction: Prediction | null;
  /** Conditions of queries around that mention it and stay above what its rows go through first. */
  readonly barred: readonly BarredCondition[];
  /** Why it is not scanned at all: what it is joined with gives no rows, or nobody needs its columns. */
  readonly unread: "empty" | "maybe-empty" | "unneeded" | null;
}

/** A condition that the planner does not move into a subquery. */
export interface BarredCondition {
  readonly clause: Clause;
  /** What it stands above: `LIMIT`, `a window function`. */
  readonly above: string;
}

/** The tables of a block and of the subqueries in it. */
export function tableReferences(block: Block, environment: Environment): readonly TableReference[] {
  return planBlock(block, [], environment).references;
}

/** Whether the planner finds that there are no rows; `maybe` where it may find more than we do. */
type Emptiness = "yes" | "no" | "maybe";

interface Planned {
  readonly references: readonly TableReference[];
  readonly empty: Emptiness;
  /** The same before rows are grouped, sorted or limited. */
  readonly inner: Emptiness;
}

/** `given`: conditions from above in terms of what the block reads. */
function planBlock(block: Block, given: readonly Clause[], environment: Environment): Planned {
  if (block.kind === "set-operation") return planArms(block, (arm) => planBlock(arm, [], environment));
  const conditions = [...block.level.conditions, ...given.map((clause) => ({ clause }))];
  const root: QualLevel = { ...block.level, conditions };
  const { references, empty } = planLevel(root, [], { block, root, removed: new Set(), environment });
  return { references, empty: block.query === null || passesEmptiness(block.query) ? empty : "no", inner: empty };
}

function planArms(block: Extract<Block, { kind: "set-operation" }>, plan: (arm: Block) => Planned): Planned {
  const arms = block.arms.map(plan);
  const references = arms.flatMap((arm) => arm.references);
  const isEmpty = block.append && arms.every(({ empty }) => empty === "yes");
  const empty = arms.some((arm) => arm.empty === "no") ? "no" : isEmpty ? "yes" : "maybe";
  return { references, empty, inner: empty };
}

/** Plans a subquery under conditions on its own columns, which are named by their position. */
function planUnder(
  block: Block,
  reference: number,
  conditions: readonly Clause[],
  needed: ReadonlySet<string> | null,
  environment: Environment,
): Planned {
  const open = openColumns(block);
  const passing = conditions.filter((clause) =>
    columnsOf(clause).every(({ name }) => open?.[Number(name) - 1] === true),
  );
  if (block.kind === "set-operation") {
    // The members of an append are given all conditions; each takes in what it can.
    if (!block.append) return planArms(block, (arm) => planUnder(arm, reference, passing, needed, environment));
    // Members of an append are looked at for contradictions, as partitions are.
    const immutable = conditions.filter(isImmutable);
    const refuted = refutes(immutable, immutable, true, { values: environment.context, undecided: () => {} });
    const planned = planArms(block, (arm) => planUnder(arm, reference, conditions, needed, environment));
    return refuted ? emptied(planned) : planned;
  }
  const { outputs } = block;
  const behind = (column: ColumnOfReference): ResolvedColumn | null => {
    const output = column.reference === reference ? outputs?.[Number(column.name) - 1] : undefined;
    return output === undefined ? null : derivedColumn(output.expression, output.scope);
  };
  const inside = (clause: Clause) => conjunctsOf(substituted(clause, behind, environment.context));
  const planned = planBlock(block, passing.flatMap(inside), environment);
  // Window functions whose results nobody reads are not computed.
  const isUnused = ({ expression }: OutputColumn, index: number): boolean =>
    !hasWindow(expression) || needed?.has(`#${reference}.${index + 1}`) === false;
  const passes = block.query !== null && outputs?.every(isUnused) && passesEmptiness(block.query, "unused");
  const empty = passes ? planned.inner : planned.empty;
  const above = block.query === null ? null : barrierOf(block.query);
  if (passing.length === conditions.length || above === null) return { ...planned, empty };
  const barred = conditions.filter((clause) => !passing.includes(clause)).flatMap(inside);
  return { ...planned, empty, references: planned.references.map((one) => withBarred(one, barred, above)) };
}

function emptied({ references }: Planned): Planned {
  return { references: references.map((one) => unreadIn(one, "yes")), empty: "yes", inner: "yes" };
}

function withBarred(reference: TableReference, clauses: readonly Clause[], above: string): TableReference {
  const own = clauses.filter((clause) => mentionedReferencesOf(clause).has(reference.mention.reference));
  return own.length === 0
    ? reference
    : { ...reference, barred: [...reference.barred, ...own.map((clause) => ({ clause, above }))] };
}

function mentionedReferencesOf(clause: Clause): ReadonlySet<number> {
  return new Set(columnsOf(clause).map(({ reference }) => reference));
}

/** The block that is being planned. */
interface Run {
  readonly block: Extract<Block, { kind: "select" }>;
  readonly root: QualLevel;
  /** Joins that nobody needs. */
  readonly removed: Set<OuterJoin>;
  readonly environment: Environment;
}

/** `on`: the condition of the outer join on whose nullable side the level is. */
function planLevel(written: QualLevel, on: readonly Clause[], run: Run): Planned {
  const { environment } = run;
  const scope = scopeOf([], environment);
  const level = reduceOuterJoins(written, on);
  const own = ownReferences(level);
  const nullable = new Set(level.outerJoins.flatMap(sidesOf).flatMap((side) => [...referencesBelow(side)]));
  // What speaks of columns that an outer join may null filters nothing below that join.
  const conjuncts = conjunctsOfAll(level.conditions).filter(
    (clause) => !columnsOf(clause).some(({ reference }) => nullable.has(reference)),
  );
  const below = new Set(conjuncts);
  const above =
    level.outerJoins.length === 0 ? [] : conjunctsOfAll(level.conditions).filter((clause) => !below.has(clause));
  const { clauses, classes } = withEquivalences(conjuncts, scope);
  const contradiction = clauses.find(isFalse);
  // Before 16 a contradiction among equalities is found too late to leave subqueries out: they are planned, and not run.
  const isLate =
    scope.context.version < 16 &&
    !conjuncts.some(isFalse) &&
    (level.subplans.length > 0 || level.items.some(({ kind }) => kind === "subquery"));
  const impossible = isLate ? undefined : contradiction;
  const given = impossible === undefined ? clauses.filter((clause) => !isFalse(clause)) : [impossible];
  const crossing = on.filter((clause) => !mentionsOnly(clause, own));
  const items = level.items.map((item) => planItem(item, given, crossing, run));
  findUnneeded(level, run);
  const known = [...classes, ...withEquivalences(above, scope).classes];
  const tables = tablesOf(level);
  const sides = level.outerJoins.map((join) => reducedSides(join, tables, environment));
  const derived = constantsAcross(sides, own, known, scope);
  const joins = level.outerJoins.map((join, index) => {
    const [side, constants] = [sides[index], derived[index]];
    if (side === undefined || constants === undefined) return unlessEmpty([]);
    const planned = planOuterJoin(side, constants, impossible, run);
    return run.removed.has(join) ? unlessEmpty(planned.references.map(unneeded)) : planned;
  });
  const parts = [...items, ...joins];
  const found = impossible !== undefined ? "yes" : worst(parts.map((part) => part.empty));
  const empty = found === "no" && contradiction !== undefined ? "maybe" : found;
  const subplans = level.subplans.map((subplan) => ({ subplan, planned: planBlock(subplan.block, [], environment) }));
  const unread = (references: readonly TableReference[], as: Emptiness): readonly TableReference[] =>
    as === "no" ? references : references.map((one) => unreadIn(one, as));
  const doubtful = parts.filter((part) => part.empty === "maybe");
  // What may be empty itself is not read less for that: of its own tables it says so.
  const isAlone = (part: Planned): boolean => found === "maybe" && doubtful.length === 1 && doubtful[0] === part;
  const references = parts.flatMap((part) =>
    isAlone(part) && contradiction === undefined ? part.references : unread(part.references, empty),
  );
  const late = subplans.flatMap(({ subplan, planned }) => (subplan.runsFirst() ? [] : planned.references));
  const first = subplans.flatMap(({ subplan, planned }) => (subplan.runsFirst() ? planned.references : []));
  return { references: [...references, ...unread(late, empty), ...first], empty, inner: empty };
}

function isFalse(clause: Clause): boolean {
  return clause.kind === "constant" && !clause.value;
}

function worst(all: readonly Emptiness[]): Emptiness {
  return all.includes("yes") ? "yes" : all.includes("maybe") ? "maybe" : "no";
}

function unreadIn(reference: TableReference, empty: "yes" | "maybe"): TableReference {
  const isDecided = reference.unread === "empty" || reference.unread === "unneeded";
  return isDecided ? reference : { ...reference, unread: empty === "yes" ? "empty" : "maybe-empty" };
}

function planItem(item: LevelItem, clauses: readonly Clause[], crossing: readonly Clause[], run: Run): Planned {
  const { environment } = run;
  if (item.kind === "other") return { references: [], empty: "no", inner: "no" };
  if (item.kind === "subquery") {
    const only = new Set([item.reference]);
    const impossible = clauses.some(isFalse);
    const down = clauses.filter((clause) => columnsOf(clause).length > 0 && mentionsOnly(clause, only));
    const planned = planUnder(item.block, item.reference, down, neededColumns(run), environment);
    return impossible ? { ...planned, empty: "yes" } : planned;
  }
  const { mention } = item;
  const mentioned = [...clauses, ...crossing].filter(
    (clause) => isFalse(clause) || columnsOf(clause).some(({ reference }) => reference === mention.reference),
  );
  const scope = scopeOfTable(mention, environment);
  const prediction = predictionFor(mention, mentioned, scope);
  const reference: TableReference = {
    mention,
    clauses: mentioned,
    scope,
    incomplete: run.block.incomplete === true ? "view" : null,
    prediction,
    barred: [],
    unread: null,
  };
  const empty = emptinessOf(prediction);
  return { references: [reference], empty, inner: empty };
}

/** null where it is not known which partitions there are, or where rows go. */
function predictionFor(mention: TableMention, clauses: readonly Clause[], scope: Scope): Prediction | null {
  const { relation, access, only } = mention;
  if (relation.knowledge !== "full" || access === "insert") return null;
  const writes = access !== "select";
  const input = { relation, reference: mention.reference, only, writes, clauses, scope };
  return notedPortion(itemsOfClauses(clauses), () => predict(scope.context.catalog, input));
}

/** As much as this is a search for what the clauses leave. */
function itemsOfClauses(clauses: readonly Clause[]): number {
  const count = clauses.reduce((sum, clause) => sum + (clause.kind === "or" ? clause.items.length : 1), 0);
  return count * itemsOfCondition;
}

function emptinessOf(prediction: Prediction | null): Emptiness {
  if (prediction === null || prediction.decided !== "planning") return "no";
  if (prediction.survivors.length === 0) return "yes";
  return prediction.certainty === "exact" ? "no" : "maybe";
}

/** An outer join with what its own condition makes inner joins on its nullable side. */
function reducedSides(
  join: OuterJoin,
  tables: ReadonlyMap<number, Relation>,
  { context }: Environment,
): ReducedOuterJoin {
  const on = decideNullTests(conjunctsOfAll(join.on), tables, context.version);
  if (join.type === "full") return { ...join, on };
  return { ...join, right: reduceOuterJoins(join.right, on), on };
}

function planOuterJoin(
  join: ReducedOuterJoin,
  derived: DerivedConstants,
  impossible: Clause | undefined,
  run: Run,
): Planned {
  const { on } = join;
  if (join.type === "full") {
    const sides = [
      planLevel(withClauses(join.left, impossible === undefined ? derived.left : [impossible]), [], run),
      planLevel(withClauses(join.right, impossible === undefined ? derived.right : [impossible]), [], run),
    ];
    const references = sides.flatMap((side) => side.references);
    const isEmpty = sides.every(({ empty }) => empty === "yes");
    const empty = isEmpty ? "yes" : sides.every((side) => side.empty !== "no") ? "maybe" : "no";
    return { references, empty, inner: empty };
  }
  const own = ownReferences(join.right);
  const inside = on.filter((clause) => mentionsOnly(clause, own));
  const given = impossible === undefined ? [...inside, ...derived.right] : [impossible];
  return unlessEmpty(planLevel(withClauses(join.right, given), on, run).references);
}

function unneeded(reference: TableReference): TableReference {
  return { ...reference, unread: "unneeded" };
}

/** What an outer join adds, whose nullable side may well be empty. */
function unlessEmpty(references: readonly TableReference[]): Planned {
  return { references, empty: "no", inner: "no" };
}

/** The tables that are scanned as they are: no inheritance parent, which does not speak for its children. */
function tablesOf(level: QualLevel): ReadonlyMap<number, Relation> {
  return new Map(
    level.items.flatMap((item) =>
      item.kind === "table" && (item.mention.only || item.mention.relation.children.size === 0)
        ? [[item.mention.reference, item.mention.relation] as const]
        : [],
    ),
  );
}

function withClauses(level: QualLevel, clauses: readonly Clause[]): QualLevel {
  return { ...level, conditions: [...level.conditions, ...clauses.map((clause) => ({ clause }))] };
}

/** Joins whose columns nobody needs and that change no number of rows: `remove_useless_joins`. */
function findUnneeded(level: QualLevel, run: Run): void {
  const { block, removed, environment } = run;
  if (block.outputs === null) return;
  const { catalog, version } = environment.context;
  const candidates = level.outerJoins.filter((join) => findsAtMostOne(join, catalog, version)).reverse();
  for (let found = true; found; ) {
    found = false;
    for (const join of candidates) {
      if (removed.has(join)) continue;
      const needed = neededReferences(run, join);
      if ([...ownReferences(join.right)].some((reference) => needed.has(reference))) continue;
      removed.add(join);
      found = true;
    }
  }
}

/** The references whose columns the block needs beside one of its joins. */
function neededReferences(run: Run, except: OuterJoin): ReadonlySet<number> {
  return new Set(columnsNeeded(run, except).map(({ reference }) => reference));
}

/** The columns that the block needs; null where that cannot be told. */
function neededColumns(run: Run): ReadonlySet<string> | null {
  return run.block.outputs === null ? null : new Set(columnsNeeded(run, null).map(columnKey));
}

function columnsNeeded({ block, root, removed }: Run, except: OuterJoin | null): readonly ColumnOfReference[] {
  const needed: ColumnOfReference[] = [];
  const add = (conditions: readonly Condition[]): void => {
    for (const condition of conditions) addAll(needed, mentionedBy(condition));
  };
  const visit = (level: QualLevel): void => {
    add(level.conditions);
    for (const join of level.outerJoins) {
      if (join === except || removed.has(join)) continue;
      add(join.on);
      for (const side of sidesOf(join)) visit(side);
    }
  };
  visit(root);
  add(block.outputs ?? []);
  add(block.uses);
  return needed;
}

function mentionedBy(condition: Condition): readonly ColumnOfReference[] {
  if ("clause" in condition) return columnsOf(condition.clause);
  return mentionedColumns(condition.expression, condition.scope);
}
