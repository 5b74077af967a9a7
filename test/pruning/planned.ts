/** What a real server plans to scan, in a schema that is gone afterwards. */

import type { Client } from "pg";
import { readPlan } from "../../server/src/pruning/plan.ts";

/** Runs the work on a schema that is gone afterwards; statements that PostgreSQL refuses are left out. */
export async function withSchema(
  client: Client,
  ddl: readonly string[],
  work: (accepted: readonly string[]) => Promise<void>,
): Promise<void> {
  const accepted: string[] = [];
  await client.query("BEGIN");
  try {
    for (const statement of ddl) if (await succeeds(client, statement)) accepted.push(statement);
    await work(accepted);
  } finally {
    await client.query("ROLLBACK");
  }
}

async function succeeds(client: Client, statement: string): Promise<boolean> {
  await client.query("SAVEPOINT s");
  try {
    await client.query(statement);
    return true;
  } catch {
    await client.query("ROLLBACK TO SAVEPOINT s");
    return false;
  }
}

/** The leaves that the plan scans; null where PostgreSQL refuses the query. */
export async function scannedBy(client: Client, query: string): Promise<readonly string[] | null> {
  await client.query("SAVEPOINT q");
  try {
    const { rows } = await client.query(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${query}`);
    const plan = readPlan(rows[0]?.["QUERY PLAN"]);
    return [...new Set(plan?.scans.map(({ name }) => name) ?? [])].sort();
  } catch {
    return null;
  } finally {
    await client.query("ROLLBACK TO SAVEPOINT q");
  }
}
