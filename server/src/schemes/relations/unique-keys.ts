/** PRIMARY KEY, UNIQUE and EXCLUDE constraints: the index behind each, and what a primary key asks of its columns. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { IndexDefinition, RelationId } from "../../catalog/relation.ts";
import type { Constraint } from "../../syntax/statement.ts";
import { andThen, applied, applyEach } from "../outcome.ts";
import { rowsAreDistinct } from "../queries/known-rows.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";
import { columnNamed } from "./constraint-shape.ts";
import { defineIndex } from "./define-index.ts";
import { namesNotNull, setNotNull } from "./not-null.ts";

/**
 * Adds a key to a table and to the partitions below it.
 *
 * @param alter whether ALTER TABLE adds it: a primary key then makes its columns NOT NULL, and may be the second one
 */
export function addKey(
  catalog: Catalog,
  tableId: RelationId,
  written: Constraint,
  options: { readonly alter: boolean; readonly only: boolean },
  context: ApplyContext,
): Outcome {
  const definition = keyDefinition(written);
  const table = relationById(catalog, tableId);
  const doubtful = options.alter && table !== null && !rowsAreDistinct(catalog, table);
  const define = (current: Catalog): Outcome =>
    defineIndex(current, tableId, definition, { recurse: !options.only, attachTo: null, doubtful }, context);
  if (!options.alter || written.type !== "primary-key") return define(catalog);
  // The key is checked first, so that its refusal is the one that is seen.
  const attempt = define(catalog);
  if (attempt.kind === "rejected") return attempt;
  return andThen(keyColumnsNotNull(catalog, tableId, written, options.only, context), define);
}

/** The index behind a key constraint. */
export function keyDefinition(written: Constraint): IndexDefinition {
  const { range } = written;
  const items =
    written.type === "exclude"
      ? written.exclusions.map(({ column, expression, collation, operatorClass }) => ({
          column,
          expression,
          collation: collation ?? null,
          operatorClass: operatorClass ?? null,
          range,
        }))
      : written.columns.map((column) => ({
          column: column.name,
          expression: null,
          collation: null,
          operatorClass: null,
          range: column.range,
        }));
  return {
    name: written.name,
    unique: written.type !== "exclude",
    constraint: written.type === "primary-key" ? "primary-key" : written.type === "exclude" ? "exclude" : "unique",
    method: written.method ?? (written.withoutOverlaps ? "gist" : "btree"),
    items,
    operators: written.type === "exclude" ? written.exclusions.map(({ operator }) => operator) : [],
    include: written.include.map((column) => column.name),
    where: written.where ?? null,
    nullsNotDistinct: written.nullsNotDistinct === true,
    deferrable: written.deferrable,
    ...(written.initiallyDeferred === true ? { initiallyDeferred: true } : {}),
    ifNotExists: false,
    range,
  };
}

/** A primary key's columns become NOT NULL, here and below. */
function keyColumnsNotNull(
  catalog: Catalog,
  tableId: RelationId,
  written: Constraint,
  only: boolean,
  context: ApplyContext,
): Outcome {
  return applyEach(catalog, written.columns, (current, column) => {
    const table = relationById(current, tableId);
    const known = table === null ? null : columnNamed(table, column.name);
    if (known === null || (known.notNull && !namesNotNull(context))) return applied(current);
    if (known.notNull) return applied(current);
    return setNotNull(current, tableId, column.name, { only, name: null, range: written.range }, context);
  });
}
