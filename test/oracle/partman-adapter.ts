/** What is particular to the recorded histories of pg_partman. */

import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { constraintDefinition } from "../../server/src/effects/relations/constraint-shape.ts";
import { truncateIdentifier } from "../../server/src/syntax/names.ts";
import type { ExtensionAdapter, ExtensionRecording } from "./extension-score.ts";

export interface PartmanRecording extends ExtensionRecording {
  /** The server's clock, in UTC: `2026-03-15 12:00:00+00`. */
  readonly now: string;
  readonly partitions: readonly (readonly (readonly [parent: string, partition: string, bound: string])[] | null)[];
}

const moving =
  /\b(?:run_maintenance(?:_proc)?|partition_data_(?:time|id|proc|async)|undo_partition(?:_proc)?|drop_partition_(?:id|time)|partition_gap_fill)\b/;

export function partmanAdapter(version: 4 | 5): ExtensionAdapter<PartmanRecording> {
  return {
    options: {
      version: version === 4 ? 15 : 18,
      pathmanVersion: "auto",
      partmanVersion: String(version),
      today: "2026-03-15T12:00:00Z",
    },
    isCall: (sql) =>
      /\bpartman\.\w+\s*\(/i.test(sql) ||
      /\bpart_config(?:_sub)?\b/i.test(sql) ||
      /\b(?:create_parent|create_partition|create_sub_\w+|run_maintenance|run_maintenance_proc)\s*\(/i.test(sql),
    recordedList: ({ partitions }, index) => partitions[index]?.map((entry) => entry.join(" ")) ?? null,
    listOf,
    decidedByRows,
    isLeftOut: (sql, result) =>
      /^\s*insert\b/i.test(sql) && !result.ok && ["23514", "23505", "23502"].includes(result.sqlstate ?? ""),
    nameOf: (schema, name) => `${schema}.${name}`,
  };
}

/** Each parent's partitions and children, as the recordings print them. */
function listOf(catalog: Catalog): readonly string[] {
  const entries: string[] = [];
  for (const relation of catalog.relations.values()) {
    if (!["table", "partitioned-table"].includes(relation.kind)) continue;
    const parent = catalog.relations.get(relation.partitionOf?.parent ?? relation.inherits[0] ?? 0);
    if (parent === undefined) continue;
    const names = `${parent.schema}.${parent.name} ${relation.schema}.${relation.name}`;
    const key = parent.partitioning?.key;
    const check =
      relation.constraints.find(({ name }) => name === truncateIdentifier(`${relation.name}_partition_check`)) ??
      relation.constraints.find(({ name, local }) => local && name.endsWith("_partition_check")) ??
      // The child was renamed, or the name of its CHECK had to be cut.
      relation.constraints.find(({ type, local }) => local && type === "check");
    const bound =
      relation.partitionOf !== null && key !== undefined
        ? printBound(relation.partitionOf.bound, key, catalog.settings)
        : check === undefined
          ? ""
          : constraintDefinition(check);
    entries.push(`${names} ${bound}`);
  }
  return entries;
}

/** From the first maintenance or data-moving call on, once rows went in that are no constants. */
function decidedByRows({ statements }: PartmanRecording): number | null {
  let isOpen = false;
  for (const [index, sql] of statements.entries()) {
    if (/^\s*insert\b/i.test(sql) && (!/\bvalues\b/i.test(sql) || /\bgenerate_series\b|\brandom\b/i.test(sql)))
      isOpen = true;
    if (/^\s*do\b/i.test(sql) && /\binsert\b/i.test(sql)) isOpen = true;
    if (isOpen && moving.test(sql)) return index;
  }
  return null;
}
