/** The functions and procedures of pg_partman that are read, by version: names, parameters, defaults. */

import { type Parameter, p, type Signature } from "../extension.ts";

const parentTable = p("p_parent_table", "text");
const jobmon = p("p_jobmon", "boolean", "true");
const returnsBoolean = { returns: "boolean" } as const;

function four(kind: Signature["kind"], parameters: readonly Parameter[], returns?: Signature["returns"]): Signature {
  return { kind, since: null, until: "5.0", parameters, returns };
}

function five(
  kind: Signature["kind"],
  parameters: readonly Parameter[],
  returns?: Signature["returns"],
  since = "5.0",
): Signature {
  return { kind, since, until: null, parameters, returns };
}

function both(kind: Signature["kind"], parameters: readonly Parameter[], returns?: Signature["returns"]): Signature {
  return { kind, since: null, until: null, parameters, returns };
}

const createOfFour: readonly Parameter[] = [
  parentTable,
  p("p_control", "text"),
  p("p_type", "text"),
  p("p_interval", "text"),
  p("p_constraint_cols", "text[]", "NULL"),
  p("p_premake", "integer", "4"),
  p("p_automatic_maintenance", "text", "'on'"),
  p("p_start_partition", "text", "NULL"),
  p("p_inherit_fk", "boolean", "true"),
  p("p_epoch", "text", "'none'"),
  p("p_upsert", "text", "''"),
  p("p_publications", "text[]", "NULL"),
  p("p_trigger_return_null", "boolean", "true"),
  p("p_template_table", "text", "NULL"),
  jobmon,
  p("p_date_trunc_interval", "text", "NULL"),
];

const createOfFive: readonly Parameter[] = [
  parentTable,
  p("p_control", "text"),
  p("p_interval", "text"),
  p("p_type", "text", "'range'"),
  p("p_epoch", "text", "'none'"),
  p("p_premake", "integer", "4"),
  p("p_start_partition", "text", "NULL"),
  p("p_default_table", "boolean", "true"),
  p("p_automatic_maintenance", "text", "'on'"),
  p("p_constraint_cols", "text[]", "NULL"),
  p("p_template_table", "text", "NULL"),
  jobmon,
  p("p_date_trunc_interval", "text", "NULL"),
  p("p_control_not_null", "boolean", "true"),
  p("p_time_encoder", "text", "NULL"),
  p("p_time_decoder", "text", "NULL"),
  p("p_offset_id", "bigint", "0"),
];

const subOfFour: readonly Parameter[] = [
  p("p_top_parent", "text"),
  p("p_control", "text"),
  p("p_type", "text"),
  p("p_interval", "text"),
  p("p_native_check", "text", "NULL"),
  p("p_constraint_cols", "text[]", "NULL"),
  p("p_premake", "integer", "4"),
  p("p_start_partition", "text", "NULL"),
  p("p_inherit_fk", "boolean", "true"),
  p("p_epoch", "text", "'none'"),
  p("p_upsert", "text", "''"),
  p("p_trigger_return_null", "boolean", "true"),
  jobmon,
  p("p_date_trunc_interval", "text", "NULL"),
];

const subOfFive: readonly Parameter[] = [
  p("p_top_parent", "text"),
  p("p_control", "text"),
  p("p_interval", "text"),
  p("p_type", "text", "'range'"),
  p("p_default_table", "boolean", "true"),
  p("p_declarative_check", "text", "NULL"),
  p("p_constraint_cols", "text[]", "NULL"),
  p("p_premake", "integer", "4"),
  p("p_start_partition", "text", "NULL"),
  p("p_epoch", "text", "'none'"),
  jobmon,
  p("p_date_trunc_interval", "text", "NULL"),
  p("p_control_not_null", "boolean", "true"),
  p("p_time_encoder", "text", "NULL"),
  p("p_time_decoder", "text", "NULL"),
];

const maintenance: readonly Parameter[] = [
  p("p_parent_table", "text", "NULL"),
  p("p_analyze", "boolean", "false"),
  jobmon,
];

const maintenanceProc: readonly Parameter[] = [p("p_wait", "integer", "0"), p("p_analyze", "boolean", "NULL"), jobmon];

const order = p("p_order", "text", "'ASC'");
const lockWait = p("p_lock_wait", "numeric", "0");

