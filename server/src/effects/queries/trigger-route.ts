/** Where pg_partman's own trigger puts a row: into a table that it finds by a range or by a name, else it stays in the parent. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { managerNamed, managerOf } from "../../catalog/managers.ts";
import { type Edge, type PartmanRouter, routerCode } from "../../catalog/partman.ts";
import { nameWithSuffix, suffixOfTime } from "../../catalog/partman-names.ts";
import { customRangesOf, instantOfEpoch } from "../../catalog/partman-state.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { floorDivide, microsPerDay, microsPerSecond } from "../../catalog/values/calendar.ts";
import { instantToLocal } from "../../catalog/values/datetime.ts";
import { truncateTimestamp } from "../../catalog/values/datetime-arithmetic.ts";
import { timeZoneOfSetting } from "../../catalog/values/time-zone.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import { truncateIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { fulfils, type RowValues } from "./row-values.ts";

/** Whether the rows of a table are routed by the trigger that pg_partman made, and by no other. */
export function isRoutedByPartman(catalog: Catalog, table: Relation): boolean {
  if (table.triggers.length === 0 || isPartitioned(table)) return false;
  return routerOf(catalog, table) !== null || isNamedLikePartmans(catalog, table);
}

/** The trigger's function as pg_partman made it; null where it is another now, or where other triggers are there too. */
function routerOf(catalog: Catalog, table: Relation): PartmanRouter | null {
  const router = catalog.partman?.routers.get(table.id);
  const [trigger, ...others] = table.triggers;
  if (router === undefined || trigger?.function !== router.function || others.length > 0) return null;
  const routines = catalog.functions.get(router.function)?.routines ?? [];
  const isOwn = routines.length === 1 && routines[0]?.code?.trim() === routerCode;
  return isOwn && routines[0]?.schema === router.schema ? router : null;
}

/** The same of a table whose trigger no call of the script has made. */
function isNamedLikePartmans(catalog: Catalog, table: Relation): boolean {
  if (catalog.partman?.routers.has(table.id) === true || managerOf(catalog, table)?.by !== "pg_partman") return false;
  return table.triggers.every(({ name }) => name.endsWith("_part_trig"));
}

/** Where the trigger puts a row: into that table, or not at all because it fails; null where that cannot be told. */
export function triggerTarget(
  catalog: Catalog,
  table: Relation,
  row: RowValues,
  range: TextRange,
  context: ApplyContext,
): Relation | Refusal | null {
  const router = routerOf(catalog, table);
  if (router === null) return childByCheck(catalog, table, row, context);
  if (!router.returnsNull) return null;
  const value = row.get(router.control);
  if (router.by.kind === "custom") return customTarget(catalog, table, router, value, range);
  if (value === null) return table;
  const place = value === undefined ? null : placeOf(catalog, table, router, value);
  if (place === null) return null;
  const branch = router.branches?.find(({ from, to }) => isBelow(place, to) && !isBelow(place, from));
  if (branch !== undefined) {
    if (branch.child === null) return table;
    return tableNamed(catalog, router.schema, branch.child) ?? missing(router.schema, branch.child, range);
  }
  const name = nameWithSuffix(router.table, suffixOf(router.by, place), true);
  return tableNamed(catalog, router.schema, name) ?? table;
}

/** The value of a row where the trigger compares it: a number, an instant, the time on the clock, or a day. */
interface Place {
  readonly kind: "number" | "instant" | "clock" | "day";
  readonly value: bigint;
  /** As the session's clocks show it. */
  readonly local: bigint;
}

function placeOf(catalog: Catalog, table: Relation, { control, epoch }: PartmanRouter, value: Value): Place | null {
  switch (value.family) {
    case "integer":
      if (epoch === "none") return { kind: "number", value: value.value, local: value.value };
      return ofInstant(catalog, instantOfEpoch(value.value, epoch));
    case "date": {
      const local = Number.isFinite(value.days) ? BigInt(value.days) * microsPerDay : null;
      return local === null ? null : { kind: "day", value: local, local };
    }
    case "timestamp":
      if (typeof value.micros !== "bigint") return null;
      return isZoned(table, control)
        ? ofInstant(catalog, value.micros)
        : { kind: "clock", value: value.micros, local: value.micros };
    default:
      return null;
  }
}

