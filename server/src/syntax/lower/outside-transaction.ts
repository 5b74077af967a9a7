/** Which of the commands that are not looked into run only outside of transaction blocks and functions. */

import type { Node } from "@pgsql/types";
import { as, isOn, kindOf, options } from "./node.ts";

/** The name under which PostgreSQL refuses the command there; null for one that it runs anywhere. */
export function commandOutside(node: Node): string | null {
  const always = names.get(kindOf(node));
  if (always !== undefined) return always;
  const vacuum = as(node, "VacuumStmt");
  if (vacuum !== undefined) return vacuum.is_vacuumcmd === true ? "VACUUM" : null;
  const reindex = as(node, "ReindexStmt");
  if (reindex !== undefined) {
    const chosen = options(reindex.params);
    if (chosen.has("concurrently") && isOn(chosen.get("concurrently"))) return "REINDEX CONCURRENTLY";
    return reindexed.get(reindex.kind ?? "") ?? null;
  }
  const discard = as(node, "DiscardStmt");
  return discard !== undefined && (discard.target ?? "DISCARD_ALL") === "DISCARD_ALL" ? "DISCARD ALL" : null;
}

const names: ReadonlyMap<string, string> = new Map([
  ["AlterSystemStmt", "ALTER SYSTEM"],
  ["CreateTableSpaceStmt", "CREATE TABLESPACE"],
  ["CreatedbStmt", "CREATE DATABASE"],
  ["DropTableSpaceStmt", "DROP TABLESPACE"],
  ["DropdbStmt", "DROP DATABASE"],
]);

const reindexed: ReadonlyMap<string, string> = new Map([
  ["REINDEX_OBJECT_SCHEMA", "REINDEX SCHEMA"],
  ["REINDEX_OBJECT_SYSTEM", "REINDEX SYSTEM"],
  ["REINDEX_OBJECT_DATABASE", "REINDEX DATABASE"],
]);
