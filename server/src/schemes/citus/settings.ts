/** The settings of Citus that decide what its functions do, and the values that it does not take. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { SetVariable } from "../../syntax/statement.ts";
import type { Fault } from "./fault.ts";

/** `citus.shard_count` */
export function shardCountSetting(catalog: Catalog): number {
  return integerSetting(catalog, "shard_count", 32);
}

/** `citus.shard_replication_factor` */
export function replicationSetting(catalog: Catalog): number {
  return integerSetting(catalog, "shard_replication_factor", 1);
}

/** `citus.enable_schema_based_sharding` */
export function shardsSchemas(catalog: Catalog): boolean {
  return booleanSetting(catalog, "enable_schema_based_sharding", false);
}

/** `citus.enable_local_reference_table_foreign_keys` */
export function tiesLocalTables(catalog: Catalog): boolean {
  return booleanSetting(catalog, "enable_local_reference_table_foreign_keys", true);
}

/** `citus.use_citus_managed_tables` */
export function managesNewTables(catalog: Catalog): boolean {
  return booleanSetting(catalog, "use_citus_managed_tables", false);
}

/** `citus.enable_repartition_joins` */
export function repartitionsJoins(catalog: Catalog): boolean {
  return booleanSetting(catalog, "enable_repartition_joins", false);
}

function integerSetting(catalog: Catalog, name: string, byDefault: number): number {
  const value = Number(catalog.settings.citus?.[name] ?? byDefault);
  return Number.isInteger(value) ? value : byDefault;
}

function booleanSetting(catalog: Catalog, name: string, byDefault: boolean): boolean {
  const value = catalog.settings.citus?.[name];
  return value === undefined ? byDefault : /^(?:on|t|tr|tru|true|y|ye|yes|1)$/i.test(value);
}

const integerRanges: ReadonlyMap<string, readonly [number, number]> = new Map([
  ["shard_count", [1, 64_000]],
  ["shard_replication_factor", [1, 100]],
]);

/** A value outside of the range of an integer setting; null where Citus takes it, or it is not known. */
export function refusedValue({ name, values }: SetVariable): Fault | null {
  const range = integerRanges.get(name.replace(/^citus\./, ""));
  const [value] = values ?? [];
  if (!name.startsWith("citus.") || range === undefined || value === undefined || !/^-?\d{1,9}$/.test(value))
    return null;
  const [min, max] = range;
  if (Number(value) >= min && Number(value) <= max) return null;
  const message = `${Number(value)} is outside the valid range for parameter "${name}" (${min} .. ${max})`;
  return { sqlstate: "22023", message };
}
