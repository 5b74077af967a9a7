/** The functions of Citus that make, change and unmake distributed tables. */

import { relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { coerceConstant } from "../../catalog/values/evaluate.ts";
import { printValue, quoteConstant } from "../../catalog/values/print.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { alterDistributed } from "./alter-distributed.ts";
import {
  booleanArgument,
  colocationArgument,
  integerArgument,
  intervalArgument,
  momentArgument,
  tableArgument,
  take,
  textArgument,
} from "./arguments.ts";
import { updateColocation } from "./colocation.ts";
import {
  alreadyDistributed,
  createCitusTable,
  distributionColumn,
  type Target,
  unsupportedTable,
} from "./distribute.ts";
import { internalError, notSupported } from "./fault.ts";
import { addLocalTable, releaseLocalTables, tieLocalTables } from "./local-tables.ts";
import { withPerhapsParallel } from "./parallel.ts";
import { distributeSchema, undistributeSchema } from "./schemas.ts";
import { replicationSetting, shardCountSetting } from "./settings.ts";
import { cannotIsolate, isolate, tenantType } from "./split-shard.ts";
import { foreignKeysOf, foreignKeysTo, isCitusLocal, isReference } from "./tables.ts";
import { type Answer, missingRanges, oldPartitions } from "./time-partitions.ts";
import { tiesOf, undistribute } from "./undistribute.ts";

/** What a call does. */
export type Run = (call: BoundCall, work: ExtensionWork) => CallValue;

const nothing: CallValue = null;

/** `create_distributed_table` */
export const createDistributedTable: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  const colocateWith = colocationArgument(call, work);
  if (table === null || colocateWith === null) return nothing;
  const column = textArgument(call, "distribution_column", work);
  const method = methodArgument(call, work);
  const asked = integerArgument(call, "shard_count", work);
  if (column === null) {
    if (asked !== null) {
      work.refuse(
        internalError(
          "shard_count can't be specified when the distribution column is null because in that case it's automatically set to 1",
        ),
      );
    }
    if (method !== null && method !== "hash")
      work.refuse(internalError("distribution_type can't be specified when the distribution column is null "));
    take(createCitusTable(work.catalog, table, { kind: "single", colocateWith }), work);
    work.catalog = withPerhapsParallel(work.catalog, work.context);
    return nothing;
  }
  if (method === null) return nothing;
  if (asked !== null && colocateWith.kind !== "default" && colocateWith.kind !== "none")
    work.refuse(internalError("Cannot use colocate_with with a table and shard_count at the same time"));
  const shardCount = asked ?? shardCountSetting(work.catalog);
  if (shardCount < 1 || shardCount > mostShards) {
    work.refuse(
      internalError(`${shardCount} is outside the valid range for parameter "shard_count" (1 .. ${mostShards})`),
    );
  }
  const target: Target = { kind: "distributed", method, column, shardCount, strict: asked !== null, colocateWith };
  const groups = work.catalog.sharded?.nextGroup;
  const change = createCitusTable(work.catalog, table, target);
  const isNew = change.kind === "changed" && change.catalog.sharded?.nextGroup !== groups;
  if (isNew) refuseReplication(work);
  take(change, work);
  work.catalog = withPerhapsParallel(work.catalog, work.context);
  return nothing;
};

/** Each copy of a shard needs a node of its own. */
function refuseReplication(work: ExtensionWork): void {
  const replication = replicationSetting(work.catalog);
  const workers = work.catalog.sharded?.workers;
  if (replication < 2 || (workers !== undefined && replication <= workers)) return;
  if (workers === undefined) work.decline("whether there are nodes for so many copies is not known");
  work.refuse({
    sqlstate: "22023",
    message: `replication_factor (${replication}) exceeds number of worker nodes (${workers})`,
    hint: "Add more worker nodes or try again with a lower replication factor.",
  });
}

const mostShards = 64_000;

function methodArgument(call: BoundCall, work: ExtensionWork): "hash" | "append" | "range" | null {
  const text = textArgument(call, "distribution_type", work);
  if (text === null || text === "hash" || text === "append" || text === "range") return text;
  return work.refuse({
    sqlstate: "22P02",
    message: `invalid input value for enum citus.distribution_type: "${text}"`,
  });
}

