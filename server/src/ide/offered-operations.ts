/** The operations that fit a table or one of its parts, each with the request that one choice makes. */

import { type Catalog, parentOf } from "../catalog/catalog.ts";
import { coverageOf, gapsOf } from "../catalog/coverage.ts";
import { hasParts, isPartitioned, type Layout, layoutOf } from "../catalog/layout.ts";
import { collationsOf, comparePoints } from "../catalog/partition-set.ts";
import type { RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellDatum } from "../catalog/written-bound.ts";
import { generate, isWritten } from "../ddl/generate.ts";
import { newRequest, type Operation, type OperationRequest } from "../ddl/operation.ts";
import { proposedSplit } from "../ddl/operations/split-points.ts";
import { fullName, rangePartitions, type WriterContext, writeName } from "../ddl/writer.ts";

/** An operation that can be had by one choice; `null` as `request.at` asks the person for a value first. */
export interface PartitionAction {
  readonly title: string;
  readonly operation: Operation;
  readonly request: OperationRequest;
  /** For a split at a value still to be asked for: what to propose. */
  readonly proposal: string | null;
}

/** What is offered on a relation: on it as a part first, then on it, or on its parent, as a table of parts. */
export function offeredOperations(subject: Relation, context: WriterContext): readonly PartitionAction[] {
  const { catalog } = context;
  const parent = parentOf(catalog, subject);
  return [
    ...(parent === null ? [] : [...offersOnPart(subject, parent, catalog), ...offersOnTable(parent, context)]),
    ...(hasParts(subject) ? offersOnTable(subject, context) : []),
  ].filter(({ request: { operation, table } }) => {
    const owner = parent !== null && fullName(parent) === table ? parent : subject;
    return isWritten(catalog, owner, operation);
  });
}

function offersOnPart(part: Relation, parent: Relation, catalog: Catalog): readonly PartitionAction[] {
  const layout = layoutOf(parent);
  const bound = layout?.bounds === null ? part.partitionOf?.bound : layout?.bounds.get(part.id);
  if (layout === null || bound === undefined || hasParts(part)) return [];
  const name = writeName(catalog, part);
  const offer = offerOn(parent);
  const leaves = [offer("detach", `Detach ${name}`, { partition: fullName(part) })];
  switch (bound.kind) {
    case "range":
      return [...offersOnRange(part, bound, parent, layout, catalog), ...leaves];
    case "list": {
      const last = bound.values.at(-1);
      if (last === undefined || bound.values.length < 2) return leaves;
      const value =
        last === null ? "NULL" : spellDatum({ kind: "value", value: last }, 0, layout.key, catalog.settings);
      return [offer("split", `Split ${value} off ${name}`, { partition: fullName(part), values: [value] }), ...leaves];
    }
    case "hash":
      return [offer("split", `Split ${name} in two`, { partition: fullName(part) }), ...leaves];
    default:
      return [];
  }
}

function offersOnRange(
  part: Relation,
  bound: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  parent: Relation,
  { key }: Layout,
  catalog: Catalog,
): readonly PartitionAction[] {
  const name = writeName(catalog, part);
  const offer = offerOn(parent);
  const offers: PartitionAction[] = [];
  const middle = proposedSplit(parent, bound, { catalog });
  if (middle !== null) {
    const at = spellDatum({ kind: "value", value: middle }, 0, key, catalog.settings);
    offers.push(offer("split", `Split ${name} at ${at}`, { partition: fullName(part), at }));
    offers.push(offer("split", `Split ${name} at a value…`, { partition: fullName(part) }, at));
  }
  const all = rangePartitions(parent, catalog);
  const place = all.findIndex(({ relation }) => relation.id === part.id);
  const meets = (a: readonly RangeDatum[], b: readonly RangeDatum[]): boolean =>
    comparePoints(a, b, collationsOf(key)) === 0;
  for (const neighbour of [all[place - 1], all[place + 1]]) {
    if (neighbour === undefined || isPartitioned(neighbour.relation)) continue;
    const other = neighbour.relation;
    if (!meets(neighbour.entry.upper, bound.lower) && !meets(neighbour.entry.lower, bound.upper)) continue;
    offers.push(
      offer("merge", `Merge ${writeName(catalog, other)} into ${name}`, {
        partitions: [fullName(part), fullName(other)],
      }),
    );
  }
  return offers;
}

function offersOnTable(table: Relation, context: WriterContext): readonly PartitionAction[] {
  const { catalog } = context;
  const layout = layoutOf(table);
  if (layout === null) return [];
  const name = writeName(catalog, table);
  const offer = offerOn(table);
  return [
    ...strayOffers(table, layout, context),
    ...(layout.key.strategy === "range" ? seriesOffers(table, layout, name) : []),
    ...(layout.key.strategy === "hash" ? hashOffers(table, layout, name) : []),
    ...(layout.by === "declarative" &&
    layout.key.strategy !== "hash" &&
    layout.partitions.defaultPartition === null &&
    layout.partitions.all.size > 0 &&
    context.version >= 11
      ? [offer("add-default", `Add a default partition to ${name}`)]
      : []),
  ];
}

/** Rows that have no partition of their own: in the default, or in the parent of children. */
function strayOffers(table: Relation, layout: Layout, context: WriterContext): readonly PartitionAction[] {
  const name = writeName(context.catalog, table);
  const offer = offerOn(table);
  if (layout.by !== "declarative") return [offer("move-rows", `Move the rows of ${name} itself to its children`)];
  if (layout.partitions.defaultPartition === null || layout.key.strategy !== "range") return [];
  const moved = offer("move-rows", `Move rows of the default of ${name} to new partitions`, { create: true });
  return generate(moved.request, context).ok ? [moved] : [];
}

function seriesOffers(table: Relation, { key, partitions }: Layout, name: string): readonly PartitionAction[] {
  if (partitions.ranges.size === 0) return [];
  const offer = offerOn(table);
  return [
    ...(endsAtValue(partitions, "upper") ? [offer("append", `Append the next partition of ${name}`)] : []),
    ...(endsAtValue(partitions, "lower") ? [offer("prepend", `Prepend the previous partition of ${name}`)] : []),
    ...(gapsOf(key, partitions).some(({ below, above }) => below !== null && above !== null)
      ? [offer("fill", `Fill the gaps of ${name}`)]
      : []),
  ];
}

function hashOffers(table: Relation, { key, partitions }: Layout, name: string): readonly PartitionAction[] {
  const offer = offerOn(table);
  const missing = coverageOf(table)?.missingRemainders.length ?? 0;
  if (missing > 0) return [offer("fill", `Create the missing hash partitions of ${name}`)];
  const count = partitions.hashes.size;
  return key.hashing === "pathman" || count === 0
    ? []
    : [offer("rehash", `Rehash ${name} to ${count * 2} partitions`, { modulus: count * 2 })];
}

/** Whether the outermost range ends at a value, beyond which there is room. */
function endsAtValue({ ranges }: Layout["partitions"], side: "lower" | "upper"): boolean {
  const outermost = side === "upper" ? ranges.maxKey() : ranges.minKey();
  const entry = outermost === undefined ? undefined : ranges.get(outermost);
  return entry?.[side][0]?.kind === "value";
}

function offerOn(
  table: Relation,
): (
  operation: Operation,
  title: string,
  given?: Partial<OperationRequest>,
  proposal?: string | null,
) => PartitionAction {
  return (operation, title, given = {}, proposal = null) => ({
    title,
    operation,
    request: newRequest({ ...given, operation, table: fullName(table) }),
    proposal,
  });
}
