/** The CHECK constraints of inheritance children as bounds of a key column, as far as constraint exclusion sees them. */

// Which values a child takes, and why a constraint excludes nothing.

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { coerceConstant, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import { baseType, resolveType, sameType, withoutModifier } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { TextRange } from "../../text/range.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";

/** What a child's CHECK constraints say of the key column. */
export interface ChildBounds {
  /** null where no constraint excludes anything: the planner scans the child for every query. */
  readonly bounds: CheckBounds | null;
  /** Where a bound comes from: the constraints that gave it, in order. */
  readonly constraints: readonly TableConstraint[];
  /** Parts of constraints that exclude nothing, and the lack of a constraint. */
  readonly problems: readonly CheckProblem[];
}

export type CheckBounds =
  /** A set of values in ascending order, without overlaps; empty: no value but NULL. */
  | { readonly kind: "intervals"; readonly intervals: readonly Interval[] }
  /** `key % modulus = remainder` */
  | { readonly kind: "remainder"; readonly modulus: bigint; readonly remainder: bigint };

/** null: open to that side. `[lo, hi)` has an inclusive lower and an exclusive upper end. */
export interface Interval {
  readonly lower: End | null;
  readonly upper: End | null;
}

export interface End {
  readonly value: Value;
  readonly inclusive: boolean;
}

export interface CheckProblem {
  readonly reason: CheckProblemReason;
  /** null: the child has no CHECK constraint. */
  readonly constraint: TableConstraint | null;
  /** Relative to the statement in which the constraint stands (its origin); null where there is no constraint. */
  readonly range: TextRange | null;
}

export type CheckProblemReason =
  /** No CHECK constraint on the child mentions any column. */
  | "missing"
  /** The constraint is on other columns only. */
  | "other-column"
  /** `date_trunc('month', k) = …`, `k - date '…' < 7` */
  | "function-on-key"
  /** `extract(year from k) = 2024`, `date_part('year', k)` */
  | "extract"
  /** `k::text >= …`, an integer key compared with a number that has a fraction */
  | "cast-of-key"
  /** `k >= now()` */
  | "not-immutable"
  /** A `timestamptz` constant on a date or timestamp column. */
  | "timestamptz-constant"
  /** A date or timestamp constant on a `timestamptz` column. */
  | "zone-dependent"
  /** NOT VALID: the planner does not trust it. */
  | "not-valid"
  /** NOT ENFORCED (18 and later) */
  | "not-enforced"
  /** `k >= a OR k < b` holds for every value. */
  | "or-covers-everything"
  /** A form that is not read here; the planner may make something of it. */
  | "unreadable";

/** Reads the CHECK constraints of a child as bounds of the column `key`. */
export function childBounds(catalog: Catalog, child: Relation, key: string, context: ApplyContext): ChildBounds {
  const checks = child.constraints.filter((constraint) => constraint.type === "check");
  const column = columnNamed(child, key);
  const reader: Reader = {
    key,
    type: column?.type ?? null,
    collation: column?.collation ?? null,
    problems: [],
    constraint: null,
    evaluating: {
      settings: catalog.settings,
      version: context.version,
      catalog,
      today: null,
      columnType: (names) => columnNamed(child, names.at(-1) ?? "")?.type ?? null,
    },
  };
  if (checks.length === 0) reader.problems.push({ reason: "missing", constraint: null, range: null });
  let bounds: CheckBounds | null = null;
  const constraints: TableConstraint[] = [];
  for (const constraint of checks) {
    reader.constraint = constraint;
    const { expression } = constraint;
    if (expression === null) continue;
    if (!constraint.validated || !constraint.enforced) {
      // Only a constraint that says something of the key is missed.
      const would = read(silent(reader), expression, false);
      if (would !== null) note(reader, constraint.enforced ? "not-valid" : "not-enforced", expression.range);
      continue;
    }
    const found = read(reader, expression, false);
    if (found === null) continue;
    bounds = bounds === null ? found : intersect(reader, bounds, found);
    constraints.push(constraint);
  }
  if (bounds?.kind === "intervals" && bounds.intervals.some(isEverything)) bounds = null;
  return { bounds, constraints, problems: reader.problems };
}

/** The column that most children's CHECK constraints bound; null where none does. */
export function inheritanceKey(catalog: Catalog, parent: Relation, context: ApplyContext): string | null {
  const counts = new Map<string, number>();
  for (const id of parent.children) {
    const child = relationById(catalog, id);
    if (child === null) continue;
    const columns = new Set(
      child.constraints.flatMap((constraint) => (constraint.type === "check" ? constraint.columns : [])),
    );
    for (const column of columns) {
      if (columnNamed(parent, column) === null) continue;
      const bounded = childBounds(catalog, child, column, context).bounds !== null;
      // A constraint that bounds a column weighs more than one that only mentions it.
      counts.set(column, (counts.get(column) ?? 0) + (bounded ? 2 : 1));
    }
  }
  let best: string | null = null;
  for (const [column, count] of counts) if (best === null || count > (counts.get(best) ?? 0)) best = column;
  return best;
}

/** Whether two sets of values share one; null where it cannot be told. */
export function boundsOverlap(a: CheckBounds, b: CheckBounds, collation: string | null): boolean | null {
  if (a.kind === "remainder" || b.kind === "remainder") {
    if (a.kind !== "remainder" || b.kind !== "remainder") return null;
    const divisor = greatestCommonDivisor(a.modulus, b.modulus);
    return divisor === 0n ? null : (a.remainder - b.remainder) % divisor === 0n;
  }
  for (const first of a.intervals) {
    for (const second of b.intervals) {
      const shared = meet(first, second, collation);
      if (shared === undefined) return null;
      if (shared !== null) return true;
    }
  }
  return false;
}

interface Reader {
  readonly key: string;
  readonly type: DataType | null;
  readonly collation: string | null;
  readonly problems: CheckProblem[];
  readonly evaluating: EvaluateContext;
  constraint: TableConstraint | null;
}

function silent(reader: Reader): Reader {
  return { ...reader, problems: [] };
}

function note(reader: Reader, reason: CheckProblemReason, range: TextRange): void {
  reader.problems.push({ reason, constraint: reader.constraint, range });
}

/** What a condition (or, `negated`, its contrary) says of the key; null where it says nothing that excludes. */
function read(reader: Reader, expression: Expression, negated: boolean): CheckBounds | null {
  switch (expression.kind) {
    case "and":
    case "or": {
      const isAnd = (expression.kind === "and") !== negated;
      const parts = expression.operands.map((operand) => read(reader, operand, negated));
      return isAnd ? intersectAll(reader, parts) : uniteAll(reader, parts, expression.range);
    }
    case "not":
      return read(reader, expression.operand, !negated);
    case "operator":
      return readComparison(reader, expression, negated);
    case "between": {
      const { operand, low, high, symmetric, range } = expression;
      if (symmetric) return unreadable(reader, expression);
      const lower = comparison(reader, operand, ">=", low, range);
      const upper = comparison(reader, operand, "<=", high, range);
      const both = intersectAll(reader, [lower, upper]);
      return expression.negated === negated ? both : complement(both);
    }
    case "in": {
      const points = expression.items.map((item) =>
        comparison(reader, expression.operand, "=", item, expression.range),
      );
      if (points.includes(null)) return null;
      const all = uniteAll(reader, points, expression.range);
      return expression.negated === negated ? all : complement(all);
    }
    case "null-test":
      if (!isKey(reader, expression.operand)) return otherThanKey(reader, expression);
      return expression.negated === negated ? { kind: "intervals", intervals: [] } : null;
    case "column":
      // A boolean key stands for itself.
      return isKey(reader, expression) ? booleanPoint(!negated) : otherThanKey(reader, expression);
    default:
      return unreadable(reader, expression);
  }
}

function unreadable(reader: Reader, expression: Expression): null {
  if (mentionsKey(reader, expression)) note(reader, "unreadable", expression.range);
  else otherThanKey(reader, expression);
  return null;
}

function otherThanKey(reader: Reader, expression: Expression): null {
  for (const part of insideOut(expression)) {
    if (part.kind !== "column") continue;
    note(reader, "other-column", expression.range);
    break;
  }
  return null;
}

const contrary: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "=": "<>",
  "<>": "=",
  "!=": "=",
};

