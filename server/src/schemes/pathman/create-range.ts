/** Dividing a table by range: by an interval and a count, by bounds, by a range that is to be filled. */

import type { PathmanTable } from "../../catalog/pathman.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import {
  argumentValue,
  booleanOf,
  current,
  integerOf,
  relationOf,
  textOf,
  textsOf,
  typedValueOf,
} from "./arguments.ts";
import { invalid, raise } from "./errors.ts";
import { moveRows } from "./move-rows.ts";
import type { PathmanKey } from "./partitions.ts";
import { enableParent, prepareTable, register } from "./prepare.ts";
import { keySpan } from "./rows.ts";
import { createNamingSequence, createRangePartition, mostPartitions, namedPartition } from "./single-partition.ts";
import { compareTyped, isDateType, moved, printTyped, type Typed } from "./typed.ts";
import { eraOf, isSince } from "./versions.ts";

/** `create_range_partitions` since 0.1. */
export function createRangePartitions(call: BoundCall, work: ExtensionWork): CallValue {
  if (call.arguments.has("bounds")) return createByBounds(call, work);
  const names = namesOf(call);
  const parent = relationOf(call, work, names.parent);
  const key = prepareTable(work, parent, textOf(call, work, names.key));
  const start = typedValueOf(call, work, names.start) ?? work.decline("the start is NULL");
  const step = typedValueOf(call, work, "p_interval") ?? work.decline("the interval is NULL");
  const count = countOf(call, work, parent, key, start, step);
  const bounds = boundsFrom(work, start, step, count);
  if (count !== 0) checkBoundaries(work, parent, key, start, bounds.at(-1) ?? start);
  createNamingSequence(work, parent);
  const interval = printTyped(work, step);
  const table = register(work, parent, { type: "range", expression: key.text, interval });
  for (const [index, max] of bounds.entries()) {
    const min = index === 0 ? start : (bounds[index - 1] ?? start);
    createRangePartition(work, parent, table, { min, max, name: null, tablespace: null });
  }
  return finish(call, work, parent, count);
}

/** `create_partitions_from_range` until 1.4: to the first bound beyond the end, which is one more where the end is a bound. */
export function createPartitionsFromRange(call: BoundCall, work: ExtensionWork): CallValue {
  const names = namesOf(call);
  const parent = relationOf(call, work, names.parent);
  const key = prepareTable(work, parent, textOf(call, work, names.key));
  const start = typedValueOf(call, work, names.start) ?? work.decline("the start is NULL");
  const end = typedValueOf(call, work, names.end) ?? work.decline("the end is NULL");
  const step = typedValueOf(call, work, "p_interval") ?? work.decline("the interval is NULL");
  if (!isDateType(start.type) && compareTyped(work, moved(work, start, "+", step), start) <= 0)
    return raise(work, isSince(eraOf(work.version), "1.0") ? "interval must be positive" : "Interval must be positive");
  checkBoundaries(work, parent, key, start, end);
  createNamingSequence(work, parent);
  const table = register(work, parent, { type: "range", expression: key.text, interval: printTyped(work, step) });
  let count = 0;
  for (let min = start; compareTyped(work, min, end) <= 0; count += 1) {
    if (count >= mostPartitions) return work.decline("it makes too many partitions");
    const max = moved(work, min, "+", step);
    if (compareTyped(work, max, min) <= 0) return work.decline("the interval does not lead to the end");
    createRangePartition(work, parent, table, { min, max, name: null, tablespace: null });
    min = max;
  }
  return finish(call, work, parent, count);
}

function createByBounds(call: BoundCall, work: ExtensionWork): CallValue {
  const given = argumentValue(call, work, "bounds");
  const type = call.types.get("bounds") ?? null;
  if (given?.family !== "array" || type === null) return work.decline("the bounds are not known");
  const element = type.kind === "array" ? type.element : type;
  const bounds = given.elements.map((value) => (value === null ? null : { value, type: element }));
  // An empty array has no length, which is not less than two.
  if (bounds.length === 1) return raise(work, "Bounds array must have at least two values");
  if (bounds.length === 0) return work.decline("the array of bounds is empty");
  const parent = relationOf(call, work, "parent_relid");
  const key = prepareTable(work, parent, textOf(call, work, "expression"));
  // 1.4 looks for the bounds at the indexes 0 and n - 1, of which the first is never there.
  const last = bounds.at(isSince(eraOf(work.version), "1.5") ? -1 : -2) ?? null;
  const first = isSince(eraOf(work.version), "1.5") ? (bounds[0] ?? null) : null;
  checkBoundaries(work, parent, key, first, last);
  createNamingSequence(work, parent);
  const table = register(work, parent, { type: "range", expression: key.text, interval: null });
  createBetween(call, work, parent, table, bounds);
  return finish(call, work, parent, bounds.length - 1);
}

