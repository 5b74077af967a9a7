/** RETURNING of what a rule does instead. */

import type { Relation } from "../../catalog/relation.ts";
import type { Query } from "../../syntax/query.ts";
import { type Refusal, rejected } from "../outcome.ts";

/** `RewriteQuery`: an INSTEAD rule, conditional or not, takes the rows away, and no rule has a RETURNING that gives any back. */
export function refuseReturning(query: Query, table: Relation): Refusal | null {
  if (query.kind === "select" || query.kind === "merge" || query.returning.length === 0) return null;
  if (table.knowledge !== "full") return null;
  const rules = (table.code ?? []).filter(({ kind, event }) => kind === "rule" && event === query.kind);
  if (rules.some(({ returning }) => returning !== false) || !rules.some(({ instead }) => instead === true)) return null;
  const command = query.kind.toUpperCase();
  const message = `cannot perform ${command} RETURNING on relation "${table.name}"`;
  const hint = `You need an unconditional ON ${command} DO INSTEAD rule with a RETURNING clause.`;
  return rejected("statement-rejected", "0A000", message, query.target.range, { hint });
}