const mirrored: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=" };

function readComparison(
  reader: Reader,
  expression: Extract<Expression, { kind: "operator" }>,
  negated: boolean,
): CheckBounds | null {
  const { left, right, range } = expression;
  const operator = negated ? contrary[expression.operator] : expression.operator;
  if (left === null || operator === undefined || contrary[operator] === undefined)
    return unreadable(reader, expression);
  const remainder = operator === "=" ? readRemainder(reader, left, right) : null;
  if (remainder !== null) return remainder;
  if (mentionsKey(reader, left) || !mentionsKey(reader, right)) return comparison(reader, left, operator, right, range);
  return comparison(reader, right, mirrored[operator] ?? operator, left, range);
}

/** `key % m = r`, as hand-made hash partitions have it. */
function readRemainder(reader: Reader, left: Expression, right: Expression): CheckBounds | null {
  if (left.kind !== "operator" || left.operator !== "%" || left.left === null || !isKey(reader, left.left)) return null;
  const modulus = integerOf(reader, left.right);
  const remainder = integerOf(reader, right);
  return modulus === null || remainder === null || modulus === 0n ? null : { kind: "remainder", modulus, remainder };
}

function integerOf(reader: Reader, expression: Expression): bigint | null {
  const evaluation = evaluate(expression, reader.evaluating);
  if (evaluation.kind !== "constant" || evaluation.value?.family !== "integer") return null;
  return evaluation.value.value;
}

