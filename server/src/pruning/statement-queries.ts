/** The queries that running a statement runs: its own, those of a DO block's body, and what EXECUTE has prepared. */

import type { Catalog } from "../catalog/catalog.ts";
import { type ExecutedQuery, executedQuery } from "../effects/queries/prepared.ts";
import type { Step } from "../replay/step.ts";
import type { Query } from "../syntax/query.ts";
import type { Execute, PlacedStatement, Statement } from "../syntax/statement.ts";

/** A query that running a statement runs, and the offset in the statement from which its ranges count. */
export interface PlacedQuery {
  readonly query: Query;
  readonly offset: number;
  /** For EXECUTE: what it runs; the ranges of the query count in another statement. */
  readonly executed?: { readonly statement: Execute; readonly found: ExecutedQuery } | undefined;
}

/**
 * The queries of a statement that does run: nothing runs in an aborted transaction, nor what is refused before it begins. What
 * constraints refuse (class 23) has been routed before.
 */
export function queriesOf(step: Step): readonly PlacedQuery[] {
  if (step.transaction.state === "aborted") return [];
  if (step.rejection !== null && !step.rejection.sqlstate.startsWith("23")) return [];
  return queriesIn(step.statement, 0, step.before);
}

function queriesIn(
  placed: Pick<PlacedStatement, "statement">,
  offset: number,
  catalog: Catalog,
): readonly PlacedQuery[] {
  const { statement } = placed;
  if (statement.kind === "do")
    return statement.body.statements.flatMap((inner) => queriesIn(inner, inner.start, catalog));
  const execute = executeOf(statement);
  if (execute !== null) {
    const found = executedQuery(catalog, execute);
    return found === null ? [] : [{ query: found.query, offset, executed: { statement: execute, found } }];
  }
  const query = queryOf(statement, catalog);
  return query === null ? [] : [{ query, offset }];
}

/** The query that running a statement runs, so that planning it tells which partitions it touches. */
export function queryOf(statement: Statement, catalog: Catalog): Query | null {
  switch (statement.kind) {
    case "query":
      return statement.query;
    case "create-table-as":
    case "copy":
      if (statement.query !== null) return statement.query;
      break;
    default:
  }
  const execute = executeOf(statement);
  return execute === null ? null : (executedQuery(catalog, execute)?.query ?? null);
}

/** What the statement executes of what was prepared; null for most. */
export function executeOf(statement: Statement): Execute | null {
  if (statement.kind === "execute") return statement;
  return statement.kind === "create-table-as" ? (statement.execute ?? null) : null;
}
