/** What a transaction may no longer do once it has run a command on several shards at once: `ParallelQueryExecutedInTransaction`. */

import { type Catalog, findRelation, withSettings } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { shardCountOf } from "../../catalog/shards.ts";
import type { ApplyContext } from "../../effects/outcome.ts";
import type { AlterAction, Statement } from "../../syntax/statement.ts";
import { type Fault, internalError } from "./fault.ts";
import { readItems } from "./joined-tables.ts";
import { foreignKeysOf, isDistributed, isReference } from "./tables.ts";

/** The refusal of a statement that needs one connection for each node; null where there is none for sure. */
export function refuseAfterParallel(catalog: Catalog, statement: Statement): Fault | null {
  if (catalog.settings.citusParallel !== "ran") return null;
  if (statement.kind === "create-schema") {
    const detail =
      "When running command on/for a distributed schema, Citus needs to perform all operations over a single connection per node to ensure consistency.";
    const message =
      "cannot run schema command because there was a parallel operation on a distributed table in the transaction";
    return internalError(message, { detail, hint: sequentialHint });
  }
  if (statement.kind !== "alter-table") return null;
  const table = findRelation(catalog, statement.relation);
  if (table === null || table.knowledge !== "full" || !isDistributed(table)) return null;
  const isTied = statement.actions.some((action) => {
    const referenced = referencedBy(action);
    const target = referenced === null ? null : findRelation(catalog, referenced);
    return target !== null && isReference(target);
  });
  if (!isTied) return null;
  const detail =
    "When there is a foreign key to a reference table, Citus needs to perform all operations over a single connection per node to ensure consistency.";
  const message = `cannot modify table "${table.name}" because there was a parallel operation on a distributed table in the transaction`;
  return internalError(message, { detail, hint: sequentialHint });
}

const sequentialHint =
  "Try re-running the transaction with \"SET LOCAL citus.multi_shard_modify_mode TO 'sequential';\"";

function referencedBy(action: AlterAction) {
  if (action.kind !== "add-constraint" || action.constraint.type !== "foreign-key") return null;
  return action.constraint.references?.relation ?? null;
}

/** The catalog after a statement that has been accepted, which remembers what it ran in parallel. */
export function withParallel(before: Catalog, after: Catalog, statement: Statement, context: ApplyContext): Catalog {
  if (!context.inTransaction || after.settings.citusParallel === "ran") return after;
  return runsInParallel(before, statement, context) ? noted(after, "ran") : after;
}

/** The catalog in which it is not known whether something ran in parallel. */
export function withPerhapsParallel(catalog: Catalog, { inTransaction }: ApplyContext): Catalog {
  return inTransaction && catalog.settings.citusParallel === undefined ? noted(catalog, "perhaps") : catalog;
}

function noted(catalog: Catalog, citusParallel: "ran" | "perhaps"): Catalog {
  const { settings } = catalog;
  return withSettings(catalog, { citusParallel, hidden: settings.hidden ?? settings });
}

function runsInParallel(catalog: Catalog, statement: Statement, context: ApplyContext): boolean {
  const { settings } = catalog;
  // A table that this transaction has distributed is reached over the connections that made it.
  if (settings.citusParallel === "perhaps" || settings.citus?.["multi_shard_modify_mode"] !== undefined) return false;
  if (statement.kind === "alter-table") {
    const table = findRelation(catalog, statement.relation);
    return table !== null && hasManyShards(catalog, table) && statement.actions.some(isPropagated);
  }
  if (statement.kind !== "query" || statement.wrapper !== "none" || statement.query.kind !== "select") return false;
  const { query } = statement;
  if (query.with.length > 0 || query.setOperation !== null || query.values !== null) return false;
  const joined = readItems(catalog, query.from, query.where, context);
  const [member, ...others] = joined?.members ?? [];
  if (joined === null || member === undefined || others.length > 0) return false;
  return hasManyShards(catalog, member.table) && joined.pins(member) === "all";
}

function hasManyShards(catalog: Catalog, table: Relation): boolean {
  const { shards } = table;
  if (shards === undefined || table.knowledge !== "full" || shards.kind !== "distributed" || shards.method !== "hash")
    return false;
  // One with a foreign key to a reference table is changed shard by shard.
  const isTied = foreignKeysOf(catalog, table).some(({ referenced }) => isReference(referenced));
  return !isTied && shardCountOf(catalog.sharded, shards) > 1;
}

function isPropagated(action: AlterAction): boolean {
  if (action.kind === "add-constraint") return action.constraint.type === "check";
  return ["add-column", "drop-column", "set-not-null", "drop-not-null", "alter-type"].includes(action.kind);
}
