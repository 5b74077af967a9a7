/** The rows over which a FOR loop runs, where its query tells them: series, arrays and VALUES lists. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed, sameType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { FromItem, SelectQuery } from "../../syntax/query.ts";
import { assignTo, evaluateWith, type TypedValue, type Variables } from "./constants.ts";

export interface Field {
  readonly name: string;
  readonly value: TypedValue;
}

/** The fields of each row in order; null where the query reads anything else, or where a value cannot be told. */
export function rowsOf(
  query: SelectQuery,
  variables: Variables,
  context: EvaluateContext,
): readonly (readonly Field[])[] | null {
  if (!isPlain(query)) return null;
  if (query.values !== null) return valuesRows(query.values, [], variables, context);
  const [item] = query.from;
  const source = item === undefined ? targetRows(query, variables, context) : itemRows(item, variables, context);
  if (source === null || item === undefined) return source;
  const rows: (readonly Field[])[] = [];
  for (const fields of source) {
    const inRow = withFields(variables, fields, aliasOf(item));
    const holds = query.where === null ? null : evaluateWith(query.where, inRow, context);
    if (query.where !== null) {
      if (holds === null || (holds.value !== null && holds.value.family !== "boolean")) return null;
      if (holds.value?.family !== "boolean" || !holds.value.value) continue;
    }
    const row = selectedFields(query, fields, inRow, context);
    if (row === null) return null;
    rows.push(row);
  }
  return rows;
}

/** The elements of an array; null where they cannot be told. */
export function elementsOf({ value, type }: TypedValue): readonly TypedValue[] | null {
  if (type?.kind !== "array" || value?.family !== "array") return null;
  return value.elements.map((each) => ({ value: each, type: type.element }));
}

/** One source at most, every row of it in its order. */
function isPlain(query: SelectQuery): boolean {
  return (
    query.with.length === 0 &&
    query.groupBy.length === 0 &&
    query.having === null &&
    query.setOperation === null &&
    query.orderBy.length === 0 &&
    !query.hasLimit &&
    !query.distinct &&
    query.from.length <= 1
  );
}

/** `SELECT generate_series(…)::date`: a set in place of a value. */
function targetRows(
  query: SelectQuery,
  variables: Variables,
  context: EvaluateContext,
): readonly (readonly Field[])[] | null {
  const [target, ...others] = query.targets;
  const call = target === undefined || others.length > 0 || query.where !== null ? null : setCall(target.expression);
  const values = call === null ? null : setValues(call, variables, context);
  if (target === undefined || call === null || values === null) return null;
  const rows: (readonly Field[])[] = [];
  for (const value of values) {
    const expression = withoutCall(target.expression, call);
    const result = evaluateWith(expression, new Map([...variables, [element, value]]), context);
    if (result === null) return null;
    rows.push([{ name: target.name ?? nameOf(call), value: result }]);
  }
  return rows;
}

/** Stands for the value of the set in the expression around its call; no name in SQL has the space. */
const element = "an element";

function setCall(expression: Expression): Expression | null {
  if (expression.kind === "call" && setFunctions.has(nameOf(expression))) return expression;
  return expression.kind === "cast" ? setCall(expression.operand) : null;
}

function withoutCall(expression: Expression, call: Expression): Expression {
  if (expression === call) return { kind: "column", names: [element], star: false, range: call.range };
  return expression.kind === "cast" ? { ...expression, operand: withoutCall(expression.operand, call) } : expression;
}

function itemRows(
  item: FromItem,
  variables: Variables,
  context: EvaluateContext,
): readonly (readonly Field[])[] | null {
  if (item.kind === "function") {
    const [call, ...others] = item.calls;
    const values = call === undefined || others.length > 0 ? null : setValues(call, variables, context);
    const name = item.columnAliases[0] ?? item.alias ?? (call === undefined ? "" : nameOf(call));
    return values?.map((value) => [{ name, value }]) ?? null;
  }
  if (item.kind !== "subquery") return null;
  const { query, columnAliases } = item;
  if (query.values !== null && isPlain(query)) return valuesRows(query.values, columnAliases, variables, context);
  const rows = rowsOf(query, variables, context);
  return (
    rows?.map((row) => row.map((field, index) => ({ ...field, name: columnAliases[index] ?? field.name }))) ?? null
  );
}

