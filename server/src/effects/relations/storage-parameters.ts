/** Storage parameters of tables: `WITH (oids)`, and names that no PostgreSQL knows. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import type { StorageParameter } from "../../syntax/statement.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";

/**
 * `transformRelOptions` with OIDS allowed off, as CREATE TABLE calls it (12 and later): the refusal of `oids = true`. Up to 11
 * tables may have them.
 */
export function refuseOids(parameters: readonly StorageParameter[], { version }: ApplyContext): Refusal | null {
  if (version < 12) return null;
  for (const parameter of parameters.filter(isOids)) {
    const value = parameter.value === null ? true : booleanOf(parameter.value);
    if (value === false) continue;
    return value === null
      ? rejected("statement-rejected", "42601", "oids requires a Boolean value", parameter.range)
      : rejected("statement-rejected", "0A000", "tables declared WITH OIDS are not supported", parameter.range);
  }
  return null;
}

/** The parameters that are left to be looked at after `refuseOids`. */
export function withoutOids(parameters: readonly StorageParameter[]): readonly StorageParameter[] {
  return parameters.filter((parameter) => !isOids(parameter));
}

/** A parameter of a plain table that no major has; an extension may have brought others. */
export function refuseUnknownParameter(
  catalog: Catalog,
  parameters: readonly StorageParameter[],
  { version }: ApplyContext,
): Refusal | null {
  if (!knowsEveryObject(catalog)) return null;
  const unknown = parameters.find(
    ({ name, namespace }) => (namespace === null || namespace === "toast") && !known(version).has(name),
  );
  return unknown === undefined
    ? null
    : rejected("statement-rejected", "22023", `unrecognized parameter "${unknown.name}"`, unknown.range);
}

function isOids({ name, namespace }: StorageParameter): boolean {
  return namespace === null && name === "oids";
}

/** `defGetBoolean`; null for what is none. */
function booleanOf(value: string): boolean | null {
  const word = value.toLowerCase();
  if (["1", "true", "on"].includes(word)) return true;
  return ["0", "false", "off"].includes(word) ? false : null;
}

/** What `reloptions.c` has for tables and for their TOAST tables, in any major; a table may have OIDs up to 11. */
const tableParameters: ReadonlySet<string> = new Set([
  "fillfactor",
  "parallel_workers",
  "toast_tuple_target",
  "user_catalog_table",
  "vacuum_index_cleanup",
  "vacuum_truncate",
  "vacuum_max_eager_freeze_failure_rate",
  "log_autovacuum_min_duration",
  "log_autoanalyze_min_duration",
  ...[
    "enabled",
    "parallel_workers",
    "vacuum_threshold",
    "vacuum_max_threshold",
    "vacuum_insert_threshold",
    "vacuum_scale_factor",
    "vacuum_insert_scale_factor",
    "vacuum_cost_delay",
    "vacuum_cost_limit",
    "analyze_threshold",
    "analyze_scale_factor",
    "freeze_min_age",
    "freeze_max_age",
    "freeze_table_age",
    "multixact_freeze_min_age",
    "multixact_freeze_max_age",
    "multixact_freeze_table_age",
  ].map((name) => `autovacuum_${name}`),
]);
const withOids: ReadonlySet<string> = new Set([...tableParameters, "oids"]);

function known(version: number): ReadonlySet<string> {
  return version < 12 ? withOids : tableParameters;
}
