/** Reads a written bound for a partition key: PostgreSQL's `transformPartitionBound`, its checks in its order. */

import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { BoundDatum, BoundSpecification } from "../syntax/statement.ts";
import { addAll } from "../text/long-lists.ts";
import { itemsOfName, itemsOfPortion } from "../text/portions.ts";
import type { TextRange } from "../text/range.ts";
import { notedPortions } from "./access.ts";
import type { Catalog } from "./catalog.ts";
import type { DataType } from "./data-type.ts";
import { forbiddenInBound } from "./expression-restrictions.ts";
import type { BoundPlace } from "./partition-set.ts";
import type { Bound, KeyElement, PartitionKey, RangeDatum } from "./partitioning.ts";
import { representationOf } from "./representation.ts";
import type { Value } from "./value.ts";
import { coerceConstant, domainRefusal, type EvaluateContext, evaluate } from "./values/evaluate.ts";
import type { ValueProblem } from "./values/result.ts";
import { formatTypeName } from "./values/types.ts";

export interface BoundContext {
  readonly catalog: Catalog;
  /** PostgreSQL's major version. */
  readonly version: number;
}

/** PostgreSQL's refusal of a bound. `about` says which family of rules presents it. */
export interface BoundProblem {
  readonly about: "bound-shape" | "bound-value" | "hash-modulus" | "default-conflict";
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  /** The part of the statement it is about. */
  readonly range: TextRange;
  /** Where PostgreSQL itself points; undefined where it points nowhere. */
  readonly position?: number | undefined;
}

export type BoundReading =
  | {
      readonly kind: "bound";
      readonly bound: Bound;
      /** For list bounds: which written value each value of the bound came from; duplicates are dropped. */
      readonly valueIndexes: readonly number[];
      /** Why nothing is claimed of the bound, where something in it could not be told. */
      readonly declined: readonly string[];
    }
  | { readonly kind: "problem"; readonly problem: BoundProblem };

/** The bound as PostgreSQL would store it, or its refusal. What cannot be evaluated gives a bound of kind `unknown`. */
export function readBound(written: BoundSpecification, key: PartitionKey, context: BoundContext): BoundReading {
  if (written.kind === "default") {
    if (key.strategy !== "hash") return plain({ kind: "default" });
    return refused({
      about: "default-conflict",
      sqlstate: "42P16",
      message: "a hash-partitioned table may not have a default partition",
      range: written.range,
    });
  }
  if (written.kind !== key.strategy) {
    return refused({
      about: "bound-shape",
      sqlstate: "42P16",
      message: `invalid bound specification for a ${key.strategy} partition`,
      range: written.range,
      position: written.location,
    });
  }
  switch (written.kind) {
    case "hash":
      return readHashBound(written);
    case "list":
      return readListBound(written, key, context);
    case "range":
      return readRangeBound(written, key, context);
  }
}

/** The range in the statement of the datum that a conflict is about; the whole bound where it is about all of it. */
export function rangeOfPlace(
  written: BoundSpecification,
  place: BoundPlace,
  valueIndexes: readonly number[] = [],
): TextRange {
  if (written.kind === "range" && (place.side === "lower" || place.side === "upper")) {
    const datum = (place.side === "lower" ? written.from : written.to)[place.index];
    return datum?.range ?? written.range;
  }
  if (written.kind === "list" && place.side === "value") {
    const value = written.values[valueIndexes[place.index] ?? place.index];
    return value?.range ?? written.range;
  }
  return written.range;
}

/** The offset at which PostgreSQL 14 and later point for a conflict at this place. */
export function positionOfPlace(
  written: BoundSpecification,
  place: BoundPlace,
  valueIndexes: readonly number[] = [],
): number {
  return place.side === "whole" ? written.location : rangeOfPlace(written, place, valueIndexes).start;
}

function plain(bound: Bound): BoundReading {
  return { kind: "bound", bound, valueIndexes: [], declined: [] };
}

function refused(problem: BoundProblem): BoundReading {
  return { kind: "problem", problem };
}

function readHashBound(written: Extract<BoundSpecification, { kind: "hash" }>): BoundReading {
  const { modulus, remainder } = written;
  if (modulus <= 0) {
    return refused({
      about: "hash-modulus",
      sqlstate: "42P16",
      message: "modulus for hash partition must be an integer value greater than zero",
      range: written.modulusRange,
    });
  }
  if (remainder >= modulus) {
    return refused({
      about: "hash-modulus",
      sqlstate: "42P16",
      message: "remainder for hash partition must be less than modulus",
      range: written.remainderRange,
    });
  }
  return plain({ kind: "hash", modulus, remainder });
}

/** What has been read of a list so far; the next portion goes on with the same arrays. */
interface ListedValues {
  readonly values: (Value | null)[];
  readonly seen: Set<string>;
  readonly valueIndexes: number[];
  /** Why values among them are not known. */
  readonly reasons: string[];
  next: number;
}

