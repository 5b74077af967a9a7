/** Tables that pg_partman manages: what is to be done to them is its own call, never plain DDL behind its back. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import { managerOf } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteConstant } from "../../catalog/values/print.ts";
import { textIn } from "../../schemes/partman/part-config.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { RuleFix } from "../rule.ts";

/** pg_partman's configuration of a table; null where it has none. */
export function partmanOf(catalog: Catalog, table: Relation): Manager | null {
  const manager = managerOf(catalog, table);
  return manager?.by === "pg_partman" ? manager : null;
}

/** Whether its maintenance makes the partitions to come, so that they do not end. */
export function isMaintained(catalog: Catalog, table: Relation): boolean {
  const manager = partmanOf(catalog, table);
  return manager !== null && textIn(manager.row, "automatic_maintenance") === "on";
}

/** The call that fills the gaps of a managed table, behind a statement. */
export function gapFill(catalog: Catalog, { table }: Manager, statement: StatementHandle): RuleFix {
  const schema = catalog.extensions.get("pg_partman")?.schema ?? "partman";
  const sql = `SELECT ${quoteQualifiedName(schema, "partition_gap_fill")}(${quoteConstant(table)})`;
  return { title: "Fill the gap with pg_partman", edits: [{ kind: "insert-after", statement, sql }], preferred: true };
}
