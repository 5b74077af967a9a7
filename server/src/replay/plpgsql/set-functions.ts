/** Functions that give sets, where their arguments tell the rows: `generate_series`, `unnest`, and texts that are cut. */

import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { evaluateWith } from "./constants.ts";
import { computed, evaluation, type Machine, mayGoOn, type Rows, type Scope } from "./machine.ts";
import { assignTo, elementsOf, type TypedValue, textOf } from "./typed-value.ts";

export function isSetFunction({ name }: FunctionCall): boolean {
  return setFunctions.has(name.at(-1) ?? "") && (name.length === 1 || name[0] === "pg_catalog");
}

const setFunctions: ReadonlySet<string> = new Set([
  "generate_series",
  "generate_subscripts",
  "unnest",
  "string_to_table",
  "regexp_split_to_table",
]);

/** The rows of the call, each with one field under the function's name; null where they are not known. */
export function setRows(machine: Machine, call: FunctionCall, scope: Scope): Rows | null {
  const values = setValues(machine, call, scope);
  const name = call.name.at(-1) ?? "";
  return values?.map((value) => [{ name, value }]) ?? null;
}

function setValues(machine: Machine, call: FunctionCall, scope: Scope): readonly TypedValue[] | null {
  const parts: TypedValue[] = [];
  for (const argument of call.arguments) {
    const part = argument.variadic || argument.name !== undefined ? null : computed(machine, argument.value, scope);
    if (part === null) return null;
    parts.push(part);
  }
  const [first, second, ...others] = parts;
  if (first === undefined) return null;
  switch (call.name.at(-1)) {
    case "generate_series":
      return seriesValues(machine, parts);
    case "unnest":
      return second === undefined ? elementsOf(first) : null;
    case "generate_subscripts": {
      const elements = elementsOf(first);
      const isFirst = second?.value?.family === "integer" && second.value.value === 1n && others.length === 0;
      return isFirst ? (elements?.map((_, index) => number(BigInt(index + 1))) ?? null) : null;
    }
    default: {
      if (second === undefined || others.length > 0) return null;
      const [text, separator] = [first, second].map((part) => textOf(part, evaluation(machine)));
      if (typeof text !== "string" || typeof separator !== "string" || separator === "") return null;
      const isPattern = call.name.at(-1) === "regexp_split_to_table";
      if (isPattern && !/^[\s\w,;:|/-]$/.test(separator)) return null;
      if (text === "" && !isPattern) return [];
      const pieces = text.split(separator, mostPieces + 1);
      if (pieces.length > mostPieces) return null;
      return pieces.map((value) => ({ value: { family: "text", value }, type: baseTypeNamed("text") }));
    }
  }
}

/** A text is cut into no more rows than this. */
const mostPieces = 20_000;

function number(value: bigint): TypedValue {
  return { value: { family: "integer", value }, type: baseTypeNamed("int4") };
}

const oneStep = number(1n);

function seriesValues(machine: Machine, parts: readonly TypedValue[]): readonly TypedValue[] | null {
  const [start, stop, step = oneStep] = parts;
  if (start === undefined || stop === undefined || parts.length > 3) return null;
  const context = evaluation(machine);
  const timeTypes = ["date", "timestamp", "timestamptz"];
  const isTime = [start, stop].some(({ type }) => type?.kind === "base" && timeTypes.includes(type.name));
  const isZoned = [start, stop].some(({ type }) => type?.kind === "base" && type.name === "timestamptz");
  const isDate = [start, stop].every(({ type }) => type === null || (type.kind === "base" && type.name === "date"));
  // Of dates there is no series: they become timestamps with the session's zone.
  const type = isTime ? baseTypeNamed(isZoned || isDate ? "timestamptz" : "timestamp") : start.type;
  const stepType = isTime ? baseTypeNamed("interval") : step.type;
  if (type === null || stepType === null) return null;
  const [first, last, by] = [
    assignTo(start, type, context),
    assignTo(stop, type, context),
    assignTo(step, stepType, context),
  ];
  if (first === null || last === null || by === null) return null;
  if ([first, last, by].some(({ late }) => late !== undefined)) return null;
  const direction = signOf(by.value);
  if (direction === 0 || first.value === null || last.value === null) return null;
  const values: TypedValue[] = [];
  for (let current = first; current.value !== null; ) {
    const order = compareValues(current.value, last.value, null);
    if (order === null || !mayGoOn(machine)) return null;
    if (order * direction > 0) break;
    values.push(current);
    const next = evaluateWith(
      sum,
      new Map([
        ["series", current],
        ["step", by],
      ]),
      context,
    );
    if (next == null) return null;
    current = next;
  }
  return values;
}

const nowhere = { start: 0, end: 0 };
const sum: Expression = {
  kind: "operator",
  operator: "+",
  left: { kind: "column", names: ["series"], star: false, range: nowhere },
  right: { kind: "column", names: ["step"], star: false, range: nowhere },
  range: nowhere,
};

function signOf(value: Value | null): number {
  switch (value?.family) {
    case "integer":
      return value.value > 0n ? 1 : value.value < 0n ? -1 : 0;
    case "interval": {
      const micros = BigInt(value.months * 30 + value.days) * 86_400_000_000n + value.micros;
      return micros > 0n ? 1 : micros < 0n ? -1 : 0;
    }
    default:
      return 0;
  }
}
