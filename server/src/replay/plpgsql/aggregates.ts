/** Aggregates over rows that are known: `string_agg` of the DDL that a script builds, `count`, `min`, `max`, … */

import { baseTypeNamed } from "../../catalog/values/types.ts";
import { largestValue } from "../../catalog/values/work.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { mapOperands } from "../../syntax/expression-walk.ts";
import { computed, evaluation, type Machine, type Scope } from "./machine.ts";
import { arrayOf, sortOrder, type TypedValue, textOf } from "./typed-value.ts";

export function isAggregate({ name, star, aggregateSyntax, window }: FunctionCall): boolean {
  return window === null && (star || aggregateSyntax || known.has(name.at(-1) ?? ""));
}

const known: ReadonlySet<string> = new Set([
  "string_agg",
  "array_agg",
  "count",
  "min",
  "max",
  "sum",
  "avg",
  "bool_and",
  "bool_or",
  "every",
]);

/** The value of an expression over a group of rows; what stands beside the aggregates is the same in all of them. */
export function aggregated(
  machine: Machine,
  expression: Expression,
  group: readonly { readonly scope: Scope }[],
  outside: Scope,
): TypedValue | null {
  const scope = group[0]?.scope ?? outside;
  const variables = new Map(scope.variables);
  const change = (part: Expression): Expression => {
    if (part.kind !== "call" || !isAggregate(part)) return mapOperands(part, change);
    const name = `\0aggregate ${variables.size}`;
    variables.set(name, aggregate(machine, part, group));
    return { kind: "column", names: [name], star: false, range: part.range };
  };
  return computed(machine, change(expression), { ...scope, variables });
}

function aggregate(
  machine: Machine,
  call: FunctionCall,
  group: readonly { readonly scope: Scope }[],
): TypedValue | null {
  if (call.distinct || (call.aggregateSyntax && call.order === undefined)) return null;
  const name = call.name.at(-1);
  if (call.star) return name === "count" ? count(group.length) : null;
  const rows = group.map(({ scope }) => ({
    values: call.arguments.map(({ value }) => computed(machine, value, scope)),
    keys: call.order?.map(({ expression }) => computed(machine, expression, scope)) ?? [],
  }));
  if (machine.stop !== null) return null;
  let inOrder = true;
  if (call.order !== undefined) {
    rows.sort((a, b) => {
      for (const [index, key] of a.keys.entries()) {
        const order = sortOrder(key, b.keys[index] ?? null, call.order?.[index]);
        if (order === null) inOrder = false;
        else if (order !== 0) return order;
      }
      return 0;
    });
  }
  const values = rows.map((row) => row.values[0] ?? null);
  if (!inOrder || values.some((value) => value === null || value.late !== undefined)) return null;
  const present = values.filter((value) => value?.value != null);
  switch (name) {
    case "count":
      return count(present.length);
    case "array_agg":
      return values.length === 0 ? { value: null, type: null } : (arrayOf(values, null) ?? null);
    case "string_agg":
      return joinedTexts(machine, rows);
    case "min":
    case "max":
      return extreme(present, name === "max" ? 1 : -1);
    case "sum":
      return sumOf(present);
    default:
      return null;
  }
}

function count(value: number): TypedValue {
  return { value: { family: "integer", value: BigInt(value) }, type: baseTypeNamed("int8") };
}

function joinedTexts(
  machine: Machine,
  rows: readonly { readonly values: readonly (TypedValue | null)[] }[],
): TypedValue | null {
  const type = baseTypeNamed("text");
  let result: string | null = null;
  for (const { values } of rows) {
    const [text, separator] = values.map((value) => (value === null ? undefined : textOf(value, evaluation(machine))));
    if (text === undefined || separator === undefined) return null;
    if (text !== null) result = result === null ? text : result + (separator ?? "") + text;
    if (result !== null && result.length > largestValue) return null;
  }
  return { value: result === null ? null : { family: "text", value: result }, type };
}

function extreme(values: readonly (TypedValue | null)[], sign: number): TypedValue | null {
  let best: TypedValue | null = null;
  for (const value of values) {
    const order = best === null ? sign : sortOrder(value, best, undefined);
    if (order === null) return null;
    if (order * sign > 0) best = value;
  }
  return best ?? { value: null, type: null };
}

function sumOf(values: readonly (TypedValue | null)[]): TypedValue | null {
  let sum = 0n;
  for (const value of values) {
    if (value?.value?.family !== "integer" || value.type?.kind !== "base" || value.type.name === "int8") return null;
    sum += value.value.value;
  }
  return values.length === 0
    ? { value: null, type: null }
    : { value: { family: "integer", value: sum }, type: baseTypeNamed("int8") };
}
