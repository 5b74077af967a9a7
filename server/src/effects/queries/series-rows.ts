/** The rows of INSERT … SELECT … FROM generate_series, where its arguments are constants. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { coerceConstant, type EvaluateContext, type Evaluation, evaluate } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { InsertQuery, SelectQuery } from "../../syntax/query.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { assignedValue, defaultValue } from "./assigned-value.ts";
import type { RowValue, RowValues } from "./row-values.ts";

/** Longer series are not followed to their end. */
const mostSteps = 20_000;

interface Typed {
  readonly value: Value;
  readonly type: DataType;
}

export interface SeriesRows {
  /** All rows, or of more than `most` the first and the last one. */
  readonly rows: readonly RowValues[];
  readonly complete: boolean;
}

/** The rows that such a statement inserts; null where they are not known, or where it is no such statement. */
export function seriesRows(
  catalog: Catalog,
  insert: InsertQuery,
  table: Relation,
  context: ApplyContext,
  most: number,
): SeriesRows | null {
  const evaluating: EvaluateContext = {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: null,
  };
  const source = insert.source === null ? null : readSeries(insert.source, catalog);
  if (source === null || insert.hasParts || insert.with.length > 0 || table.knowledge !== "full") return null;
  const values = seriesValues(source.arguments, evaluating);
  if (values === null) return null;
  const complete = values.length <= most;
  const [first, last] = [values[0], values.at(-1)];
  const kept = complete ? values : first === undefined || last === undefined ? [] : [first, last];
  const names =
    insert.columns.length > 0 ? insert.columns.map(({ name }) => name) : table.columns.map(({ name }) => name);
  const rows: RowValues[] = [];
  for (const value of kept) {
    const row = rowOf(source, names, value, table, evaluating);
    if (row === null) return null;
    rows.push(row);
  }
  return { rows, complete };
}

interface SeriesSource {
  readonly arguments: readonly Expression[];
  /** What the value is called in the targets. */
  readonly names: ReadonlySet<string>;
  readonly targets: readonly Expression[];
}

/** `SELECT … FROM generate_series(…) AS g`, and nothing that leaves rows out. */
function readSeries(source: SelectQuery, catalog: Catalog): SeriesSource | null {
  const { from, where, groupBy, having, distinct, distinctOn, hasLimit, offset, values, setOperation, targets } =
    source;
  const [item, ...others] = from;
  const isPlain =
    where === null && groupBy.length === 0 && having === null && !distinct && distinctOn === null && !hasLimit;
  if (!isPlain || offset !== null || values !== null || setOperation !== null || source.with.length > 0) return null;
  if (item?.kind !== "function" || others.length > 0 || item.calls.length !== 1) return null;
  const [call] = item.calls;
  if (call?.kind !== "call" || call.name.at(-1) !== "generate_series") return null;
  if (catalog.functions.has("generate_series")) return null;
  // Aggregates make one row of all, and functions that return sets any number.
  if (!targets.every(({ expression }) => isPerRow(expression, catalog))) return null;
  if (call.arguments.some(({ name, variadic }) => name !== undefined || variadic)) return null;
  const name = item.alias ?? "generate_series";
  return {
    arguments: call.arguments.map(({ value }) => value),
    names: new Set([name, item.columnAliases[0] ?? name]),
    targets: targets.map(({ expression }) => expression),
  };
}

/** Whether an expression gives one value for each row. */
export function isPerRow(expression: Expression, { functions }: Catalog): boolean {
  for (const part of insideOut(expression)) {
    if (part.kind === "other") return false;
    if (part.kind !== "call") continue;
    const name = part.name.at(-1) ?? "";
    const isPlain = !part.star && !part.aggregateSyntax && part.window === null && !part.distinct;
    const own = functions.get(name);
    const isOfOwn = own?.overloaded !== true && own?.returns?.setOf === false;
    const builtins = functionsNamed(name);
    const isOfPostgres = builtins.length > 0 && builtins.every((each) => each.kind === "function" && !each.returnsSet);
    if (!isPlain || !(own === undefined ? isOfPostgres : isOfOwn)) return false;
  }
  return true;
}