function isZoned(table: Relation, control: string): boolean {
  const type = columnNamed(table, control)?.type;
  return type?.kind === "base" && type.name === "timestamptz";
}

function ofInstant(catalog: Catalog, value: bigint): Place | null {
  const local = instantToLocal(value, timeZoneOfSetting(catalog.settings.timeZone));
  return typeof local === "bigint" ? { kind: "instant", value, local } : null;
}

/** A literal with a zone is read by the type of the column: as an instant, without its zone, or as its day. */
function isBelow({ kind, value }: Place, edge: Edge): boolean {
  if (kind === "clock") return value < edge.local;
  if (kind === "day") return value < floorDivide(edge.local, microsPerDay) * microsPerDay;
  return value < edge.value;
}

function suffixOf(by: Exclude<PartmanRouter["by"], { kind: "custom" }>, { value, local }: Place): string {
  if (by.kind === "number") return String(value - (value % by.interval));
  if (typeof by.unit === "string") return suffixOfTime(truncateTimestamp(local, by.unit), by.pattern);
  const length = BigInt(by.unit) * 60n * microsPerSecond;
  return suffixOfTime(floorDivide(local, length) * length, by.pattern);
}

/** A time-custom set looks its ranges up, with an operator that there is for `timestamp with time zone` alone. */
function customTarget(
  catalog: Catalog,
  table: Relation,
  router: PartmanRouter,
  value: Value | null | undefined,
  range: TextRange,
): Relation | Refusal | null {
  const type = columnNamed(table, router.control)?.type;
  if (type !== undefined && router.epoch === "none" && !isZoned(table, router.control))
    return rejected(
      "statement-rejected",
      "42883",
      `operator does not exist: tstzrange @> ${formatTypeName(type)}`,
      range,
      { hint: "No operator matches the given name and argument types. You might need to add explicit type casts." },
    );
  if (value === undefined) return null;
  const parent = `${router.schema}.${router.table}`;
  const place = value === null ? null : placeOf(catalog, table, router, value);
  if (value === null || managerNamed(catalog, "pg_partman", parent) === null) return table;
  if (place === null) return null;
  for (const { child, from, to } of customRangesOf(catalog, parent)) {
    if (place.value < from || place.value >= to) continue;
    const [schema = "", name = ""] = child.split(".");
    return tableNamed(catalog, schema, name) ?? table;
  }
  return table;
}

function tableNamed(catalog: Catalog, schema: string, name: string): Relation | null {
  const id = catalog.names.getQualified(schema, name);
  const relation = id === undefined ? null : relationById(catalog, id);
  return relation?.kind === "table" || relation?.kind === "partitioned-table" ? relation : null;
}

function missing(schema: string, name: string, range: TextRange): Refusal {
  return rejected("statement-rejected", "42P01", `relation "${schema}.${name}" does not exist`, range);
}

/** Where nobody shows the trigger's function: the child whose CHECK, by the name that pg_partman gives it, takes the row. */
function childByCheck(catalog: Catalog, table: Relation, row: RowValues, context: ApplyContext): Relation | null {
  for (const id of table.children.keys()) {
    const child = relationById(catalog, id);
    const own = child === null ? "" : truncateIdentifier(`${child.name}_partition_check`);
    const check = child?.constraints.find(({ type, name }) => type === "check" && name === own);
    // The trigger chooses a child by its name: one without the CHECK of that name may be no partition at all.
    if (child === null || check?.expression == null) return null;
    const holds = fulfils(catalog, child, check.expression, row, context);
    if (holds === null) return null;
    if (holds) return child;
  }
  return table;
}
