/** Makes a statement with parameters plannable without their values. */

import { tokenize } from "../syntax/lexer.ts";

/** Whether the statement has `$1` or another parameter. */
export function hasParameters(sql: string): boolean {
  return tokenize(sql).some(({ kind }) => kind === "parameter");
}

/**
 * Puts a scalar subquery of the parameter's type in the place of each parameter. The planner then knows the type and not the
 * value, and keeps every partition that some value may need; pruning by other conditions, also at executor start, stays.
 * `types[n - 1]` is the name of the type of `$n`.
 */
export function withoutParameters(sql: string, types: readonly string[]): string {
  let result = "";
  let position = 0;
  for (const { kind, start, end } of tokenize(sql)) {
    if (kind !== "parameter") continue;
    const type = types[Number(sql.slice(start + 1, end)) - 1] ?? "text";
    result += sql.slice(position, start) + unknownValueOf(type);
    position = end;
  }
  return result + sql.slice(position);
}

/** An expression of which the planner knows the type and not the value. */
export function unknownValueOf(type: string): string {
  return `CAST((SELECT NULL::${type}) AS ${type})`;
}