/** `create_distributed_table_concurrently` */
export const createConcurrently: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  const method = methodArgument(call, work);
  const colocateWith = colocationArgument(call, work);
  if (table === null || method === null || colocateWith === null) return nothing;
  const column = textArgument(call, "distribution_column", work);
  if (column === null) {
    return work.refuse(
      internalError(
        "cannot use create_distributed_table_concurrently to create a distributed table with a null shard key, consider using create_distributed_table()",
      ),
    );
  }
  const asked = integerArgument(call, "shard_count", work);
  if (asked !== null && colocateWith.kind !== "default" && colocateWith.kind !== "none")
    work.refuse(internalError("Cannot use colocate_with with a table and shard_count at the same time"));
  if (work.context.inTransaction) {
    work.refuse({
      sqlstate: "25001",
      message: "create_distributed_table_concurrently cannot run inside a transaction block",
    });
  }
  if (method !== "hash") {
    work.refuse({
      sqlstate: "22023",
      message: "only hash-distributed tables can be distributed without blocking writes",
    });
  }
  refuseConcurrently(table, column, work);
  const shardCount = asked ?? shardCountSetting(work.catalog);
  if (shardCount === 0) {
    work.refuse({
      sqlstate: "22P01",
      message: "floating-point exception",
      detail:
        "An invalid floating-point operation was signaled. This probably means an out-of-range result or an invalid operation, such as division by zero.",
    });
  }
  if (shardCount < 0 || shardCount > mostShards) work.decline("so many shards are not followed");
  const target: Target = { kind: "distributed", method, column, shardCount, strict: asked !== null, colocateWith };
  take(createCitusTable(work.catalog, table, target), work);
  return nothing;
};

/** What is refused of the table before it becomes a local one, from which it is split. */
function refuseConcurrently(table: Relation, column: string, work: ExtensionWork): void {
  const unsupported = unsupportedTable(table);
  if (unsupported !== null) work.refuse(unsupported);
  const found = distributionColumn(table, column);
  if ("sqlstate" in found) work.refuse(found);
  if (table.shards !== undefined && !isCitusLocal(table)) work.refuse(alreadyDistributed(table));
  const isFine = (other: Relation): boolean =>
    isReference(other) || (other.shards !== undefined && !isCitusLocal(other));
  const from = foreignKeysTo(work.catalog, table).find(
    ({ referencing }) => !(referencing.shards?.kind === "distributed"),
  );
  if (from !== undefined) {
    work.refuse(notSupported(`relation ${table.name} is referenced by a foreign key from ${from.referencing.name}`));
  }
  const to = foreignKeysOf(work.catalog, table).find(
    ({ referenced }) => referenced.id !== table.id && !isFine(referenced) && !isCitusLocal(referenced),
  );
  if (to === undefined) return;
  work.refuse(notSupported(`relation ${to.referenced.name} is referenced by a foreign key from ${table.name}`));
}

/** `create_reference_table` */
export const createReferenceTable: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  take(createCitusTable(work.catalog, table, { kind: "reference" }), work);
  const made = relationById(work.catalog, table.id) ?? table;
  const tied = [
    ...foreignKeysOf(work.catalog, made).map(({ referenced }) => referenced),
    ...foreignKeysTo(work.catalog, made).map(({ referencing }) => referencing),
  ];
  take(tieLocalTables(work.catalog, tied), work);
  return nothing;
};

/** `undistribute_table` */
export const undistributeTable: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const cascade = booleanArgument(call, "cascade_via_foreign_keys", work) ?? false;
  take(undistribute(work.catalog, table, cascade), work);
  return nothing;
};

/** `alter_distributed_table` */
export const alterDistributedTable: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const asked = {
    column: textArgument(call, "distribution_column", work),
    shardCount: integerArgument(call, "shard_count", work),
    colocateWith: colocationArgument(call, work),
    cascade: booleanArgument(call, "cascade_to_colocated", work),
  };
  take(alterDistributed(work.catalog, table, asked, textArgument(call, "colocate_with", work) ?? ""), work);
  return nothing;
};

/** `update_distributed_table_colocation` */
export const updateTableColocation: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  const colocateWith = colocationArgument(call, work);
  if (table === null || colocateWith === null) return nothing;
  const isWord = colocateWith.kind === "default";
  const fault = { sqlstate: "42P01", message: 'relation "default" does not exist' };
  take(updateColocation(work.catalog, table, isWord ? { kind: "missing", fault } : colocateWith), work);
  return nothing;
};

/** `citus_add_local_table_to_metadata` */
export const addLocalTableToMetadata: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const cascade = booleanArgument(call, "cascade_via_foreign_keys", work) ?? false;
  take(addLocalTable(work.catalog, table, cascade), work);
  return nothing;
};

/** `remove_local_tables_from_metadata` */
export const removeLocalTables: Run = (_call, work) => {
  const members = [...work.catalog.relations.values()].filter(({ shards }) => shards?.automatic === true);
  work.catalog = releaseLocalTables(
    work.catalog,
    members.map(({ id }) => id),
  );
  return nothing;
};

