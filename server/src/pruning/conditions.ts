/** From a block to the conditions of each table: equalities followed, conditions passed down, and what gives no rows left out. */

import type { Relation } from "../catalog/relation.ts";
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
import { type Clause, columnsOf, conjunctsOf } from "./clause.ts";
import { withEquivalences } from "./equivalence.ts";
import { decideNullTests } from "./null-tests.ts";
import { type ColumnOfReference, mentionedReferences, type ResolvedColumn, type Scope } from "./operand.ts";
import {
  conjunctsOfCondition,
  constantsAcross,
  findsAtMostOne,
  mentionsOnly,
  reduceOuterJoins,
} from "./outer-joins.ts";
import { type Prediction, predict } from "./predict.ts";
import { type Environment, scopeOf, scopeOfTable, type TableMention } from "./query-level.ts";
import { barrierOf, openColumns, passesEmptiness } from "./subquery-shape.ts";
import { substituted } from "./substitute.ts";

/** A mention of a table with the conditions under which it is scanned. */
export interface TableReference {
  readonly mention: TableMention;
  /** Conditions that hold for the rows scanned and mention them; those with other tables' columns among them. */
  readonly clauses: readonly Clause[];
  /** Resolves the table's own columns. */
  readonly scope: Scope;
  /** Whether conditions may hold that we do not see: those of a view whose query is not known. */
  readonly incomplete: boolean;
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
}

/** `given`: conditions from above in terms of what the block reads. */
function planBlock(block: Block, given: readonly Clause[], environment: Environment): Planned {
  if (block.kind === "set-operation") return planArms(block, (arm) => planBlock(arm, [], environment));
  const conditions = [...block.level.conditions, ...given.map((clause) => ({ clause }))];
  const root: QualLevel = { ...block.level, conditions };
  const { references, empty } = planLevel(root, [], { block, root, removed: new Set(), environment });
  return { references, empty: block.query === null || passesEmptiness(block.query) ? empty : "no" };
}

function planArms(block: Extract<Block, { kind: "set-operation" }>, plan: (arm: Block) => Planned): Planned {
  const arms = block.arms.map(plan);
  const references = arms.flatMap((arm) => arm.references);
  if (arms.some(({ empty }) => empty === "no")) return { references, empty: "no" };
  return { references, empty: block.append && arms.every(({ empty }) => empty === "yes") ? "yes" : "maybe" };
}

/** Plans a subquery under conditions on its own columns, which are named by their position. */
function planUnder(block: Block, reference: number, conditions: readonly Clause[], environment: Environment): Planned {
  const open = openColumns(block);
  const passing = conditions.filter((clause) =>
    columnsOf(clause).every(({ name }) => open?.[Number(name) - 1] === true),
  );
  if (block.kind === "set-operation") {
    // The members of an append are given all conditions; each takes in what it can.
    const down = block.append ? conditions : passing;
    return planArms(block, (arm) => planUnder(arm, reference, down, environment));
  }
  const { outputs } = block;
  const behind = (column: ColumnOfReference): ResolvedColumn | null => {
    const output = column.reference === reference ? outputs?.[Number(column.name) - 1] : undefined;
    return output === undefined ? null : { kind: "derived", expression: output.expression, scope: output.scope };
  };
  const inside = (clause: Clause) => conjunctsOf(substituted(clause, behind, environment.context));
  const planned = planBlock(block, passing.flatMap(inside), environment);
  const above = block.query === null ? null : barrierOf(block.query);
  if (passing.length === conditions.length || above === null) return planned;
  const barred = conditions.filter((clause) => !passing.includes(clause)).flatMap(inside);
  return { ...planned, references: planned.references.map((one) => withBarred(one, barred, above)) };
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
  const conjuncts = level.conditions
    .flatMap(conjunctsOfCondition)
    .filter((clause) => !columnsOf(clause).some(({ reference }) => nullable.has(reference)));
  const above = level.conditions.flatMap(conjunctsOfCondition).filter((clause) => !conjuncts.includes(clause));
  const { clauses, classes } = withEquivalences(conjuncts, scope);
  const impossible = clauses.find(isFalse);
  const given = impossible === undefined ? clauses : [impossible];
  const crossing = on.filter((clause) => !mentionsOnly(clause, own));
  const items = level.items.map((item) => planItem(item, given, crossing, run));
  findUnneeded(level, run);
  const joins = level.outerJoins.map((join) => {
    const derived = constantsAcross(join, level, [...classes, ...withEquivalences(above, scope).classes], scope);
    return planOuterJoin(join, derived, tablesOf(level), impossible, run);
  });
  const parts = [...items, ...joins];
  const references = parts.flatMap((part) => part.references);
  const empty = impossible !== undefined ? "yes" : worst(parts.map((part) => part.empty));
  return { references: empty === "no" ? references : references.map((one) => unreadIn(one, empty)), empty };
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
  if (item.kind === "other") return { references: [], empty: "no" };
  if (item.kind === "subquery") {
    const only = new Set([item.reference]);
    const impossible = clauses.some(isFalse);
    const down = clauses.filter((clause) => columnsOf(clause).length > 0 && mentionsOnly(clause, only));
    const planned = planUnder(item.block, item.reference, down, environment);
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
    incomplete: run.block.incomplete === true,
    prediction,
    barred: [],
    unread: null,
  };
  return { references: [reference], empty: emptinessOf(prediction) };
}