function readListBound(
  written: Extract<BoundSpecification, { kind: "list" }>,
  key: PartitionKey,
  context: BoundContext,
): BoundReading {
  const { listed, problem } = notedPortions<{ readonly listed: ListedValues; readonly problem: BoundProblem | null }>(
    (left) => {
      const listed = left?.listed ?? { values: [], seen: new Set(), valueIndexes: [], reasons: [], next: 0 };
      const end = Math.min(written.values.length, listed.next + itemsOfPortion / itemsOfName);
      const items = (end - listed.next) * itemsOfName;
      const problem = readListedValues(written.values, end, listed, key, context);
      return { state: { listed, problem }, isDone: problem !== null || end === written.values.length, items };
    },
  );
  if (problem !== null) return { kind: "problem", problem };
  const { values, valueIndexes, reasons: declined } = listed;
  const bound: Bound = declined.length > 0 ? { kind: "unknown" } : { kind: "list", values };
  return { kind: "bound", bound, valueIndexes, declined };
}

/** Reads on to the end, or to the first value that PostgreSQL refuses. */
function readListedValues(
  written: readonly Expression[],
  end: number,
  listed: ListedValues,
  key: PartitionKey,
  context: BoundContext,
): BoundProblem | null {
  for (; listed.next < end; listed.next++) {
    const reading = readBoundValue(written[listed.next] as Expression, key.elements[0], context);
    if (reading.kind === "problem") return reading.problem;
    if (reading.kind === "declined") {
      listed.reasons.push(reading.reason);
      continue;
    }
    const representation = representationOf(reading.value);
    if (listed.seen.has(representation)) continue;
    listed.seen.add(representation);
    listed.values.push(reading.value);
    listed.valueIndexes.push(listed.next);
  }
  return null;
}

function readRangeBound(
  written: Extract<BoundSpecification, { kind: "range" }>,
  key: PartitionKey,
  context: BoundContext,
): BoundReading {
  const declined: string[] = [];
  const sides: (readonly RangeDatum[])[] = [];
  for (const [word, datums, range] of [
    ["FROM", written.from, written.fromRange],
    ["TO", written.to, written.toRange],
  ] as const) {
    if (datums.length !== key.elements.length) {
      return refused({
        about: "bound-shape",
        sqlstate: "42P16",
        message: `${word} must specify exactly one value per partitioning column`,
        range,
      });
    }
  }
  for (const datums of [written.from, written.to]) {
    const side = readRangeSide(datums, key, context);
    if (side.kind === "problem") return side;
    addAll(declined, side.declined);
    sides.push(side.datums);
  }
  const [lower = [], upper = []] = sides;
  const bound: Bound = declined.length > 0 ? { kind: "unknown" } : { kind: "range", lower, upper };
  return { kind: "bound", bound, valueIndexes: [], declined };
}

/** `transformPartitionRangeBounds`: the values from left to right, then the order of the infinite ones. */
function readRangeSide(
  written: readonly BoundDatum[],
  key: PartitionKey,
  context: BoundContext,
):
  | { readonly kind: "side"; readonly datums: readonly RangeDatum[]; readonly declined: readonly string[] }
  | { readonly kind: "problem"; readonly problem: BoundProblem } {
  const datums: RangeDatum[] = [];
  const declined: string[] = [];
  let valuesRead = 0;
  for (const [index, datum] of written.entries()) {
    if (datum.kind !== "value") {
      datums.push(datum.kind === "minvalue" ? { kind: "minvalue" } : { kind: "maxvalue" });
      continue;
    }
    // Before 14 PostgreSQL did not count MINVALUE and MAXVALUE when it looked for a value's column.
    const element = key.elements[context.version >= 14 ? index : valuesRead];
    valuesRead += 1;
    const reading = readBoundValue(datum.expression, element, context);
    if (reading.kind === "problem") return reading;
    if (reading.kind === "declined") {
      declined.push(reading.reason);
      datums.push({ kind: "minvalue" });
    } else if (reading.value === null) {
      const message = "cannot specify NULL in range bound";
      return { kind: "problem", problem: { about: "bound-shape", sqlstate: "42P17", message, range: datum.range } };
    } else {
      datums.push({ kind: "value", value: reading.value });
    }
  }
  const outOfOrder = misplacedDatum(written);
  if (outOfOrder !== null) return { kind: "problem", problem: outOfOrder };
  return { kind: "side", datums, declined };
}

/** `validateInfiniteBounds` */
function misplacedDatum(written: readonly BoundDatum[]): BoundProblem | null {
  let kind: BoundDatum["kind"] = "value";
  for (const datum of written) {
    if (datum.kind === kind) continue;
    if (kind === "value") {
      kind = datum.kind;
      continue;
    }
    const word = kind === "maxvalue" ? "MAXVALUE" : "MINVALUE";
    return {
      about: "bound-shape",
      sqlstate: "42804",
      message: `every bound following ${word} must also be ${word}`,
      range: datum.range,
      position: datum.range.start,
    };
  }
  return null;
}

type ValueReading =
  | { readonly kind: "value"; readonly value: Value | null }
  | { readonly kind: "problem"; readonly problem: BoundProblem }
  | { readonly kind: "declined"; readonly reason: string };