function aliasOf(item: FromItem): string | null {
  return item.kind === "join" ? null : item.alias;
}

function withFields(variables: Variables, fields: readonly Field[], alias: string | null): Variables {
  const known = new Map(variables);
  for (const { name, value } of fields) {
    known.set(name, value);
    if (alias !== null) known.set(`${alias}.${name}`, value);
  }
  return known;
}

function selectedFields(
  query: SelectQuery,
  fields: readonly Field[],
  inRow: Variables,
  context: EvaluateContext,
): readonly Field[] | null {
  const row: Field[] = [];
  for (const { expression, name } of query.targets) {
    if (expression.kind === "column" && expression.star) {
      row.push(...fields);
      continue;
    }
    const value = evaluateWith(expression, inRow, context);
    if (value === null) return null;
    const own = expression.kind === "column" ? expression.names.at(-1) : fields[0]?.name;
    row.push({ name: name ?? own ?? "?column?", value });
  }
  return row;
}

/** Each column has one type: a value without one is a text, and where two differ nothing is claimed. */
function valuesRows(
  written: readonly (readonly Expression[])[],
  names: readonly string[],
  variables: Variables,
  context: EvaluateContext,
): readonly (readonly Field[])[] | null {
  const types: DataType[] = [];
  const rows: (readonly Field[])[] = [];
  for (const items of written) {
    const row: Field[] = [];
    for (const [index, item] of items.entries()) {
      const found = evaluateWith(item, variables, context);
      if (found === null) return null;
      const type = found.type ?? baseTypeNamed("text");
      types[index] ??= type;
      if (!sameType(types[index], type)) return null;
      row.push({ name: names[index] ?? `column${index + 1}`, value: { value: found.value, type } });
    }
    rows.push(row);
  }
  return rows;
}

const setFunctions: ReadonlySet<string> = new Set(["generate_series", "unnest"]);

function nameOf(call: Expression): string {
  return call.kind === "call" ? (call.name.at(-1) ?? "") : "";
}

/** The values of `generate_series(start, stop[, step])` over integers, dates and times, or of `unnest(array)`. */
function setValues(call: Expression, variables: Variables, context: EvaluateContext): readonly TypedValue[] | null {
  if (call.kind !== "call" || !setFunctions.has(nameOf(call))) return null;
  const parts: TypedValue[] = [];
  for (const argument of call.arguments) {
    const part = argument.variadic ? null : evaluateWith(argument.value, variables, context);
    if (part === null) return null;
    parts.push(part);
  }
  if (nameOf(call) === "generate_series") return seriesValues(parts, context);
  const [array, ...others] = parts;
  return array === undefined || others.length > 0 ? null : elementsOf(array);
}

const oneStep: TypedValue = { value: { family: "integer", value: 1n }, type: baseTypeNamed("int4") };
/** A series of dates over a century has fewer. */
const mostValues = 50_000;

function seriesValues(parts: readonly TypedValue[], context: EvaluateContext): readonly TypedValue[] | null {
  const [start, stop, step = oneStep] = parts;
  if (start === undefined || stop === undefined || parts.length > 3) return null;
  const isTime = start.type?.kind === "base" && ["date", "timestamp", "timestamptz"].includes(start.type.name);
  const type = isTime
    ? baseTypeNamed(start.type?.kind === "base" && start.type.name === "timestamptz" ? "timestamptz" : "timestamp")
    : start.type;
  const stepType = isTime ? baseTypeNamed("interval") : step.type;
  if (type === null || stepType === null) return null;
  const [first, last, by] = [
    assignTo(start, type, context),
    assignTo(stop, type, context),
    assignTo(step, stepType, context),
  ];
  if (first === null || last === null || by === null) return null;
  const direction = signOf(by.value);
  if (direction === 0 || first.value === null || last.value === null) return null;
  const values: TypedValue[] = [];
  for (let current = first; current.value !== null; ) {
    const order = compareValues(current.value, last.value, null);
    if (order === null || values.length > mostValues) return null;
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
    if (next === null) return null;
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
