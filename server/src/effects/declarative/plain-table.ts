/** What PostgreSQL says when a table that is not partitioned is told to attach or detach a partition. */

import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";

export type PartitionCommand = "ATTACH PARTITION" | "DETACH PARTITION" | "SPLIT PARTITION" | "MERGE PARTITIONS";

/** The refusal of the command on a table that is certainly not partitioned, or null. */
export function refusePlainTable(
  parent: Relation,
  command: PartitionCommand,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  if (isPartitioned(parent)) return null;
  if (parent.knowledge !== "full" && (parent.kind === "table" || parent.kind === "partitioned-table")) return null;
  const related = [{ relation: parent.id, origin: parent.origin, message: "created here without PARTITION BY" }];
  const isTable = parent.kind === "table";
  if (context.version >= 18 || (context.version >= 15 && !isTable)) {
    const message = `ALTER action ${command} cannot be performed on relation "${parent.name}"`;
    const detail = `This operation is not supported for ${pluralOf(parent.kind)}.`;
    return rejected("not-partitioned", "42809", message, range, { detail, related });
  }
  if (!isTable) return rejected("not-partitioned", "42809", `"${parent.name}" is not a table`, range, { related });
  const message =
    context.version === 10 ? `"${parent.name}" is not partitioned` : `table "${parent.name}" is not partitioned`;
  return rejected("not-partitioned", "42P17", message, range, { related });
}

/** What the details of PostgreSQL's messages call relations of a kind. */
export function pluralOf(kind: Relation["kind"]): string {
  switch (kind) {
    case "table":
      return "tables";
    case "partitioned-table":
      return "partitioned tables";
    case "foreign-table":
      return "foreign tables";
    case "view":
      return "views";
    case "materialized-view":
      return "materialized views";
    case "sequence":
      return "sequences";
    case "composite-type":
      return "composite types";
    case "index":
      return "indexes";
    case "partitioned-index":
      return "partitioned indexes";
  }
}
