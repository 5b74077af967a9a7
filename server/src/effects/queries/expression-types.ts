/** The types in the expressions of queries: operators and functions that there certainly are not, and values of no type at all. */

import { knowsEveryObject } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { canCast } from "../../catalog/values/cast.ts";
import { foldExpression } from "../../catalog/values/fold.ts";
import { coerceFolded, type FoldContext, type Problem, unsureType } from "../../catalog/values/folded.ts";
import { baseTypeNamed, formatTypeName } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { UpdateQuery } from "../../syntax/query.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { type Scope, tableColumns, typeOfColumn } from "./column-sources.ts";

/**
 * What PostgreSQL's analysis refuses of an expression once its names are found; null where nothing is, or it cannot be told:
 * where there may be operators, functions and casts that nobody shows.
 */
export function wrongType(expression: Expression, scope: Scope): Refusal | null {
  if (!knowsEveryObject(scope.catalog)) return null;
  const folded = foldExpression(expression, foldContext(scope));
  return folded.kind === "problem" ? refuse(folded) : null;
}

/** The same of a condition, which has to be a truth value: `argument of WHERE must be type boolean`. */
export function wrongCondition(expression: Expression, construct: string, scope: Scope): Refusal | null {
  if (!knowsEveryObject(scope.catalog)) return null;
  const context = foldContext(scope);
  const folded = foldExpression(expression, context);
  if (folded.kind === "problem") return refuse(folded);
  const { type } = folded;
  const { range } = expression;
  if (type === null) {
    const read = coerceFolded(folded, boolean, "implicit", context);
    return read?.kind === "problem" ? refuse({ ...read, range }) : null;
  }
  if (type === unsureType || canCast(type, boolean, "assignment") !== false) return null;
  const message = `argument of ${construct} must be type boolean, not type ${formatTypeName(type)}`;
  return rejected("statement-rejected", "42804", message, range, { position: range.start });
}

const boolean = baseTypeNamed("bool");

/** The refusal of SET where a value has no cast to its column; what constants are is looked at elsewhere. */
export function wrongAssignment(
  assignments: UpdateQuery["assignments"],
  table: RelationName,
  scope: Scope,
): Refusal | null {
  const { columns, types } = tableColumns(table, scope.catalog);
  for (const { column, value } of assignments) {
    const index = columns?.indexOf(column.name) ?? -1;
    // A column that is not there is told of before what comes behind it.
    if (index < 0) return null;
    const refused = value === null ? null : wrongValue(value, column.name, types?.[index], scope);
    if (refused !== null) return refused;
  }
  return null;
}

/** The refusal of a value of which it is certain that its type has no cast to that of the column (42804). */
export function wrongValue(
  value: Expression,
  column: string,
  type: DataType | undefined,
  scope: Scope,
): Refusal | null {
  if (type === undefined || type.kind === "unknown" || !knowsEveryObject(scope.catalog)) return null;
  const folded = foldExpression(value, foldContext(scope));
  if (folded.kind === "problem" || folded.type === null || folded.type === unsureType) return null;
  // Arrays of arrays have the type of their innermost elements' arrays.
  if (folded.type.kind === "array" || canCast(folded.type, type, "assignment") !== false) return null;
  const types = [formatTypeName(type), formatTypeName(folded.type)];
  const message = `column "${column}" is of type ${types[0]} but expression is of type ${types[1]}`;
  return rejected("statement-rejected", "42804", message, value.range, {
    hint: "You will need to rewrite or cast the expression.",
    position: value.range.start,
  });
}

function foldContext(scope: Scope): FoldContext {
  const { catalog, context } = scope;
  return {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: context.today,
    columnType: (names) => typeOfColumn(names, scope) ?? null,
  };
}

function refuse({ sqlstate, message, detail, hint, range }: Problem): Refusal {
  return rejected("statement-rejected", sqlstate, message, range, { detail, hint, position: range.start });
}
