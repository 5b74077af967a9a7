/** What is refused of the bounds of the partitions that a split makes (PostgreSQL 19), in PostgreSQL's order. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { collationsOf, comparePoints, partitionsInBoundOrder } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import { printPoint } from "../../catalog/print.ts";
import type { Relation } from "../../catalog/relation.ts";
import { representationOf } from "../../catalog/representation.ts";
import type { Value } from "../../catalog/value.ts";
import { printBoundValue } from "../../catalog/values/print.ts";
import { formatType } from "../../catalog/values/types.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { BoundSpecification } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type ErrorRule, type Refusal, type Rejection, regarding, rejected } from "../outcome.ts";
import { checkConflict, type ReadPartitionBound } from "./partition-bound.ts";

/** One of the new partitions of a split. */
export interface Part {
  readonly name: RelationName;
  readonly written: BoundSpecification;
  readonly read: ReadPartitionBound;
}

/** A refusal with the SQLSTATE of most of these checks. */
export function refuse(
  rule: ErrorRule,
  message: string,
  range: TextRange,
  extra: Partial<Pick<Rejection, "detail" | "hint" | "position">> = {},
  sqlstate = "42P17",
): Refusal {
  return rejected(rule, sqlstate, message, range, extra);
}

/** What `check_partitions_for_split` refuses of the new partitions, in its order. */
export function checkParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
  context: ApplyContext,
): Refusal | null {
  if (key.strategy === "list") {
    return checkListParts(parts, old, oldBound, key, catalog) ?? refuseSameBound(parts, old, oldBound, key);
  }
  for (const part of parts) {
    if (oldBound.kind !== "default" || part.written.kind === "default") continue;
    const conflict = checkConflict(part.read, part.name.name, part.written, context);
    if (conflict.kind === "rejected") return asConflictOfSplit(conflict, part, catalog);
  }
  return checkRangeParts(parts, old, oldBound, key, catalog) ?? refuseSameBound(parts, old, oldBound, key);
}

/** A split that only adds a default partition. */
function refuseSameBound(parts: readonly Part[], old: Relation, oldBound: Bound, key: PartitionKey): Refusal | null {
  const [part, ...more] = parts.filter(({ written }) => written.kind !== "default");
  if (part === undefined || more.length > 0 || !isSameBound(part.read.bound, oldBound, key)) return null;
  const { range } = part.name;
  return refuse("bound-shape", `cannot split partition "${old.name}" only to add a DEFAULT partition`, range, {
    detail: "The non-DEFAULT partition would keep the same partition bound.",
    hint: "Use CREATE TABLE ... PARTITION OF ... DEFAULT to add a DEFAULT partition.",
    position: range.start,
  });
}

function representationsOf(values: readonly (Value | null)[]): ReadonlySet<string> {
  return new Set(values.map(representationOf));
}

function isSameBound(a: Bound, b: Bound, key: PartitionKey): boolean {
  if (a.kind === "range" && b.kind === "range") {
    const collations = collationsOf(key);
    return comparePoints(a.lower, b.lower, collations) === 0 && comparePoints(a.upper, b.upper, collations) === 0;
  }
  if (a.kind !== "list" || b.kind !== "list" || a.values.length !== b.values.length) return false;
  const others = representationsOf(b.values);
  return a.values.every((value) => others.has(representationOf(value)));
}

function asConflictOfSplit(conflict: Refusal, part: Part, catalog: Catalog): Refusal {
  const [related] = conflict.rejection.related;
  if (conflict.rejection.rule !== "partition-overlap" || related?.relation == null) return conflict;
  const other = relationById(catalog, related.relation)?.name ?? "";
  const message = `new partition "${part.name.name}" would overlap with another (not split) partition "${other}"`;
  return { kind: "rejected", rejection: { ...conflict.rejection, message } };
}

function checkRangeParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
): Refusal | null {
  const collations = collationsOf(key);
  const compare = (a: readonly RangeDatum[], b: readonly RangeDatum[]): number => comparePoints(a, b, collations) ?? 0;
  const withDefault = parts.some((part) => part.written.kind === "default");
  const ranges = parts.flatMap((part) => {
    const { bound } = part.read;
    return bound.kind === "range" && part.written.kind === "range" ? [{ part, bound, written: part.written }] : [];
  });
  for (const { part, bound, written } of ranges) {
    if (compare(bound.lower, bound.upper) < 0) continue;
    const { settings } = catalog;
    const detail = `Specified lower bound ${printPoint(bound.lower, key, settings)} is greater than or equal to upper bound ${printPoint(bound.upper, key, settings)}.`;
    const range = written.from[0]?.range ?? written.range;
    const message = `empty range bound specified for partition "${part.name.name}"`;
    return refuse("range-empty", message, range, { detail, position: range.start });
  }
  const sorted = ranges.toSorted((a, b) => compare(a.bound.lower, b.bound.lower));
  const [first, last] = [sorted[0], sorted.at(-1)];
  if (first === undefined || last === undefined) return null;
  if (oldBound.kind === "range") {
    for (const [side, part, order] of [
      ["lower", first, compare(first.bound.lower, oldBound.lower)],
      ["upper", last, compare(oldBound.upper, last.bound.upper)],
    ] as const) {
      if (withDefault ? order >= 0 : order === 0) continue;
      const relation = withDefault ? (side === "lower" ? "less than" : "greater than") : "not equal to";
      const message = `${side} bound of partition "${part.part.name.name}" is ${relation} ${side} bound of split partition "${old.name}"`;
      const hint = withDefault
        ? "Explicit partition bounds must be contained within the bounds of the split partition when a DEFAULT partition is specified."
        : "ALTER TABLE ... SPLIT PARTITION requires the combined bounds of the new partitions to exactly match the bound of the split partition.";
      const range = (side === "lower" ? part.written.from : part.written.to)[0]?.range ?? part.written.range;
      return refuse("bound-shape", message, range, { hint, position: range.start });
    }
  }
  for (const [index, next] of sorted.entries()) {
    const previous = sorted[index - 1];
    if (previous === undefined) continue;
    const order = compare(next.bound.lower, previous.bound.upper);
    if (withDefault ? order >= 0 : order === 0) continue;
    return refuseApart("split to", next.part.name.name, previous.part.name.name, next.written);
  }
  return null;
}

