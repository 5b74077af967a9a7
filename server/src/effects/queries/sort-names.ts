/** ORDER BY, GROUP BY and DISTINCT ON by positions and names of the columns that a query yields. */

import type { Expression } from "../../syntax/expression.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import type { Refusal } from "../outcome.ts";
import { refuse } from "./name-lookup.ts";

/** A constant that is no position in the list of what is selected. */
export function wrongPosition(query: SelectQuery, outputs: readonly string[] | null, version: number): Refusal | null {
  const clauses = [
    ["ORDER BY", query.orderBy],
    ["GROUP BY", query.groupBy],
    ["DISTINCT ON", query.distinctOn ?? []],
  ] as const;
  for (const [clause, expressions] of clauses) {
    for (const expression of expressions) {
      const refused = notInList(expression, clause, outputs, version);
      if (refused !== null) return refused;
    }
  }
  return null;
}

/**
 * ORDER BY behind UNION and its like knows nothing but the columns that come out.
 * @param check what is wrong with the names in an expression over these columns
 */
export function wrongOrder(
  { orderBy }: SelectQuery,
  outputs: readonly string[] | null,
  version: number,
  check: (expression: Expression) => Refusal | null,
): Refusal | null {
  if (outputs === null) return null;
  for (const expression of orderBy) {
    const isName = expression.kind === "column" && expression.names.length === 1 && !expression.star;
    if (isName && outputs.includes(expression.names[0] ?? "")) continue;
    const refused =
      expression.kind === "constant" ? notInList(expression, "ORDER BY", outputs, version) : check(expression);
    if (refused !== null) return refused;
    if (expression.kind === "constant" || isName) continue;
    return refuse("0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", expression.range, {
      detail: "Only result column names can be used, not expressions or functions.",
      hint: "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
    });
  }
  return null;
}

function notInList(
  expression: Expression,
  clause: string,
  outputs: readonly string[] | null,
  version: number,
): Refusal | null {
  if (expression.kind !== "constant") return null;
  const { value, range } = expression;
  // Before 15 `true` is a cast to the parser.
  if (value.type === "boolean" && version < 15) return null;
  if (value.type !== "integer") return refuse("42601", `non-integer constant in ${clause}`, range);
  const position = Number(value.text);
  if (outputs === null || (position >= 1 && position <= outputs.length)) return null;
  return refuse("42P10", `${clause} position ${value.text} is not in select list`, range);
}
