/** PRIMARY KEY, UNIQUE and EXCLUDE constraints: the index behind each, and what a primary key asks of its columns. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { IndexDefinition, Relation, RelationId } from "../../catalog/relation.ts";
import { builtinType } from "../../catalog/values/builtins.ts";
import { baseType } from "../../catalog/values/types.ts";
import type { Constraint } from "../../syntax/statement.ts";
import { type ApplyContext, andThen, applied, applyEach, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { refuseNulls, rowsAreDistinct } from "../queries/known-rows.ts";
import { columnNamed, notNullOf } from "./constraint-shape.ts";
import { defineIndex } from "./define-index.ts";
import { childrenOf } from "./descendants.ts";
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
  const overlapping = table === null || !written.withoutOverlaps ? null : refuseOverlaps(table, written);
  if (overlapping !== null) return overlapping;
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
    if (known === null || table === null) return applied(current);
    if (known.notNull) return unfitForKey(table, column.name, written) ?? applied(current);
    const require = (options: { readonly only: boolean }): Outcome => {
      const { range } = written;
      const set = setNotNull(current, tableId, column.name, { ...options, name: null, range, forKey: true }, context);
      if (set.kind === "rejected") return set;
      return refuseNulls(set.catalog, table, column.name, options.only, range, context) ?? set;
    };
    if (!only || !namesNotNull(context)) return require({ only });
    // Asked not to recurse, PostgreSQL wants the children to have it already, and then does.
    const lacking = childrenOf(current, table).find((child) => notNullOf(child, column.name) === null);
    if (lacking !== undefined && lacking.knowledge === "full") {
      const message = `column "${column.name}" of table "${lacking.name}" is not marked NOT NULL`;
      return rejected("inherited-change", "XX000", message, written.range);
    }
    return require({ only: false });
  });
}

/** `verifyNotNullPKCompatible`: a NOT NULL constraint (18) that does not do for a primary key. */
function unfitForKey(table: Relation, column: string, written: Constraint): Refusal | null {
  const constraint = notNullOf(table, column);
  if (constraint === null || (constraint.validated && !constraint.noInherit)) return null;
  const kind = constraint.noInherit ? "NO INHERIT" : "NOT VALID";
  const hint = constraint.noInherit
    ? "You might need to make the existing constraint inheritable using ALTER TABLE ... ALTER CONSTRAINT ... INHERIT."
    : "You might need to validate it using ALTER TABLE ... VALIDATE CONSTRAINT.";
  return rejected("statement-rejected", "55000", `cannot create primary key on column "${column}"`, written.range, {
    detail: `The constraint "${constraint.name}" on column "${column}" of table "${table.name}", marked ${kind}, is incompatible with a primary key.`,
    hint,
  });
}

/** `transformIndexConstraint`: the last column of WITHOUT OVERLAPS holds ranges, and others stand before it. */
function refuseOverlaps(table: Relation, written: Constraint): Refusal | null {
  const { columns, range } = written;
  if (columns.length < 2) {
    return rejected(
      "statement-rejected",
      "42601",
      "constraint using WITHOUT OVERLAPS needs at least two columns",
      range,
    );
  }
  const column = columnNamed(table, columns.at(-1)?.name ?? "");
  const type = column === null ? null : baseType(column.type);
  const kind = type?.kind === "base" ? builtinType(type.name)?.kind : undefined;
  const isRange = type === null || type.kind === "unknown" || kind === "range" || kind === "multirange";
  if (column === null || isRange) return null;
  const message = `column "${column.name}" in WITHOUT OVERLAPS is not a range or multirange type`;
  return rejected("statement-rejected", "42804", message, range);
}
