/** The SELECT that reads what an UPDATE or DELETE writes, for roles that may read and not write. */

import { quoteIdentifier } from "../syntax/names.ts";
import type { Query } from "../syntax/query.ts";
import type { TextRange } from "../text/range.ts";

/** Scans the same leaves under the same conditions; null for other queries, and where common table expressions stand in front. */
export function readingSql(query: Query, text: string): string | null {
  if (query.kind !== "update" && query.kind !== "delete") return null;
  if (query.with.length > 0) return null;
  const at = ({ start, end }: TextRange): string => text.slice(start, end);
  const { target, alias, where } = query;
  const name = `${target.only ? "ONLY " : ""}${at(target.range)}${alias === null ? "" : ` AS ${quoteIdentifier(alias)}`}`;
  const others = query.kind === "update" ? query.from : query.using;
  const from = [name, ...others.map(({ range }) => at(range))].join(", ");
  return `SELECT 1 FROM ${from}${where === null ? "" : ` WHERE ${at(where.range)}`}`;
}
