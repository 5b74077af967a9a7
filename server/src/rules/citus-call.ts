/** What Citus refuses: calls of its functions, DDL on its tables, and queries that its planner cannot run. */

import type { Rejection } from "../effects/outcome.ts";
import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const citusCall: Rule = {
  id: "citus-call",
  severity: "error",
  summary: "Citus refuses the call, the statement on its table, or the query.",
  source: "https://docs.citusdata.com/en/stable/develop/api_udf.html",
  present: (context) => presentRejection(context, { advice: adviceFor(context.rejection) }),
};

/** What helps, by the beginning of Citus' own message, else its HINT. */
function adviceFor({ message, hint }: Pick<Rejection, "message" | "hint">): string {
  const found = advices.find(([beginning]) => message.startsWith(beginning));
  return found?.[1] ?? hint ?? "Citus itself says this, not PostgreSQL.";
}

const advices: readonly (readonly [beginning: string, advice: string])[] = [
  ["cannot create constraint on", "Add the distribution column to the key."],
  ["creating unique indexes on non-partition columns", "Add the distribution column to the index."],
  [
    "cannot create foreign key constraint since relations are not colocated",
    "Colocate the tables, or make the other one a reference table.",
  ],
  ["the query contains a join that requires repartitioning", "Join on the distribution columns of colocated tables."],
  ["cannot perform distributed planning on this query", "Join on the distribution columns of colocated tables."],
  ["cannot push down this subquery", "Colocate the tables and join on their distribution columns."],
  ["cannot perform an INSERT", "Give each row a value of the distribution column."],
  ["modifying the partition value of rows", "Delete the row and insert it anew."],
  ["could not run distributed query with FOR UPDATE", "Compare the distribution column with a constant."],
];
