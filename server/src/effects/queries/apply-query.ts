/** SELECT, INSERT, UPDATE, DELETE, MERGE and CALL: the relations they name, the rows they insert, the functions they call. */

import { notedPortion } from "../../catalog/access.ts";
import { type Catalog, dependentsOf } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { InsertQuery, Query } from "../../syntax/query.ts";
import type { PlacedStatement, QueryStatement } from "../../syntax/statement.ts";
import { cutForPortions, itemsIn, itemsOfRow } from "../../text/portions.ts";
import {
  type ApplyContext,
  andThen,
  applied,
  appliedBut,
  applyEach,
  type Outcome,
  type Refusal,
  regarding,
} from "../outcome.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { isSystemCatalog } from "../relations/system-catalogs.ts";
import { createTableInto } from "../relations/views.ts";
import { taintAll } from "../taint.ts";
import { refuseAssignments } from "./assignments.ts";
import { certainCalls, refuseCall } from "./certain-calls.ts";
import { deleteRows, updateRows } from "./changed-rows.ts";
import { wrongColumnName } from "./column-names.ts";
import { refuseConstants } from "./constant-select.ts";
import { declareCursor } from "./cursors.ts";
import { applyCall } from "./function-calls.ts";
import { routeRow, routeRows } from "./insert.ts";
import { withoutValues } from "./kept-rows.ts";
import { mostRows, withoutKnownRows, withRow, withUndecidedRows, withUnknownRows } from "./known-rows.ts";
import { refuseMerge } from "./merge.ts";
import { addsRows, refuseMerged } from "./merged-rows.ts";
import { missingRelation } from "./named-relations.ts";
import { yieldsNoRow } from "./no-rows.ts";
import { resolveOnConflict } from "./on-conflict.ts";
import { prepare } from "./prepared.ts";
import { insertsOf } from "./query-walk.ts";
import { refuseReturning } from "./rule-returning.ts";
import { seriesRows } from "./series-rows.ts";
import { isRoutedByPartman } from "./trigger-route.ts";
import { refuseUnbound, type StoredRow } from "./unbound-rows.ts";
import { withoutRowsOf } from "./written-rows.ts";

/** Applies queries and CALL; null for any other statement. */
export function applyQuery(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind === "query") {
    const { query } = statement;
    const size = itemsIn(placed.end - placed.start);
    const missing = notedPortion(size, () => missingRelation(catalog, query));
    // Placeholders may stand for any name.
    const wrong =
      missing ?? (placed.masked ? null : notedPortion(size, () => wrongColumnName(catalog, query, context)));
    return wrong ?? runQuery(catalog, statement, size, context);
  }
  if (statement.kind === "call-procedure") {
    const { call } = statement;
    if (call.kind !== "call") return applied(catalog);
    return refuseCall(catalog, call, context) ?? applyCall(catalog, call, context);
  }
  return null;
}

function runQuery(catalog: Catalog, statement: QueryStatement, size: number, context: ApplyContext): Outcome {
  const { query, wrapper } = statement;
  const unmatched = notedPortion(size, () => refuseOnConflicts(catalog, statement, context));
  if (unmatched !== null) return unmatched;
  if (wrapper === "prepare") return prepare(catalog, statement, context);
  if (wrapper === "cursor") return declareCursor(catalog, statement, context);
  // EXPLAIN analyses the query and does not run it.
  if (wrapper !== "none" && wrapper !== "explain-analyze") return applied(catalog);
  const isPlain = query.kind === "select" && wrapper === "none";
  const failure = isPlain ? notedPortion(size, () => refuseConstants(catalog, query, context)) : null;
  if (failure !== null) return failure;
  if (query.kind === "select" && query.into !== null) return createTableInto(catalog, query, query.into, context);
  const calls = notedPortion(size, () => certainCalls(query));
  for (const call of calls) {
    const refused = refuseCall(catalog, call, context);
    if (refused !== null) return refused;
  }
  const inserted = changeRows(withoutRowsOf(catalog, query.with), query, size, context);
  if (inserted.kind === "rejected") return inserted;
  const refusedInside = notedPortion(size, () => refuseRowsInside(catalog, query, context));
  if (refusedInside !== null) return refusedInside;
  return andThen(inserted, (current) => applyEach(current, calls, (before, call) => applyCall(before, call, context)));
}

