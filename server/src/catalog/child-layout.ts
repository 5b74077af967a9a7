/** The inheritance children of a table as parts by their CHECK constraints, kept as children come, go and change. */

import { quoteIdentifier } from "../syntax/names.ts";
import type { Catalog } from "./catalog.ts";
import { type CheckContext, childBounds } from "./check-bounds.ts";
import { type CheckBounds, compareBoundValues, type End, type Interval } from "./check-intervals.ts";
import type {
  BoundsOfParts,
  CheckedBound,
  CheckedChild,
  CheckedColumn,
  CheckedRange,
  CheckedRemainder,
  ChildLayout,
  Registration,
} from "./child-parts.ts";
import { IdMap } from "./id-map.ts";
import { NamedList } from "./named-list.ts";
import {
  emptyChildSet,
  mostChildRanges,
  withChildRanges,
  withChildRemainder,
  withoutChildPart,
  withUncertainPartition,
} from "./partition-set.ts";
import type { Bound, KeyElement, PartitionKey, PartitionSet, RangeDatum } from "./partitioning.ts";
import type { Column, Relation, RelationId, TableConstraint } from "./relation.ts";
import type { Value } from "./value.ts";
import { firstOfType } from "./values/grain.ts";
import { isCollatable } from "./values/types.ts";

/** Columns beyond these, by first mention, are no candidates for a key. */
export const mostColumns = 32;

const noChildren: ChildLayout = { children: IdMap.empty(), unsure: 0, columns: new Map() };

/** What the CHECK constraints of a child say of the columns that it has from its parent. */
export function checkedChild(catalog: Catalog, parent: Relation, child: Relation, context: CheckContext): CheckedChild {
  const constraints = ownChecks(child);
  const listed = NamedList.of(constraints);
  const mentioned = new Set(constraints.flatMap(({ columns }) => columns));
  const columns = new Map<string, CheckedBound>();
  const sure = child.knowledge === "full";
  let exact = sure && constraints.every(({ validated, enforced }) => validated && enforced);
  for (const column of parent.columns) {
    if (!mentioned.has(column.name) || columns.size >= mostColumns) continue;
    const { bounds, problems } = childBounds(catalog, { ...child, constraints: listed }, column.name, context);
    columns.set(column.name, checkedBound(bounds, column));
    exact &&= problems.every(({ reason }) => reason === "other-column");
  }
  return { columns, sure, exact: exact && columns.size === mentioned.size && constraints.every(namesOneColumn) };
}

/** A child that may be another by now, with what was known of it. */
export function unsureChild(known: CheckedChild | undefined): CheckedChild {
  return { columns: known?.columns ?? new Map(), exact: false, sure: false };
}

/** What a child has from its parent holds for all children, and tells none of them apart. */
export function ownChecks({ constraints }: Relation): readonly TableConstraint[] {
  return constraints.filter(({ type, inheritedFrom }) => type === "check" && inheritedFrom === 0);
}

/** What a CHECK over two columns says of them together is more than what it says of each. */
function namesOneColumn({ columns }: TableConstraint): boolean {
  return columns.length <= 1;
}

/** The layout with what is known of a child now; null for one that is gone. In logarithmic time. */
export function withCheckedChild(
  layout: ChildLayout | null,
  catalog: Catalog,
  parent: Relation,
  id: RelationId,
  child: CheckedChild | null,
): ChildLayout {
  const { children, unsure, columns } = layout ?? noChildren;
  const changed = new Map(columns);
  for (const [name, bound] of children.get(id)?.columns ?? []) {
    const column = changed.get(name);
    const next = column === undefined ? null : withoutChild(column, id, bound);
    if (next === null) changed.delete(name);
    else changed.set(name, next);
  }
  for (const [name, bound] of child?.columns ?? []) {
    const element = parent.columns.find((column) => column.name === name);
    const column = changed.get(name) ?? (element === undefined ? null : emptyColumn(element, catalog));
    if (column !== null && (changed.has(name) || changed.size < mostColumns))
      changed.set(name, withChild(column, id, bound));
  }
  return {
    children: child === null ? children.without(id) : children.with(id, child),
    unsure: unsure - Number(children.get(id)?.sure === false) + Number(child?.sure === false),
    columns: changed,
  };
}