/** null where it is not known which partitions there are, or where rows go. */
function predictionFor(mention: TableMention, clauses: readonly Clause[], scope: Scope): Prediction | null {
  const { relation, access, only } = mention;
  if (relation.knowledge !== "full" || access === "insert") return null;
  const writes = access !== "select";
  return predict(scope.context.catalog, { relation, reference: mention.reference, only, writes, clauses, scope });
}

function emptinessOf(prediction: Prediction | null): Emptiness {
  if (prediction === null || prediction.decided !== "planning") return "no";
  if (prediction.survivors.length === 0) return "yes";
  return prediction.certainty === "exact" ? "no" : "maybe";
}

function planOuterJoin(
  join: OuterJoin,
  derived: { readonly left: readonly Clause[]; readonly right: readonly Clause[] },
  tables: ReadonlyMap<number, Relation>,
  impossible: Clause | undefined,
  run: Run,
): Planned {
  if (impossible !== undefined) {
    const given = { left: [impossible], right: [impossible] };
    const sides = join.type === "full" ? [join.left, join.right] : [join.right];
    const planned = sides.map((side) => planLevel(withClauses(side, given.right), [], run));
    return { references: planned.flatMap(({ references }) => references), empty: "no" };
  }
  const { version } = run.environment.context;
  const on = decideNullTests(join.on.flatMap(conjunctsOfCondition), tables, version);
  if (join.type === "full") {
    const sides = [
      planLevel(withClauses(join.left, derived.left), [], run),
      planLevel(withClauses(join.right, derived.right), [], run),
    ];
    const references = sides.flatMap((side) => side.references);
    const isEmpty = sides.every(({ empty }) => empty === "yes");
    return { references, empty: isEmpty ? "yes" : sides.every(({ empty }) => empty !== "no") ? "maybe" : "no" };
  }
  const own = ownReferences(join.right);
  const inside = on.filter((clause) => mentionsOnly(clause, own));
  const { references } = planLevel(withClauses(join.right, [...inside, ...derived.right]), on, run);
  if (!run.removed.has(join)) return { references, empty: "no" };
  return { references: references.map((one) => ({ ...one, unread: "unneeded" })), empty: "no" };
}

/** The tables that are scanned as they are: no inheritance parent, which does not speak for its children. */
function tablesOf(level: QualLevel): ReadonlyMap<number, Relation> {
  return new Map(
    level.items.flatMap((item) =>
      item.kind === "table" && (item.mention.only || item.mention.relation.children.length === 0)
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
function neededReferences({ block, root, removed }: Run, except: OuterJoin): ReadonlySet<number> {
  const needed = new Set<number>();
  const add = (conditions: readonly Condition[]): void => {
    for (const condition of conditions) for (const reference of mentionedBy(condition)) needed.add(reference);
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

function mentionedBy(condition: Condition): readonly number[] {
  if ("clause" in condition) return columnsOf(condition.clause).map(({ reference }) => reference);
  return [...mentionedReferences(condition.expression, condition.scope)];
}