function comparison(
  reader: Reader,
  subject: Expression,
  operator: string,
  constant: Expression,
  range: TextRange,
): CheckBounds | null {
  if (!isKey(reader, subject)) {
    noteSubject(reader, subject, range);
    return null;
  }
  const value = constantValue(reader, constant);
  if (value === null) return null;
  const closed = (inclusive: boolean): End => ({ value, inclusive });
  const only = (interval: Interval): CheckBounds => ({ kind: "intervals", intervals: [interval] });
  switch (operator) {
    case "<":
      return only({ lower: null, upper: closed(false) });
    case "<=":
      return only({ lower: null, upper: closed(true) });
    case ">":
      return only({ lower: closed(false), upper: null });
    case ">=":
      return only({ lower: closed(true), upper: null });
    case "=":
      return only({ lower: closed(true), upper: closed(true) });
    default:
      return {
        kind: "intervals",
        intervals: [
          { lower: null, upper: closed(false) },
          { lower: closed(false), upper: null },
        ],
      };
  }
}

function noteSubject(reader: Reader, subject: Expression, range: TextRange): void {
  if (!mentionsKey(reader, subject)) {
    otherThanKey(reader, subject);
    return;
  }
  const inner = subject.kind === "collate" ? subject.operand : subject;
  const name = inner.kind === "call" ? inner.name.at(-1) : undefined;
  const extracts = name === "extract" || name === "date_part";
  note(reader, inner.kind === "cast" ? "cast-of-key" : extracts ? "extract" : "function-on-key", range);
}