/** Parts under a key, with the bounds that their constraints say. */
export interface PartsByChecks {
  readonly key: PartitionKey;
  readonly partitions: PartitionSet;
  readonly bounds: BoundsOfParts;
}

/** The key by which most of the children are told apart, with the parts under it; null where no CHECK mentions a column. */
export function partsByChecks(parent: Relation, { children, columns }: ChildLayout): PartsByChecks | null {
  let [best, name]: [CheckedColumn | null, string] = [null, ""];
  for (const candidate of parent.columns) {
    const column = columns.get(candidate.name);
    if (column !== undefined && column.votes > (best?.votes ?? 0)) [best, name] = [column, candidate.name];
  }
  if (best === null) return null;
  const { hash, list, range, "pathman-hash": hashed } = best.kinds;
  const strategy = hash + hashed > Math.max(range, list) ? "hash" : list > range ? "list" : "range";
  const key: PartitionKey = { ...best.key, strategy, hashing: hashed > hash ? "pathman" : "modulo" };
  return { key, ...partsUnder(children, best.partitions, name) };
}

/** The parts under the key that an extension has registered, whatever the children's CHECKs say besides. */
export function registeredParts(
  parent: Relation,
  { children, columns }: ChildLayout,
  { column: name, strategy, text }: Registration,
): PartsByChecks {
  const known = name === null ? undefined : columns.get(name);
  const column = parent.columns.find((one) => one.name === name);
  const type = column === undefined || column.type.kind === "unknown" ? null : column.type;
  const element = known?.key.elements[0] ?? { ...unreadElement, column: column?.name ?? null, text, type };
  const hashing = known !== undefined && known.kinds.hash > 0 ? "modulo" : "pathman";
  const key: PartitionKey = { strategy, elements: [element], ...(strategy === "hash" ? { hashing } : {}) };
  return { key, ...partsUnder(children, known?.partitions ?? emptyChildSet(key), name ?? "") };
}

/** Of a key that no CHECK mentions, or that is an expression. */
const unreadElement: KeyElement = {
  column: null,
  expression: null,
  text: "",
  type: null,
  collation: null,
  comparison: null,
  customOrder: false,
  printedCollation: null,
  operatorClass: null,
  trust: "uncertain",
};

/** Children that say nothing of the column are parts of which nothing is known. */
function partsUnder(
  children: ChildLayout["children"],
  known: PartitionSet,
  column: string,
): Pick<PartsByChecks, "partitions" | "bounds"> {
  const bounds: BoundsOfParts = { get: (id) => children.get(id)?.columns.get(column)?.bound };
  let partitions = known;
  if (partitions.all.size < children.size) {
    for (const id of children.keys())
      if (!partitions.all.has(id)) partitions = withUncertainPartition(partitions, { kind: "unknown" }, id);
  }
  return { partitions, bounds };
}

function emptyColumn(column: Column, catalog: Catalog): CheckedColumn {
  const key: PartitionKey = { strategy: "range", elements: [keyElement(column, catalog)], hashing: "modulo" };
  return {
    key,
    partitions: emptyChildSet(key),
    votes: 0,
    kinds: { range: 0, list: 0, hash: 0, "pathman-hash": 0 },
  };
}

/** A column as the key that children are told apart by. */
function keyElement({ name, type, collation }: Column, { databaseCollation }: Catalog): KeyElement {
  const named = collation ?? "default";
  const collatable = isCollatable(type);
  return {
    column: name,
    expression: null,
    text: quoteIdentifier(name),
    type: type.kind === "unknown" ? null : type,
    collation: collatable ? named : null,
    comparison: !collatable ? null : named === "default" ? (databaseCollation ?? named) : named,
    customOrder: false,
    printedCollation: null,
    operatorClass: null,
    trust: "declared",
  };
}

function withChild(column: CheckedColumn, id: RelationId, { entries }: CheckedBound): CheckedColumn {
  return {
    ...column,
    partitions: withEntries(column.partitions, id, entries),
    votes: column.votes + weightOf(entries),
    kinds: counted(column.kinds, entries, 1),
  };
}

