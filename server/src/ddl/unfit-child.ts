/** Why a child by inheritance can be no partition of its table, in words that say what to do. */

import type { Bound } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { columnNamed } from "../effects/relations/constraint-shape.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import { shareOf } from "./bound-relation.ts";
import type { Division, KnownPart } from "./division.ts";
import { type WriterContext, writeName } from "./writer.ts";

/**
 * The first of the children that ATTACH would refuse; null where it takes all of them, as far as is known.
 *
 * @param withoutIndexes the new table has none of the table's indexes
 */
export function unfitChild(division: Division, withoutIndexes: boolean, context: WriterContext): string | null {
  for (const [index, part] of division.parts.entries()) {
    const own = unfit(part, division, withoutIndexes, context);
    if (own !== null) return own;
    const earlier = division.parts.slice(Math.max(0, index - mostNeighbours), index);
    const clash = earlier.find(({ bound }) => overlaps(bound, part.bound, division));
    if (clash !== undefined)
      return `the CHECKs of ${writeName(context.catalog, clash)} and ${writeName(context.catalog, part)} overlap, which partitions may not: make them exclude each other first`;
  }
  return null;
}

/** Parts are in the order of their bounds: what overlaps stands near. */
const mostNeighbours = 100;

function overlaps(one: Bound, other: Bound, { key }: Division): boolean {
  return one.kind !== "default" && other.kind !== "default" && ["some", "all"].includes(shareOf(one, other, key));
}

function uniqueOf({ constraints, indexes }: Relation, catalog: WriterContext["catalog"]): string | undefined {
  const own = constraints.find(({ type }) => type === "primary-key" || type === "unique");
  const plain = indexes.flatMap((id) => catalog.relations.get(id) ?? []).find(({ index }) => index?.unique === true);
  return (own ?? plain)?.name;
}

function unfit(
  { relation, ...part }: KnownPart,
  { table }: Division,
  withoutIndexes: boolean,
  { catalog, version }: WriterContext,
): string | null {
  const [name, parent] = [writeName(catalog, part), writeName(catalog, table)];
  if (relation.inherits.length > 1)
    return `${name} inherits from another table besides ${parent}, which a partition may not: ALTER TABLE … NO INHERIT there first`;
  if (relation.children.size > 0)
    return `${name} has children itself, which a partition may not: convert it first, or let them inherit from ${parent}`;
  const foreign = relation.columns.find((column) => columnNamed(table, column.name) === null);
  if (foreign !== undefined && table.knowledge === "full" && relation.knowledge === "full")
    return `${name} has the column ${quoteIdentifier(foreign.name)}, which ${parent} has not: add it to ${parent}, or drop it`;
  const unique = relation.kind === "foreign-table" && !withoutIndexes && uniqueOf(table, catalog);
  if (unique !== false && unique !== undefined)
    return `${name} is a foreign table, which can be no partition where a unique index spans all: drop ${quoteIdentifier(unique)} of ${parent}, or take ${name} out with NO INHERIT`;
  if (relation.persistence === "temporary" && table.persistence !== "temporary")
    return `${name} is a temporary table, which a partition of ${parent} may not be`;
  const counting = version >= 17 ? relation.columns.find(({ identity }) => identity !== null) : undefined;
  if (counting !== undefined)
    return `the column ${quoteIdentifier(counting.name)} of ${name} is an identity column, which that of a partition may not be: ALTER COLUMN … DROP IDENTITY first`;
  return null;
}
