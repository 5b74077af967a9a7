/** The functions of pg_pathman by version, as data: their parameters with types and defaults. */

import { type Parameter, p, type Signature } from "../extension.ts";

function signature(since: string, until: string | null, parameters: readonly Parameter[], returns: string): Signature {
  return { kind: "function", since, until, parameters, returns };
}

const moveRows = p("partition_data", "boolean", "true");
const names = p("partition_names", "text[]", "NULL");
const spaces = p("tablespaces", "text[]", "NULL");
const newName = p("partition_name", "text", "NULL");
const newSpace = p("tablespace", "text", "NULL");
const start = p("start_value", "anyelement");
const end = p("end_value", "anyelement");

/** Both forms of an interval: of dates and timestamps, and of the key's own type. */
function withInterval(build: (interval: (name: string) => Parameter) => readonly Signature[]): readonly Signature[] {
  return ["interval", "anyelement"].flatMap((type) => build((name) => p(name, type)));
}

const createRange: readonly Signature[] = [
  ...withInterval((interval) => [
    signature(
      "readme",
      "0.1",
      [
        p("p_relation", "text"),
        p("p_attribute", "text"),
        p("p_start_value", "anyelement"),
        interval("p_interval"),
        p("p_premake", "integer"),
      ],
      "integer",
    ),
    signature(
      "0.1",
      "1.0",
      [
        p("p_relation", "regclass"),
        p("p_attribute", "text"),
        p("p_start_value", "anyelement"),
        interval("p_interval"),
        p("p_count", "integer", "NULL"),
      ],
      "integer",
    ),
    ...keyed((key, since, until) =>
      signature(
        since,
        until,
        [p("parent_relid", "regclass"), key, start, interval("p_interval"), p("p_count", "integer", "NULL"), moveRows],
        "integer",
      ),
    ),
  ]),
  signature(
    "1.4",
    null,
    [p("parent_relid", "regclass"), p("expression", "text"), p("bounds", "anyarray"), names, spaces, moveRows],
    "integer",
  ),
];

/** The key was an attribute until 1.4 made it an expression. */
function keyed(build: (key: Parameter, since: string, until: string | null) => Signature): readonly Signature[] {
  return [build(p("attribute", "text"), "1.0", "1.4"), build(p("expression", "text"), "1.4", null)];
}

const createFromRange: readonly Signature[] = withInterval((interval) => [
  signature(
    "readme",
    "0.1",
    [
      p("p_relation", "text"),
      p("p_attribute", "text"),
      p("p_start_value", "anyelement"),
      p("p_end_value", "anyelement"),
      interval("p_interval"),
    ],
    "integer",
  ),
  signature(
    "0.1",
    "1.0",
    [
      p("p_relation", "regclass"),
      p("p_attribute", "text"),
      p("p_start_value", "anyelement"),
      p("p_end_value", "anyelement"),
      interval("p_interval"),
    ],
    "integer",
  ),
  signature(
    "1.0",
    "1.4",
    [p("parent_relid", "regclass"), p("attribute", "text"), start, end, interval("p_interval"), moveRows],
    "integer",
  ),
]);

const relation = p("relation", "regclass");
const parent = p("parent_relid", "regclass");
const partition = p("partition_relid", "regclass");

/** One argument: a table, by the names and types that its parameter has had. */
function onTable(returns: string, ...spans: readonly (readonly [string, string | null, Parameter])[]) {
  return spans.map(([since, until, parameter]) => signature(since, until, [parameter], returns));
}

