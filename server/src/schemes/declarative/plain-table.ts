/** What PostgreSQL says when a table that is not partitioned is told to attach or detach a partition. */

import type { Relation } from "../../catalog/relation.ts";
import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";
import type { ApplyContext } from "../scheme.ts";

export type PartitionCommand = "ATTACH PARTITION" | "DETACH PARTITION" | "SPLIT PARTITION" | "MERGE PARTITIONS";

/** The refusal of the command on a table that is certainly not partitioned, or null. */
export function refusePlainTable(
  parent: Relation,
  command: PartitionCommand,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  if (parent.partitioning !== null || parent.knowledge !== "full") return null;
  const related = [{ relation: parent.id, origin: parent.origin, message: "created here without PARTITION BY" }];
  if (context.version >= 18) {
    const message = `ALTER action ${command} cannot be performed on relation "${parent.name}"`;
    const detail = `This operation is not supported for ${parent.kind === "foreign-table" ? "foreign tables" : "tables"}.`;
    return rejected("not-partitioned", "42809", message, range, { detail, related });
  }
  const message =
    context.version === 10 ? `"${parent.name}" is not partitioned` : `table "${parent.name}" is not partitioned`;
  return rejected("not-partitioned", "42P17", message, range, { related });
}
