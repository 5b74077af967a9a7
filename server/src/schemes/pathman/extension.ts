/** pg_pathman: what its functions and its configuration tables do. */

import type { BoundCall, CallValue, Extension, ExtensionFunction, ExtensionWork } from "../extension.ts";
import { attachRangePartition, detachRangePartition } from "./attach.ts";
import { configurationTables } from "./configuration-tables.ts";
import { createHashPartitions, replaceHashPartition } from "./create-hash.ts";
import { createPartitionsFromRange, createRangePartitions } from "./create-range.ts";
import { concernsPathman, followPathman } from "./follow.ts";
import {
  addRangePartition,
  appendRangePartition,
  dropPartitions,
  dropRangePartition,
  prependRangePartition,
} from "./grow.ts";
import { readmeFunctions } from "./readme.ts";
import { dropExpandNext, mergeRangePartitions, splitRangePartition } from "./reshape.ts";
import {
  addToPathmanConfig,
  disablePartitioning,
  disablePathmanFor,
  nothing,
  partitionData,
  partitionTableConcurrently,
  setInitCallback,
  setParameter,
  setRangeInterval,
} from "./settings.ts";
import { pathmanSignatures } from "./signatures.ts";
import { createUpdateTriggers } from "./update-triggers.ts";
import { eraOf, pathmanEras } from "./versions.ts";

type Run = (call: BoundCall, work: ExtensionWork) => CallValue;

/** What each function does since 0.1; of the README's era there are others. */
const runs: Readonly<Record<string, Run>> = {
  create_range_partitions: createRangePartitions,
  create_partitions_from_range: createPartitionsFromRange,
  create_hash_partitions: createHashPartitions,
  partition_data: partitionData,
  partition_table_concurrently: partitionTableConcurrently,
  stop_concurrent_part_task: () => undefined,
  create_hash_update_trigger: createUpdateTriggers,
  create_range_update_trigger: createUpdateTriggers,
  create_update_triggers: createUpdateTriggers,
  split_range_partition: splitRangePartition,
  merge_range_partitions: mergeRangePartitions,
  append_range_partition: appendRangePartition,
  prepend_range_partition: prependRangePartition,
  add_range_partition: addRangePartition,
  drop_range_partition: dropRangePartition,
  attach_range_partition: attachRangePartition,
  detach_range_partition: detachRangePartition,
  drop_range_partition_expand_next: dropExpandNext,
  replace_hash_partition: replaceHashPartition,
  drop_hash_partitions: dropPartitions,
  drop_range_partitions: dropPartitions,
  drop_partitions: dropPartitions,
  disable_partitioning: disablePartitioning,
  disable_pathman_for: disablePathmanFor,
  enable_parent: setParameter("enableParent", true),
  disable_parent: setParameter("enableParent", false),
  enable_auto: setParameter("auto", true),
  disable_auto: setParameter("auto", false),
  set_enable_parent: setParameter("enableParent"),
  set_auto: setParameter("auto"),
  set_spawn_using_bgw: nothing,
  set_interval: setRangeInterval,
  set_init_callback: setInitCallback,
  on_create_partitions: nothing,
  on_update_partitions: nothing,
  on_remove_partitions: nothing,
  add_to_pathman_config: addToPathmanConfig,
};

function functionNamed(name: string): ExtensionFunction {
  const run: Run = (call, work) => {
    const chosen = eraOf(work.version) === "readme" ? (readmeFunctions[name] ?? runs[name]) : runs[name];
    return (chosen ?? ((_call, { decline }) => decline(`what ${name} does is not followed`)))(call, work);
  };
  return { signatures: pathmanSignatures[name] ?? [], run };
}

/** Names that somebody's own functions have as well: alone they do not tell that pg_pathman is there. */
const commonNames: ReadonlySet<string> = new Set([
  "partition_data",
  "drop_partitions",
  "append_partition",
  "prepend_partition",
  "disable_partitioning",
  "set_interval",
  "set_auto",
  "enable_auto",
  "disable_auto",
  "enable_parent",
  "disable_parent",
]);

export const pathman: Extension = {
  name: "pg_pathman",
  rule: "pathman-call",
  schema: null,
  // Before it was published it was called otherwise, and nobody shows what its functions were then.
  isKnownBy: (_schema, name, { pathman: used, extensions }) =>
    !extensions.has("pathman") && (used !== undefined || !commonNames.has(name)),
  versions: ["1.5", ...pathmanEras.filter((era) => era !== "1.5").reverse()],
  reads: /^(?:readme|0\.1|1\.[0-5])(?:\.|$)/,
  tellsAhead: true,
  versionSetting: ({ pathmanVersion }) => pathmanVersion,
  isInUse: ({ pathman: used }) => used !== undefined,
  functions: new Map(Object.keys(pathmanSignatures).map((name) => [name, functionNamed(name)])),
  follows: { concerns: concernsPathman, follow: followPathman },
  tables: configurationTables,
};