/** Two ranges that do not meet; of those that are written, the place is the lower bound of the second. */
export function refuseApart(
  verb: "split to" | "merge",
  next: string,
  previous: string,
  written: Extract<BoundSpecification, { kind: "range" }> | { readonly range: TextRange },
): Refusal {
  const command = verb === "merge" ? "MERGE PARTITIONS" : "SPLIT PARTITION";
  const range = "from" in written ? (written.from[0]?.range ?? written.range) : written.range;
  return refuse(
    "partition-overlap",
    `cannot ${verb} partition "${next}" together with partition "${previous}"`,
    range,
    {
      detail: `The lower bound of partition "${next}" is not equal to the upper bound of partition "${previous}".`,
      hint: `ALTER TABLE ... ${command} requires the partition bounds to be adjacent.`,
      position: "from" in written ? range.start : undefined,
    },
  );
}

function checkListParts(
  parts: readonly Part[],
  old: Relation,
  oldBound: Bound,
  key: PartitionKey,
  catalog: Catalog,
): Refusal | null {
  const lists = parts.flatMap((part) => (part.read.bound.kind === "list" ? [{ part, ...part.read.bound }] : []));
  const held = representationsOf(oldBound.kind === "list" ? oldBound.values : []);
  for (const { part, values } of lists) {
    const stray = values.findIndex((value) => !held.has(representationOf(value)));
    const value = values[stray];
    if (value === undefined) continue;
    const owner = ownerOf(value, part, old, catalog);
    const what = value === null ? "NULL value" : "this value";
    if (owner === null && oldBound.kind !== "list") continue;
    const message =
      owner === null
        ? `new partition "${part.name.name}" cannot have ${what} because split partition "${old.name}" does not have it`
        : `new partition "${part.name.name}" would overlap with another (not split) partition "${owner.name}"`;
    const range = rangeOfValue(part, stray);
    const rule = owner === null ? "bound-shape" : "partition-overlap";
    const refusal = refuse(rule, message, range, { position: range.start });
    return owner === null ? refusal : regarding(refusal, owner);
  }
  for (const [index, { part, values }] of lists.entries()) {
    for (const other of lists.slice(index + 1)) {
      const others = representationsOf(other.values);
      const shared = values.findIndex((value) => others.has(representationOf(value)));
      if (shared < 0) continue;
      const message = `new partition "${part.name.name}" would overlap with another new partition "${other.part.name.name}"`;
      const range = rangeOfValue(part, shared);
      return refuse("partition-overlap", message, range, { position: range.start });
    }
  }
  if (parts.some((part) => part.written.kind === "default") || oldBound.kind !== "list") return null;
  const kept = representationsOf(lists.flatMap(({ values }) => values));
  const missing = oldBound.values.find((value) => !kept.has(representationOf(value)));
  if (missing === undefined) return null;
  const message = `new partitions' combined partition bounds do not contain value (${shownValue(missing, key, catalog)}) but split partition "${old.name}" does`;
  return refuse("bound-shape", message, parts[0]?.written.range ?? { start: 0, end: 0 }, {
    hint: "ALTER TABLE ... SPLIT PARTITION requires the combined bounds of the new partitions to exactly match the bound of the split partition.",
  });
}

function holds(bound: Bound, value: Value | null): boolean {
  return bound.kind === "list" && bound.values.some((own) => representationOf(own) === representationOf(value));
}

/** The other partition that has the value. */
function ownerOf(value: Value | null, part: Part, old: Relation, catalog: Catalog): Relation | null {
  const { partitioning } = part.read.parent;
  for (const id of partitioning === null ? [] : partitionsInBoundOrder(partitioning.partitions)) {
    const sibling = relationById(catalog, id);
    if (sibling === null || sibling.id === old.id) continue;
    if (sibling.partitionOf !== null && holds(sibling.partitionOf.bound, value)) return sibling;
  }
  return null;
}

function rangeOfValue({ written, read }: Part, index: number): TextRange {
  if (written.kind !== "list") return written.range;
  return written.values[read.valueIndexes[index] ?? index]?.range ?? written.range;
}

/** As PostgreSQL prints a constant of its own: with its type, where the text does not tell it. */
function shownValue(value: Value | null, key: PartitionKey, catalog: Catalog): string {
  const type = key.elements[0]?.type;
  if (value === null || type == null) return "NULL";
  const printed = printBoundValue(value, type, catalog.settings);
  return printed.startsWith("'") ? `${printed}::${formatType(type, catalog.settings.searchPath)}` : printed;
}
