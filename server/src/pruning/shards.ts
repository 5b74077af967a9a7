/** Which shards of a distributed table a query visits: what Citus' own pruning makes of the conditions on the distribution column. */

import type { Catalog } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Relation } from "../catalog/relation.ts";
import { rangesOf, type ShardRange, shardCountOf, shardOfHash } from "../catalog/shards.ts";
import type { Value } from "../catalog/value.ts";
import { coerceConstant } from "../catalog/values/evaluate.ts";
import { hash32 } from "../catalog/values/hash.ts";
import type { Clause, Comparison } from "./clause.ts";
import type { Operand } from "./operand.ts";
import type { Scope } from "./scope.ts";

/** Of how many shards which are visited, by position in the order of their ranges; null where it cannot be told. */
export interface ShardVerdict {
  readonly count: number;
  readonly survivors: readonly number[] | null;
  /** Where the only one lies, as a connected database tells it: `worker1:5432`. */
  readonly node?: string | undefined;
}

/** A mention of a distributed table, with the conditions that hold for its rows. */
export interface ShardInput {
  readonly relation: Relation;
  readonly reference: number;
  readonly clauses: readonly Clause[];
  readonly scope: Scope;
}

/** Whether the table is one that Citus divides among nodes. */
export function hasShards({ shards }: Relation): boolean {
  return shards?.kind === "distributed" || shards?.kind === "schema";
}

/** All shards of the table. */
export function allShards(catalog: Catalog, relation: Relation): ShardVerdict {
  const count = relation.shards === undefined ? 0 : shardCountOf(catalog.sharded, relation.shards);
  return { count, survivors: Array.from({ length: count }, (_, index) => index) };
}

/** The verdict with the node of the one shard that is visited, where a database has told it. */
export function withNode(catalog: Catalog, { shards }: Relation, verdict: ShardVerdict): ShardVerdict {
  const [only, ...others] = verdict.survivors ?? [];
  const nodes = shards === undefined ? undefined : catalog.sharded?.groups.get(shards.colocation)?.nodes;
  const node = only === undefined || others.length > 0 || nodes?.length !== verdict.count ? null : nodes[only];
  return node == null ? verdict : { ...verdict, node };
}

/** The shards that the conditions leave: `PruneShards`. */
export function pruneShards(catalog: Catalog, input: ShardInput): ShardVerdict {
  const all = allShards(catalog, input.relation);
  const { shards, columns } = input.relation;
  if (input.clauses.some((clause) => clause.kind === "constant" && !clause.value)) return { ...all, survivors: [] };
  const ranges = shards === undefined ? null : rangesOf(catalog.sharded, shards);
  const type = columns.find(({ name }) => name === shards?.column)?.type ?? null;
  if (ranges === null || type === null || shards?.column == null) return all;
  const pruning: Pruning = { ...input, catalog, column: shards.column, type, ranges, found: new Set(), queue: [] };
  return { count: all.count, survivors: survivorsOf(pruning) ?? all.survivors };
}

/** More combinations of alternatives are not looked at. */
const mostInstances = 10_000;

interface Pruning extends ShardInput {
  readonly catalog: Catalog;
  readonly column: string;
  readonly type: DataType;
  readonly ranges: readonly ShardRange[];
  readonly found: Set<number>;
  /** Alternatives that wait for what holds besides them. */
  readonly queue: Pending[];
}

/** What is known of the column at once. */
interface Instance {
  /** The value that it has; undefined where none is known, null where it would have two. */
  equal: Value | null | undefined;
  /** Whether alternatives hang on it, so that it says nothing by itself. */
  partial: boolean;
}

interface Pending {
  readonly base: Instance;
  readonly clause: Clause | Value;
}

