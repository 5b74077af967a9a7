/** Who manages how a table is divided: the configuration that an extension keeps of it, row by row as the extension does. */

import type { BTree } from "./sorted-map.ts";
import type { Value } from "./value.ts";

export type ManagerName = "pg_partman" | "pg_pathman";

/** A row of a configuration, by column; a column that it does not have is not known. */
export type ConfigurationValues = ReadonlyMap<string, Value | null>;

/**
 * The configuration of one table. It outlives its table and may precede it: it is found by the name as the extension stores it
 * (pg_partman: `schema.name` without quotes).
 */
export interface Manager {
  readonly by: ManagerName;
  /** The name as the extension stores it. */
  readonly table: string;
  /** pg_partman: the row of `part_config`; pg_pathman: that of `pathman_config`. */
  readonly row: ConfigurationValues;
  /** pg_partman: the row of `part_config_sub`, where new partitions are partitioned in turn. */
  readonly sub: ConfigurationValues | null;
  /** The version of the extension that made it. */
  readonly version: string;
  /** The session's TimeZone in which it was made. */
  readonly timeZone: string;
  /** Partitions that were not made because something else has their name; the first of them, where there are many. */
  readonly holes?: readonly ManagerHole[] | undefined;
}

/** A partition that is missing, and the range that it would have, as the session printed it. */
export interface ManagerHole {
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

/** Configurations by extension and name. */
export type Managers = BTree<string, Manager>;
