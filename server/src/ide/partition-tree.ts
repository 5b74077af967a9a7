/** The partitioned tables of a catalog as a tree: partitions in bound order, with what is missing between them. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { hasParts, isPartitioned, layoutOf, partIdsOf, partsOf } from "../catalog/layout.ts";
import type { PartitionKey } from "../catalog/partitioning.ts";
import type { Origin, Relation } from "../catalog/relation.ts";
import { shortPoint, shortRange, shortRemainder } from "../catalog/short-bound.ts";
import { isWritten } from "../ddl/generate.ts";
import { titleText } from "../text/foreign-text.ts";
import {
  boundLabel,
  boundText,
  coverageProblems,
  fullName,
  gapsBetween,
  keyText,
  partWord,
  quotedPointText,
  shortName,
} from "./spelling.ts";

export interface PartitionTreeNode<Definition> {
  readonly kind: "table" | "partition" | "default" | "gap" | "missing-remainder" | "overlap";
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** `schema.name`, unquoted, of the partitioned table that the node is or belongs to. */
  readonly table: string;
  readonly partition?: string | undefined;
  readonly definition: Definition | null;
  readonly children: readonly PartitionTreeNode<Definition>[];
  readonly problems: number;
  readonly generate?: GapArguments | undefined;
}

/** What fills a gap: arguments of an operation. */
export interface GapArguments {
  readonly operation: "fill";
  readonly table: string;
  /** The lower end of the gap meant. */
  readonly from: string;
}

/** One node for each partitioned table or inheritance parent that is itself no partition, in order of creation. */
export function partitionTree<Definition>(
  catalog: Catalog,
  definitionOf: (origin: Origin) => Definition | null,
): readonly PartitionTreeNode<Definition>[] {
  const roots: PartitionTreeNode<Definition>[] = [];
  for (const relation of catalog.relations.values()) {
    if (hasParts(relation) && relation.partitionOf === null && relation.inherits.length === 0)
      roots.push(tableNode(catalog, relation, definitionOf));
  }
  return roots;
}

/** The node of one table, with its children. */
export function tableNode<Definition>(
  catalog: Catalog,
  relation: Relation,
  definitionOf: (origin: Origin) => Definition | null,
): PartitionTreeNode<Definition> {
  const children = childNodes(catalog, relation, definitionOf);
  const problems = problemsOf(children);
  return {
    kind: "table",
    id: fullName(relation),
    label: titleText(shortName(relation)),
    description: tableDescription(relation),
    tooltip: `${titleText(fullName(relation))}\n${tableDescription(relation)}`,
    table: fullName(relation),
    definition: definitionOf(relation.origin),
    children,
    problems,
  };
}

/** `RANGE (dt) · 60 partitions · 1 gap`, as a title. */
export function tableDescription(relation: Relation): string {
  return titleText(tableParts(relation).join(" · "));
}

/** The same in parts, the key first; for no medium yet. */
export function tableParts(relation: Relation): readonly string[] {
  return [
    keyText(relation) ?? "INHERITS",
    partWord(relation, partIdsOf(relation).length),
    ...coverageProblems(relation),
    ...(layoutOf(relation)?.partitions.defaultPartition != null ? ["default"] : []),
  ];
}

function childNodes<Definition>(
  catalog: Catalog,
  parent: Relation,
  definitionOf: (origin: Origin) => Definition | null,
): readonly PartitionTreeNode<Definition>[] {
  const gaps = gapsBetween(parent);
  const key = layoutOf(parent)?.key ?? null;
  const nodes: PartitionTreeNode<Definition>[] = [];
  const gapsBelow = new Map(gaps.map((gap) => [gap.above, gap]));
  for (const partition of partsOf(catalog, parent)) {
    const gap = gapsBelow.get(partition.id);
    if (gap !== undefined && key !== null) nodes.push(gapNode(catalog, parent, key, gap));
    nodes.push(partitionNode(catalog, parent, partition, definitionOf));
  }
  const last = gapsBelow.get(null);
  if (last !== undefined && key !== null) nodes.push(gapNode(catalog, parent, key, last));
  for (const { modulus, remainder } of coverageOf(parent)?.missingRemainders ?? []) {
    const bound = shortRemainder({ modulus, remainder });
    nodes.push({
      kind: "missing-remainder",
      id: `${fullName(parent)} missing ${bound}`,
      label: "missing",
      description: bound,
      tooltip: titleText(
        `No partition of ${fullName(parent)} takes the rows of modulus ${modulus}, remainder ${remainder}.`,
      ),
      table: fullName(parent),
      definition: null,
      children: [],
      problems: 1,
    });
  }
  return nodes;
}

function partitionNode<Definition>(
  catalog: Catalog,
  parent: Relation,
  partition: Relation,
  definitionOf: (origin: Origin) => Definition | null,
): PartitionTreeNode<Definition> {
  const children = hasParts(partition) ? childNodes(catalog, partition, definitionOf) : [];
  const bound = boundLabel(catalog, partition);
  const detail = hasParts(partition) ? ` · ${tableDescription(partition)}` : "";
  return {
    kind: partition.partitionOf?.bound.kind === "default" ? "default" : "partition",
    id: fullName(partition),
    label: titleText(shortName(partition)),
    description: titleText(`${bound}${detail}`),
    tooltip: `${titleText(fullName(partition))}\n${titleText(`${isPartitioned(parent) ? "PARTITION OF" : "INHERITS"} ${fullName(parent)} ${boundText(catalog, partition) ?? bound}${detail}`)}`,
    table: fullName(parent),
    partition: fullName(partition),
    definition: definitionOf(partition.partitionOf?.origin ?? partition.origin),
    children,
    problems: problemsOf(children),
  };
}

function gapNode<Definition>(
  catalog: Catalog,
  parent: Relation,
  key: PartitionKey,
  gap: CoverageGap,
): PartitionTreeNode<Definition> {
  const from = shortPoint(gap.lower, key, catalog.settings);
  const to = shortPoint(gap.upper, key, catalog.settings);
  const neighbours = [gap.below, gap.above]
    .map((id) => (id === null ? null : relationById(catalog, id)))
    .filter((relation) => relation !== null)
    .map(shortName);
  return {
    kind: "gap",
    id: `${fullName(parent)} gap ${from}`,
    label: "gap",
    description: titleText(shortRange(gap.lower, gap.upper, key, catalog.settings)),
    tooltip: titleText(
      `No partition of ${fullName(parent)} takes the values from ${from} up to ${to}, between ${neighbours.join(" and ")}.`,
    ),
    table: fullName(parent),
    definition: null,
    children: [],
    problems: 1,
    ...(isWritten(catalog, parent, "fill")
      ? {
          generate: {
            operation: "fill",
            table: fullName(parent),
            from: quotedPointText(gap.lower, key, catalog.settings),
          },
        }
      : {}),
  };
}

function problemsOf(nodes: readonly { readonly problems: number }[]): number {
  return nodes.reduce((sum, { problems }) => sum + problems, 0);
}
