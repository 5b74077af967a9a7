/** The rows of an INSERT whose values are constants: each column's value, as far as it is known. */

import { notedPortion } from "../../catalog/access.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { domainRefusal, type EvaluateContext, evaluate } from "../../catalog/values/evaluate.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { InsertQuery, SelectQuery } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { cutForPortions, itemsOfRow } from "../../text/portions.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { assignedValue, defaultValue, isDefault } from "./assigned-value.ts";
import { holds, type RowValue, type RowValues } from "./row-values.ts";
import { isPerRow } from "./series-rows.ts";
import { overValues, rowsOfValues, type ValuesRow } from "./values-rows.ts";

export interface Row {
  readonly values: RowValues;
  readonly range: TextRange;
}

export type Rows =
  /** `complete` is false where there are more rows than were asked for. */
  | { readonly kind: "rows"; readonly rows: readonly Row[]; readonly complete: boolean }
  /** The rows come from a query, or the columns are not known. */
  | { readonly kind: "unknown"; readonly reason: string }
  | Refusal;

/** Of longer INSERTs only so many rows are followed: whoever else asks would wait for the rest. */
export const mostRowsFollowed = 5_000;

/** What parse analysis and the columns' types make of the rows that the statement spells out, of so many of them at most. */
export function readRows(
  catalog: Catalog,
  insert: InsertQuery,
  table: Relation,
  context: ApplyContext,
  most = Number.POSITIVE_INFINITY,
): Rows {
  const written = writtenRows(insert);
  if (written === null) return projectedRows(catalog, insert, table, context, most);
  const unknownColumn = checkColumns(insert, table);
  if (unknownColumn !== null) return unknownColumn;
  if (insert.hasParts) return { kind: "unknown", reason: "parts of columns are assigned" };
  if (insert.columns.length === 0 && table.knowledge !== "full") {
    return { kind: "unknown", reason: `the columns of "${table.name}" are not known for sure` };
  }
  const evaluating: EvaluateContext = {
    settings: catalog.settings,
    version: context.version,
    catalog,
    today: context.today,
  };
  const targets = insert.columns.length > 0 ? insert.columns.map((column) => column.name) : null;
  const readEach = (some: readonly (readonly Expression[])[]): readonly Row[] | Refusal => {
    const rows: Row[] = [];
    for (const expressions of some) {
      const count = wrongCount(insert, table, expressions);
      if (count !== null) return count;
      const names = targets ?? table.columns.slice(0, expressions.length).map((column) => column.name);
      const row = readRow(insert, table, names, expressions, evaluating);
      if (row.kind === "rejected") return row;
      rows.push(row.row);
    }
    return rows;
  };
  const rows: Row[] = [];
  for (const some of cutForPortions(written.slice(0, most), itemsOfRow)) {
    const read = notedPortion(some.length * itemsOfRow, () => readEach(some));
    if ("kind" in read) return read;
    addAll(rows, read);
  }
  return { kind: "rows", rows, complete: rows.length === written.length };
}

/** The rows of INSERT … SELECT over VALUES: each is computed from one row of those. */
function projectedRows(
  catalog: Catalog,
  insert: InsertQuery,
  table: Relation,
  context: ApplyContext,
  most: number,
): Rows {
  const unknown: Rows = { kind: "unknown", reason: "the rows come from a query" };
  const { source } = insert;
  const evaluating: EvaluateContext = { settings: catalog.settings, version: context.version, catalog, today: null };
  const [item, ...others] = source?.from ?? [];
  const isPlain =
    source !== null && item !== undefined && others.length === 0 && givesRowByRow(source) && !insert.hasParts;
  if (!isPlain || table.knowledge !== "full") return unknown;
  if (!source.targets.every(({ expression }) => isPerRow(expression, catalog))) return unknown;
  const given = rowsOfValues(item, [...insert.with, ...source.with], evaluating);
  if (given === null || given.length > most) return unknown;
  const unknownColumn = checkColumns(insert, table);
  if (unknownColumn !== null) return unknownColumn;
  const rows: Row[] = [];
  for (const one of given) {
    const inRow = overValues(one, evaluating);
    const isKept = source.where === null ? true : holds(source.where, inRow);
    if (isKept === null) return unknown;
    const expressions = isKept ? source.targets.flatMap(({ expression }) => starOver(expression, one)) : [];
    if (!isKept) continue;
    const count = wrongCount(insert, table, expressions);
    if (count !== null) return count;
    const names =
      insert.columns.length > 0
        ? insert.columns.map(({ name }) => name)
        : table.columns.slice(0, expressions.length).map(({ name }) => name);
    const row = readRow(insert, table, names, expressions, inRow, one.range);
    if (row.kind === "rejected") return row;
    rows.push(row.row);
  }
  return { kind: "rows", rows, complete: true };
}

/** Whether a SELECT gives one row for each that it reads, but for those that WHERE leaves out. */
function givesRowByRow(source: SelectQuery): boolean {
  const { groupBy, having, distinct, distinctOn, hasLimit, offset, values, setOperation, orderBy } = source;
  const isWhole = !distinct && distinctOn === null && !hasLimit && offset === null && orderBy.length === 0;
  return isWhole && groupBy.length === 0 && having === null && values === null && setOperation === null;
}

