/** The rows of VALUES that stand in FROM, as a subquery or a common table expression: what the columns of each are worth. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, type EvaluateContext, type Evaluation, evaluate } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed, formatType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { CommonTableExpression, FromItem, SelectQuery } from "../../syntax/query.ts";
import type { TextRange } from "../../text/range.ts";

/** A row of VALUES, with its columns in their order. */
export interface ValuesRow {
  readonly alias: string | null;
  readonly columns: readonly NamedValue[];
  readonly range: TextRange;
}

export interface NamedValue {
  readonly name: string;
  readonly value: Value | null;
  readonly type: DataType;
}

/** More rows are not looked at. */
const mostRows = 1_000;

/** The rows that such an item gives; null where it is another one, or where one of its values is not a constant. */
export function rowsOfValues(
  item: FromItem,
  tables: readonly CommonTableExpression[],
  context: EvaluateContext,
): readonly ValuesRow[] | null {
  const source = valuesOf(item, tables);
  const values = source?.query.values ?? null;
  const [first] = values ?? [];
  if (source === null || values === null || first === undefined || values.length > mostRows || !isPlain(source.query))
    return null;
  const columns = first.map((_, index) => columnOf(values, index, context));
  const names = first.map((_, index) => source.names[index] ?? `column${index + 1}`);
  const rows: ValuesRow[] = [];
  for (const [index, row] of values.entries()) {
    const cells: NamedValue[] = [];
    for (const [place, name] of names.entries()) {
      const column = columns[place];
      if (column == null) return null;
      cells.push({ name, value: column.values[index] ?? null, type: column.type });
    }
    rows.push({ alias: source.alias, columns: cells, range: rangeOf(row, item.range) });
  }
  return rows;
}

interface ValuesSource {
  readonly query: SelectQuery;
  readonly alias: string | null;
  readonly names: readonly string[];
}

function valuesOf(item: FromItem, tables: readonly CommonTableExpression[]): ValuesSource | null {
  if (item.kind === "subquery") return { query: item.query, alias: item.alias, names: item.columnAliases };
  if (item.kind !== "relation" || item.relation.schema !== null) return null;
  const table = tables.findLast(({ name }) => name.name === item.relation.name);
  if (table === undefined || table.recursive || table.query.kind !== "select") return null;
  const named = table.columns.map(({ name }) => name);
  const names = [...item.columnAliases, ...named.slice(item.columnAliases.length)];
  return { query: table.query, alias: item.alias ?? table.name.name, names };
}

function isPlain(query: SelectQuery): boolean {
  return !query.hasLimit && query.offset === null && query.orderBy.length === 0 && query.with.length === 0;
}

/** One column of VALUES: all of its values have one type, `text` where nothing tells it; null where that is another matter. */
function columnOf(
  values: readonly (readonly Expression[])[],
  index: number,
  context: EvaluateContext,
): { readonly type: DataType; readonly values: readonly (Value | null)[] } | null {
  const given: Constant[] = [];
  for (const row of values) {
    const expression = row[index];
    const evaluation = expression === undefined ? null : evaluate(expression, context);
    if (evaluation?.kind !== "constant") return null;
    given.push(evaluation);
  }
  const types = given.flatMap(({ type }) => type ?? []);
  const type = types[0] ?? baseTypeNamed("text");
  if (types.some((other) => formatType(other) !== formatType(type))) return null;
  const read: (Value | null)[] = [];
  for (const evaluation of given) {
    const coerced = coerceConstant(evaluation, type, "implicit", context);
    if (coerced.kind !== "value" && coerced.kind !== "null") return null;
    read.push(coerced.kind === "value" ? coerced.value : null);
  }
  return { type, values: read };
}

type Constant = Extract<Evaluation, { kind: "constant" }>;

function rangeOf(row: readonly Expression[], whole: TextRange): TextRange {
  const [first, last] = [row[0], row.at(-1)];
  return first === undefined || last === undefined ? whole : { start: first.range.start, end: last.range.end };
}

/** The context in which the names of the row's columns are worth what they are there; others as in `context`. */
export function overValues(row: ValuesRow, context: EvaluateContext): EvaluateContext {
  const find = (names: readonly string[]): NamedValue | undefined => {
    const [qualifier, name] = names.length > 1 ? [names.at(-2), names.at(-1)] : [null, names[0]];
    if (names.length > 2 || (qualifier !== null && qualifier !== row.alias)) return undefined;
    return row.columns.find((column) => column.name === name);
  };
  return {
    ...context,
    columnType: (names) => find(names)?.type ?? context.columnType?.(names) ?? null,
    columnConstant: (names) => find(names) ?? context.columnConstant?.(names),
  };
}
