/** Citus: its functions with their parameters as its SQL scripts declare them. */

import { type Extension, type ExtensionFunction, type Parameter, p, type Signature } from "../extension.ts";
import { createDistributedFunction } from "./distributed-functions.ts";

import {
  addLocalTableToMetadata,
  alterDistributedTable,
  createConcurrently,
  createDistributedTable,
  createEmptyShard,
  createReferenceTable,
  createTimePartitions,
  dropOldPartitions,
  getMissingRanges,
  isolateTenant,
  type Run,
  removeLocalTables,
  schemaDistribute,
  schemaUndistribute,
  setAccessMethod,
  truncateLocalData,
  undistributeTable,
  updateTableColocation,
} from "./functions.ts";
import { functionsOfNodes } from "./nodes.ts";

const table = p("table_name", "regclass");
const cascadeKeys = p("cascade_via_foreign_keys", "boolean", "false");

const distributed: readonly Parameter[] = [
  table,
  p("distribution_column", "text"),
  p("distribution_type", "text", "'hash'"),
  p("colocate_with", "text", "'default'"),
  p("shard_count", "integer", "NULL"),
];

const missingRange: readonly Pick<Parameter, "name" | "type">[] = [
  { name: "partition_name", type: "text" },
  { name: "range_from_value", type: "text" },
  { name: "range_to_value", type: "text" },
];

const functions: ReadonlyMap<string, ExtensionFunction> = new Map([
  ["create_distributed_table", known(createDistributedTable, "void", distributed)],
  ["create_distributed_table_concurrently", known(createConcurrently, "void", distributed)],
  ["create_reference_table", known(createReferenceTable, "void", [table])],
  ["undistribute_table", known(undistributeTable, "void", [table, cascadeKeys])],
  [
    "alter_distributed_table",
    known(alterDistributedTable, "void", [
      table,
      p("distribution_column", "text", "NULL"),
      p("shard_count", "integer", "NULL"),
      p("colocate_with", "text", "NULL"),
      p("cascade_to_colocated", "boolean", "NULL"),
    ]),
  ],
  ["update_distributed_table_colocation", known(updateTableColocation, "void", [table, p("colocate_with", "text")])],
  ["citus_add_local_table_to_metadata", known(addLocalTableToMetadata, "void", [table, cascadeKeys])],
  ["remove_local_tables_from_metadata", known(removeLocalTables, "void", [])],
  [
    "isolate_tenant_to_new_shard",
    known(isolateTenant, "bigint", [
      table,
      p("tenant_id", '"any"'),
      p("cascade_option", "text", "''"),
      p("shard_transfer_mode", "text", "'auto'"),
    ]),
  ],
  ["citus_schema_distribute", known(schemaDistribute, "void", [p("schemaname", "regnamespace")])],
  ["citus_schema_undistribute", known(schemaUndistribute, "void", [p("schemaname", "regnamespace")])],
  ["truncate_local_data_after_distributing_table", known(truncateLocalData, "void", [p("function_name", "regclass")])],
  ["alter_table_set_access_method", known(setAccessMethod, "void", [table, p("access_method", "text")])],
  [
    "create_time_partitions",
    known(createTimePartitions, "boolean", [
      table,
      p("partition_interval", "interval"),
      p("end_at", "timestamp with time zone"),
      p("start_from", "timestamp with time zone", "now()"),
    ]),
  ],
  [
    "get_missing_time_partition_ranges",
    {
      ...known(getMissingRanges, missingRange, [
        table,
        p("partition_interval", "interval"),
        p("to_value", "timestamp with time zone"),
        p("from_value", "timestamp with time zone", "now()"),
      ]),
      returnsSet: true,
    },
  ],
  [
    "drop_old_time_partitions",
    {
      run: dropOldPartitions,
      signatures: [
        {
          kind: "procedure",
          since: null,
          until: null,
          parameters: [table, p("older_than", "timestamp with time zone")],
        },
      ],
    },
  ],
  [
    "create_distributed_function",
    known(createDistributedFunction, "void", [
      p("function_name", "regprocedure"),
      p("distribution_arg_name", "text", "NULL"),
      p("colocate_with", "text", "'default'"),
      p("force_delegation", "boolean", "NULL"),
    ]),
  ],
  ["master_create_empty_shard", known(createEmptyShard, "bigint", [p("relation_name", "text")])],
  ["citus_create_empty_shard", known(createEmptyShard, "bigint", [p("relation_name", "text")])],
  ["master_create_distributed_table", gone(["regclass", "text", "text"])],
  ["mark_tables_colocated", gone(["regclass", "regclass[]"])],
  ["upgrade_to_reference_table", gone(["regclass"])],
  ...functionsOfNodes,
]);

function known(run: Run, returns: Signature["returns"], parameters: readonly Parameter[]): ExtensionFunction {
  return { run, signatures: [{ kind: "function", since: null, until: null, parameters, returns }] };
}

/** A function that Citus 11 no longer has. */
function gone(types: readonly string[]): ExtensionFunction {
  const parameters = types.map((type, index) => p(`p${index + 1}`, type));
  return {
    run: (call, work) => work.decline(`what ${call.name} did before Citus 11 is not followed`),
    signatures: [{ kind: "function", since: null, until: "11.0", parameters, returns: "void" }],
  };
}

export const citus: Extension = {
  name: "citus",
  rule: "citus-call",
  schema: "pg_catalog",
  isKnownBy: (schema) => schema === null || schema === "pg_catalog",
  isInUse: ({ sharded }) => sharded !== undefined,
  versions: ["13.2", "10.2"],
  reads: /^1[0-3]\./,
  // PostgreSQL 15 and later have Citus 11.1 at least.
  versionSetting: ({ version = 15 }) => (version < 15 ? "10.2" : "13.2"),
  functions,
  tables: new Map(),
};
