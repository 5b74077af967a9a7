/** The names of the columns that a SELECT yields, as PostgreSQL chooses them (`FigureColname`), and what they may come from. */

import type { Expression } from "../../syntax/expression.ts";
import type { SelectQuery } from "../../syntax/query.ts";

/** Something that column names may come from: an item of FROM, the target of a change, what USING merges. */
export interface ColumnSource {
  /** By what qualified names mean it; null of what only bare names mean. */
  readonly alias: string | null;
  /** The table's own name, where it has an alias: nothing is found by it any more. */
  readonly hidden?: string | undefined;
  /** In their order; null where they are not known. */
  readonly columns: readonly string[] | null;
  /** Those that USING merges with others: only qualified names mean them. */
  readonly merged: ReadonlySet<string>;
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
      const qualifier = expression.names.at(-1);
      const meant = qualifier === undefined ? sources : sources.filter(({ alias }) => alias === qualifier);
      for (const { columns } of meant) {
        if (columns === null) return null;
        names.push(...columns);
      }
      if (meant.length === 0) return null;
    } else {
      const own = nameOf(expression);
      if (own === null) return null;
      names.push(own);
    }
  }
  return names;
}

function nameOf(expression: Expression): string | null {
  switch (expression.kind) {
    case "column":
      return expression.names.at(-1) ?? null;
    case "call":
      return expression.name.at(-1) ?? null;
    case "cast":
      return expression.operand.kind === "column" ? nameOf(expression.operand) : null;
    case "and":
    case "or":
    case "not":
    case "operator":
    case "null-test":
      return unnamed;
    default:
      return null;
  }
}

const unnamed = "?column?";