/** The columns for which a star stands. */
function starOver(expression: Expression, { columns }: ValuesRow): readonly Expression[] {
  if (expression.kind !== "column" || !expression.star) return [expression];
  return columns.map(({ name }) => ({ ...expression, names: [...expression.names, name], star: false }));
}

function writtenRows(insert: InsertQuery): readonly (readonly Expression[])[] | null {
  const { source } = insert;
  if (source === null) return [[]];
  // With LIMIT or OFFSET there may be none.
  if (source.with.length > 0 || source.setOperation !== null || source.hasLimit) return null;
  if (source.values !== null) return source.values;
  const plain =
    source.from.length === 0 && source.where === null && source.groupBy.length === 0 && source.having === null;
  const isStar = source.targets.some(({ expression }) => expression.kind === "column" && expression.star);
  return plain && !isStar ? [source.targets.map((target) => target.expression)] : null;
}

/** What INSERT and an action of MERGE say of the columns that get values. */
export type WrittenColumns = Pick<InsertQuery, "columns" | "hasParts" | "overriding">;

/** A column that is not there, or that stands twice. */
export function checkColumns(insert: WrittenColumns, table: Relation): Refusal | null {
  const seen = new Set<string>();
  for (const { name, range } of insert.columns) {
    if (columnNamed(table, name) === null && table.knowledge === "full") {
      const message = `column "${name}" of relation "${table.name}" does not exist`;
      return rejected("statement-rejected", "42703", message, range, { position: range.start });
    }
    if (seen.has(name) && !insert.hasParts) {
      const message = `column "${name}" specified more than once`;
      return rejected("statement-rejected", "42701", message, range, { position: range.start });
    }
    seen.add(name);
  }
  return null;
}

/** More values than columns, or fewer than the columns that are named. */
export function wrongCount(
  insert: WrittenColumns,
  table: Relation,
  expressions: readonly Expression[],
): Refusal | null {
  const expected = insert.columns.length > 0 ? insert.columns.length : table.columns.length;
  const extra = expressions[expected];
  if (extra !== undefined) {
    const message = "INSERT has more expressions than target columns";
    return rejected("statement-rejected", "42601", message, extra.range, { position: extra.range.start });
  }
  const missing = insert.columns[expressions.length];
  if (insert.columns.length > expressions.length && missing !== undefined) {
    const message = "INSERT has more target columns than expressions";
    return rejected("statement-rejected", "42601", message, missing.range, { position: missing.range.start });
  }
  return null;
}

/** What the expressions make of the columns that are named, and defaults of the others; `range` is where the row stands. */
export function readRow(
  insert: WrittenColumns & Pick<InsertQuery, "target">,
  table: Relation,
  names: readonly string[],
  expressions: readonly Expression[],
  context: EvaluateContext,
  range: TextRange = rowRange(insert, expressions),
): { readonly kind: "row"; readonly row: Row } | Refusal {
  const values = new Map<string, RowValue>();
  for (const [index, name] of names.entries()) {
    const expression = expressions[index];
    const column = columnNamed(table, name);
    if (expression === undefined || column === null) continue;
    if (isDefault(expression)) {
      values.set(name, defaultValue(column, context));
      continue;
    }
    const computed = notForWriting(insert, column, expression.range, context.version);
    if (computed !== null) return computed;
    const value = assignedValue(expression, column, context);
    if (value.kind === "rejected") return value;
    const refusal = refusedByDomain(expression, column, table, context);
    if (refusal !== null) return refusal;
    values.set(name, value.value);
  }
  for (const column of table.columns) {
    if (!values.has(column.name)) values.set(column.name, defaultValue(column, context));
  }
  return { kind: "row", row: { values, range } };
}

/** The refusal of a domain's conditions: they are looked at when the row is made, before anything else is done with it. */
function refusedByDomain(
  expression: Expression,
  column: Column,
  table: Relation,
  context: EvaluateContext,
): Refusal | null {
  if (column.type.kind !== "domain" || table.rules.length > 0 || table.knowledge !== "full") return null;
  const refusal = domainRefusal(evaluate(expression, context), column.type, "assignment", context);
  return refusal === null ? null : rejected("statement-rejected", refusal.sqlstate, refusal.message, expression.range);
}

/** `rewriteTargetListIU`: generated columns take no values, nor do those whose identity is ALWAYS. */
export function notForWriting(
  { overriding }: WrittenColumns,
  column: Column,
  range: TextRange,
  version: number,
): Refusal | null {
  const message =
    version < 14
      ? `cannot insert into column "${column.name}"`
      : `cannot insert a non-DEFAULT value into column "${column.name}"`;
  if (column.generated !== null) {
    const detail = `Column "${column.name}" is a generated column.`;
    return rejected("statement-rejected", version < 14 ? "42601" : "428C9", message, range, { detail });
  }
  if (column.identity !== "always" || overriding !== "none") return null;
  return rejected("statement-rejected", "428C9", message, range, {
    detail: `Column "${column.name}" is an identity column defined as GENERATED ALWAYS.`,
    hint: "Use OVERRIDING SYSTEM VALUE to override.",
  });
}

function rowRange(insert: Pick<InsertQuery, "target">, expressions: readonly Expression[]): TextRange {
  const [first] = expressions;
  const last = expressions.at(-1);
  return first === undefined || last === undefined
    ? insert.target.range
    : { start: first.range.start, end: last.range.end };
}
