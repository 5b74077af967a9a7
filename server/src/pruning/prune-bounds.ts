/** Finds the bounds that values of the key may lie at: PostgreSQL's get_matching_range_bounds, -list_bounds, -hash_bounds. */

import { rememberedLong } from "../catalog/access.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { PartitionKey, PartitionSet, RangeDatum } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { hashRemainder } from "../catalog/values/hash.ts";
import type { ValueContext } from "../catalog/values/result.ts";
import { type BoundTable, boundTableOf } from "./bound-table.ts";
import type { ComparisonOperator } from "./clause.ts";
import { compareDatums, satisfies } from "./datum-order.ts";
import {
  everywhere,
  filled,
  maybe,
  no,
  nowhere,
  type PartitionedTable,
  type Places,
  type Scan,
  yes,
} from "./places.ts";

/** A value to look for, and its type, which may be another of the key's operator family. */
export interface Datum {
  readonly value: Value;
  readonly type: DataType;
}

/** Thrown where two values cannot be ordered; the search then says nothing. Caught by whoever takes the step. */
export class UndecidedOrder extends Error {
  override readonly name = "UndecidedOrder";
}

export function partitionedTable(key: PartitionKey, set: PartitionSet, context: ValueContext): PartitionedTable {
  const table = boundTableOf(set, key);
  const aside = [...set.incomparable.entries()].find(
    ([, bound]) => bound.kind === "list" && bound.values.includes(null),
  );
  return {
    key,
    set,
    table,
    size: sizeOf(table),
    context,
    hasDefault: set.defaultPartition !== null,
    nullPartition: set.nullPartition ?? aside?.[0] ?? null,
  };
}

/** The partitions at the places. A place in a gap belongs to the default partition. `uncertain`: some of them only maybe. */
export function partitionsAt(
  rel: PartitionedTable,
  places: Places,
): { readonly partitions: Set<RelationId>; readonly uncertain: boolean } {
  const partitions = new Set<RelationId>();
  const doubtful = new Set<RelationId>();
  const add = (partition: RelationId, scan: Scan): void => {
    if (scan === no) return;
    partitions.add(partition);
    if (scan === yes) doubtful.delete(partition);
    else doubtful.add(partition);
  };
  const certain = new Set<RelationId>();
  let { scanDefault } = places;
  // A range that cannot be placed may lie in any gap.
  const gapScan = rel.table.strategy === "unordered-range" && !rel.table.gapsAreCertain ? maybe : yes;
  for (let offset = 0; offset < rel.size; offset++) {
    const scan = (places.offsets[offset] ?? no) as Scan;
    if (scan === no) continue;
    const partition = partitionAt(rel.table, offset);
    if (partition === null) scanDefault = scanDefault === yes || (scan === yes && gapScan === yes) ? yes : maybe;
    else if (!certain.has(partition)) {
      add(partition, scan);
      if (scan === yes) certain.add(partition);
    }
  }
  if (places.scanNull && rel.nullPartition !== null) add(rel.nullPartition, yes);
  if (rel.set.defaultPartition !== null) add(rel.set.defaultPartition, scanDefault);
  return { partitions, uncertain: doubtful.size > 0 };
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
    case "unordered-range":
      return unorderedPlaces(rel, rel.table, operator, values, nullKeys);
    case "list":
      return listPlaces(rel, rel.table, operator, values, nullKeys);
    case "hash":
      return hashPlaces(rel, rel.table, values, nullKeys);
  }
}

function sizeOf(table: BoundTable): number {
  switch (table.strategy) {
    case "range":
      return table.below.length;
    case "unordered-range":
      return table.slots.length;
    case "list":
      return table.values.length;
    case "hash":
      return table.partitions.length;
  }
}

