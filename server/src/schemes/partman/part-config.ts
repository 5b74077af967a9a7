/** The rows of pg_partman's `part_config` and `part_config_sub`: their columns by version, their defaults, and what they are checked for. */

import { emptyCatalog } from "../../catalog/catalog.ts";
import type { ConfigurationValues } from "../../catalog/manager.ts";
import type { Value } from "../../catalog/value.ts";
import { printValue } from "../../catalog/values/print.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";

/** What a cell holds, as TypeScript has it. */
export type Cell = string | number | boolean | readonly string[] | null;

interface Column {
  readonly name: string;
  readonly type: "text" | "integer" | "boolean" | "text[]" | "timestamp with time zone";
  readonly byDefault: Cell;
  /** The major versions that have it. */
  readonly versions: readonly number[];
}

const both = [4, 5];

function column(
  name: string,
  type: Column["type"],
  byDefault: Cell = null,
  versions: readonly number[] = both,
): Column {
  return { name, type, byDefault, versions };
}

const columns: readonly Column[] = [
  column("parent_table", "text"),
  column("control", "text"),
  column("time_encoder", "text", null, [5]),
  column("time_decoder", "text", null, [5]),
  column("partition_type", "text", null, [4]),
  column("partition_interval", "text"),
  column("partition_type", "text", null, [5]),
  column("constraint_cols", "text[]", null, [4]),
  column("premake", "integer", 4),
  column("automatic_maintenance", "text", "on"),
  column("template_table", "text"),
  column("retention", "text"),
  column("retention_schema", "text"),
  column("retention_keep_index", "boolean", true),
  column("retention_keep_table", "boolean", true),
  column("epoch", "text", "none"),
  column("constraint_cols", "text[]", null, [5]),
  column("optimize_trigger", "integer", 4, [4]),
  column("optimize_constraint", "integer", 30),
  column("infinite_time_partitions", "boolean", false),
  column("datetime_string", "text"),
  column("jobmon", "boolean", true),
  column("sub_partition_set_full", "boolean", false),
  column("undo_in_progress", "boolean", false),
  column("inherit_fk", "boolean", true, [4]),
  column("trigger_exception_handling", "boolean", false, [4]),
  column("upsert", "text", "", [4]),
  column("trigger_return_null", "boolean", true, [4]),
  column("publications", "text[]", null, [4]),
  column("inherit_privileges", "boolean", false),
  column("constraint_valid", "boolean", true),
  column("subscription_refresh", "text", null, [4]),
  column("drop_cascade_fk", "boolean", false, [4]),
  column("ignore_default_data", "boolean", false, [4]),
  column("ignore_default_data", "boolean", true, [5]),
  column("date_trunc_interval", "text"),
  column("maintenance_order", "integer", null, [5]),
  column("retention_keep_publication", "boolean", false, [5]),
  column("maintenance_last_run", "timestamp with time zone", null, [5]),
  column("detach_before_drop", "boolean", false, [5]),
  column("maintenance_role", "text", null, [5]),
  column("async_partitioning_in_progress", "text", null, [5]),
];

/** The columns of 4 in the order of its table, where that is another. */
const orderOfFour = (
  "parent_table control partition_type partition_interval constraint_cols premake optimize_trigger optimize_constraint epoch " +
  "inherit_fk retention retention_schema retention_keep_table retention_keep_index infinite_time_partitions datetime_string " +
  "automatic_maintenance jobmon sub_partition_set_full undo_in_progress trigger_exception_handling upsert " +
  "trigger_return_null template_table publications inherit_privileges constraint_valid subscription_refresh drop_cascade_fk " +
  "ignore_default_data"
).split(" ");

/** The columns of `part_config` for the configuration of the port, those of all versions. */
export const allColumns: readonly { readonly name: string; readonly type: string }[] = [
  ...new Map(columns.map(({ name, type }) => [name, { name, type }])).values(),
];

export const allSubColumns: readonly { readonly name: string; readonly type: string }[] = [
  { name: "sub_parent", type: "text" },
  ...allColumns.slice(1).map(({ name, type }) => ({ name: `sub_${name}`, type })),
  { name: "sub_default_table", type: "boolean" },
  { name: "sub_control_not_null", type: "boolean" },
];

/** Whether the table has a column of that name in that version. */
export function hasColumn(name: string, version: number): boolean {
  return columns.some((each) => each.name === name && each.versions.includes(version));
}

/** A row with the defaults of the version, and with what is given. */
export function newRow(version: number, given: Readonly<Record<string, Cell>>): ConfigurationValues {
  const row = new Map<string, Value | null>();
  for (const { name, byDefault, versions } of columns)
    if (versions.includes(version)) row.set(name, cellValue(byDefault));
  for (const [name, cell] of Object.entries(given)) row.set(name, cellValue(cell));
  return row;
}

/** The row with some cells changed. */
export function changed(row: ConfigurationValues, cells: Readonly<Record<string, Cell>>): ConfigurationValues {
  const next = new Map(row);
  for (const [name, cell] of Object.entries(cells)) next.set(name, cellValue(cell));
  return next;
}

