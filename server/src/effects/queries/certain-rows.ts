/** Rows of an INSERT of which it is certain that they are stored: nothing decides but the row and others that are known. */

import { type Catalog, type KnownRows, relationById } from "../../catalog/catalog.ts";
import type { Column, IndexInfo, Relation, RelationId } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { isDeterministic } from "../../catalog/values/absent-objects.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import { addAll } from "../../text/long-lists.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { refersToKnownRow } from "./referred-rows.ts";
import { passesCheck, type RowValues } from "./row-values.ts";
import { isRoutedByPartman } from "./trigger-route.ts";

/**
 * Whether it is certain that the row is stored: no trigger, what its foreign keys refer to is known, no key may have it. Where
 * `looksUp` is false, foreign keys are left aside: they are looked at when all rows of a statement are stored.
 */
export function isCertain(
  catalog: Catalog,
  leaf: Relation,
  before: KnownRows,
  row: RowValues,
  context: ApplyContext,
  looksUp = true,
): boolean {
  const hasTriggers = leaf.triggers.length > 0 && !isRoutedByPartman(catalog, leaf);
  if (hasTriggers || leaf.knowledge !== "full" || catalog.tainted) return false;
  // Its rows are gone with the transaction.
  if (leaf.emptiedOnCommit === true) return false;
  const domains = leaf.columns.some((column) => column.type.kind === "domain" || column.type.kind === "unknown");
  const nulls = leaf.columns.some((column) => column.notNull && mayBeNull(catalog, leaf, column, row));
  if (domains || nulls) return false;
  for (const constraint of leaf.constraints) {
    if (constraint.type === "exclude") return false;
    if (looksUp && constraint.type === "foreign-key" && !refersToKnownRow(catalog, constraint, row)) return false;
    if (constraint.type !== "check" || constraint.expression === null) continue;
    if (passesCheck(catalog, leaf, constraint.expression, row, context) !== true) return false;
  }
  return leaf.indexes.every((id) => {
    const index = relationById(catalog, id)?.index;
    return index == null || !index.unique || isUnique(catalog, index, leaf, before, row);
  });
}

/** Whether a column may get NULL: one that numbers itself, or has a default, here or where the row came in, does not. */
function mayBeNull(catalog: Catalog, leaf: Relation, { name }: Column, row: RowValues): boolean {
  const value = row.get(name);
  if (value !== undefined) return value === null;
  return !chainOf(catalog, leaf, name).some(({ identity, hasDefault }) => identity !== null || hasDefault);
}

/** The column of a table and of those above it, through which its rows may have come. */
function chainOf(catalog: Catalog, leaf: Relation, name: string): readonly Column[] {
  const columns: Column[] = [];
  let table: Relation | null = leaf;
  for (let level = 0; table !== null && level < mostLevels; level += 1) {
    addAll(
      columns,
      table.columns.filter((column) => column.name === name),
    );
    const above: RelationId | undefined = table.partitionOf?.parent ?? table.inherits[0];
    table = above === undefined ? null : relationById(catalog, above);
  }
  return columns;
}

const mostLevels = 20;

/** Whether one sequence numbers the column of all rows that leave it out, whichever table of the tree they come in by. */
function isNumbered(catalog: Catalog, leaf: Relation, name: string): boolean {
  const sources = chainOf(catalog, leaf, name).flatMap(({ identity, default: given }) => {
    if (identity !== null) return "identity";
    return given?.kind === "call" && given.name.at(-1) === "nextval" ? sequenceOf(given) : [];
  });
  return sources.length > 0 && new Set(sources).size === 1;
}

/** What `nextval` is told, to be compared. */
function sequenceOf({ arguments: given }: FunctionCall): string {
  return JSON.stringify(given, (key, value: unknown) => (key === "range" ? undefined : value));
}

/** Whether none of the rows before has the row's key. */
function isUnique(
  catalog: Catalog,
  { columns, definition }: IndexInfo,
  leaf: Relation,
  before: KnownRows,
  row: RowValues,
): boolean {
  if (columns.includes(null) || definition?.nullsNotDistinct === true) return false;
  const names = columns.filter((column) => column !== null);
  if (names.some((name) => row.get(name) === null)) return true;
  if (!before.complete) return false;
  return before.rows.every((other) => names.some((name) => areDistinct(catalog, leaf, name, row, other)));
}

/** Whether two rows certainly differ in a column. */
function areDistinct(catalog: Catalog, leaf: Relation, name: string, row: RowValues, other: RowValues): boolean {
  const [mine, theirs] = [row.get(name), other.get(name)];
  if (mine === null || theirs === null) return true;
  if (mine === undefined || theirs === undefined)
    return mine === undefined && theirs === undefined && isNumbered(catalog, leaf, name);
  return areUnequal(mine, theirs, columnNamed(leaf, name)?.collation ?? null);
}

/** Whether two values of a column are certainly not equal: a collation that a user has made may take other texts for the same. */
export function areUnequal(one: Value, other: Value, collation: string | null): boolean {
  if (one.family === "text" && other.family === "text")
    return collation !== null && isDeterministic(collation) && one.value !== other.value;
  const order = compareValues(one, other, collation);
  return order !== null && order !== 0;
}
