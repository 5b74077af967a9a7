/** Citus' plans: how many tasks each job has, and which shards of which tables those that are shown visit. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { rangesOf } from "../catalog/shards.ts";
import { addAll } from "../text/long-lists.ts";
import { leavesOf } from "./leaves.ts";
import { readPlan } from "./plan.ts";
import { type ShardVerdict, withNode } from "./shards.ts";
import type { RelationVerdict } from "./verdict.ts";

/** One distributed query, or one that runs before it. */
export interface DistributedJob {
  readonly tasks: number;
  /** Whether all tasks are shown; by default it is one of them. */
  readonly isWhole: boolean;
  /** The names of the relations that each shown task scans or changes, as its node has them: `orders_102008`. */
  readonly shown: readonly (readonly string[])[];
}

/** The jobs in the value of `EXPLAIN (FORMAT JSON)`, however deep they are in it; those that run before others among them. */
export function readDistributedJobs(explained: unknown): readonly DistributedJob[] {
  const jobs: DistributedJob[] = [];
  const pending: unknown[] = [explained];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== "object" || value === null) continue;
    const below: unknown[] = [];
    for (const [key, part] of Object.entries(value)) {
      const job = key === "Job" ? jobOf(part) : null;
      if (job !== null) jobs.push(job);
      else below.push(part);
    }
    addAll(pending, below.reverse());
  }
  return jobs;
}

function jobOf(value: unknown): DistributedJob | null {
  if (typeof value !== "object" || value === null) return null;
  const { "Task Count": tasks, "Tasks Shown": shown, Tasks: list } = value as Readonly<Record<string, unknown>>;
  if (typeof tasks !== "number" || !Array.isArray(list)) return null;
  return { tasks, isWhole: shown === "All" && list.length === tasks, shown: list.map(relationsOf) };
}

/** Of a task's `Remote Plan`, which holds what the node answered to EXPLAIN. */
function relationsOf(task: unknown): readonly string[] {
  const remote =
    typeof task === "object" && task !== null ? (task as Readonly<Record<string, unknown>>)["Remote Plan"] : null;
  const plans = Array.isArray(remote) ? remote.flat() : [];
  return plans.flatMap((explained: unknown) => {
    const plan = readPlan(explained);
    return plan === null ? [] : [...plan.scans, ...plan.targets].map(({ name }) => name);
  });
}

/** A table that a query mentions, with what is predicted of it. */
interface PredictedTable {
  readonly table: Relation;
  readonly verdict: RelationVerdict;
}

/**
 * What the plan says of each table that is mentioned once, in the place of what is predicted; of one that is mentioned several
 * times it does not tell which mention a job is for.
 */
export function verdictsByShards(
  explained: unknown,
  predicted: readonly PredictedTable[],
  catalog: Catalog,
  source: RelationVerdict["source"],
): readonly RelationVerdict[] {
  const jobs = readDistributedJobs(explained);
  return predicted.map(({ table, verdict }) => {
    const isOnce = predicted.filter((other) => other.table.id === table.id).length === 1;
    const found =
      verdict.shards === undefined || !isOnce ? null : distributedFinding(jobs, catalog, table, verdict.shards);
    if (found === null) return verdict;
    const shards = withNode(catalog, table, found.shards);
    if (verdict.access === "insert" || verdict.decided !== "planning") return { ...verdict, shards };
    const survivors = found.leaves.map(({ schema, name }) => ({ schema, name }));
    return { ...verdict, shards, survivors, certainty: "exact", source };
  });
}

/** What a plan says of a distributed table. */
interface DistributedFinding {
  readonly shards: ShardVerdict;
  /** The leaves that the shown tasks read, for all tasks are planned alike. */
  readonly leaves: readonly Relation[];
}

/**
 * The shards and leaves of the table that the jobs visit; null where no job visits it, or where it is not known which shards
 * are whose. Where only one of several tasks is shown, the others are those that were predicted, if there are as many.
 */
function distributedFinding(
  jobs: readonly DistributedJob[],
  catalog: Catalog,
  table: Relation,
  predicted: ShardVerdict,
): DistributedFinding | null {
  const places = shardPlaces(catalog, table);
  if (places === null) return null;
  const visited = new Set<number>();
  const leaves = new Map<number, Relation>();
  let isFound = false;
  let isUnknown = false;
  for (const { tasks, isWhole, shown } of jobs) {
    const own = shown.map((names) => names.flatMap((name) => places.get(Number(/_(\d+)$/.exec(name)?.[1])) ?? []));
    if (own.every((found) => found.length === 0)) continue;
    isFound = true;
    for (const { leaf } of own.flat()) leaves.set(leaf.id, leaf);
    const seen = own.flat().map(({ index }) => index);
    const indexes = isWhole
      ? seen
      : tasks === predicted.count
        ? Array.from({ length: tasks }, (_, index) => index)
        : tasks === predicted.survivors?.length && seen.every((index) => predicted.survivors?.includes(index))
          ? predicted.survivors
          : null;
    if (indexes === null) isUnknown = true;
    for (const index of indexes ?? []) visited.add(index);
  }
  if (!isFound) return null;
  const survivors = isUnknown ? null : [...visited].sort((a, b) => a - b);
  return {
    shards: { count: predicted.count, survivors },
    leaves: leavesOf(catalog, table).filter(({ id }) => leaves.has(id)),
  };
}

/** Whose a shard is, by its id, and where among the ranges it stands. */
function shardPlaces(
  catalog: Catalog,
  table: Relation,
): ReadonlyMap<number, { readonly leaf: Relation; readonly index: number }> | null {
  const places = new Map<number, { readonly leaf: Relation; readonly index: number }>();
  for (const leaf of [table, ...leavesOf(catalog, table)]) {
    const { shards } = relationById(catalog, leaf.id) ?? leaf;
    const ids = shards?.ids ?? [];
    // A shard that a file has split since has other ids in the database.
    const count = shards === undefined ? 0 : (rangesOf(catalog.sharded, shards)?.length ?? 1);
    if (ids.length !== count) return null;
    for (const [index, id] of ids.entries()) places.set(id, { leaf, index });
  }
  return places;
}
