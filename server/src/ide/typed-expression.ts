/** Reads the SQL expression that somebody typed for a value. */

import { parseDocument } from "../syntax/document.ts";
import type { Expression } from "../syntax/expression.ts";
import type { Reading } from "../syntax/read-statement.ts";

/** The expression that the whole text is, or null where it is none or more than one. */
export function readTypedExpression(text: string, reading: Reading): Expression | null {
  const [placed, ...others] = parseDocument(`SELECT (${text}\n)`, reading).statements;
  if (placed === undefined || others.length > 0 || placed.statement.kind !== "query") return null;
  const { query } = placed.statement;
  if (query.kind !== "select" || query.from.length > 0 || query.where !== null || query.targets.length !== 1)
    return null;
  return query.targets[0]?.expression ?? null;
}
