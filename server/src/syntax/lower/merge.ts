/** The WHEN clauses of MERGE, and how INSERT and they treat identity columns. */

import type { MergeWhenClause, OverridingKind } from "@pgsql/types";
import type { InsertQuery, MergeAction, MergeWhen } from "../query.ts";
import { lowerExpression, lowerExpressions } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { identifierNamed } from "./names.ts";
import { allOf, location } from "./node.ts";
import { lowerAssignments } from "./on-conflict.ts";
import { tokenIndexAt } from "./source.ts";

/** `WHEN [NOT] MATCHED [BY …] [AND …] THEN …` */
export function lowerWhen(node: MergeWhenClause, lowering: Lowering): MergeWhen {
  return {
    match: matches[node.matchKind ?? "MERGE_WHEN_MATCHED"],
    condition: node.condition === undefined ? null : lowerExpression(node.condition, lowering),
    action: lowerAction(node, lowering),
  };
}

const matches = {
  MERGE_WHEN_MATCHED: "matched",
  MERGE_WHEN_NOT_MATCHED_BY_SOURCE: "not-matched-by-source",
  MERGE_WHEN_NOT_MATCHED_BY_TARGET: "not-matched-by-target",
} as const satisfies Record<string, MergeWhen["match"]>;

function lowerAction(node: MergeWhenClause, lowering: Lowering): MergeAction {
  const { source } = lowering;
  switch (node.commandType) {
    case "CMD_DELETE":
      return { kind: "delete" };
    case "CMD_UPDATE":
      return { kind: "update", assignments: lowerAssignments(node.targetList, lowering) };
    case "CMD_INSERT": {
      const columns = allOf(node.targetList, "ResTarget");
      return {
        kind: "insert",
        columns: columns.map((column) =>
          identifierNamed(column.name ?? "", source, tokenIndexAt(source, location(column))),
        ),
        hasParts: columns.some((column) => (column.indirection ?? []).length > 0),
        overriding: overriding(node.override),
        values: node.values === undefined ? null : lowerExpressions(node.values, lowering),
      };
    }
    default:
      return { kind: "nothing" };
  }
}

/** `OVERRIDING SYSTEM VALUE` and the like. */
export function overriding(kind: OverridingKind | undefined): InsertQuery["overriding"] {
  if (kind === "OVERRIDING_USER_VALUE") return "user";
  return kind === "OVERRIDING_SYSTEM_VALUE" ? "system" : "none";
}