/** null where no child speaks of the column any more. */
function withoutChild(column: CheckedColumn, id: RelationId, { entries }: CheckedBound): CheckedColumn | null {
  const votes = column.votes - weightOf(entries);
  if (votes <= 0) return null;
  return {
    ...column,
    partitions: withoutChildPart(column.partitions, id, entries),
    votes,
    kinds: counted(column.kinds, entries, -1),
  };
}

function withEntries(set: PartitionSet, id: RelationId, entries: CheckedBound["entries"]): PartitionSet {
  if (entries === null) return withUncertainPartition(set, { kind: "unknown" }, id);
  return "modulus" in entries ? withChildRemainder(set, id, entries) : withChildRanges(set, id, entries);
}

function weightOf(entries: CheckedBound["entries"]): number {
  return entries === null ? 1 : 2;
}

function counted(kinds: CheckedColumn["kinds"], entries: CheckedBound["entries"], by: 1 | -1): CheckedColumn["kinds"] {
  if (entries === null) return kinds;
  if ("modulus" in entries) {
    const kind = entries.hashed === true ? "pathman-hash" : "hash";
    return { ...kinds, [kind]: kinds[kind] + by };
  }
  const listed = entries.length > 0 && entries.every(({ point }) => point);
  return listed ? { ...kinds, list: kinds.list + by } : { ...kinds, range: kinds.range + by };
}

function checkedBound(bounds: CheckBounds | null, column: Column): CheckedBound {
  const unknown: Bound = { kind: "unknown" };
  if (bounds === null) return { bound: unknown, entries: null };
  if (bounds.kind === "remainder") {
    const [modulus, remainder] = [Number(bounds.modulus), Number(bounds.remainder)];
    const isPlain = Number.isSafeInteger(modulus) && remainder >= 0 && remainder < modulus;
    if (!isPlain) return { bound: unknown, entries: null };
    const entries: CheckedRemainder =
      bounds.hashed === true ? { modulus, remainder, hashed: true } : { modulus, remainder };
    return { bound: { kind: "hash", modulus, remainder }, entries };
  }
  if (bounds.intervals.length > mostChildRanges) return { bound: unknown, entries: null };
  const entries = bounds.intervals.flatMap((interval) => rangeOf(interval, column));
  return { bound: declarativeBound(entries), entries };
}

/** As FOR VALUES would have it: one range that ends before a value, or single values. */
function declarativeBound(entries: readonly CheckedRange[]): Bound {
  const listed = entries.flatMap(({ point, lower }) => (point && lower.kind === "value" ? [lower.value] : []));
  if (listed.length === entries.length) return { kind: "list", values: listed };
  const [only, ...others] = entries;
  if (only === undefined || others.length > 0 || isBehind(only.lower) || isBehind(only.upper))
    return { kind: "unknown" };
  return { kind: "range", lower: [only.lower], upper: [only.upper] };
}

function isBehind(datum: RangeDatum): boolean {
  return datum.kind === "value" && datum.after === true;
}

/** Empty where no value of the column's type lies in the interval. */
function rangeOf({ lower, upper }: Interval, column: Column): readonly CheckedRange[] {
  const range: CheckedRange = {
    lower: lower === null ? { kind: "minvalue" } : placeOf(lower, !lower.inclusive, column),
    upper: upper === null ? { kind: "maxvalue" } : placeOf(upper, upper.inclusive, column),
    point: lower !== null && upper !== null && compareBoundValues(lower.value, upper.value, column.collation) === 0,
  };
  return isEmpty(range, column) ? [] : [range];
}

function isEmpty({ lower, upper }: CheckedRange, { collation }: Column): boolean {
  if (lower.kind !== "value" || upper.kind !== "value") return false;
  const order = compareBoundValues(lower.value, upper.value, collation);
  return order !== null && (order > 0 || (order === 0 && (lower.after === true || upper.after !== true)));
}

/** Behind 5 an integer column goes on with 6, behind 23:59:59.999999 a timestamp with midnight: nothing lies between. */
function placeOf({ value }: End, after: boolean, { type }: Column): RangeDatum {
  const first: Value | null = firstOfType(type, value, after);
  if (first !== null) return { kind: "value", value: first };
  return after ? { kind: "value", value, after } : { kind: "value", value };
}