function moving(interval: string, version: number): readonly Parameter[] {
  return [
    parentTable,
    p("p_batch_count", "integer", "1"),
    p("p_batch_interval", interval, "NULL"),
    lockWait,
    order,
    p("p_analyze", "boolean", "true"),
    p("p_source_table", "text", "NULL"),
    p("p_ignored_columns", "text[]", "NULL"),
    ...(version === 5 ? [p("p_override_system_value", "boolean", "false")] : []),
    ...(version === 5 && interval === "interval" ? [p("p_ignore_infinity", "boolean", "false")] : []),
  ];
}

const dataProcOfFour: readonly Parameter[] = [
  parentTable,
  p("p_interval", "text", "NULL"),
  p("p_batch", "integer", "NULL"),
  p("p_wait", "integer", "1"),
  p("p_source_table", "text", "NULL"),
  order,
  p("p_lock_wait", "integer", "0"),
  p("p_lock_wait_tries", "integer", "10"),
  p("p_quiet", "boolean", "false"),
  p("p_ignored_columns", "text[]", "NULL"),
];

const dataProcOfFive: readonly Parameter[] = [
  parentTable,
  p("p_loop_count", "integer", "NULL"),
  p("p_interval", "text", "NULL"),
  p("p_lock_wait", "integer", "0"),
  p("p_lock_wait_tries", "integer", "10"),
  p("p_wait", "integer", "1"),
  order,
  p("p_source_table", "text", "NULL"),
  p("p_ignored_columns", "text[]", "NULL"),
  p("p_quiet", "boolean", "false"),
  p("p_ignore_infinity", "boolean", "false"),
];

const undone = [
  { name: "partitions_undone", type: "integer" },
  { name: "rows_undone", type: "bigint" },
];

const undoOfFour: readonly Parameter[] = [
  parentTable,
  p("p_batch_count", "integer", "1"),
  p("p_batch_interval", "text", "NULL"),
  p("p_keep_table", "boolean", "true"),
  lockWait,
  p("p_target_table", "text", "NULL"),
  p("p_ignored_columns", "text[]", "NULL"),
  p("p_drop_cascade", "boolean", "false"),
];

const undoOfFive: readonly Parameter[] = [
  parentTable,
  p("p_target_table", "text"),
  p("p_loop_count", "integer", "1"),
  p("p_batch_interval", "text", "NULL"),
  p("p_keep_table", "boolean", "true"),
  lockWait,
  p("p_ignored_columns", "text[]", "NULL"),
  p("p_drop_cascade", "boolean", "false"),
];

const undoProcOfFour: readonly Parameter[] = [
  parentTable,
  p("p_interval", "text", "NULL"),
  p("p_batch", "integer", "NULL"),
  p("p_wait", "integer", "1"),
  p("p_target_table", "text", "NULL"),
  p("p_keep_table", "boolean", "true"),
  p("p_lock_wait", "integer", "0"),
  p("p_lock_wait_tries", "integer", "10"),
  p("p_quiet", "boolean", "false"),
  p("p_ignored_columns", "text[]", "NULL"),
  p("p_drop_cascade", "boolean", "false"),
];

const undoProcOfFive: readonly Parameter[] = [
  parentTable,
  p("p_target_table", "text", "NULL"),
  p("p_loop_count", "integer", "NULL"),
  p("p_interval", "text", "NULL"),
  p("p_keep_table", "boolean", "true"),
  p("p_lock_wait", "integer", "0"),
  p("p_lock_wait_tries", "integer", "10"),
  p("p_wait", "integer", "1"),
  p("p_ignored_columns", "text[]", "NULL"),
  p("p_drop_cascade", "boolean", "false"),
  p("p_quiet", "boolean", "false"),
];

function dropping(retention: string): readonly Parameter[] {
  return [
    parentTable,
    p("p_retention", retention, "NULL"),
    p("p_keep_table", "boolean", "NULL"),
    p("p_keep_index", "boolean", "NULL"),
    p("p_retention_schema", "text", "NULL"),
    ...(retention === "interval" ? [p("p_reference_timestamp", "timestamp with time zone", "CURRENT_TIMESTAMP")] : []),
  ];
}

const partitions = [
  { name: "partition_schemaname", type: "text" },
  { name: "partition_tablename", type: "text" },
];

function making(list: Parameter): readonly Signature[] {
  const start = p("p_start_partition", "text", "NULL");
  return [
    four("function", [parentTable, list, p("p_analyze", "boolean", "true"), start], "boolean"),
    five("function", [parentTable, list, start], "boolean"),
  ];
}

const partitionName = [
  { name: "partition_schema", type: "text" },
  { name: "partition_table", type: "text" },
  { name: "suffix_timestamp", type: "timestamp with time zone" },
  { name: "suffix_id", type: "bigint" },
  { name: "table_exists", type: "boolean" },
];

