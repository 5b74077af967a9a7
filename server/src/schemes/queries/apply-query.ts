/** SELECT, INSERT, UPDATE, DELETE, MERGE and CALL: the relations they name, the rows they insert, the functions they call. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Query } from "../../syntax/query.ts";
import type { PlacedStatement, QueryStatement } from "../../syntax/statement.ts";
import { andThen, applied, applyEach, withDeclined } from "../outcome.ts";
import { createTableInto } from "../relations/views.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";
import { applyCall } from "./function-calls.ts";
import { routeInsert } from "./insert.ts";
import { missingRelation } from "./named-relations.ts";
import { callsOf } from "./query-walk.ts";

/** Applies queries and CALL; null for any other statement. */
export function applyQuery(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind === "query") return runQuery(catalog, statement, context);
  if (statement.kind === "call-procedure") {
    return statement.call.kind === "call" ? applyCall(catalog, statement.call, context) : applied(catalog);
  }
  return null;
}

function runQuery(catalog: Catalog, statement: QueryStatement, context: ApplyContext): Outcome {
  const { query, wrapper } = statement;
  const missing = missingRelation(catalog, query);
  if (missing !== null) return missing;
  // EXPLAIN, PREPARE and DECLARE CURSOR analyse the query and do not run it.
  if (wrapper !== "none" && wrapper !== "explain-analyze") return applied(catalog);
  if (query.kind === "select" && query.into !== null) return createTableInto(catalog, query, query.into, context);
  const inserted = insertRows(catalog, query, context);
  return andThen(inserted, (current) =>
    applyEach(current, callsOf(query), (before, call) => applyCall(before, call, context)),
  );
}

function insertRows(catalog: Catalog, query: Query, context: ApplyContext): Outcome {
  if (query.kind !== "insert") return applied(catalog);
  const routes = routeInsert(catalog, query, context) ?? [];
  const refused = routes.find((route) => route.kind === "rejected");
  if (refused?.kind === "rejected") return refused;
  const undecided = routes.flatMap((route) => (route.kind === "undecided" ? [route.reason] : []));
  return withDeclined(applied(catalog), [...new Set(undecided)]);
}
