/** INSERT … SELECT: the columns that it names, and the number and types of what the query gives them. */

import type { Relation } from "../../catalog/relation.ts";
import type { InsertQuery, SelectQuery } from "../../syntax/query.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { itemsOf, leftmost, type Scope, within } from "./column-sources.ts";
import { wrongValue } from "./expression-types.ts";
import { checkColumns } from "./insert-rows.ts";
import { outputNames } from "./output-names.ts";

/** The refusal of a column that is not there or stands twice: it comes before anything that is wrong with the rows. */
export function wrongTargets(query: InsertQuery, scope: Scope): Refusal | null {
  const table = tableOf(query, scope);
  return table === null ? null : checkColumns(query, table);
}

/** The refusal of a query that gives another number of columns, or columns of types without a cast. */
export function wrongSource(query: InsertQuery, source: SelectQuery, scope: Scope): Refusal | null {
  const table = tableOf(query, scope);
  // Rows that are written out are read one by one.
  if (table === null || query.hasParts || source.values !== null) return null;
  const targets =
    query.columns.length > 0 ? query.columns.map(({ name }) => name) : table.columns.map(({ name }) => name);
  const sources = itemsOf(leftmost(source), scope);
  const outputs = outputNames(source, sources);
  const count = outputs === null ? null : wrongCount(query, source, targets.length, outputs.length);
  if (count !== null) return count;
  const hasStar = source.targets.some(({ expression }) => expression.kind === "column" && expression.star);
  if (source.setOperation !== null || hasStar) return null;
  const inside = within(sources, scope);
  for (const [index, { expression }] of source.targets.entries()) {
    const column = table.columns.find(({ name }) => name === targets[index]);
    const refused = column === undefined ? null : wrongValue(expression, column.name, column.type, inside);
    if (refused !== null) return refused;
  }
  return null;
}

function tableOf({ target }: InsertQuery, { catalog }: Scope): Relation | null {
  const found = lookUpRelation(catalog, target);
  return found.kind === "found" && found.relation.knowledge === "full" && withColumns.has(found.relation.kind)
    ? found.relation
    : null;
}

const withColumns: ReadonlySet<string> = new Set(["table", "partitioned-table", "foreign-table"]);

function wrongCount(query: InsertQuery, source: SelectQuery, wanted: number, given: number): Refusal | null {
  const refuse = (message: string, range: InsertQuery["range"]): Refusal =>
    rejected("statement-rejected", "42601", message, range, { position: range.start });
  if (given > wanted) {
    const extra = source.targets[wanted]?.expression.range ?? query.target.range;
    return refuse("INSERT has more expressions than target columns", extra);
  }
  const missing = query.columns[given];
  return missing === undefined ? null : refuse("INSERT has more target columns than expressions", missing.range);
}