/** By name. */
export const signatures: Readonly<Record<string, readonly Signature[]>> = {
  create_parent: [four("function", createOfFour, returnsBoolean.returns), five("function", createOfFive, "boolean")],
  create_partition: [five("function", createOfFive, "boolean", "5.4")],
  create_sub_parent: [four("function", subOfFour, "boolean"), five("function", subOfFive, "boolean")],
  create_sub_partition: [five("function", subOfFive, "boolean", "5.4")],
  run_maintenance: [both("function", maintenance, "void")],
  run_maintenance_proc: [both("procedure", maintenanceProc)],
  partition_data_time: [
    four("function", moving("interval", 4), "bigint"),
    five("function", moving("interval", 5), "bigint"),
  ],
  partition_data_id: [four("function", moving("bigint", 4), "bigint"), five("function", moving("bigint", 5), "bigint")],
  partition_data_proc: [four("procedure", dataProcOfFour), five("procedure", dataProcOfFive)],
  undo_partition: [four("function", undoOfFour, undone), five("function", undoOfFive, undone)],
  undo_partition_proc: [four("procedure", undoProcOfFour), five("procedure", undoProcOfFive)],
  drop_partition_time: [both("function", dropping("interval"), "integer")],
  drop_partition_id: [both("function", dropping("bigint"), "integer")],
  partition_gap_fill: [both("function", [parentTable], "integer")],
  show_partitions: [both("function", [parentTable, order, p("p_include_default", "boolean", "false")], partitions)],
  stop_sub_partition: [both("function", [parentTable, jobmon], "boolean")],
  config_cleanup: [
    five(
      "function",
      [
        parentTable,
        p("p_config_table", "boolean", "true"),
        p("p_config_sub_table", "boolean", "true"),
        p("p_template_table", "boolean", "true"),
      ],
      "void",
      "5.4",
    ),
  ],
  check_default: [both("function", [p("p_exact_count", "boolean", "true")])],
  check_name_length: [
    both(
      "function",
      [p("p_object_name", "text"), p("p_suffix", "text", "NULL"), p("p_table_partition", "boolean", "false")],
      "text",
    ),
  ],
  show_partition_name: [both("function", [parentTable, p("p_value", "text")], partitionName)],
  show_partition_info: [
    both("function", [
      p("p_child_table", "text"),
      p("p_partition_interval", "text", "NULL"),
      p("p_parent_table", "text", "NULL"),
    ]),
  ],
  dump_partitioned_table_definition: [
    both("function", [parentTable, p("p_ignore_template_table", "boolean", "false")], "text"),
  ],
  reapply_constraints_proc: [
    both("procedure", [
      parentTable,
      p("p_drop_constraints", "boolean", "false"),
      p("p_apply_constraints", "boolean", "false"),
      p("p_wait", "integer", "0"),
      p("p_dryrun", "boolean", "false"),
    ]),
  ],
  run_analyze: [
    both("procedure", [
      p("p_skip_locked", "boolean", "false"),
      p("p_quiet", "boolean", "false"),
      p("p_parent_table", "text", "NULL"),
    ]),
  ],
  partition_data_async: [
    five(
      "procedure",
      [
        parentTable,
        p("p_loop_count", "integer", "NULL"),
        p("p_interval", "text", "NULL"),
        p("p_lock_wait", "integer", "0"),
        p("p_lock_wait_tries", "integer", "10"),
        p("p_wait", "integer", "1"),
        order,
        p("p_ignored_columns", "text[]", "NULL"),
        p("p_quiet", "boolean", "false"),
      ],
      undefined,
      "5.3",
    ),
  ],
  apply_constraints: [
    both("function", [
      parentTable,
      p("p_child_table", "text", "NULL"),
      p("p_analyze", "boolean", "false"),
      p("p_job_id", "bigint", "NULL"),
    ]),
  ],
  drop_constraints: [both("function", [parentTable, p("p_child_table", "text"), p("p_debug", "boolean", "false")])],
  reapply_privileges: [both("function", [parentTable])],
  create_trigger: [four("function", [parentTable], "void")],
  create_function_time: [four("function", [parentTable, p("p_job_id", "bigint", "NULL")], "void")],
  create_function_id: [four("function", [parentTable, p("p_job_id", "bigint", "NULL")], "void")],
  create_partition_time: making(p("p_partition_times", "timestamp with time zone[]")),
  create_partition_id: making(p("p_partition_ids", "bigint[]")),
};
