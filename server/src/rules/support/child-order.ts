/** The ranges that inheritance children's CHECKs leave them, in order: what overlaps, and what lies between. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import type { ValueContext } from "../../catalog/values/result.ts";
import { baseType } from "../../catalog/values/types.ts";
import { compareDatums } from "../../pruning/datum-order.ts";
import type { ColumnTest, PartitionedByChecks } from "./child-checks.ts";

/** One end: the place just before its value, or (`after`) just behind it. `test` is the comparison that says so. */
export interface ChildEnd {
  readonly value: Value;
  readonly type: DataType;
  readonly after: boolean;
  readonly collation: string | null;
  readonly test: ColumnTest;
}

export interface ChildRange {
  readonly child: Relation;
  readonly constraint: TableConstraint;
  /** null for an open end. */
  readonly lower: ChildEnd | null;
  readonly upper: ChildEnd | null;
}

/** The children that a range of the column tells apart, by lower end; those that cannot be ordered are left out. */
export function childRanges(parts: PartitionedByChecks, context: ValueContext): readonly ChildRange[] {
  const type = parts.parent.columns.find(({ name }) => name === parts.column)?.type;
  const ranges = parts.children.flatMap(({ child, checks }) => {
    const constraint = checks.find(({ tests }) => tests.some(({ column }) => column === parts.column))?.constraint;
    const tests = checks.flatMap((check) => check.tests.filter(({ column }) => column === parts.column));
    return constraint === undefined || type === undefined ? [] : [rangeOf(child, constraint, tests, type, context)];
  });
  const ordered = ranges.filter((range) => range !== null);
  return ordered.toSorted((a, b) => compareEnds(a.lower, b.lower, -1, context) ?? 0);
}

/** Negative where `a` comes first; `open` is what null stands for (-1 below everything, 1 above); null where unknown. */
export function compareEnds(
  a: ChildEnd | null,
  b: ChildEnd | null,
  open: -1 | 1,
  context: ValueContext,
): number | null {
  if (a === null || b === null) return a === b ? 0 : a === null ? open : -open;
  const order = compareDatums(a, b, a.collation, context);
  return order === null || order !== 0 ? order : Number(a.after) - Number(b.after);
}

function rangeOf(
  child: Relation,
  constraint: TableConstraint,
  tests: readonly ColumnTest[],
  columnType: DataType,
  context: ValueContext,
): ChildRange | null {
  let [lower, upper]: [ChildEnd | null, ChildEnd | null] = [null, null];
  for (const test of tests) {
    const end = (after: boolean): ChildEnd => wholeStep({ ...test, after, test }, columnType);
    if (test.operator === ">=" || test.operator === ">" || test.operator === "=") {
      const candidate = end(test.operator === ">");
      if (lower === null || (compareEnds(candidate, lower, -1, context) ?? 0) > 0) lower = candidate;
    }
    if (test.operator === "<" || test.operator === "<=" || test.operator === "=") {
      const candidate = end(test.operator !== "<");
      if (upper === null || (compareEnds(candidate, upper, 1, context) ?? 0) < 0) upper = candidate;
    }
  }
  return lower === null && upper === null ? null : { child, constraint, lower, upper };
}

/** Behind 5 an integer column goes on with 6, behind a day a date column with the next: nothing lies between. */
function wholeStep(end: ChildEnd, columnType: DataType): ChildEnd {
  const type = baseType(columnType);
  if (!end.after || type.kind !== "base") return end;
  const { value } = end;
  if (value.family === "integer" && ["int2", "int4", "int8"].includes(type.name)) {
    return { ...end, value: { family: "integer", value: value.value + 1n }, after: false };
  }
  if (value.family === "date" && type.name === "date" && Number.isFinite(value.days)) {
    return { ...end, value: { family: "date", days: value.days + 1 }, after: false };
  }
  return end;
}