function partitionAt(table: BoundTable, offset: number): RelationId | null {
  switch (table.strategy) {
    case "range":
      return table.below[offset] ?? null;
    case "unordered-range":
      return table.slots[offset]?.partition ?? null;
    case "list":
      return table.values[offset]?.partition ?? null;
    case "hash":
      return table.partitions[offset] ?? null;
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
  const result = nowhere(rel);
  for (const modulus of table.moduli) {
    const remainder = hashRemainder(keys, types, modulus);
    if (remainder === null) throw new UndecidedOrder();
    const partition = rel.set.hashes.get([modulus, remainder]);
    const place = partition === undefined ? undefined : table.places.get(partition);
    if (place === undefined) continue;
    result.offsets[place] = yes;
    return { ...result, span: { first: place, last: place } };
  }
  return result;
}

function listPlaces(
  rel: PartitionedTable,
  table: ListTable,
  operator: ComparisonOperator | null,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  const result = nowhere(rel);
  const whole = rel.hasDefault ? yes : no;
  if (nullKeys.size > 0)
    return rel.nullPartition === null ? { ...result, scanDefault: whole } : { ...result, scanNull: true };
  const [datum] = values;
  if (table.values.length === 0) return { ...result, scanDefault: whole };
  if (datum === undefined) return { ...result, offsets: result.offsets.fill(yes), scanDefault: whole };
  const [element] = rel.key.elements;
  const found = operator === "=" ? placesOfInteger(table, datum.value) : null;
  if (found !== null) {
    for (const offset of found) result.offsets[offset] = yes;
    const [first = 0] = found;
    return { ...result, span: { first, last: found.at(-1) ?? -1 }, scanDefault: found.length > 0 ? no : whole };
  }
  let matched = false;
  for (const [offset, { value }] of table.values.entries()) {
    const own = { value, type: element?.type ?? datum.type };
    const collation = element?.collation ?? null;
    const isEqual = satisfies("=", own, datum, collation, rel.context);
    if (isEqual === true) matched = true;
    result.offsets[offset] = scanWhere(
      operator === null ? negated(isEqual) : satisfies(operator, own, datum, collation, rel.context),
    );
  }
  return { ...result, scanDefault: operator === "=" && matched ? no : whole };
}

type ListTable = Extract<BoundTable, { strategy: "list" }>;

/** Null where not all values are whole numbers. */
interface PlacesByInteger {
  readonly places: ReadonlyMap<bigint, readonly number[]> | null;
}

const integersOf = new WeakMap<ListTable, PlacesByInteger>();

/** Where a whole number stands in a list of nothing but such, in order; null where it has to be looked for. */
function placesOfInteger(table: ListTable, value: Value): readonly number[] | null {
  if (value.family !== "integer") return null;
  const { places } = rememberedLong(
    table.values.length,
    () => integersOf.get(table),
    () => {
      const made = { places: indexOfIntegers(table) };
      integersOf.set(table, made);
      return made;
    },
  );
  return places === null ? null : (places.get(value.value) ?? []);
}

function indexOfIntegers({ values }: ListTable): ReadonlyMap<bigint, readonly number[]> | null {
  const places = new Map<bigint, number[]>();
  for (const [offset, { value }] of values.entries()) {
    if (value.family !== "integer") return null;
    const known = places.get(value.value);
    if (known === undefined) places.set(value.value, [offset]);
    else known.push(offset);
  }
  return places;
}

function scanWhere(truth: boolean | null): Scan {
  return truth === null ? maybe : truth ? yes : no;
}

function negated(truth: boolean | null): boolean | null {
  return truth === null ? null : !truth;
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
  const whole = rel.hasDefault ? yes : no;
  if (last === 0 || nullKeys.size > 0) return { ...nowhere(rel), scanDefault: whole };
  if (values.length === 0) {
    const from = below[0] === null ? 1 : 0;
    const to = below[last] === null ? last - 1 : last;
    return { ...nowhere(rel), ...filled(rel, from, to), scanDefault: whole };
  }
  const isPrefix = values.length < rel.key.elements.length;
  const scanDefault = isPrefix ? whole : no;
  const compareAt = (offset: number): number => comparePointWith(rel, points[offset] ?? [], values);
  const { offset, equal } = search(points.length, compareAt);
  const kindAt = (at: number, key: number): RangeDatum["kind"] | undefined => points[at]?.[key]?.kind;

  let from = 0;
  let to = last;
  switch (operator) {
    case "=": {
      if (offset < 0 || !equal || !isPrefix)
        return { ...nowhere(rel), ...filled(rel, offset + 1, offset + 1), scanDefault };
      let low = offset;
      while (low >= 1 && compareAt(low - 1) === 0) low--;
      if (kindAt(low, values.length) === "minvalue") low++;
      let high = offset;
      while (high < last - 1 && compareAt(high + 1) === 0) high++;
      return { ...nowhere(rel), ...filled(rel, low, high + 1), scanDefault };
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
  return { ...nowhere(rel), ...filled(rel, from, to), scanDefault };
}

/** Single-column ranges, each by itself; the result is the search's where both can tell. */
function unorderedPlaces(
  rel: PartitionedTable,
  table: Extract<BoundTable, { strategy: "unordered-range" }>,
  operator: ComparisonOperator | null,
  values: readonly Datum[],
  nullKeys: ReadonlySet<number>,
): Places {
  const whole = rel.hasDefault ? yes : no;
  const [datum] = values;
  const [element] = rel.key.elements;
  if (nullKeys.size > 0 || rel.set.all.size === whole) return { ...nowhere(rel), scanDefault: whole };
  const result = nowhere(rel);
  for (const [offset, { lower, upper, partition }] of table.slots.entries()) {
    if (upper?.kind === "minvalue" || lower?.kind === "maxvalue") continue;
    if (datum === undefined || operator === null) {
      const isEnd = partition === null && (lower === null || upper === null);
      result.offsets[offset] = isEnd ? no : yes;
      continue;
    }
    const against = (bound: RangeDatum | null, test: ComparisonOperator): boolean | null =>
      bound?.kind !== "value"
        ? true
        : satisfies(
            test,
            { value: bound.value, type: element?.type ?? datum.type },
            datum,
            element?.collation ?? null,
            rel.context,
          );
    const below =
      operator === "<" ? against(lower, "<") : operator === "<=" || operator === "=" ? against(lower, "<=") : true;
    const above = operator === "<" || operator === "<=" ? true : against(upper, ">");
    const truth = below === false || above === false ? false : below === null || above === null ? null : true;
    result.offsets[offset] = scanWhere(truth);
  }
  return datum === undefined ? { ...result, scanDefault: whole } : result;
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