/** The constant as one that the key is compared with; null, with the reason noted, where that comparison excludes nothing. */
function constantValue(reader: Reader, expression: Expression): Value | null {
  const evaluation = evaluate(expression, reader.evaluating);
  const { type: keyType } = reader;
  const failed = (reason: CheckProblemReason): null => {
    note(reader, reason, expression.range);
    return null;
  };
  if (evaluation.kind === "row-dependent") return failed("unreadable");
  if (evaluation.kind === "volatile" || evaluation.kind === "parameter") return failed("not-immutable");
  if (evaluation.kind !== "constant" && evaluation.kind !== "stable") return failed("unreadable");
  if (keyType === null || keyType.kind === "unknown") return failed("unreadable");
  const key = baseType(keyType);
  const given = evaluation.type === null ? null : baseType(evaluation.type);
  if (key.kind === "base" && given?.kind === "base") {
    const zoned = key.name === "timestamptz";
    const isTime = ["date", "timestamp"];
    if (isTime.includes(key.name) && given.name === "timestamptz") return failed("timestamptz-constant");
    if (zoned && isTime.includes(given.name)) return failed("zone-dependent");
    if (key.name.startsWith("int") && ["numeric", "float4", "float8"].includes(given.name))
      return failed("cast-of-key");
  }
  if (evaluation.kind === "stable" && given !== null) return failed("not-immutable");
  if (evaluation.value === null) return failed("unreadable");
  if (key.kind === "base" && key.name === "date" && given?.kind === "base" && given.name === "timestamp") {
    return evaluation.value ?? failed("unreadable");
  }
  const coerced = coerceConstant(evaluation, keyType, "implicit", reader.evaluating);
  if (coerced.kind === "value") return coerced.value;
  return evaluation.kind === "constant" && evaluation.value !== null ? evaluation.value : failed("unreadable");
}

/** The key itself, also where a dump writes the cast from a domain to its type, which changes nothing. */
function isKey(reader: Reader, expression: Expression): boolean {
  if (expression.kind === "cast" && reader.type?.kind === "domain") {
    const target = resolveType(reader.evaluating.catalog, expression.type);
    return (
      sameType(withoutModifier(baseType(reader.type)), withoutModifier(target)) &&
      isKey({ ...reader, type: null }, expression.operand)
    );
  }
  return expression.kind === "column" && !expression.star && expression.names.at(-1) === reader.key;
}

function mentionsKey(reader: Reader, expression: Expression): boolean {
  for (const part of insideOut(expression)) if (isKey(reader, part)) return true;
  return false;
}

function booleanPoint(value: boolean): CheckBounds {
  const end: End = { value: { family: "boolean", value }, inclusive: true };
  return { kind: "intervals", intervals: [{ lower: end, upper: end }] };
}

function intersectAll(reader: Reader, parts: readonly (CheckBounds | null)[]): CheckBounds | null {
  return parts.reduce<CheckBounds | null>((result, part) => {
    if (part === null) return result;
    return result === null ? part : intersect(reader, result, part);
  }, null);
}

function intersect(reader: Reader, a: CheckBounds, b: CheckBounds): CheckBounds {
  if (a.kind === "remainder") return a;
  if (b.kind === "remainder") return b;
  const intervals: Interval[] = [];
  for (const first of a.intervals) {
    for (const second of b.intervals) {
      const shared = meet(first, second, reader.collation);
      if (shared === undefined) {
        if (reader.constraint?.expression != null) note(reader, "unreadable", reader.constraint.expression.range);
        return a;
      }
      if (shared !== null) intervals.push(shared);
    }
  }
  return { kind: "intervals", intervals };
}

function uniteAll(reader: Reader, parts: readonly (CheckBounds | null)[], range: TextRange): CheckBounds | null {
  const intervals: Interval[] = [];
  for (const part of parts) {
    if (part === null || part.kind === "remainder") return null;
    intervals.push(...part.intervals);
  }
  const united = unite(intervals, reader.collation);
  if (united === null) {
    note(reader, "unreadable", range);
    return null;
  }
  if (united.some(isEverything)) {
    note(reader, "or-covers-everything", range);
    return null;
  }
  return { kind: "intervals", intervals: united };
}

/** The contrary of a set of values, for NOT BETWEEN and NOT IN. */
function complement(bounds: CheckBounds | null): CheckBounds | null {
  if (bounds?.kind !== "intervals") return null;
  const intervals: Interval[] = [];
  let from: End | null = null;
  let open = true;
  for (const { lower, upper } of bounds.intervals) {
    if (lower !== null && open) intervals.push({ lower: from, upper: opposite(lower) });
    open = upper !== null;
    from = upper === null ? null : opposite(upper);
  }
  if (open) intervals.push({ lower: from, upper: null });
  return { kind: "intervals", intervals };
}