/** `create_range_partitions_internal` */
function createBetween(
  call: BoundCall,
  work: ExtensionWork,
  parent: Relation,
  table: PathmanTable,
  bounds: readonly (Typed | null)[],
): void {
  const names = textsOf(call, work, "partition_names");
  const tablespaces = textsOf(call, work, "tablespaces");
  refuseLength(work, "partition_names", names, bounds.length);
  refuseLength(work, "tablespaces", tablespaces, bounds.length);
  for (const [index, bound] of bounds.entries()) {
    if (index === 0) continue;
    if (bound === null) invalid(work, "only first bound can be NULL");
    const before = bounds[index - 1] ?? null;
    if (before !== null && compareTyped(work, before, bound) > 0) invalid(work, "'bounds' array must be ascending");
  }
  for (const [index, min] of bounds.slice(0, -1).entries()) {
    const text = names?.[index];
    const name = text === undefined ? null : namedPartition(work, text, parent);
    const max = bounds[index + 1] ?? null;
    createRangePartition(work, parent, table, { min, max, name, tablespace: tablespaces?.[index] ?? null });
  }
}

function refuseLength(work: ExtensionWork, name: string, texts: readonly string[] | null, bounds: number): void {
  if (texts === null || texts.length === bounds - 1) return;
  invalid(work, `wrong length of '${name}' array`, {
    detail: `number of '${name}' must be less than 'bounds' array length by one`,
  });
}

/** The names that the parameters have had. */
function namesOf({ arguments: given }: BoundCall): Readonly<Record<"parent" | "key" | "start" | "end", string>> {
  const first = (...names: readonly string[]): string => names.find((name) => given.has(name)) ?? "";
  return {
    parent: first("parent_relid", "p_relation"),
    key: first("expression", "attribute", "p_attribute"),
    start: first("start_value", "p_start_value"),
    end: first("end_value", "p_end_value"),
  };
}

/** How many partitions: as many as are asked for, else as many as the rows need. */
function countOf(
  call: BoundCall,
  work: ExtensionWork,
  parent: Relation,
  key: PathmanKey,
  start: Typed,
  step: Typed,
): number {
  const era = eraOf(work.version);
  const count = integerOf(call, work, "p_count");
  const isOfDates = step.value.family === "interval";
  if (count !== null && count < 0) return raise(work, negativeCount(work, isOfDates));
  if (count === 0 && !isSince(era, "1.0") && !isOfDates)
    return raise(work, "Partitions count must be greater than zero");
  if (count !== null) return count <= mostPartitions ? count : work.decline("it makes too many partitions");
  const span = keySpan(work, parent, key);
  if (!span.complete) return work.decline("how many partitions the rows need is not known");
  const empty = isSince(era, "1.0") ? "cannot" : "Cannot";
  if (span.max === null) return raise(work, `${empty} determine partitions count for empty table`);
  let needed = 0;
  for (let bound = start; compareTyped(work, bound, span.max) <= 0; needed += 1) {
    if (needed >= mostPartitions) return work.decline("it makes too many partitions");
    bound = moved(work, bound, "+", step);
  }
  return needed;
}

function negativeCount(work: ExtensionWork, isOfDates: boolean): string {
  const era = eraOf(work.version);
  if (!isSince(era, "1.0")) return "Partitions count must be greater than zero";
  if (!isOfDates) return "partitions count must not be less than zero";
  return isSince(era, "1.4") ? '"p_count" must not be less than 0' : "'p_count' must not be less than 0";
}

/** The upper bounds of so many partitions. */
function boundsFrom(work: ExtensionWork, start: Typed, step: Typed, count: number): readonly Typed[] {
  const bounds: Typed[] = [];
  for (let bound = start; bounds.length < count; bounds.push(bound)) bound = moved(work, bound, "+", step);
  return bounds;
}

/** `check_boundaries`: the rows that are there have to fit. What is not known of them refuses nothing. */
function checkBoundaries(
  work: ExtensionWork,
  parent: Relation,
  key: PathmanKey,
  start: Typed | null,
  end: Typed | null,
): void {
  const { min, max } = keySpan(work, parent, key);
  const words = boundaryWords(work, key.text);
  if (start !== null && min !== null && compareTyped(work, start, min) > 0) raise(work, words.below);
  if (end !== null && max !== null && compareTyped(work, end, max) <= 0) raise(work, words.above);
}

function boundaryWords(work: ExtensionWork, key: string): { readonly below: string; readonly above: string } {
  const era = eraOf(work.version);
  if (isSince(era, "1.4"))
    return {
      below: `start value is ${isSince(era, "1.5") ? "greater" : "less"} than min value of "${key}"`,
      above: `not enough partitions to fit all values of "${key}"`,
    };
  if (isSince(era, "1.0"))
    return {
      below: `start value is less than minimum value of '${key}'`,
      above: `not enough partitions to fit all values of '${key}'`,
    };
  return {
    below: `Start value is less than minimum value of '${key}'`,
    above: `Not enough partitions to fit all the values of '${key}'`,
  };
}

/** The rows go where they belong, where they are to be moved. */
function finish(call: BoundCall, work: ExtensionWork, parent: Relation, count: number): CallValue {
  const moves = call.arguments.has("partition_data") ? booleanOf(call, work, "partition_data") === true : true;
  enableParent(work, parent, !moves);
  if (moves) moveRows(work, current(work, parent));
  return { family: "integer", value: BigInt(count) };
}
