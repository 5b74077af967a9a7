/** The partitions of a schema as a tree of which only what is looked at is worked out: problems first, long series in runs. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { coverageOf } from "../catalog/coverage.ts";
import { hasParts, partIdsOf } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { type PartitionRow, partitionRow, problemRows, type RowContext, tableRow } from "./partition-rows.ts";
import { namesOfRun, runLabel, runsWithin } from "./partition-runs.ts";
import { rootTables } from "./partition-tree.ts";
import { boundLabel, fullName, gapsBetween, partWord } from "./spelling.ts";

export interface SchemaRow<Definition> extends Omit<PartitionRow<Definition>, "kind"> {
  readonly kind: PartitionRow<Definition>["kind"] | "run";
  /** What to ask for to get what is below it; null where nothing is. */
  readonly children: RowsBelow | null;
  /** Gaps, overlaps and missing remainders of it and all below it. */
  readonly problems: number;
}

/** The parts of a table, or a run of them, as places in their order. */
export interface RowsBelow {
  readonly schema: string;
  readonly name: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface SchemaTreeContext<Definition> extends RowContext<Definition> {
  /** Only tables and partitions whose name or bound holds it; empty for all. */
  readonly filter: string;
}

/** More partitions are not searched for one filter. */
const mostSearched = 50_000;

/** The tables that are no parts themselves. */
export function rootRows<Definition>(context: SchemaTreeContext<Definition>): readonly SchemaRow<Definition>[] {
  const { catalog } = context;
  const shown = rootTables(catalog).filter(
    (table) => isCalled(table, context.filter) || partsShown(context, table).length > 0,
  );
  return shown.map((table) => ({
    ...tableRow(context, table),
    children: belowOf(table),
    problems: problemsWithin(catalog, table),
  }));
}

/** The rows below a table, a partition with parts of its own, or a run; empty where that is gone meanwhile. */
export function rowsBelow<Definition>(
  context: SchemaTreeContext<Definition>,
  { schema, name, from, to }: RowsBelow,
): readonly SchemaRow<Definition>[] {
  const parent = findRelation(context.catalog, { schema, name });
  if (parent === null) return [];
  const shown = partsShown(context, parent);
  const isWhole = from === undefined || to === undefined;
  const problems = isWhole && context.filter === "" ? problemRows(context, parent) : [];
  const first = isWhole ? 0 : Math.max(0, from);
  const end = isWhole ? shown.length : Math.min(shown.length, to);
  // What takes the rest stands behind the series, and in none of its runs.
  const rest = relationOf(context.catalog, shown.at(-1));
  const restStands = isWhole && rest !== null && rest.partitionOf?.bound.kind === "default";
  return [
    ...problems.map((row): SchemaRow<Definition> => ({ ...row, children: null, problems: 1 })),
    ...partRows(context, parent, shown, first, restStands ? end - 1 : end),
    ...(restStands ? [partRow(context, parent, rest)] : []),
  ];
}

/** How many gaps, overlaps and missing remainders a schema has. */
export function problemsOf(catalog: Catalog): number {
  return rootTables(catalog).reduce((sum, table) => sum + problemsWithin(catalog, table), 0);
}

function partRows<Definition>(
  context: SchemaTreeContext<Definition>,
  parent: Relation,
  shown: readonly RelationId[],
  from: number,
  to: number,
): readonly SchemaRow<Definition>[] {
  const rows: SchemaRow<Definition>[] = [];
  for (const [start, end] of runsWithin(from, to)) {
    const first = relationOf(context.catalog, shown[start]);
    const last = relationOf(context.catalog, shown[end - 1]);
    if (first === null || last === null) continue;
    rows.push(end - start === 1 ? partRow(context, parent, first) : runRow(context, parent, first, last, start, end));
  }
  return rows;
}

function partRow<Definition>(
  context: SchemaTreeContext<Definition>,
  parent: Relation,
  partition: Relation,
): SchemaRow<Definition> {
  const row = partitionRow(context, parent, partition);
  if (!hasParts(partition)) return { ...row, children: null, problems: 0 };
  return { ...row, children: belowOf(partition), problems: problemsWithin(context.catalog, partition) };
}

function runRow<Definition>(
  { catalog }: SchemaTreeContext<Definition>,
  parent: Relation,
  first: Relation,
  last: Relation,
  from: number,
  to: number,
): SchemaRow<Definition> {
  const count = partWord(parent, to - from);
  return {
    kind: "run",
    id: `${fullName(parent)} run ${from} ${to - from} ${fullName(first)}`,
    label: runLabel(catalog, first, last),
    description: `${to - from}`,
    tooltip: `${namesOfRun(first, last)}\n${count}`,
    table: fullName(parent),
    definition: null,
    children: { ...belowOf(parent), from, to },
    problems: 0,
  };
}

/** The parts in order: all, or those that the filter means. What a table is called means all of its parts. */
function partsShown<Definition>(context: SchemaTreeContext<Definition>, parent: Relation): readonly RelationId[] {
  const { filter, catalog } = context;
  const all = partIdsOf(parent);
  if (filter === "" || isCalled(parent, filter)) return all;
  const known = found.get(parent);
  if (known?.filter === filter && known.catalog === catalog) return known.parts;
  const wanted = filter.toLowerCase();
  const parts = all.slice(0, mostSearched).filter((id) => {
    const part = relationById(catalog, id);
    if (part === null) return false;
    return (
      isCalled(part, filter) ||
      boundLabel(catalog, part).toLowerCase().includes(wanted) ||
      (hasParts(part) && partsShown(context, part).length > 0)
    );
  });
  found.set(parent, { filter, catalog, parts });
  return parts;
}

/** What was found last among the parts of a table. */
const found = new WeakMap<
  Relation,
  { readonly filter: string; readonly catalog: Catalog; readonly parts: readonly RelationId[] }
>();

function isCalled(relation: Relation, filter: string): boolean {
  return fullName(relation).toLowerCase().includes(filter.toLowerCase());
}

function problemsWithin(catalog: Catalog, table: Relation): number {
  const kept = problemCounts.get(catalog) ?? new Map<RelationId, number>();
  problemCounts.set(catalog, kept);
  return countProblems(catalog, table, kept, 0);
}

const problemCounts = new WeakMap<Catalog, Map<RelationId, number>>();

/** As deep as anybody nests partitions. */
const deepest = 50;

function countProblems(catalog: Catalog, table: Relation, kept: Map<RelationId, number>, depth: number): number {
  const known = kept.get(table.id);
  if (known !== undefined) return known;
  const coverage = coverageOf(table);
  let count =
    gapsBetween(table, coverage).length + (coverage?.missingRemainders.length ?? 0) + (coverage?.overlaps.length ?? 0);
  for (const id of depth < deepest ? partIdsOf(table) : []) {
    const part = relationById(catalog, id);
    if (part !== null && hasParts(part)) count += countProblems(catalog, part, kept, depth + 1);
  }
  kept.set(table.id, count);
  return count;
}

function belowOf({ schema, name }: Relation): RowsBelow {
  return { schema, name };
}

function relationOf(catalog: Catalog, id: RelationId | undefined): Relation | null {
  return id === undefined ? null : relationById(catalog, id);
}
