/** The planner of the connected database: EXPLAIN and nothing else, in a read-only transaction that is rolled back. */

import type { PlanAnswer, Planner, PlanRequest } from "../pruning/planner.ts";
import type { DatabaseConnection, ReadSession } from "./connection.ts";
import { hasParameters, withoutParameters } from "./parameters.ts";
import { plannerSettings } from "./planner-settings.ts";

/**
 * Asks through the extended protocol, where a text with a second statement in it is refused by PostgreSQL itself (42601), and
 * always with a parenthesised option list, behind which a statement cannot bring `ANALYZE` along.
 */
export function createConnectedPlanner(connection: DatabaseConnection): Planner {
  return {
    source: "connected",
    async explain(request, signal) {
      const answer = await connection.read((session) => explain(session, request, request.sql), signal);
      if (answer.ok) return answer.value;
      const { readOnlySql } = request;
      if (answer.problem.kind !== "permission" || readOnlySql === null) return answer;
      const readOnly = await connection.read((session) => explain(session, request, readOnlySql), signal);
      return readOnly.ok ? readOnly.value : answer;
    },
  };
}

/** What stands before every statement that is planned. */
export const explainPrefix = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ";

async function explain(session: ReadSession, request: PlanRequest, statement: string): Promise<PlanAnswer> {
  await applySettings(session, request);
  const sql = hasParameters(statement)
    ? withoutParameters(statement, await parameterTypeNames(session, statement))
    : statement;
  const [row] = await session.query(explainPrefix + sql);
  return { ok: true, plan: row?.["QUERY PLAN"], serverVersion: session.serverVersion };
}

async function applySettings(session: ReadSession, request: PlanRequest): Promise<void> {
  // pg_settings is asked first: an unknown setting would fail, and a failure ends the transaction.
  await session.query(
    `SELECT pg_catalog.set_config(s.name, w.value, true) FROM pg_catalog.json_each_text($1) AS w
     JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) OPERATOR(pg_catalog.=) w.key`,
    [JSON.stringify(Object.fromEntries(plannerSettings(request)))],
  );
}

async function parameterTypeNames(session: ReadSession, sql: string): Promise<readonly string[]> {
  const types = await session.parameterTypes(sql);
  const [row] = await session.query(
    "SELECT pg_catalog.array_agg(pg_catalog.format_type(t, NULL) ORDER BY n) AS names FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY AS u(t, n)",
    [types],
  );
  return (row?.["names"] as readonly string[] | null) ?? [];
}
