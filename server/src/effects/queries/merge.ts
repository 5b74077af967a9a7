/** MERGE: what PostgreSQL refuses of its actions, whatever the rows. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { MergeAction, MergeQuery } from "../../syntax/query.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { isDefault } from "./assigned-value.ts";
import { refuseAssignments } from "./assignments.ts";
import { checkColumns, notForWriting, wrongCount } from "./insert-rows.ts";

/** The refusal of a MERGE whose names are all found; null where there is none. */
export function refuseMerge(
  catalog: Catalog,
  query: MergeQuery,
  table: Relation,
  context: ApplyContext,
): Refusal | null {
  if (table.knowledge !== "full") return null;
  const { range } = query.target;
  if (table.kind === "materialized-view" || table.kind === "foreign-table" || table.kind === "sequence") {
    const detail = `This operation is not supported for ${plurals[table.kind]}.`;
    const message = `cannot execute MERGE on relation "${table.name}"`;
    return rejected("statement-rejected", "0A000", message, range, { detail });
  }
  if (table.kind === "view") return null;
  for (const { action } of query.whens) {
    const refused = refuseAction(catalog, action, table, query, context);
    if (refused !== null) return refused;
  }
  return null;
}

const plurals = { "materialized-view": "materialized views", "foreign-table": "foreign tables", sequence: "sequences" };

function refuseAction(
  catalog: Catalog,
  action: MergeAction,
  table: Relation,
  query: MergeQuery,
  context: ApplyContext,
): Refusal | null {
  if (action.kind === "update") return refuseAssignments(action.assignments, table, catalog, context);
  if (action.kind !== "insert") return null;
  const insert = { ...action, target: query.target };
  const wrong = checkColumns(insert, table);
  if (wrong !== null || action.values === null) return wrong;
  const count = wrongCount(insert, table, action.values);
  if (count !== null) return count;
  const columns =
    action.columns.length === 0
      ? table.columns
      : action.columns.flatMap(({ name }) => table.columns.find((column) => column.name === name) ?? []);
  for (const [index, value] of action.values.entries()) {
    const column = columns[index];
    const computed =
      column === undefined || isDefault(value) ? null : notForWriting(insert, column, value.range, context.version);
    if (computed !== null) return computed;
  }
  return null;
}

/** `WHEN MATCHED` behind one that is met whatever the row. */
export function unreachableWhen({ whens, target }: MergeQuery): Refusal | null {
  const ended = new Set<string>();
  for (const { match, condition } of whens) {
    if (ended.has(match)) {
      const message = "unreachable WHEN clause specified after unconditional WHEN clause";
      return rejected("statement-rejected", "42601", message, target.range);
    }
    if (condition === null) ended.add(match);
  }
  return null;
}
