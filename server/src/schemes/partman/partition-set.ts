/** A partition set as pg_partman looks at it: its children in order, where each begins, and the names that they get. */

import { relationById } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import { instantOfEpoch } from "../../catalog/partman-state.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { microsPerDay } from "../../catalog/values/calendar.ts";
import { quoteConstant } from "../../catalog/values/print.ts";
import { baseType } from "../../catalog/values/types.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { textIn } from "./part-config.ts";
import { castBigint, castInterval, instantOf, managerIn, plus, raise, type Session } from "./session.ts";
import { readSuffix } from "./suffix.ts";

/** What the control column's type makes of a set. */
export type ControlType = "time" | "id" | "text" | "uuid";

/** The kind of a control column, and its type as pg_type names it; nulls where the column does not exist. */
export function controlType(
  session: Session,
  table: Relation,
  control: string,
): { readonly general: ControlType | null; readonly exact: string | null } {
  const column = table.columns.find(({ name }) => name === control);
  if (column === undefined) {
    if (table.knowledge !== "full") return session.work.decline(`the columns of ${table.name} are not known`);
    return { general: null, exact: null };
  }
  const type = column.type;
  const exact = type.kind === "base" ? type.name : type.kind === "array" ? "array" : type.name;
  if (type.kind !== "base") return { general: null, exact };
  const general = generalTypes.get(exact) ?? null;
  return { general: session.version === 4 && !inFour.has(exact) ? null : general, exact };
}

const generalTypes: ReadonlyMap<string, ControlType> = new Map([
  ["int2", "id"],
  ["int4", "id"],
  ["int8", "id"],
  ["numeric", "id"],
  ["date", "time"],
  ["timestamp", "time"],
  ["timestamptz", "time"],
  ["text", "text"],
  ["varchar", "text"],
  ["uuid", "uuid"],
]);

const inFour: ReadonlySet<string> = new Set(["int2", "int4", "int8", "date", "timestamp", "timestamptz"]);

/** A set that is managed: its configuration, its parent, and whether its children hold times or numbers. */
export interface PartmanSet {
  readonly manager: Manager;
  readonly parent: Relation;
  readonly isTime: boolean;
  readonly control: string;
}

/** The set of a parent that exists. */
export function setOf(session: Session, manager: Manager, parent: Relation): PartmanSet {
  const control = textIn(manager.row, "control") ?? "";
  const { general } = controlType(session, parent, control);
  const isTime = general !== "id" || textIn(manager.row, "epoch") !== "none";
  return { manager, parent, isTime, control };
}

/** A child of a set with where it begins: an instant in microseconds, or a number. */
export interface Child {
  readonly table: Relation;
  readonly start: bigint;
}

/** `show_partitions`: the children without the default, from the first to the last. */
export function childrenIn(session: Session, set: PartmanSet): readonly Child[] {
  const parent = relationById(session.work.catalog, set.parent.id) ?? set.parent;
  if (parent.knowledge === "tainted") session.work.decline(`the partitions of ${parent.name} are not known`);
  const children: (Child & { readonly place: bigint })[] = [];
  for (const table of childrenOf(session.work.catalog, parent)) {
    if (table.partitionOf?.bound.kind === "default") continue;
    const start = startOf(session, set, table);
    children.push({ table, start, place: placeOf(session, set, table) ?? start });
  }
  return children.sort((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0));
}

/** 4 puts the children in the order of the times in their names, whatever their bounds; null where they stand as they begin. */
function placeOf(session: Session, { isTime, manager }: PartmanSet, { name }: Relation): bigint | null {
  const pattern = textIn(manager.row, "datetime_string") ?? "";
  if (session.version === 5 || !isTime || pattern.includes("Q")) return null;
  const suffix = name.slice(suffixPosition(name));
  const local = suffix === "" ? null : readSuffix(suffix, pattern);
  return local === null ? null : instantOf(session, local);
}

/** Where the last child begins; a set without any is an error, wherever pg_partman asks for it. */
export function lastStart(session: Session, set: PartmanSet): bigint {
  const last = childrenIn(session, set).at(-1);
  if (last !== undefined) return last.start;
  const where = session.version === 5 ? ` for given parent table (${set.manager.table})` : "";
  return raise(session, `Child table given does not exist (<NULL>)${where}`);
}

/** The default partition of a parent; null where there is none. */
export function defaultOf(session: Session, { id }: Relation): Relation | null {
  const partition = relationById(session.work.catalog, id)?.partitioning?.partitions.defaultPartition ?? null;
  return partition === null ? null : relationById(session.work.catalog, partition);
}

