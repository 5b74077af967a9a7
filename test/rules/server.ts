// Runs the statements of a case on a real server, each on its own as psql would, and tells what the server said.
import type { Client } from "pg";
import { createDatabase } from "../support/database.ts";
import { type PostgresMajor, postgresVersions } from "../support/postgres-binaries.ts";

export type ServerAnswer = {
  /** null where the server accepted the statement. */
  readonly error: { readonly sqlstate: string; readonly message: string } | null;
  /** What it said besides, with the level: `NOTICE identifier … will be truncated`. */
  readonly notices: readonly string[];
  /** The first row's columns, joined by `|`. */
  readonly row: string | null;
};

/** A server with one connection for all cases of a file; every case finds it empty. */
export type CaseServer = {
  readonly run: (statements: readonly string[]) => Promise<readonly ServerAnswer[]>;
  /** The relations that the plan of a query scans, sorted; only valid after `run`, in what it left. */
  readonly scanned: (query: string) => Promise<readonly string[]>;
  /** A partition's bound as `pg_get_expr` spells it; only valid after `run`. */
  readonly boundOf: (relation: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** Whether there is a server of that major to ask. */
export function isRunnable(major: number): major is PostgresMajor {
  return major in postgresVersions;
}

export async function openCaseServer(major: PostgresMajor): Promise<CaseServer> {
  const database = await createDatabase(major);
  const { client } = database;
  let notices: string[] = [];
  client.on("notice", (notice) => notices.push(`${severityName(notice.severity)} ${notice.message ?? ""}`));
  return {
    async run(statements) {
      await empty(client);
      await client.query("SET client_min_messages = debug1");
      const answers: ServerAnswer[] = [];
      for (const statement of statements) {
        notices = [];
        answers.push({ ...(await ask(client, statement)), notices });
      }
      return answers;
    },
    async scanned(query) {
      const { rows } = await client.query(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${query}`);
      return [...relationsOf(rows[0]?.["QUERY PLAN"])].sort();
    },
    async boundOf(relation) {
      const sql = "SELECT pg_get_expr(relpartbound, oid) AS bound FROM pg_class WHERE oid = $1::regclass";
      const { rows } = await client.query(sql, [relation]);
      return String(rows[0]?.bound);
    },
    close: database.close,
  };
}

async function ask(client: Client, statement: string): Promise<Omit<ServerAnswer, "notices">> {
  try {
    const result = await client.query({ text: statement, rowMode: "array" });
    const row: unknown = Array.isArray(result) ? undefined : result.rows?.[0];
    return { error: null, row: Array.isArray(row) ? row.map(String).join("|") : null };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined) throw error;
    return { error: { sqlstate: code, message }, row: null };
  }
}

async function empty(client: Client): Promise<void> {
  await client.query("ROLLBACK");
  await client.query("DISCARD ALL");
  await client.query(`DO $$ DECLARE name text; BEGIN
    SET LOCAL client_min_messages = error;
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
      EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
    CREATE SCHEMA public;
  END $$`);
}

function severityName(severity: string | undefined): string {
  return severity?.startsWith("DEBUG") === true ? "DEBUG" : (severity ?? "");
}

function* relationsOf(plan: unknown): Generator<string> {
  if (typeof plan !== "object" || plan === null) return;
  // A ModifyTable node names its targets as well.
  if ("Relation Name" in plan && "Node Type" in plan && /Scan$/.test(String(plan["Node Type"]))) {
    yield String(plan["Relation Name"]);
  }
  for (const value of Object.values(plan)) yield* relationsOf(value);
}