/** What a cell of a row holds; null also where the row has no such cell. */
export function textIn(row: ConfigurationValues, name: string): string | null {
  const value = row.get(name);
  return value?.family === "text" ? value.value : null;
}

export function numberIn(row: ConfigurationValues, name: string): number | null {
  const value = row.get(name);
  return value?.family === "integer" ? Number(value.value) : null;
}

export function flagIn(row: ConfigurationValues, name: string): boolean {
  const value = row.get(name);
  return value?.family === "boolean" && value.value;
}

function cellValue(cell: Cell): Value | null {
  if (cell === null) return null;
  if (typeof cell === "string") return { family: "text", value: cell };
  if (typeof cell === "number") return { family: "integer", value: BigInt(cell) };
  if (typeof cell === "boolean") return { family: "boolean", value: cell };
  return { family: "array", elements: cell.map((value) => ({ family: "text", value })) };
}

/** `Failing row contains (…)`, as PostgreSQL prints a row; undefined where a cell is not known. */
function failingRow(row: ConfigurationValues, version: number): string | undefined {
  const names =
    version >= 5 ? columns.filter(({ versions }) => versions.includes(5)).map(({ name }) => name) : orderOfFour;
  const cells = names.map((name) => printedCell(row.get(name)));
  return cells.includes(undefined) ? undefined : `Failing row contains (${cells.join(", ")}).`;
}

function printedCell(value: Value | null | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value === null) return "null";
  switch (value.family) {
    case "text":
      return value.value.length > 64 ? `${value.value.slice(0, 64)}...` : value.value;
    case "integer":
      return String(value.value);
    case "boolean":
      return value.value ? "t" : "f";
    case "array":
      return `{${value.elements.map((each) => (each?.family === "text" ? each.value : "NULL")).join(",")}}`;
    case "timestamp":
      return printValue(value, baseTypeNamed("timestamptz"), utc);
    default:
      return undefined;
  }
}

const utc = emptyCatalog({ complete: true, timeZone: "UTC" }).settings;

/** The CHECK constraint or NOT NULL that a row does not pass, as PostgreSQL looks for it; null where it passes all. */
export function violation(
  row: ConfigurationValues,
  version: number,
): { readonly sqlstate: string; readonly message: string; readonly detail?: string } | null {
  const printed = failingRow(row, version);
  const detail = printed === undefined ? {} : { detail: printed };
  for (const name of required) {
    if (row.get(name) === null)
      return {
        sqlstate: "23502",
        message: `null value in column "${name}" of relation "part_config" violates not-null constraint`,
        ...detail,
      };
  }
  for (const { name, holds } of checks) {
    if (!holds(row, version))
      return {
        sqlstate: "23514",
        message: `new row for relation "part_config" violates check constraint "${name}"`,
        ...detail,
      };
  }
  return null;
}

const required = [
  "parent_table",
  "control",
  "partition_type",
  "partition_interval",
  "premake",
  "epoch",
  "retention_keep_table",
  "retention_keep_index",
  "infinite_time_partitions",
  "automatic_maintenance",
  "sub_partition_set_full",
  "undo_in_progress",
  "inherit_privileges",
  "constraint_valid",
  "ignore_default_data",
];

/** In the order of their names, which is that in which they are looked at. */
const checks: readonly {
  readonly name: string;
  readonly holds: (row: ConfigurationValues, version: number) => boolean;
}[] = [
  {
    name: "control_constraint_col_chk",
    holds: (row) => {
      const list = row.get("constraint_cols");
      const control = textIn(row, "control");
      if (list?.family !== "array") return true;
      return !list.elements.some((each) => each?.family === "text" && each.value === control);
    },
  },
  {
    name: "part_config_automatic_maintenance_check",
    holds: (row) => ["on", "off"].includes(textIn(row, "automatic_maintenance") ?? "on"),
  },
  {
    name: "part_config_epoch_check",
    holds: (row, version) => epochs(version).includes(textIn(row, "epoch") ?? "none"),
  },
  {
    name: "part_config_type_check",
    holds: (row, version) => partitionTypes(version).includes(textIn(row, "partition_type") ?? ""),
  },
  { name: "positive_premake_check", holds: (row) => (numberIn(row, "premake") ?? 1) > 0 },
  {
    name: "publications_no_empty_set_chk",
    holds: (row) => {
      const list = row.get("publications");
      return list?.family !== "array" || list.elements.length > 0;
    },
  },
  { name: "retention_schema_not_empty_chk", holds: (row) => textIn(row, "retention_schema") !== "" },
];

function epochs(version: number): readonly string[] {
  return version >= 5
    ? ["none", "seconds", "milliseconds", "microseconds", "nanoseconds"]
    : ["none", "seconds", "milliseconds", "nanoseconds"];
}

/** The values that `p_type` takes. */
export function partitionTypes(version: number): readonly string[] {
  return version >= 5 ? ["range", "list"] : ["partman", "time-custom", "native"];
}
