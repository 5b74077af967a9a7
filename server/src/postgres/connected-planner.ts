/** The planner of the connected database: EXPLAIN and nothing else, in a read-only transaction that is rolled back. */

import type { PlanAnswer, Planner, PlannerProblem, PlanRequest } from "../pruning/planner.ts";
import type { DatabaseConnection, ReadSession } from "./connection.ts";
import { hasParameters, withoutParameters } from "./parameters.ts";
import { plannerSettings } from "./planner-settings.ts";
import { createDangerReader, noDangers, type PlanningDangers } from "./planning-dangers.ts";
import { guardStatement } from "./planning-guard.ts";

/**
 * Asks through the extended protocol, where a text with a second statement in it is refused by PostgreSQL itself (42601), and
 * always with a parenthesised option list, behind which a statement cannot bring `ANALYZE` along.
 */
export function createConnectedPlanner(
  connection: DatabaseConnection,
  { runsFunctions }: ConnectedPlannerOptions,
): Planner {
  const readDangers = createDangerReader();
  const plan = (request: PlanRequest, statement: string, signal: AbortSignal): Promise<PlanAnswer> =>
    connection
      .read(async (session) => {
        const dangers = runsFunctions ? noDangers : await readDangers(session);
        return explain(session, request, statement, dangers);
      }, signal)
      .then((answer) => (answer.ok ? answer.value : answer));
  return {
    source: "connected",
    async explain(request, signal) {
      // PostgreSQL's text ends there, so what it would plan is another statement.
      if (request.sql.includes("\0")) return { ok: false, problem: holdsNul };
      const answer = await plan(request, request.sql, signal);
      const { readOnlySql } = request;
      if (answer.ok || answer.problem.kind !== "permission" || readOnlySql === null) return answer;
      const readOnly = await plan(request, readOnlySql, signal);
      return readOnly.ok ? readOnly : answer;
    },
  };
}

export interface ConnectedPlannerOptions {
  /** Whether the user allows planning to run the database's own functions. */
  readonly runsFunctions: boolean;
}

const holdsNul: PlannerProblem = {
  kind: "rejected",
  message: "the statement holds a NUL character, which PostgreSQL cannot be sent",
};

/** What stands before every statement that is planned. */
export const explainPrefix = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ";

async function explain(
  session: ReadSession,
  request: PlanRequest,
  statement: string,
  dangers: PlanningDangers,
): Promise<PlanAnswer> {
  const guarded = guardStatement(statement, dangers);
  if (guarded.kind === "refuse") return { ok: false, problem: wouldRun(guarded.reaches) };
  await applySettings(session, request);
  try {
    const sql = hasParameters(guarded.sql)
      ? withoutParameters(guarded.sql, await parameterTypeNames(session, guarded.sql))
      : guarded.sql;
    const [row] = await session.query(explainPrefix + sql);
    return { ok: true, plan: row?.["QUERY PLAN"], serverVersion: session.serverVersion };
  } catch (error) {
    // A value does not fit everywhere where a call does.
    const [first] = guarded.isChanged ? dangers.functions.values() : [];
    if (first?.[0] !== undefined) return { ok: false, problem: wouldRun(`${first[0].schema}.${first[0].name}`) };
    throw error;
  }
}

function wouldRun(name: string): PlannerProblem {
  return { kind: "runs-functions", message: `predicted: planning would run ${name}()` };
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
    "SELECT pg_catalog.array_agg(pg_catalog.format_type(t, NULL) ORDER BY n) AS names FROM pg_catalog.unnest($1::pg_catalog.oid[]) WITH ORDINALITY AS u(t, n)",
    [types],
  );
  return (row?.["names"] as readonly string[] | null) ?? [];
}