/** The refusals of ON CONFLICT that need no row. Those of an INSERT that is run come after what is wrong with its rows. */
function refuseOnConflicts(
  catalog: Catalog,
  { query, wrapper }: QueryStatement,
  context: ApplyContext,
): Refusal | null {
  const isRun = wrapper === "none" || wrapper === "explain-analyze";
  for (const insert of insertsOf(query)) {
    if (insert === query && isRun) continue;
    const outcome = resolveOnConflict(catalog, insert, wrapper === "prepare" ? "analyzed" : "planned", context);
    if (outcome?.kind === "rejected") return outcome;
  }
  return null;
}

function changeRows(catalog: Catalog, query: Query, size: number, context: ApplyContext): Outcome {
  if (query.kind === "select") return applied(catalog);
  if (isSystemCatalog(catalog, query.target)) {
    return applied(taintAll(catalog), `what the change of "${query.target.name}" means is not known`);
  }
  const found = lookUpRelation(catalog, query.target);
  if (found.kind !== "found") return applied(catalog);
  return regarding(changeRowsOf(catalog, found.relation, query, size, context), found.relation);
}

function changeRowsOf(
  catalog: Catalog,
  table: Relation,
  query: Exclude<Query, { kind: "select" }>,
  size: number,
  context: ApplyContext,
): Outcome {
  const fault =
    query.kind === "update"
      ? notedPortion(size, () => refuseAssignments(query.assignments, table, catalog, context))
      : null;
  if (fault !== null && (isTable(table) || fault.rejection.sqlstate === "42703")) return fault;
  const returning = query.kind === "insert" ? null : refuseReturning(query, table);
  if (returning !== null) return returning;
  if (query.kind === "update" || query.kind === "delete") {
    const change = () =>
      query.kind === "update" ? updateRows(catalog, query, table, context) : deleteRows(catalog, query, table, context);
    const next = notedPortion(size, change);
    return "relations" in next ? applied(next) : next;
  }
  if (query.kind === "merge")
    return (
      refuseMerge(catalog, query, table, context) ??
      refuseMerged(catalog, query, table, context) ??
      applied(withoutKnownRows(addsRows(query) ? withUndecidedRows(catalog, table.id) : catalog, table.id))
    );
  const routes = routeRows(catalog, query, table, context);
  const refusedRow = routes?.find(({ route }) => route.kind === "rejected")?.route;
  const unreturned = refusedRow === undefined ? refuseReturning(query, table) : null;
  if (unreturned !== null) return unreturned;
  if (query.source !== null && yieldsNoRow(catalog, query.source)) return applied(catalog);
  const updated = withoutUpdated(catalog, query, table);
  if (routes === null) {
    const outcome = withSeries(catalog, query, table, context);
    if (outcome !== null && "kind" in outcome) return outcome;
    return applied(outcome ?? withUnknownRows(updated, table.id));
  }
  if (refusedRow?.kind === "rejected") return refusedRow;
  const undecided = routes.flatMap(({ route }) => (route.kind === "undecided" ? [route.reason] : []));
  // A table with triggers does with its rows what it likes.
  const plain =
    query.onConflict === null &&
    query.with.length === 0 &&
    (table.triggers.length === 0 || isRoutedByPartman(catalog, table));
  const known = plain ? withAllRows(catalog, routes, context) : null;
  const unbound = plain && known === null ? refuseUnbound(catalog, storedRows(routes), context) : null;
  if (unbound !== null) return unbound;
  const next = known ?? withUndecidedRows(updated, table.id);
  return appliedBut(next, [...new Set(undecided)]);
}

/** The catalog without what ON CONFLICT DO UPDATE may change of rows that are there. */
function withoutUpdated(catalog: Catalog, { onConflict }: InsertQuery, table: Relation): Catalog {
  if (onConflict?.action !== "update" || catalog.rows.size === 0) return catalog;
  const isAlone =
    table.partitioning === null && table.triggers.length === 0 && dependentsOf(catalog, table.id).length === 0;
  if (!isAlone) return withoutKnownRows(catalog, table.id);
  return withoutValues(catalog, table.id, new Set(onConflict.assignments.map(({ column }) => column.name)));
}

