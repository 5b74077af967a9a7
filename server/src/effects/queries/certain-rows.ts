/** Rows of an INSERT of which it is certain that they are stored: nothing but the row itself decides. */

import { type Catalog, type KnownRows, relationById } from "../../catalog/catalog.ts";
import type { IndexInfo, Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { isServerCollation } from "../../catalog/values/absent-objects.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { passesCheck, type RowValues } from "./row-values.ts";
import { isRoutedByPartman } from "./trigger-route.ts";

/** Whether nothing but the row itself decides that it is stored: no trigger, no foreign key, no key that may have it. */
export function isCertain(
  catalog: Catalog,
  leaf: Relation,
  before: KnownRows,
  row: RowValues,
  context: ApplyContext,
): boolean {
  const hasTriggers = leaf.triggers.length > 0 && !isRoutedByPartman(catalog, leaf);
  if (hasTriggers || leaf.knowledge !== "full" || catalog.tainted) return false;
  const domains = leaf.columns.some((column) => column.type.kind === "domain" || column.type.kind === "unknown");
  const nulls = leaf.columns.some(
    (column) => column.notNull && row.get(column.name) == null && column.identity === null && !column.hasDefault,
  );
  if (domains || nulls) return false;
  for (const constraint of leaf.constraints) {
    if (constraint.type === "foreign-key" || constraint.type === "exclude") return false;
    if (constraint.type !== "check" || constraint.expression === null) continue;
    if (passesCheck(catalog, leaf, constraint.expression, row, context) !== true) return false;
  }
  return leaf.indexes.every((id) => {
    const index = relationById(catalog, id)?.index;
    if (index == null || !index.unique) return true;
    return isNumbered(index, leaf, before, row) || isUnique(index, leaf, before, row);
  });
}

/** Whether a sequence of its own numbers all rows of a table anew, of which each has left the column to it. */
function isNumbered({ columns }: IndexInfo, leaf: Relation, before: KnownRows, row: RowValues): boolean {
  const [name] = columns;
  const column = columns.length === 1 && name != null ? columnNamed(leaf, name) : null;
  if (name == null || column == null || !before.complete || row.get(name) !== undefined) return false;
  const own = column.identity !== null || (column.default?.kind === "call" && column.default.name.at(-1) === "nextval");
  return own && before.rows.every((other) => other.get(name) === undefined);
}

function isUnique({ columns, definition }: IndexInfo, leaf: Relation, before: KnownRows, row: RowValues): boolean {
  if (columns.includes(null) || definition?.nullsNotDistinct === true) return false;
  const names = columns.filter((column) => column !== null);
  if (names.some((name) => row.get(name) === null)) return true;
  if (!before.complete || names.some((name) => row.get(name) === undefined)) return false;
  return before.rows.every((other) =>
    names.some((name) => {
      const [mine, theirs] = [row.get(name), other.get(name)];
      if (mine == null || theirs == null) return theirs === null;
      const order = compareValues(mine, theirs, columnNamed(leaf, name)?.collation ?? null);
      return (order !== null && order !== 0) || areOtherTexts(mine, theirs, columnNamed(leaf, name)?.collation ?? null);
    }),
  );
}

/** Under the collations that a server brings, whatever their order, texts that are not the same are not equal. */
function areOtherTexts(one: Value, other: Value, collation: string | null): boolean {
  const isKnown = collation !== null && isServerCollation(collation);
  return isKnown && one.family === "text" && other.family === "text" && one.value !== other.value;
}
