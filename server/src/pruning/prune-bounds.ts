/** Finds the bounds that values of the key may lie at: PostgreSQL's get_matching_range_bounds, -list_bounds, -hash_bounds. */

import type { DataType } from "../catalog/data-type.ts";
import type { PartitionKey, PartitionSet, RangeDatum } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { hashRemainder } from "../catalog/values/hash.ts";
import type { ValueContext } from "../catalog/values/result.ts";
import { type BoundTable, boundTableOf } from "./bound-table.ts";
import type { ComparisonOperator } from "./clause.ts";
import { compareDatums } from "./datum-order.ts";

/** A value to look for, and its type, which may be another of the key's operator family. */
export interface Datum {
  readonly value: Value;
  readonly type: DataType;
}

/** Places in a bound table, and the two partitions that have no place there. */
export interface Places {
  readonly offsets: Uint8Array;
  readonly scanDefault: boolean;
  readonly scanNull: boolean;
}

export interface PartitionedTable {
  readonly key: PartitionKey;
  readonly set: PartitionSet;
  readonly table: BoundTable;
  readonly hasDefault: boolean;
  /** The list partition that takes NULL, also where it is kept aside. */
  readonly nullPartition: RelationId | null;
  readonly size: number;
  readonly context: ValueContext;
}

/** Thrown where two values cannot be ordered; the search then says nothing. Caught by whoever takes the step. */
export class UndecidedOrder extends Error {
  override readonly name = "UndecidedOrder";
}

export function partitionedTable(key: PartitionKey, set: PartitionSet, context: ValueContext): PartitionedTable {
  const table = boundTableOf(set, key);
  const size =
    table.strategy === "range"
      ? table.below.length
      : table.strategy === "list"
        ? table.values.length
        : table.remainders.length;
  const aside = set.incomparable.find(({ bound }) => bound.kind === "list" && bound.values.includes(null));
  return {
    key,
    set,
    table,
    size,
    context,
    hasDefault: set.defaultPartition !== null,
    nullPartition: set.nullPartition ?? aside?.partition ?? null,
  };
}

export function nowhere(rel: PartitionedTable): Places {
  return { offsets: new Uint8Array(rel.size), scanDefault: false, scanNull: false };
}

export function everywhere(rel: PartitionedTable): Places {
  return {
    offsets: new Uint8Array(rel.size).fill(1),
    scanDefault: rel.hasDefault,
    scanNull: rel.nullPartition !== null,
  };
}

export function union(a: Places, b: Places): Places {
  return {
    offsets: a.offsets.map((bit, index) => bit | (b.offsets[index] ?? 0)),
    scanDefault: a.scanDefault || b.scanDefault,
    scanNull: a.scanNull || b.scanNull,
  };
}

export function intersection(a: Places, b: Places): Places {
  return {
    offsets: a.offsets.map((bit, index) => bit & (b.offsets[index] ?? 0)),
    scanDefault: a.scanDefault && b.scanDefault,
    scanNull: a.scanNull && b.scanNull,
  };
}

/** The partitions at the places. A place in a gap belongs to the default partition. */
export function partitionsAt(rel: PartitionedTable, places: Places): Set<RelationId> {
  const found = new Set<RelationId>();
  let { scanDefault } = places;
  for (let offset = 0; offset < rel.size; offset++) {
    if (places.offsets[offset] === 0) continue;
    const partition = partitionAt(rel.table, offset);
    if (partition === null) scanDefault = true;
    else found.add(partition);
  }
  if (places.scanNull && rel.nullPartition !== null) found.add(rel.nullPartition);
  if (scanDefault && rel.set.defaultPartition !== null) found.add(rel.set.defaultPartition);
  return found;
}

/**
 * Where keys lie of which the first `values.length` compare with the values as the operator says. `operator` null with values
 * stands for `<>` of a list; without values for IS NULL (`nullKeys`) or IS NOT NULL of all keys.
 */
export function matchingPlaces(
  rel: PartitionedTable,
  operator: ComparisonOperator | null,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  switch (rel.table.strategy) {
    case "range":
      return rangePlaces(rel, rel.table, operator, values, nullKeys);
    case "list":
      return listPlaces(rel, rel.table, operator, values, nullKeys);
    case "hash":
      return hashPlaces(rel, rel.table, values, nullKeys);
  }
}

function partitionAt(table: BoundTable, offset: number): RelationId | null {
  switch (table.strategy) {
    case "range":
      return table.below[offset] ?? null;
    case "list":
      return table.values[offset]?.partition ?? null;
    case "hash":
      return table.remainders[offset] ?? null;
  }
}

function hashPlaces(
  rel: PartitionedTable,
  table: Extract<BoundTable, { strategy: "hash" }>,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  const { elements } = rel.key;
  if (values.length + nullKeys.size !== elements.length || rel.size === 0) return everywhere(rel);
  const given = [...values];
  const keys: (Value | null)[] = [];
  const types: DataType[] = [];
  for (const [index, element] of elements.entries()) {
    const datum = nullKeys.has(index) ? undefined : given.shift();
    const type = element.type ?? datum?.type;
    if (type === undefined) throw new UndecidedOrder();
    keys.push(datum?.value ?? null);
    types.push(type);
  }
  const remainder = hashRemainder(keys, types, rel.size);
  if (remainder === null) throw new UndecidedOrder();
  const result = nowhere(rel);
  if (table.remainders[remainder] !== null) result.offsets[remainder] = 1;
  return result;
}