/** `transformPartitionBoundValue`: analyse, cast by assignment to the key's type, evaluate. */
function readBoundValue(expression: Expression, element: KeyElement | undefined, context: BoundContext): ValueReading {
  const forbidden = forbiddenInBound(expression, context.catalog);
  if (forbidden !== null) {
    return { kind: "problem", problem: { about: "bound-value", ...forbidden, position: forbidden.range.start } };
  }
  if (element === undefined) return { kind: "declined", reason: "there is no such key column" };
  if (element.type === null || element.type.kind === "unknown") return readUnknownType(expression);
  const { catalog, version } = context;
  // `now()` and the like are evaluated when the statement runs, which is not when we read it: `today` stays out.
  const evaluation: EvaluateContext = { settings: catalog.settings, version, catalog, today: null };
  const evaluated = evaluate(version < 12 ? withBooleanAsString(expression) : expression, evaluation);
  if (evaluated.kind === "problem") return valueProblem(evaluated, evaluated.range, expression);
  const mismatch = version < 14 ? collationMismatch(expression, element) : null;
  if (mismatch !== null) return { kind: "problem", problem: mismatch };
  const coerced = coerceConstant(evaluated, element.type, "assignment", evaluation);
  if (version < 12 && element.type.kind === "domain" && coerced.kind !== "problem") {
    const problem = noCast(expression, element, element.type, catalog);
    return { kind: "problem", problem: { ...problem, ...nonImmutableCast } };
  }
  switch (coerced.kind) {
    case "value":
      return { kind: "value", value: coerced.value };
    case "null":
      return { kind: "value", value: null };
    case "declined": {
      const refusal = domainRefusal(evaluated, element.type, "assignment", evaluation);
      return refusal === null ? coerced : valueProblem(refusal, expression.range, expression);
    }
    case "problem":
      return valueProblem(coerced, expression.range, expression);
    case "no-cast":
      return { kind: "problem", problem: noCast(expression, element, element.type, catalog) };
  }
}

function noCast(expression: Expression, element: KeyElement, type: DataType, catalog: Catalog): BoundProblem {
  const typeName = formatTypeName(type, catalog.settings.searchPath);
  return {
    about: "bound-value",
    sqlstate: "42804",
    message: `specified value cannot be cast to type ${typeName} for column "${columnNameInMessages(element)}"`,
    range: expression.range,
    position: expression.range.start,
  };
}

/** Up to 11 a value has to be a constant after its cast, and PostgreSQL does not fold the cast to a domain. */
const nonImmutableCast = {
  detail: "The cast requires a non-immutable conversion.",
  hint: "Try putting the literal value in single quotes.",
} as const;

/** Up to 11 the grammar makes strings of TRUE and FALSE in a bound. */
function withBooleanAsString(expression: Expression): Expression {
  if (expression.kind !== "constant" || expression.value.type !== "boolean") return expression;
  return { ...expression, value: { ...expression.value, type: "string" } };
}

/** Up to 13 a bound's own COLLATE has to be the key's; that of the database goes with every key. */
function collationMismatch(expression: Expression, element: KeyElement): BoundProblem | null {
  if (expression.kind !== "collate" || element.collation === null) return null;
  const written = expression.collation.at(-1);
  if (written === "default" || written === element.collation) return null;
  return {
    about: "bound-value",
    sqlstate: "42804",
    message: `collation of partition bound value for column "${columnNameInMessages(element)}" does not match partition key collation "${element.collation}"`,
    range: expression.range,
    position: expression.range.start,
  };
}

/** Of a type that we do not know, equal texts are equal values; nothing else can be said. */
function readUnknownType(expression: Expression): ValueReading {
  if (expression.kind !== "constant") return { kind: "declined", reason: "the type of the partition key is not known" };
  if (expression.value.type === "null") return { kind: "value", value: null };
  return { kind: "value", value: { family: "opaque", text: expression.value.text } };
}

function valueProblem(problem: ValueProblem, range: TextRange, expression: Expression): ValueReading {
  const { sqlstate, message, detail, hint } = problem;
  const position = isReportedAtItsPlace(problem) ? innermostLiteral(range, expression) : undefined;
  return { kind: "problem", problem: { about: "bound-value", sqlstate, message, detail, hint, range, position } };
}

/**
 * PostgreSQL points at what it finds while it analyses an expression: literals that it cannot read, functions and operators
 * that do not exist. What fails when the expression is evaluated (a cast's overflow, a length) has no place.
 */
function isReportedAtItsPlace(problem: ValueProblem): boolean {
  if (problem.sqlstate.startsWith("42")) return true;
  return problem.sqlstate.startsWith("22") && problem.message.includes('"');
}

function innermostLiteral(range: TextRange, expression: Expression): number {
  for (const part of insideOut(expression)) {
    if (part.kind === "constant" && part.range.start >= range.start && part.range.end <= range.end) {
      return part.range.start;
    }
  }
  return range.start;
}

/** A column's name, or an expression as `deparse_expression` prints it, without the parentheses of `pg_get_partkeydef`. */
function columnNameInMessages(element: KeyElement): string {
  if (element.column !== null) return element.column;
  return element.text.startsWith("(") && element.text.endsWith(")") ? element.text.slice(1, -1) : element.text;
}