export const pathmanSignatures: Readonly<Record<string, readonly Signature[]>> = {
  create_range_partitions: createRange,
  create_partitions_from_range: createFromRange,
  create_hash_partitions: [
    signature(
      "readme",
      "0.1",
      [p("relation", "text"), p("attribute", "text"), p("partitions_count", "integer")],
      "integer",
    ),
    signature("0.1", "1.0", [relation, p("attribute", "text"), p("partitions_count", "integer")], "integer"),
    signature("1.0", "1.2", [parent, p("attribute", "text"), p("partitions_count", "integer"), moveRows], "integer"),
    signature(
      "1.2",
      "1.4",
      [parent, p("attribute", "text"), p("partitions_count", "integer"), moveRows, names, spaces],
      "integer",
    ),
    signature(
      "1.4",
      null,
      [parent, p("expression", "text"), p("partitions_count", "integer"), moveRows, names, spaces],
      "integer",
    ),
  ],
  partition_data: [
    ...onTable("bigint", ["readme", "0.1", p("p_parent", "text")]),
    signature(
      "0.1",
      "1.0",
      [p("p_parent", "regclass"), p("p_invalidate_cache_on_error", "boolean", "false")],
      "bigint",
    ),
    ...onTable("bigint", ["1.0", null, parent]),
  ],
  partition_table_concurrently: [
    signature(
      "1.0",
      null,
      [relation, p("batch_size", "integer", "1000"), p("sleep_time", "double precision", "1.0")],
      "void",
    ),
  ],
  stop_concurrent_part_task: onTable("boolean", ["1.0", null, relation]),
  create_hash_update_trigger: onTable(
    "text",
    ["readme", "0.1", p("relation", "text")],
    ["0.1", "1.0", relation],
    ["1.0", "1.4", parent],
  ),
  create_range_update_trigger: onTable(
    "text",
    ["readme", "0.1", p("relation", "text")],
    ["0.1", "1.0", relation],
    ["1.0", "1.4", parent],
  ),
  create_update_triggers: onTable("void", ["1.4", "1.5", parent]),
  split_range_partition: [
    signature("readme", "0.1", [p("p_partition", "text"), p("p_value", "anyelement")], "anyarray"),
    signature("0.1", "1.0", [p("p_partition", "regclass"), p("p_value", "anyelement")], "anyarray"),
    signature("1.0", "1.2", [p("partition", "regclass"), p("split_value", "anyelement"), newName], "anyarray"),
    signature("1.2", "1.5", [partition, p("split_value", "anyelement"), newName, newSpace], "anyarray"),
    signature("1.5", null, [partition, p("split_value", "anyelement"), newName, newSpace], "regclass"),
  ],
  merge_range_partitions: [
    signature("readme", "0.1", [p("p_partition1", "text"), p("p_partition2", "text")], "void"),
    signature("0.1", "1.0", [p("p_partition1", "regclass"), p("p_partition2", "regclass")], "void"),
    signature("1.0", "1.5", [p("partition1", "regclass"), p("partition2", "regclass")], "void"),
    signature("1.2", "1.5", [p("partitions", "regclass[]")], "void"),
    signature("1.5", null, [{ ...p("partitions", "regclass[]"), variadic: true }], "regclass"),
  ],
  append_partition: onTable("void", ["readme", "0.1", p("p_relation", "text")]),
  prepend_partition: onTable("void", ["readme", "0.1", p("p_relation", "text")]),
  append_range_partition: [
    ...onTable("text", ["0.1", "1.0", p("p_relation", "regclass")]),
    signature("1.0", null, [parent, newName, newSpace], "text"),
  ],
  prepend_range_partition: [
    ...onTable("text", ["0.1", "1.0", p("p_relation", "regclass")]),
    signature("1.0", null, [parent, newName, newSpace], "text"),
  ],
  add_range_partition: [
    signature(
      "0.1",
      "1.0",
      [p("p_relation", "regclass"), p("p_start_value", "anyelement"), p("p_end_value", "anyelement")],
      "text",
    ),
    signature("1.0", null, [parent, start, end, newName, newSpace], "text"),
  ],
  drop_range_partition: [
    ...onTable("text", ["0.1", "1.0", p("p_partition", "text")]),
    signature("1.0", "1.3", [p("partition", "regclass"), p("delete_data", "boolean", "true")], "text"),
    signature("1.3", null, [partition, p("delete_data", "boolean", "true")], "text"),
  ],
  attach_range_partition: [
    signature(
      "0.1",
      "1.0",
      [
        p("p_relation", "regclass"),
        p("p_partition", "regclass"),
        p("p_start_value", "anyelement"),
        p("p_end_value", "anyelement"),
      ],
      "text",
    ),
    signature("1.0", "1.3", [parent, p("partition", "regclass"), start, end], "text"),
    signature("1.3", null, [parent, partition, start, end], "text"),
  ],
  detach_range_partition: onTable(
    "text",
    ["0.1", "1.0", p("p_partition", "text")],
    ["1.0", "1.3", p("partition", "regclass")],
    ["1.3", null, partition],
  ),
  drop_range_partition_expand_next: onTable("void", ["1.3", null, partition]),
  replace_hash_partition: [
    signature(
      "1.2",
      null,
      [p("old_partition", "regclass"), p("new_partition", "regclass"), p("lock_parent", "boolean", "true")],
      "regclass",
    ),
  ],
  drop_hash_partitions: [
    ...onTable("void", ["readme", "0.1", p("relation", "text")]),
    signature("0.1", "1.0", [relation, p("delete_data", "boolean", "false")], "integer"),
  ],
  drop_range_partitions: [
    ...onTable("void", ["readme", "0.1", p("relation", "text")]),
    signature("0.1", "1.0", [relation, p("delete_data", "boolean", "false")], "integer"),
  ],
  drop_partitions: [signature("1.0", null, [parent, p("delete_data", "boolean", "false")], "integer")],
  disable_partitioning: onTable("void", ["readme", "1.0", p("relation", "text")]),
  disable_pathman_for: onTable("void", ["1.0", null, parent]),
  enable_parent: onTable("void", ["1.0", "1.1", relation]),
  disable_parent: onTable("void", ["1.0", "1.1", relation]),
  enable_auto: onTable("void", ["1.0", "1.1", relation]),
  disable_auto: onTable("void", ["1.0", "1.1", relation]),
  set_enable_parent: [signature("1.1", null, [relation, p("value", "boolean")], "void")],
  set_auto: [signature("1.1", null, [relation, p("value", "boolean")], "void")],
  set_spawn_using_bgw: [signature("1.2", null, [relation, p("value", "boolean")], "void")],
  set_interval: [signature("1.3", null, [relation, p("value", "anyelement")], "void")],
  set_init_callback: [
    signature("1.1", "1.3", [relation, p("callback", "regproc", "0")], "void"),
    signature("1.3", null, [relation, p("callback", "regprocedure", "0")], "void"),
  ],
  on_create_partitions: onTable("void", ["readme", "1.0", p("relid", "oid")], ["1.0", "1.5", p("relid", "regclass")]),
  on_update_partitions: onTable("void", ["readme", "1.0", p("relid", "oid")], ["1.0", "1.5", p("relid", "regclass")]),
  on_remove_partitions: onTable("void", ["readme", "1.0", p("relid", "oid")], ["1.0", "1.5", p("relid", "regclass")]),
  add_to_pathman_config: [
    signature("1.0", "1.4", [parent, p("attname", "text"), p("range_interval", "text", "NULL")], "boolean"),
    signature("1.4", null, [parent, p("expression", "text")], "boolean"),
    signature("1.4", null, [parent, p("expression", "text"), p("range_interval", "text")], "boolean"),
  ],
};
