/** pg_partman 4 and 5: what its functions and its configuration tables do. */

import type { Extension } from "../extension.ts";

export const partman: Extension = {
  name: "pg_partman",
  rule: "partman-call",
  schema: null,
  isKnownBy: (schema, name) => schema === "partman" || ownNames.has(name),
  versions: ["5.5.0", "4.7.4"],
  versionSetting: ({ partmanVersion }) => partmanVersion,
  functions: new Map(),
  tables: new Map(),
};

/** Functions that nobody else has under these names. */
const ownNames: ReadonlySet<string> = new Set([
  "create_parent",
  "create_sub_parent",
  "create_sub_partition",
  "partition_data_proc",
  "partition_data_time",
  "partition_data_id",
  "partition_gap_fill",
  "run_maintenance_proc",
  "undo_partition_proc",
]);
