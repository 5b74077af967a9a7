/** The SQL by which a planner is asked about EXECUTE: the prepared query with the arguments in it, and the two statements. */

import type { ExecutedQuery } from "../effects/queries/prepared.ts";
import { tokenize } from "../syntax/lexer.ts";
import type { Execute } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import type { PlanRequest } from "./planner.ts";
import { readingSql } from "./reading-sql.ts";

/** `text` is that of the EXECUTE; null where the text of the PREPARE is not at hand. */
export function executionSql(
  { prepared, generic }: ExecutedQuery,
  execute: Execute,
  text: string,
): Pick<PlanRequest, "sql" | "readOnlySql" | "execution"> | null {
  const { statement, text: source } = prepared;
  if (source === null) return null;
  const types = (statement.parameterTypes ?? []).map(({ range }) => sliceOf(source, range));
  const values = execute.arguments.map(({ range }) => sliceOf(text, range));
  const query = sliceOf(source, statement.query.range);
  const reading = readingSql(statement.query, source);
  const withValues = (sql: string): string => withArguments(sql, types, generic ? [] : values);
  return {
    sql: withValues(query),
    readOnlySql: reading === null ? null : withValues(reading),
    execution: { parameterTypes: inParentheses(types), query, arguments: inParentheses(values) },
  };
}

/** `CAST(value AS type)` for each parameter; the parameter itself where its value is not to be known. */
function withArguments(sql: string, types: readonly string[], values: readonly string[]): string {
  let result = "";
  let position = 0;
  for (const { kind, start, end } of tokenize(sql)) {
    if (kind !== "parameter") continue;
    const index = Number(sql.slice(start + 1, end)) - 1;
    const value = values[index] ?? sql.slice(start, end);
    const type = types[index];
    result += `${sql.slice(position, start)}${type === undefined ? `(${value})` : `CAST(${value} AS ${type})`}`;
    position = end;
  }
  return result + sql.slice(position);
}

function inParentheses(items: readonly string[]): string {
  return items.length === 0 ? "" : ` (${items.join(", ")})`;
}

function sliceOf(text: string, { start, end }: TextRange): string {
  return text.slice(start, end);
}