/** The refusal of a row that a common table expression inserts: it is run whether anything reads it or not. */
function refuseRowsInside(catalog: Catalog, query: Query, context: ApplyContext): Refusal | null {
  if (query.with.length === 0) return null;
  // A rule may take the place of the whole statement.
  const main = query.kind === "select" ? null : lookUpRelation(catalog, query.target);
  if (main !== null && (main.kind !== "found" || main.relation.rules.length > 0)) return null;
  for (const { query: inner } of query.with) {
    if (inner.kind === "select" || inner.kind === "delete") continue;
    const found = lookUpRelation(catalog, inner.target);
    if (found.kind !== "found" || !isTable(found.relation)) continue;
    const { relation } = found;
    // What else the statement changes may be changed before.
    const others = withoutRowsOf(
      main?.kind === "found" ? withoutKnownRows(catalog, main.relation.id) : catalog,
      query.with.filter((other) => other.query !== inner),
    );
    if (inner.kind === "update") {
      const updated = updateRows(others, inner, relation, context);
      if (!("relations" in updated)) return regarding(updated, relation);
      continue;
    }
    const outside = { ...inner, with: [...query.with, ...inner.with] };
    const refused =
      outside.kind === "merge"
        ? refuseMerged(others, outside, relation, context)
        : routeRows(others, outside, relation, context)?.find(({ route }) => route.kind === "rejected")?.route;
    if (refused?.kind === "rejected") return regarding(refused, relation);
  }
  return null;
}

/**
 * The catalog with the rows of a series, or the refusal of the first that nothing takes; null where it is not certain what
 * becomes of them.
 */
function withSeries(
  catalog: Catalog,
  query: InsertQuery,
  table: Relation,
  context: ApplyContext,
): Catalog | Refusal | null {
  const isPlain = table.rules.length === 0 && (table.triggers.length === 0 || isRoutedByPartman(catalog, table));
  if (!isPlain || !isTable(table) || query.onConflict !== null || query.with.length > 0) return null;
  const series = seriesRows(catalog, query, table, context, mostRows);
  if (series === null) return null;
  let next = catalog;
  for (const [index, values] of series.rows.entries()) {
    const row = { values, range: query.target.range };
    const route = routeRow(next, table, row, context);
    // Of a long series the rows in between are not at hand, one of which may be refused before the last.
    if (route.kind === "rejected") return series.complete || index === 0 ? route : null;
    const added = route.kind === "leaf" ? withRow(next, route.relation, values, context) : null;
    if (added === null) return null;
    next = added;
  }
  return series.complete ? next : withUnknownRows(next, table.id);
}

function isTable({ kind }: Relation): boolean {
  return kind === "table" || kind === "partitioned-table" || kind === "foreign-table";
}

type RoutedRows = NonNullable<ReturnType<typeof routeRows>>;

/** The rows with the tables that take them; none where one of them may be refused before. */
function storedRows(routes: RoutedRows): readonly StoredRow[] {
  const stored = routes.flatMap(({ route, row }) =>
    route.kind === "leaf" && row !== null ? { leaf: route.relation, row } : [],
  );
  return stored.length === routes.length ? stored : [];
}

/** All rows or none: one that is refused takes the others with it. */
function withAllRows(catalog: Catalog, routes: RoutedRows, context: ApplyContext): Catalog | null {
  let next = catalog;
  for (const some of cutForPortions(routes, itemsOfRow)) {
    const added = notedPortion(some.length * itemsOfRow, () => withRows(next, some, context));
    if (added === null) return null;
    next = added;
  }
  return next;
}

function withRows(catalog: Catalog, routes: RoutedRows, context: ApplyContext): Catalog | null {
  let next = catalog;
  for (const { route, row } of routes) {
    const added = route.kind === "leaf" && row !== null ? withRow(next, route.relation, row.values, context) : null;
    if (added === null) return null;
    next = added;
  }
  return next;
}
