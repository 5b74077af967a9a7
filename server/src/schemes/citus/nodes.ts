/** Functions of Citus about nodes and the places of shards: what they leave unknown. Most have other forms, by version. */

import type { Relation } from "../../catalog/relation.ts";
import { type ExtensionFunction, type Parameter, p } from "../extension.ts";
import type { Run } from "./functions.ts";

/** Functions that neither divide a table nor change one. */
const withoutEffect: Run = () => undefined;

/** Functions that are refused where there is no such node, and which there are is nobody's knowledge here. */
const ofNode: Run = (_call, work) => {
  const before = work.catalog;
  work.doubt([], "whether there is such a node is not known");
  // Of the tables that answer says nothing.
  work.catalog = before;
  return undefined;
};

/** Functions that move shards to other nodes, or copy them there: where they lie is not known any more. */
const movingShards: Run = (_call, work) => {
  const { sharded } = work.catalog;
  if (sharded === undefined) return undefined;
  let { groups } = sharded;
  for (const [id, group] of groups.entries()) {
    if (group.nodes === undefined) continue;
    const { nodes: _moved, ...rest } = group;
    groups = groups.with(id, rest);
  }
  work.catalog = { ...work.catalog, sharded: { ...sharded, groups } };
  return undefined;
};

/** `citus_split_shard_by_split_points`: of which table the shard is, a database alone can tell. */
const splitShard: Run = (call, work) => {
  const given = call.arguments.get("shard_id");
  const shard = given?.family === "integer" ? Number(given.value) : null;
  const hashed = [...work.catalog.relations.values()].filter(({ shards }) => shards?.method === "hash");
  const owner = hashed.find(({ shards }) => shard !== null && shards?.ids?.includes(shard) === true);
  const isMeant = ({ shards }: Relation): boolean =>
    owner === undefined ? true : shards?.colocation === owner.shards?.colocation;
  work.doubt(hashed.filter(isMeant), "into which shards a shard is split is not followed");
  return undefined;
};

/** What says or does something about nodes and the places of shards, and nothing about tables. */
function aboutNodes(): readonly (readonly [name: string, parameters: readonly Parameter[]])[] {
  return [
    ["citus_version", []],
    ["citus_set_coordinator_host", [p("host", "text"), p("port", "integer", "NULL")]],
    ["citus_add_node", [p("nodename", "text"), p("nodeport", "integer"), p("groupid", "integer", "-1")]],
    ["citus_rebalance_stop", []],
    ["citus_rebalance_wait", []],
    ["get_shard_id_for_distribution_column", [p("table_name", "regclass"), p("distribution_value", '"any"', "NULL")]],
    ["citus_table_size", [p("logicalrelid", "regclass"), p("fail_on_error", "boolean", "true")]],
    ["citus_relation_size", [p("logicalrelid", "regclass"), p("fail_on_error", "boolean", "true")]],
    ["citus_total_relation_size", [p("logicalrelid", "regclass"), p("fail_on_error", "boolean", "true")]],
  ];
}

/** What names a node that has to be there. */
function ofOneNode(): ReturnType<typeof aboutNodes> {
  const node = [p("nodename", "text"), p("nodeport", "integer")];
  return [
    ["citus_activate_node", node],
    ["citus_disable_node", [...node, p("synchronous", "boolean", "false")]],
    ["citus_remove_node", node],
    ["master_remove_node", node],
  ];
}

/** What moves shards to other nodes. */
function moving(): ReturnType<typeof aboutNodes> {
  const source = [p("shard_id", "bigint"), p("source_node_name", "text"), p("source_node_port", "integer")];
  const target = [p("target_node_name", "text"), p("target_node_port", "integer")];
  const places = [...source, ...target, p("shard_transfer_mode", "text", "'auto'")];
  return [
    ["citus_drain_node", [p("nodename", "text"), p("nodeport", "integer"), p("shard_transfer_mode", "text", "'auto'")]],
    ["citus_rebalance_start", [p("rebalance_strategy", "name", "NULL"), p("drain_only", "boolean", "false")]],
    ["rebalance_table_shards", [p("relation", "regclass", "NULL")]],
    ["citus_move_shard_placement", places],
    ["citus_copy_shard_placement", places],
    ["master_move_shard_placement", places],
  ];
}

/** A function that Citus has in other forms as well, by version: those that nobody here needs are left out. */
function open(run: Run, parameters: readonly Parameter[]): ExtensionFunction {
  return { run, isOpen: true, signatures: [{ kind: "function", since: null, until: null, parameters }] };
}

/** All of them, by their names. */
export const functionsOfNodes: readonly (readonly [name: string, ExtensionFunction])[] = [
  ...aboutNodes().map(([name, parameters]) => [name, open(withoutEffect, parameters)] as const),
  ...ofOneNode().map(([name, parameters]) => [name, open(ofNode, parameters)] as const),
  ...moving().map(([name, parameters]) => [name, open(movingShards, parameters)] as const),
  [
    "citus_split_shard_by_split_points",
    open(splitShard, [
      p("shard_id", "bigint"),
      p("split_points", "text[]"),
      p("node_ids", "integer[]"),
      p("shard_transfer_mode", "text", "'auto'"),
    ]),
  ],
];