function listPlaces(
  rel: PartitionedTable,
  table: Extract<BoundTable, { strategy: "list" }>,
  operator: ComparisonOperator | null,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  const result = nowhere(rel);
  const { hasDefault } = rel;
  if (nullKeys.size > 0)
    return rel.nullPartition === null ? { ...result, scanDefault: hasDefault } : { ...result, scanNull: true };
  const [datum] = values;
  if (table.values.length === 0) return { ...result, scanDefault: hasDefault };
  if (datum === undefined) return { ...result, offsets: result.offsets.fill(1), scanDefault: hasDefault };
  const [element] = rel.key.elements;
  let matched = false;
  for (const [offset, { value }] of table.values.entries()) {
    const own = { value, type: element?.type ?? datum.type };
    const collation = element?.collation ?? null;
    const order = compareDatums(own, datum, collation, rel.context) ?? inequality(own, datum, operator, collation);
    if (order === 0) matched = true;
    if (operator === null ? order !== 0 : isOnSide(operator, order)) result.offsets[offset] = 1;
  }
  return { ...result, scanDefault: hasDefault && !(operator === "=" && matched) };
}

/** Under a deterministic collation different texts are not equal, whichever comes first; that decides `=` and `<>`. */
function inequality(a: Datum, b: Datum, operator: ComparisonOperator | null, collation: string | null): number {
  const texts = a.value.family === "text" && b.value.family === "text";
  if (texts && collation === "default" && (operator === "=" || operator === null)) return 1;
  throw new UndecidedOrder();
}

function isOnSide(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<>":
      return order !== 0;
  }
}

function rangePlaces(
  rel: PartitionedTable,
  table: Extract<BoundTable, { strategy: "range" }>,
  operator: ComparisonOperator | null,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  const { points, below } = table;
  const last = points.length;
  if (last === 0 || nullKeys.size > 0) return { ...nowhere(rel), scanDefault: rel.hasDefault };
  if (values.length === 0) {
    const from = below[0] === null ? 1 : 0;
    const to = below[last] === null ? last - 1 : last;
    return { ...nowhere(rel), offsets: filled(rel, from, to), scanDefault: rel.hasDefault };
  }
  const isPrefix = values.length < rel.key.elements.length;
  const scanDefault = isPrefix && rel.hasDefault;
  const compareAt = (offset: number): number => comparePointWith(rel, points[offset] ?? [], values);
  const { offset, equal } = search(points.length, compareAt);
  const kindAt = (at: number, key: number): RangeDatum["kind"] | undefined => points[at]?.[key]?.kind;

  let from = 0;
  let to = last;
  switch (operator) {
    case "=": {
      if (offset < 0 || !equal || !isPrefix)
        return { ...nowhere(rel), offsets: filled(rel, offset + 1, offset + 1), scanDefault };
      let low = offset;
      while (low >= 1 && compareAt(low - 1) === 0) low--;
      if (kindAt(low, values.length) === "minvalue") low++;
      let high = offset;
      while (high < last - 1 && compareAt(high + 1) === 0) high++;
      return { ...nowhere(rel), offsets: filled(rel, low, high + 1), scanDefault };
    }
    case ">=":
    case ">": {
      const inclusive = operator === ">=";
      if (offset >= 0 && equal && isPrefix) {
        const at = lastEqual(offset, inclusive ? -1 : 1, last, compareAt);
        from = inclusive ? at : at + 1;
      } else if (offset >= 0) from = offset + 1;
      break;
    }
    case "<=":
    case "<": {
      const inclusive = operator === "<=";
      if (offset >= 0 && equal && isPrefix) {
        const at = lastEqual(offset, inclusive ? 1 : -1, last, compareAt);
        to = inclusive ? at + 1 : at;
      } else if (offset >= 0) to = !equal || inclusive ? offset + 1 : offset;
      else to = 0;
      break;
    }
    default:
      throw new UndecidedOrder();
  }
  // An open end is no gap that the default partition would fill.
  const key = values.length - 1;
  if (from < last && below[from] === null && kindAt(from, key) === "minvalue") from++;
  if (to >= 1 && below[to] === null && kindAt(to - 1, key) === "maxvalue") to--;
  return { ...nowhere(rel), offsets: filled(rel, from, to), scanDefault };
}

/** Walks over the points equal to the values, as far as PostgreSQL walks: not from the first point nor from the last. */
function lastEqual(start: number, step: -1 | 1, count: number, compareAt: (offset: number) => number): number {
  let at = start;
  while (at >= 1 && at < count - 1 && compareAt(at + step) === 0) at += step;
  return at;
}

/** The greatest point that is not above the values, -1 if all are; `equal` if it equals them. */
function search(
  count: number,
  compareAt: (offset: number) => number,
): { readonly offset: number; readonly equal: boolean } {
  let low = -1;
  let high = count - 1;
  let equal = false;
  while (low < high) {
    const middle = Math.floor((low + high + 1) / 2);
    const order = compareAt(middle);
    if (order <= 0) {
      low = middle;
      equal = order === 0;
      if (equal) break;
    } else high = middle - 1;
  }
  return { offset: low, equal };
}

/** Compares a point with the values of the first key columns. */
function comparePointWith(rel: PartitionedTable, point: readonly RangeDatum[], values: readonly Datum[]): number {
  for (const [index, datum] of values.entries()) {
    const at = point[index];
    if (at === undefined || at.kind === "minvalue") return -1;
    if (at.kind === "maxvalue") return 1;
    const element = rel.key.elements[index];
    const own = { value: at.value, type: element?.type ?? datum.type };
    const order = compareDatums(own, datum, element?.collation ?? null, rel.context);
    if (order === null) throw new UndecidedOrder();
    if (order !== 0) return order;
  }
  return 0;
}

function filled(rel: PartitionedTable, from: number, to: number): Uint8Array {
  const offsets = new Uint8Array(rel.size);
  return from <= to ? offsets.fill(1, from, to + 1) : offsets;
}
