/** The CHECK constraints of inheritance children as bounds of a key column, as far as constraint exclusion sees them. */

// Which values a child takes, and why a constraint excludes nothing.

import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import { addAll } from "../text/long-lists.ts";
import type { TextRange } from "../text/range.ts";
import type { Catalog } from "./catalog.ts";
import { type CheckBounds, complement, type End, type Interval, isEverything, meet, unite } from "./check-intervals.ts";
import type { DataType } from "./data-type.ts";
import type { Column, Relation, TableConstraint } from "./relation.ts";
import type { Value } from "./value.ts";
import { coerceConstant, type EvaluateContext, type Evaluation, evaluate } from "./values/evaluate.ts";
import { baseType, resolveType, sameType, withoutModifier } from "./values/types.ts";

/** What a child's CHECK constraints say of the key column. */
export interface ChildBounds {
  /** null where no constraint excludes anything: the planner scans the child for every query. */
  readonly bounds: CheckBounds | null;
  /** Where a bound comes from: the constraints that gave it, in order. */
  readonly constraints: readonly TableConstraint[];
  /** Parts of constraints that exclude nothing, and the lack of a constraint. */
  readonly problems: readonly CheckProblem[];
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

/** What besides the catalog decides what a constraint says. */
export interface CheckContext {
  /** PostgreSQL's major version. */
  readonly version: number;
}

/** Reads the CHECK constraints of a child as bounds of the column `key`. */
export function childBounds(catalog: Catalog, child: Relation, key: string, { version }: CheckContext): ChildBounds {
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
      version,
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

function columnNamed({ columns }: Relation, name: string): Column | null {
  return columns.find((column) => column.name === name) ?? null;
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
    case "in":
      return readList(reader, expression, expression.items, expression.negated !== negated);
    case "any-array": {
      // A dump writes IN as `= ANY (ARRAY[…])`, NOT IN as `<> ALL (ARRAY[…])`, each with a cast where the elements need one.
      const { operator, all, array } = expression;
      if (operator !== (all ? "<>" : "=")) return unreadable(reader, expression);
      const literal = array.kind === "cast" ? array.operand : array;
      const items = literal.kind === "array" ? literal.items : constantElements(reader, array);
      return items === null || items.length === 0
        ? unreadable(reader, expression)
        : readList(reader, expression, items, all !== negated);
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

/** A value that is not written as an expression of its own. */
type Constant = Extract<Evaluation, { kind: "constant" }>;

function readList(
  reader: Reader,
  { operand, range }: Extract<Expression, { kind: "in" | "any-array" }>,
  items: readonly (Expression | Constant)[],
  negated: boolean,
): CheckBounds | null {
  const points = items.map((item) => comparison(reader, operand, "=", item, range));
  if (points.includes(null)) return null;
  const all = uniteAll(reader, points, range);
  return negated ? complement(all) : all;
}

/** The elements of an array that is one constant: `'{a,b}'::text[]`; null for any other, and where one of them is NULL. */
function constantElements(reader: Reader, array: Expression): readonly Constant[] | null {
  const evaluation = evaluate(array, reader.evaluating);
  if (evaluation.kind !== "constant" || reader.type === null) return null;
  // A literal without a type has that of the key.
  const untyped = evaluation.type === null ? ({ kind: "array", element: reader.type } as const) : null;
  const read = untyped === null ? null : coerceConstant(evaluation, untyped, "implicit", reader.evaluating);
  const value = read === null ? evaluation.value : read.kind === "value" ? read.value : null;
  if (value?.family !== "array") return null;
  const type = untyped?.element ?? (evaluation.type?.kind === "array" ? evaluation.type.element : null);
  const elements = value.elements.flatMap((element): Constant[] =>
    element === null || element.family === "array" ? [] : [{ kind: "constant", value: element, type }],
  );
  return elements.length === value.elements.length ? elements : null;
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

/** `key % m = r`, as hand-made hash partitions have it, and `get_hash_part_idx(hashint4(key), m) = r`, as pg_pathman has it. */
function readRemainder(reader: Reader, left: Expression, right: Expression): CheckBounds | null {
  const hashed = left.kind === "call" ? hashedKey(reader, left) : null;
  const divisor = hashed ?? (left.kind === "operator" && left.operator === "%" ? left.right : null);
  if (divisor === null) return null;
  if (left.kind === "operator" && (left.left === null || !isKey(reader, left.left))) return null;
  const modulus = integerOf(reader, divisor);
  const remainder = integerOf(reader, right);
  if (modulus === null || remainder === null || modulus === 0n) return null;
  return { kind: "remainder", modulus, remainder, ...(hashed === null ? {} : { hashed: true }) };
}

/** What pg_pathman divides the hash of the key by; null where a call is no such division. */
function hashedKey(
  reader: Reader,
  { name, arguments: given }: Extract<Expression, { kind: "call" }>,
): Expression | null {
  if (!/^get_hash(?:_part_idx)?$/.test(name.at(-1) ?? "")) return null;
  const [hash, count] = given.map(({ value }) => value);
  const key = hash?.kind === "call" ? hash.arguments[0]?.value : undefined;
  return key !== undefined && count !== undefined && isKey(reader, key) ? count : null;
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
  constant: Expression | Constant,
  range: TextRange,
): CheckBounds | null {
  if (!isKey(reader, subject)) {
    noteSubject(reader, subject, range);
    return null;
  }
  const value = constantValue(reader, constant, range);
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
function constantValue(reader: Reader, constant: Expression | Constant, around: TextRange): Value | null {
  const evaluation = "range" in constant ? evaluate(constant, reader.evaluating) : constant;
  const { type: keyType } = reader;
  const failed = (reason: CheckProblemReason): null => {
    note(reader, reason, "range" in constant ? constant.range : around);
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

/** The key itself, also where a dump writes a cast that changes nothing. */
function isKey(reader: Reader, expression: Expression): boolean {
  if (expression.kind === "cast" && reader.type !== null) {
    const target = resolveType(reader.evaluating.catalog, expression.type);
    return isRelabelling(reader.type, target) && isKey({ ...reader, type: null }, expression.operand);
  }
  return expression.kind === "column" && !expression.star && expression.names.at(-1) === reader.key;
}

/** From a domain to its type, and from varchar to text, which has all its operators. */
function isRelabelling(from: DataType, to: DataType): boolean {
  const base = baseType(from);
  if (base.kind === "base" && base.name === "varchar" && to.kind === "base" && to.name === "text") return true;
  return from.kind === "domain" && sameType(withoutModifier(base), withoutModifier(to));
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
    addAll(intervals, part.intervals);
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
