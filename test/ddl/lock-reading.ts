/** Which locks a statement takes on a real server: the strongest on each table, read from `pg_locks`. */

import { Client } from "pg";
import { type LockMode, lockModes, type ScriptStep } from "../../server/src/ddl/script.ts";

/** A connection, and how to open others. */
interface Connected {
  readonly client: Client;
  readonly connectionString: string;
}

/** Runs the step by itself behind what the earlier ones left, so that their locks do not hide its own. */
export async function locksOf(
  { sql }: ScriptStep,
  database: Connected,
  names: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<string, LockMode>> {
  const { client } = database;
  if (sql.endsWith("CONCURRENTLY")) return whileBlocked(sql, database, names);
  await client.query("BEGIN");
  // The batches of a loop take the same locks one after the other.
  await client.query(sql.replace(/^ *COMMIT;$/m, ""));
  const taken = await strongestLocks(client, names, client);
  await client.query("COMMIT");
  return taken;
}

/** What a statement holds and waits for that no transaction block may have: a reader of the partition makes it wait. */
async function whileBlocked(
  sql: string,
  database: Connected,
  names: ReadonlyMap<number, string>,
): Promise<ReadonlyMap<string, LockMode>> {
  const { client } = database;
  const reader = new Client(database);
  await reader.connect();
  try {
    const part = /PARTITION (\S+) CONCURRENTLY/.exec(sql)?.[1] ?? "";
    const table = /ALTER TABLE (\S+)/.exec(sql)?.[1] ?? "";
    await reader.query(`BEGIN; SELECT FROM ${table} LIMIT 1`);
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const running = client.query(sql);
    const taken = new Map<string, LockMode>();
    const look = async (): Promise<void> => {
      for (const [relation, mode] of await strongestLocks(reader, names, rows[0]?.pid ?? 0)) {
        const known = taken.get(relation);
        if (known === undefined || lockModes.indexOf(mode) > lockModes.indexOf(known)) taken.set(relation, mode);
      }
    };
    // First it waits for whoever uses the table; then, for a reader of the partition alone.
    for (let tries = 0; tries < 1000 && !taken.has(`public.${table}`); tries += 1) await look();
    const second = new Client(database);
    await second.connect();
    await second.query(`BEGIN; SELECT FROM ${part} LIMIT 1`);
    await reader.query("COMMIT");
    for (let tries = 0; tries < 1000 && taken.get(`public.${part}`) !== "ACCESS EXCLUSIVE"; tries += 1) await look();
    await second.query("COMMIT");
    await second.end();
    await running;
    return taken;
  } finally {
    await reader.end();
  }
}

/** The tables there are, by object id: one that a step drops has no name any more when its locks are looked at. */
export async function tables(client: Client): Promise<ReadonlyMap<number, string>> {
  const { rows } = await client.query<{ oid: number; name: string }>(
    "SELECT oid::int, relnamespace::regnamespace || '.' || relname AS name FROM pg_class WHERE relkind IN ('r', 'p', 'f') AND relnamespace::regnamespace::text IN ('public', 'archive')",
  );
  return new Map(rows.map(({ oid, name }) => [oid, name]));
}

async function strongestLocks(
  client: Client,
  before: ReadonlyMap<number, string>,
  session: Client | number,
): Promise<ReadonlyMap<string, LockMode>> {
  // What is renamed is announced by the name that it had.
  const names = new Map([...(await tables(client)), ...before]);
  const pid = session === client ? "pg_backend_pid()" : String(session);
  const { rows } = await client.query<{ oid: number; mode: string }>(
    `SELECT relation::int AS oid, mode FROM pg_locks WHERE pid = ${pid} AND relation IS NOT NULL`,
  );
  const strongest = new Map<string, LockMode>();
  for (const { oid, mode: spelled } of rows) {
    const name = names.get(oid);
    if (name === undefined) continue;
    const mode = modeOf(spelled);
    const known = strongest.get(name);
    if (known === undefined || lockModes.indexOf(mode) > lockModes.indexOf(known)) strongest.set(name, mode);
  }
  return strongest;
}

/** `AccessExclusiveLock` is `ACCESS EXCLUSIVE`. */
function modeOf(spelled: string): LockMode {
  const words = spelled
    .replace(/Lock$/, "")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toUpperCase();
  const mode = lockModes.find((known) => known === words);
  if (mode === undefined) throw new Error(`unknown lock mode ${spelled}`);
  return mode;
}
