/** The partitioned tables of a catalog as a tree: partitions in bound order, with what is missing between them. */

import type { Catalog } from "../catalog/catalog.ts";
import { coverageOf } from "../catalog/coverage.ts";
import { hasParts, layoutOf, partsOf } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { gapRow, type PartitionRow, partitionRow, type RowContext, remainderRow, tableRow } from "./partition-rows.ts";
import { gapsBetween } from "./spelling.ts";

export interface PartitionTreeNode<Definition> extends PartitionRow<Definition> {
  readonly children: readonly PartitionTreeNode<Definition>[];
  readonly problems: number;
}

/** One node for each partitioned table or inheritance parent that is itself no partition, in order of creation. */
export function partitionTree<Definition>(context: RowContext<Definition>): readonly PartitionTreeNode<Definition>[] {
  return atOnce(partitionTreeInTurns(context));
}

/** The same, pausing now and then. */
export function* partitionTreeInTurns<Definition>(
  context: RowContext<Definition>,
): Turns<readonly PartitionTreeNode<Definition>[]> {
  const nodes: PartitionTreeNode<Definition>[] = [];
  for (const relation of rootTables(context.catalog)) nodes.push(yield* tableNode(context, relation));
  return nodes;
}

/** The tables that have parts and are none themselves, in order of creation. Kept with the catalog. */
export function rootTables(catalog: Catalog): readonly Relation[] {
  const known = roots.get(catalog);
  if (known !== undefined) return known;
  const found: Relation[] = [];
  for (const relation of catalog.relations.values())
    if (hasParts(relation) && relation.partitionOf === null && relation.inherits.length === 0) found.push(relation);
  roots.set(catalog, found);
  return found;
}

const roots = new WeakMap<Catalog, readonly Relation[]>();

/** The node of one table, with its children. Pauses now and then. */
export function* tableNode<Definition>(
  context: RowContext<Definition>,
  relation: Relation,
): Turns<PartitionTreeNode<Definition>> {
  return withChildren(tableRow(context, relation), yield* childNodes(context, relation));
}

/** So many partitions are looked at between two pauses. */
const betweenPauses = 64;

function* childNodes<Definition>(
  context: RowContext<Definition>,
  parent: Relation,
): Turns<readonly PartitionTreeNode<Definition>[]> {
  const { catalog } = context;
  const gaps = gapsBetween(parent);
  const key = layoutOf(parent)?.key ?? null;
  const nodes: PartitionTreeNode<Definition>[] = [];
  const gapsBelow = new Map(gaps.map((gap) => [gap.above, gap]));
  for (const [index, partition] of partsOf(catalog, parent).entries()) {
    if (index % betweenPauses === 0) yield;
    const gap = gapsBelow.get(partition.id);
    if (gap !== undefined && key !== null) nodes.push(problemNode(gapRow(context, parent, key, gap)));
    const children = hasParts(partition) ? yield* childNodes(context, partition) : [];
    nodes.push(withChildren(partitionRow(context, parent, partition), children));
  }
  const last = gapsBelow.get(null);
  if (last !== undefined && key !== null) nodes.push(problemNode(gapRow(context, parent, key, last)));
  for (const missing of coverageOf(parent)?.missingRemainders ?? [])
    nodes.push(problemNode(remainderRow(context, parent, missing)));
  return nodes;
}

function withChildren<Definition>(
  row: PartitionRow<Definition>,
  children: readonly PartitionTreeNode<Definition>[],
): PartitionTreeNode<Definition> {
  return { ...row, children, problems: children.reduce((sum, { problems }) => sum + problems, 0) };
}

function problemNode<Definition>(row: PartitionRow<Definition>): PartitionTreeNode<Definition> {
  return { ...row, children: [], problems: 1 };
}