function seriesValues(given: readonly Expression[], context: EvaluateContext): readonly Typed[] | null {
  const [start, stop, step] = given.map((each) => evaluate(each, context));
  if (start === undefined || stop === undefined || given.length > 3) return null;
  if (!isSettled(start) || !isSettled(stop) || (step !== undefined && !isSettled(step))) return null;
  const isTime = [start.type, stop.type].some((type) => type !== null && timeTypes.has(nameOf(type)));
  const zoned = [start.type, stop.type].every((type) => type === null || nameOf(type) !== "timestamp");
  const type = isTime ? baseTypeNamed(zoned ? "timestamptz" : "timestamp") : (start.type ?? stop.type);
  if (type === null || (isTime && step === undefined)) return null;
  const by: Evaluation = step ?? { kind: "constant", value: { family: "integer", value: 1n }, type };
  const [first, last, length] = [
    coerceConstant(start, type, "implicit", context),
    coerceConstant(stop, type, "implicit", context),
    coerceConstant(by, isTime ? baseTypeNamed("interval") : type, "implicit", context),
  ];
  if (first.kind !== "value" || last.kind !== "value" || length.kind !== "value") return null;
  return stepped(
    { value: first.value, type },
    last.value,
    { value: length.value, type: lengthType(type, isTime) },
    context,
  );
}

/** Whether it is worth something that is known, as the session is set. */
function isSettled(evaluation: Evaluation): evaluation is Extract<Evaluation, { kind: "constant" | "stable" }> {
  return (evaluation.kind === "constant" || evaluation.kind === "stable") && evaluation.value !== undefined;
}

function lengthType(type: DataType, isTime: boolean): DataType {
  return isTime ? baseTypeNamed("interval") : type;
}

const timeTypes: ReadonlySet<string> = new Set(["date", "timestamp", "timestamptz"]);

function nameOf(type: DataType): string {
  return type.kind === "base" ? type.name : "";
}

function stepped(first: Typed, last: Value, step: Typed, context: EvaluateContext): readonly Typed[] | null {
  const values: Typed[] = [];
  let direction = 0;
  for (let current = first; ; ) {
    const order = compareValues(current.value, last, null);
    if (order === null || values.length > mostSteps) return null;
    const next = sum(current, step, context);
    if (next === null) return null;
    direction ||= compareValues(next.value, current.value, null) ?? 0;
    if (direction === 0) return null;
    if (order * direction > 0) return values;
    values.push(current);
    current = next;
  }
}

function sum(value: Typed, step: Typed, context: EvaluateContext): Typed | null {
  const sides: Readonly<Record<string, Typed>> = { value, step };
  const side = (names: readonly string[]): Typed | undefined => sides[names[0] ?? ""];
  const evaluation = evaluate(plus, {
    ...context,
    columnType: (names) => side(names)?.type ?? null,
    columnConstant: side,
  });
  if (evaluation.kind !== "constant" && evaluation.kind !== "stable") return null;
  return evaluation.value == null || evaluation.type === null
    ? null
    : { value: evaluation.value, type: evaluation.type };
}

const nowhere = { start: 0, end: 0 };
const plus: Expression = {
  kind: "operator",
  operator: "+",
  left: { kind: "column", names: ["value"], star: false, range: nowhere },
  right: { kind: "column", names: ["step"], star: false, range: nowhere },
  range: nowhere,
};

function rowOf(
  { names: called, targets }: SeriesSource,
  names: readonly string[],
  value: Typed,
  table: Relation,
  context: EvaluateContext,
): RowValues | null {
  const isSeries = (written: readonly string[]): boolean => called.has(written.at(-1) ?? "");
  const inRow: EvaluateContext = {
    ...context,
    columnType: (written) => (isSeries(written) ? value.type : null),
    columnConstant: (written) => (isSeries(written) ? value : undefined),
  };
  const row = new Map<string, RowValue>();
  for (const [index, expression] of targets.entries()) {
    const column = columnNamed(table, names[index] ?? "");
    if (column === null || (expression.kind === "column" && expression.star)) return null;
    const assigned = assignedValue(expression, column, inRow);
    if (assigned.kind === "rejected") return null;
    row.set(column.name, assigned.value);
  }
  for (const column of table.columns) if (!row.has(column.name)) row.set(column.name, defaultValue(column, context));
  return row;
}