function opposite(end: End): End {
  return { value: end.value, inclusive: !end.inclusive };
}

function isEverything(interval: Interval): boolean {
  return interval.lower === null && interval.upper === null;
}

/** The common part of two intervals; null where there is none, undefined where it cannot be told. */
function meet(a: Interval, b: Interval, collation: string | null): Interval | null | undefined {
  const lower = later(a.lower, b.lower, collation, "lower");
  const upper = later(a.upper, b.upper, collation, "upper");
  if (lower === undefined || upper === undefined) return undefined;
  if (lower !== null && upper !== null) {
    const order = compareBoundValues(lower.value, upper.value, collation);
    if (order === null) return undefined;
    if (order > 0 || (order === 0 && !(lower.inclusive && upper.inclusive))) return null;
  }
  return { lower, upper };
}

/** The stricter of two ends of the same side. */
function later(
  a: End | null,
  b: End | null,
  collation: string | null,
  side: "lower" | "upper",
): End | null | undefined {
  if (a === null || b === null) return a ?? b;
  const order = compareBoundValues(a.value, b.value, collation);
  if (order === null) return undefined;
  if (order === 0) return a.inclusive ? b : a;
  const aIsStricter = side === "lower" ? order > 0 : order < 0;
  return aIsStricter ? a : b;
}

/** The intervals in ascending order, those that touch or overlap joined; null where their order cannot be told. */
function unite(intervals: readonly Interval[], collation: string | null): readonly Interval[] | null {
  let undecided = false;
  const order = (x: End | null, y: End | null): number => {
    if (x === null || y === null) return x === y ? 0 : x === null ? -1 : 1;
    const result = compareBoundValues(x.value, y.value, collation);
    if (result === null) undecided = true;
    return result === null || result === 0 ? Number(y.inclusive) - Number(x.inclusive) : result;
  };
  const sorted = [...intervals].sort((x, y) => order(x.lower, y.lower));
  const united: Interval[] = [];
  for (const interval of sorted) {
    const last = united.at(-1);
    if (last === undefined || !touches(last, interval)) {
      united.push(interval);
      continue;
    }
    united[united.length - 1] = { lower: last.lower, upper: furtherUpper(last.upper, interval.upper) };
  }
  return undecided ? null : united;

  function touches(last: Interval, next: Interval): boolean {
    if (last.upper === null || next.lower === null) return true;
    const result = compareBoundValues(next.lower.value, last.upper.value, collation);
    if (result === null) undecided = true;
    return result !== null && (result < 0 || (result === 0 && (last.upper.inclusive || next.lower.inclusive)));
  }

  function furtherUpper(x: End | null, y: End | null): End | null {
    if (x === null || y === null) return null;
    const result = compareBoundValues(x.value, y.value, collation);
    if (result === null) undecided = true;
    if (result === 0) return x.inclusive ? x : y;
    return (result ?? 0) > 0 ? x : y;
  }
}

/** Dates and timestamps are compared as timestamps, as PostgreSQL's operators between the two do; null where unknown. */
export function compareBoundValues(a: Value, b: Value, collation: string | null): number | null {
  if (a.family === "date" && b.family === "timestamp") return compareAsTimestamps(a, b);
  if (a.family === "timestamp" && b.family === "date") {
    const order = compareAsTimestamps(b, a);
    return order === null ? null : -order;
  }
  return compareValues(a, b, collation);
}

function compareAsTimestamps(date: Value, timestamp: Value): number | null {
  if (date.family !== "date") return null;
  if (date.days === Number.POSITIVE_INFINITY || date.days === Number.NEGATIVE_INFINITY) return null;
  const micros = BigInt(date.days) * 86_400_000_000n;
  return compareValues({ family: "timestamp", micros }, timestamp, null);
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