/** `show_partition_info`: 5 reads the bound, 4 the name, but for times of declarative partitions. */
export function startOf(session: Session, set: PartmanSet, table: Relation): bigint {
  const isNative = textIn(set.manager.row, "partition_type") === "native";
  return session.version === 5 || (isNative && set.isTime)
    ? startOfBound(session, set, table)
    : startOfName(session, set, table);
}

function startOfBound(session: Session, set: PartmanSet, { partitionOf, name }: Relation): bigint {
  const bound = partitionOf?.bound;
  const value: Value | null =
    bound?.kind === "range" && bound.lower[0]?.kind === "value"
      ? bound.lower[0].value
      : bound?.kind === "list"
        ? (bound.values[0] ?? null)
        : null;
  const start = value === null ? null : pointOf(session, set, value);
  return start ?? session.work.decline(`where ${name} begins is not known`);
}

/** A value of the control column as a point of the set: an instant, or a number; null where it is neither. */
export function pointOf(
  session: Session,
  { parent, control, manager, isTime }: PartmanSet,
  value: Value,
): bigint | null {
  switch (value.family) {
    case "integer":
      return isTime ? instantOfEpoch(value.value, textIn(manager.row, "epoch") ?? "none") : value.value;
    case "numeric":
      return "digits" in value ? value.digits / 10n ** BigInt(value.scale) : null;
    case "date":
      return Number.isFinite(value.days) ? instantOf(session, BigInt(value.days) * microsPerDay) : null;
    case "timestamp": {
      if (typeof value.micros !== "bigint") return null;
      const type = parent.columns.find(({ name }) => name === control)?.type;
      const base = type === undefined ? null : baseType(type);
      return base?.kind === "base" && base.name === "timestamp" ? instantOf(session, value.micros) : value.micros;
    }
    case "uuid":
      return instantOfEpoch(BigInt(`0x${value.hex.slice(0, 12)}`), "milliseconds");
    case "text": {
      const decoder = textIn(manager.row, "time_decoder");
      const decoded =
        decoder === null ? null : session.work.evaluate(`${decoder}(${quoteConstant(value.value)})::timestamptz`);
      return decoded?.family === "timestamp" && typeof decoded.micros === "bigint" ? decoded.micros : null;
    }
    default:
      return null;
  }
}

function startOfName(session: Session, set: PartmanSet, { name }: Relation): bigint {
  const suffix = name.slice(suffixPosition(name));
  if (!set.isTime) return castBigint(session, suffix);
  const local = readSuffix(suffix, textIn(set.manager.row, "datetime_string") ?? "");
  if (suffix === "") return noStart;
  if (local === null) return session.work.decline(`the name ${name} holds no time`);
  return instantOf(session, local);
}

/** Of a child of 4 whose name holds no time, the beginning is NULL: it comes after all others. */
export const noStart = 2n ** 80n;

/** Behind the last `_p`; the whole name where there is none. */
function suffixPosition(name: string): number {
  const at = name.lastIndexOf("_p");
  return at < 0 ? name.length : at + 2;
}

/** The set that a parent is a child of, where that is managed too; null where it is none. */
export function setAbove(session: Session, parent: Relation): PartmanSet | null {
  const id = parent.partitionOf?.parent ?? parent.inherits[0];
  const above = id === undefined ? null : relationById(session.work.catalog, id);
  const manager = above === null ? null : managerIn(session, `${above.schema}.${above.name}`);
  return above === null || manager === null ? null : setOf(session, manager, above);
}

/** `check_subpartition_limits`: where the parent's own bounds let children begin and end; null where nothing limits them. */
export function limitsOf(
  session: Session,
  parent: Relation,
  isTime: boolean,
): { readonly from: bigint; readonly to: bigint } | null {
  const above = setAbove(session, parent);
  if (above === null || above.isTime !== isTime) return null;
  const from = startOf(session, above, parent);
  // Measured on 5.5.0: below a set of numbers that stand for times no partition of times is made.
  const own = managerIn(session, `${parent.schema}.${parent.name}`);
  const isByEpoch = textIn(above.manager.row, "epoch") !== "none";
  if (session.version === 5 && isByEpoch && own !== null && textIn(own.row, "epoch") === "none")
    return { from, to: from };
  const interval = textIn(above.manager.row, "partition_interval") ?? "";
  const to = isTime ? plus(session, from, castInterval(session, interval)) : from + castBigint(session, interval) - 1n;
  return { from, to };
}
