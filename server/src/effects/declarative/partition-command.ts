/** ALTER TABLE with a command on partitions: ATTACH, DETACH, SPLIT, MERGE. Such a command stands alone in its statement. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { AlterTable, PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome } from "../outcome.ts";
import { assumeRelation, lookUpRelation, relationMissing } from "../relations/lookup.ts";
import { attachPartition } from "./attach.ts";
import { detachPartition, refuseDetachEarly } from "./detach.ts";
import { mergePartitions, splitPartition } from "./split-merge.ts";

/** Applies a command on partitions; null for any other statement. */
export function applyPartitionCommand(
  catalog: Catalog,
  placed: PlacedStatement,
  context: ApplyContext,
): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "alter-table") return null;
  const action = statement.actions[0];
  switch (action?.kind) {
    case "attach-partition":
    case "detach-partition":
    case "split-partition":
    case "merge-partitions":
      return run(catalog, statement, action, context);
    default:
      return null;
  }
}

function run(
  catalog: Catalog,
  statement: AlterTable,
  action: Extract<
    AlterTable["actions"][number],
    { kind: "attach-partition" | "detach-partition" | "split-partition" | "merge-partitions" }
  >,
  context: ApplyContext,
): Outcome {
  const early = refuseDetachEarly(statement, context);
  if (early !== null) return early;
  const found = lookUpRelation(catalog, statement.relation);
  if (found.kind === "absent") {
    return statement.ifExists ? applied(catalog) : relationMissing(catalog, statement.relation);
  }
  const { catalog: next, relation } =
    found.kind === "found"
      ? { catalog, relation: found.relation }
      : assumeRelation(catalog, statement.relation, "partitioned-table");
  switch (action.kind) {
    case "attach-partition":
      return attachPartition(next, relation, action, context);
    case "detach-partition":
      return detachPartition(next, relation, action, context);
    case "split-partition":
      return splitPartition(next, relation, action, context);
    case "merge-partitions":
      return mergePartitions(next, relation, action, context);
  }
}