/** The shards of all alternatives together; null where one of them leaves all. */
function survivorsOf(pruning: Pruning): readonly number[] | null {
  const first: Instance = { equal: undefined, partial: false };
  for (const clause of pruning.clauses) walk(clause, first, pruning);
  const instances = [first];
  for (let at = 0; at < pruning.queue.length; at++) {
    const pending = pruning.queue[at];
    if (pending === undefined || at > mostInstances) return null;
    const instance: Instance = { equal: pending.base.equal, partial: false };
    const { clause } = pending;
    if ("family" in clause) restrict(instance, clause);
    else walk(clause, instance, pruning);
    instances.push(instance);
  }
  const survivors = new Set<number>();
  for (const { equal, partial } of instances) {
    if (partial || equal === null) continue;
    if (equal === undefined) return null;
    const hash = hash32(equal, pruning.type);
    if (hash === null) return null;
    survivors.add(shardOfHash(pruning.ranges, hash));
  }
  return [...survivors].sort((a, b) => a - b);
}

function restrict(instance: Instance, value: Value): void {
  if (instance.equal === undefined) instance.equal = value;
  else if (instance.equal !== null && !sameValue(instance.equal, value)) instance.equal = null;
}

function sameValue(a: Value, b: Value): boolean {
  const text = (value: Value): string =>
    JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
  return text(a) === text(b);
}

/** Adds what a condition says of the column; what says nothing of it counts for nothing. */
function walk(clause: Clause, instance: Instance, pruning: Pruning): void {
  switch (clause.kind) {
    case "and":
      for (const item of clause.items) walk(item, instance, pruning);
      return;
    case "or":
      if (!isPrunable(clause, pruning)) return;
      queue(clause.items, instance, pruning);
      return;
    case "array-comparison": {
      const values = valuesOf(clause, pruning);
      if (values !== null) queue(values, instance, pruning);
      return;
    }
    case "comparison": {
      const value = equalValue(clause, pruning);
      if (value !== null) restrict(instance, value);
      return;
    }
    default:
      return;
  }
}

function queue(alternatives: readonly (Clause | Value)[], base: Instance, pruning: Pruning): void {
  if (alternatives.length === 0) return;
  base.partial = true;
  // What is added to the base later holds for these as well.
  for (const clause of alternatives) pruning.queue.push({ base, clause });
}

/** Whether each alternative says something of the column. */
function isPrunable(clause: Clause, pruning: Pruning): boolean {
  switch (clause.kind) {
    case "and":
      return clause.items.some((item) => isPrunable(item, pruning));
    case "or":
      return clause.items.every((item) => isPrunable(item, pruning));
    case "comparison":
      return equalValue(clause, pruning) !== null;
    case "array-comparison":
      return (valuesOf(clause, pruning)?.length ?? 0) > 0;
    default:
      return false;
  }
}

/** The values of `column = ANY (array)`, NULL left out; null for any other comparison. ALL is taken for ANY, as Citus does. */
function valuesOf(clause: Extract<Clause, { kind: "array-comparison" }>, pruning: Pruning): readonly Value[] | null {
  if (clause.array !== "constant" || !isColumn(clause.left, pruning)) return null;
  const values: Value[] = [];
  for (const element of clause.elements) {
    if (element.operator !== "=") return null;
    const value = constantOf(element.right, pruning);
    if (value === null) {
      if (element.right.kind === "constant" && element.right.value === null) continue;
      return null;
    }
    values.push(value);
  }
  return values;
}

function equalValue(clause: Comparison, pruning: Pruning): Value | null {
  if (clause.operator !== "=") return null;
  if (isColumn(clause.left, pruning)) return constantOf(clause.right, pruning);
  return isColumn(clause.right, pruning) ? constantOf(clause.left, pruning) : null;
}

/** The column itself, also under a cast that nobody wrote. */
function isColumn(operand: Operand, { reference, column }: Pruning): boolean {
  const columns =
    operand.kind === "column"
      ? [operand.column]
      : operand.kind === "expression" && operand.source === undefined
        ? operand.columns
        : [];
  const [only, ...others] = columns;
  return others.length === 0 && only?.reference === reference && only.name === column;
}

/** The constant as a value of the column's type. */
function constantOf(operand: Operand, { catalog, type, scope }: Pruning): Value | null {
  if (operand.kind !== "constant" || operand.value === null) return null;
  const context = { ...scope.context, catalog };
  const cast = coerceConstant(
    { kind: "constant", value: operand.value, type: operand.type },
    type,
    "explicit",
    context,
  );
  return cast.kind === "value" ? cast.value : null;
}
