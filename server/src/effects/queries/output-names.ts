/** The names of the columns that a SELECT yields, as PostgreSQL chooses them (`FigureColname`), and what they may come from. */

import type { DataType } from "../../catalog/data-type.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";

/** Something that column names may come from: an item of FROM, the target of a change, what USING merges. */
export interface ColumnSource {
  /** By what qualified names mean it; null of what only bare names mean. */
  readonly alias: string | null;
  /** The table's own name, where it has an alias: nothing is found by it any more. */
  readonly hidden?: string | undefined;
  /** In their order; null where they are not known. */
  readonly columns: readonly string[] | null;
  /** The types of the columns, as far as they are known. */
  readonly types?: readonly (DataType | undefined)[] | undefined;
  /** Those that USING merges with others: only qualified names mean them. */
  readonly merged: ReadonlySet<string>;
  /** The aliases of what is there and cannot be meant: what is joined under an alias, the rows that an action of MERGE lacks. */
  readonly covers?: readonly string[] | undefined;
}

/**
 * In their order; null where they cannot be told.
 * @param sources what the FROM list of the query brings, or of the first query of a set operation
 */
export function outputNames(query: SelectQuery, sources: readonly ColumnSource[]): readonly string[] | null {
  if (query.setOperation !== null) return outputNames(query.setOperation.left, sources);
  if (query.values !== null) return query.values[0]?.map((_, index) => `column${index + 1}`) ?? null;
  const names: string[] = [];
  for (const { expression, name } of query.targets) {
    if (name !== null) names.push(name);
    else if (expression.kind === "column" && expression.star) {
      const stars = columnsOfStar(expression.names.at(-1), sources);
      if (stars === null) return null;
      addAll(names, stars);
    } else {
      const own = nameOf(expression);
      if (own === null) return null;
      names.push(own);
    }
  }
  return names;
}

/** What `*` or `t.*` stands for; null where that is not known. */
export function columnsOfStar(
  qualifier: string | undefined,
  sources: readonly ColumnSource[],
): readonly string[] | null {
  if (qualifier === undefined && sources.some(({ merged }) => merged.size > 0)) return columnsOfJoins(sources);
  const meant = qualifier === undefined ? sources : sources.filter(({ alias }) => alias === qualifier);
  if (meant.length === 0) return null;
  const names: string[] = [];
  for (const { columns } of meant) {
    if (columns === null) return null;
    addAll(names, columns);
  }
  return names;
}

/** What USING merges stands once, before what it does not; of several joins the order is not told. */
function columnsOfJoins(sources: readonly ColumnSource[]): readonly string[] | null {
  const [joined, ...more] = sources.filter(({ alias }) => alias === null);
  if (joined?.columns == null || more.length > 0 || sources.some(({ columns }) => columns === null)) return null;
  const others = sources.filter((source) => source !== joined);
  return [...joined.columns, ...others.flatMap(({ columns, merged }) => (columns ?? []).filter((n) => !merged.has(n)))];
}

/** null where it is the author's own name for something that is not followed. */
function nameOf(expression: Expression): string | null {
  const found = strongName(expression);
  return found === null ? unnamed : found.name;
}

/** `FigureColnameInternal`: a weak name gives way to that of a type in a cast. null where there is none. */
function strongName(expression: Expression): { readonly name: string | null; readonly weak: boolean } | null {
  switch (expression.kind) {
    case "column":
      return expression.star ? unknown : strong(expression.names.at(-1) ?? null);
    case "field":
      return strong(expression.name);
    case "call":
      // Before 14 it is `date_part`.
      return expression.name.at(-1) === "extract" ? unknown : strong(expression.name.at(-1) ?? null);
    case "cast": {
      const inner = strongName(expression.operand);
      return inner === null || inner.weak ? { name: expression.type.names.at(-1) ?? null, weak: true } : inner;
    }
    case "constant":
      return expression.value.type === "boolean" ? { name: "bool", weak: true } : null;
    case "collate":
      return strongName(expression.operand);
    case "case": {
      const inner = expression.otherwise === null ? null : strongName(expression.otherwise);
      return inner === null || inner.weak ? { name: "case", weak: true } : inner;
    }
    case "array":
      return strong("array");
    case "row":
      return strong("row");
    case "coalesce":
      return strong("coalesce");
    case "nullif":
      return strong("nullif");
    case "greatest-least":
      return strong(expression.greatest ? "greatest" : "least");
    case "subquery":
      switch (expression.variant) {
        case "exists":
          return strong("exists");
        case "array":
          return strong("array");
        case "scalar":
          return scalarName(expression.query);
        default:
          return null;
      }
    case "parameter":
    case "operator":
    case "and":
    case "or":
    case "not":
    case "null-test":
    case "boolean-test":
    case "in":
    case "between":
    case "any-array":
    case "distinct-from":
    case "like":
      return null;
    case "sql-value":
      return strong(expression.name);
    case "other":
      return unknown;
  }
}

const unknown = { name: null, weak: false } as const;

function strong(name: string | null): { readonly name: string | null; readonly weak: boolean } {
  return { name, weak: false };
}

/** A subquery that yields one value has the name of its column. */
function scalarName(query: SelectQuery): { readonly name: string | null; readonly weak: boolean } | null {
  if (query.setOperation !== null || query.values !== null) return unknown;
  const [target] = query.targets;
  if (target === undefined) return unknown;
  return target.name === null ? strongName(target.expression) : strong(target.name);
}

const unnamed = "?column?";
