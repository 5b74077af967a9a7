/** Queries that give their rows whatever these are: they compute nothing that some value makes fail. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { FromItem, Query, SelectQuery } from "../../syntax/query.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { expressionsOfSelect, subqueriesOf } from "./query-walk.ts";

/**
 * Whether a query of tables that are known fails for no row of them. What PostgreSQL's analysis refuses is not looked at here, nor
 * values at the ends of what their types hold.
 */
export function cannotFail(catalog: Catalog, query: Query): boolean {
  return query.kind === "select" && isSafe(catalog, query, new Set());
}

function isSafe(catalog: Catalog, query: SelectQuery, outer: ReadonlySet<string>): boolean {
  if (query.hasLimit || query.offset !== null || query.locks) return false;
  const names = new Set(outer);
  for (const { name, query: inner, recursive } of query.with) {
    if (recursive || inner.kind !== "select" || !isSafe(catalog, inner, names)) return false;
    names.add(name.name);
  }
  const { setOperation } = query;
  if (setOperation !== null)
    return isSafe(catalog, setOperation.left, names) && isSafe(catalog, setOperation.right, names);
  const windows = query.windows.flatMap(({ partitionBy }) => partitionBy);
  return (
    query.from.every((item) => isSafeItem(catalog, item, names)) &&
    [...expressionsOfSelect(query), ...(query.distinctOn ?? []), ...windows].every(
      (expression) =>
        insideOut(expression).every((part) => isSafePart(catalog, part)) &&
        subqueriesOf(expression).every((inner) => isSafe(catalog, inner, names)),
    )
  );
}

function isSafeItem(catalog: Catalog, item: FromItem, names: ReadonlySet<string>): boolean {
  switch (item.kind) {
    case "relation": {
      if (item.relation.schema === null && names.has(item.relation.name)) return true;
      const found = lookUpRelation(catalog, item.relation);
      return found.kind === "found" && found.relation.knowledge === "full" && storesRows.has(found.relation.kind);
    }
    case "join":
      return isSafeItem(catalog, item.left, names) && isSafeItem(catalog, item.right, names);
    case "subquery":
      return isSafe(catalog, item.query, names);
    case "function":
    case "other":
      return false;
  }
}

/** A view computes, and a foreign table asks another server. */
const storesRows: ReadonlySet<string> = new Set(["table", "partitioned-table", "materialized-view"]);

/** Whether one part of an expression, its operands aside, fails for no value. */
function isSafePart(catalog: Catalog, part: Expression): boolean {
  switch (part.kind) {
    case "constant":
    case "column":
    case "and":
    case "or":
    case "not":
    case "null-test":
    case "boolean-test":
    case "coalesce":
    case "case":
    case "sql-value":
      return true;
    case "operator":
      return (
        part.schema === undefined && comparisons.has(part.operator) && !catalog.code.has(`operator ${part.operator}`)
      );
    // More than one row is an error.
    case "subquery":
      return part.variant !== "scalar";
    case "call":
      return isSafeCall(catalog, part);
    default:
      return false;
  }
}

const comparisons: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

function isSafeCall(catalog: Catalog, call: Extract<Expression, { kind: "call" }>): boolean {
  const name = call.name.at(-1) ?? "";
  const isOwn = call.name.length === 1 || (call.name.length === 2 && call.name[0] === "pg_catalog");
  if (!isOwn || catalog.functions.has(name) || catalog.code.has(`function ${name}`)) return false;
  if (name !== "date_trunc") return safeFunctions.has(name);
  const unit = call.arguments[0]?.value;
  return unit?.kind === "constant" && unit.value.type === "string" && units.has(unit.value.text);
}

const safeFunctions: ReadonlySet<string> = new Set(
  "count sum avg min max bool_and bool_or every array_agg string_agg row_number rank dense_rank now lower upper".split(
    " ",
  ),
);

const units: ReadonlySet<string> = new Set("minute hour day week month quarter year".split(" "));