/** `isolate_tenant_to_new_shard` */
export const isolateTenant: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const value = call.arguments.get("tenant_id");
  if (value == null) return work.decline("the value is no constant");
  const given = call.types.get("tenant_id") ?? baseTypeNamed("text");
  const cascade = (textArgument(call, "cascade_option", work) ?? "").toLowerCase() === "cascade";
  const mode = textArgument(call, "shard_transfer_mode", work) ?? "auto";
  const tenant = printValue(value, given, work.catalog.settings);
  const unfit = cannotIsolate(work.catalog, table, tenant, cascade, mode);
  if (unfit !== null) work.refuse(unfit);
  const type = tenantType(table);
  if (type === null) return work.decline("the type of the distribution column is not known");
  const { settings } = work.catalog;
  const context = { settings, version: work.context.version, catalog: work.catalog, today: null };
  const text = { family: "text", value: tenant } as const;
  const cast = coerceConstant({ kind: "constant", value: text, type: null }, type, "explicit", context);
  if (cast.kind !== "value") return work.decline("the value is none of the distribution column's type");
  const change = isolate(work.catalog, table, cast.value, type);
  if (change === null) return work.decline("the hash of the value is not known");
  take(change, work);
  return undefined;
};

/** `citus_schema_distribute` */
export const schemaDistribute: Run = (call, work) => {
  take(distributeSchema(work.catalog, schemaArgument(call, work)), work);
  return nothing;
};

/** `citus_schema_undistribute` */
export const schemaUndistribute: Run = (call, work) => {
  take(undistributeSchema(work.catalog, schemaArgument(call, work)), work);
  return nothing;
};

function schemaArgument(call: BoundCall, work: ExtensionWork): string {
  const text = textArgument(call, "schemaname", work);
  if (text === null) return work.decline("no schema is named");
  const name = /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
  if (work.catalog.schemas.has(name)) return name;
  if (!work.catalog.complete || work.catalog.tainted) return work.decline(`schema "${name}" is not known`);
  return work.refuse({ sqlstate: "3F000", message: `schema "${name}" does not exist` });
}

/** `truncate_local_data_after_distributing_table` */
export const truncateLocalData: Run = (call, work) => {
  const table = tableArgument(call, "function_name", work);
  if (table !== null && table.shards === undefined)
    work.refuse(internalError("supplied parameter is not a distributed relation"));
  return nothing;
};

/** `alter_table_set_access_method` */
export const setAccessMethod: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  const method = textArgument(call, "access_method", work);
  if (table === null || method === null) return nothing;
  if (table.kind === "partitioned-table")
    work.refuse(internalError("you cannot alter access method of a partitioned table"));
  const tie = tiesOf(work.catalog, table);
  if (tie !== null) work.refuse(internalError(`cannot complete operation because table ${table.name} ${tie}`));
  if (method !== "heap") return work.decline("access methods other than heap are not followed");
  return work.refuse(
    internalError(
      `the access method of ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} is already heap`,
    ),
  );
};

/** `create_time_partitions` */
export const createTimePartitions: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const interval = intervalArgument(call, "partition_interval", work);
  const [from, to] = [momentArgument(call, "start_from", work), momentArgument(call, "end_at", work)];
  if (from >= to) {
    const shown = [from, to].map((micros) =>
      printValue({ family: "timestamp", micros }, baseTypeNamed("timestamptz"), work.catalog.settings),
    );
    work.refuse({ sqlstate: "P0001", message: `start_from (${shown[0]}) must be older than end_at (${shown[1]})` });
  }
  const ranges = answered(missingRanges(work.catalog, table, interval, from, to), work);
  const schema = quoteIdentifier(table.schema);
  for (const range of ranges) {
    work.execute(
      `CREATE TABLE ${schema}.${quoteIdentifier(range.name)} PARTITION OF ${schema}.${quoteIdentifier(table.name)} FOR VALUES FROM (${quoteConstant(range.from)}) TO (${quoteConstant(range.to)})`,
    );
  }
  return { family: "boolean", value: ranges.length > 0 };
};

/** `get_missing_time_partition_ranges` */
export const getMissingRanges: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return [];
  const interval = intervalArgument(call, "partition_interval", work);
  const [from, to] = [momentArgument(call, "from_value", work), momentArgument(call, "to_value", work)];
  const ranges = answered(missingRanges(work.catalog, table, interval, from, to), work);
  return ranges.map((range) => [range.name, range.from, range.to].map((value) => ({ family: "text", value }) as const));
};

/** `drop_old_time_partitions` */
export const dropOldPartitions: Run = (call, work) => {
  const table = tableArgument(call, "table_name", work);
  if (table === null) return nothing;
  const old = answered(oldPartitions(work.catalog, table, momentArgument(call, "older_than", work)), work);
  for (const { schema, name } of old) work.execute(`DROP TABLE ${quoteIdentifier(schema)}.${quoteIdentifier(name)}`);
  return nothing;
};

function answered<T>(answer: Answer<T>, work: ExtensionWork): T {
  if (answer.kind === "answer") return answer.value;
  return answer.kind === "refused" ? work.refuse(answer.fault) : work.decline(answer.reason);
}

/** `master_create_empty_shard` */
export const createEmptyShard: Run = (call, work) => {
  const table = tableArgument(call, "relation_name", work);
  return table === null ? nothing : work.decline(`which shards "${table.name}" has is not followed`);
};
