/** Runs a history of pg_partman on a real server, and writes down what happened in the shape of the recordings. */

import { Client, DatabaseError } from "pg";
import type { ExtensionResult } from "./extension-score.ts";
import type { PartmanRecording } from "./partman-adapter.ts";

type Listed = readonly [parent: string, partition: string, bound: string];

/** In a database of its own on that server, up to a statement that takes longer than half a minute. */
export async function recordPartman(connectionString: string, history: PartmanRecording): Promise<PartmanRecording> {
  const name = `history_${history.id}`;
  await withClient(connectionString, async (administrator) => {
    await administrator.query(`DROP DATABASE IF EXISTS ${name}`);
    await administrator.query(`CREATE DATABASE ${name}`);
  });
  return withClient(connectionString.replace(/postgres$/, name), async (client) => {
    await client.query("SET statement_timeout = '30s'");
    const { rows } = await client.query<{ now: string }>("SELECT now()::timestamptz(0)::text AS now");
    const results: ExtensionResult[] = [];
    const partitions: (readonly Listed[] | null)[] = [];
    let last: readonly Listed[] = [];
    for (const statement of history.statements) {
      const result = await resultOf(client, statement);
      if (result === null) break;
      results.push(result);
      // Nothing can be asked within a transaction that has failed.
      const now = await list(client).catch(() => last);
      partitions.push(JSON.stringify(now) === JSON.stringify(last) ? null : now);
      last = now;
    }
    const statements = history.statements.slice(0, results.length);
    return { id: history.id, now: rows[0]?.now ?? "", statements, results, partitions };
  });
}

async function withClient<T>(connectionString: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** null for one that did not come to an end. */
async function resultOf(client: Client, statement: string): Promise<ExtensionResult | null> {
  try {
    await client.query(statement);
    return { ok: true };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.code === "57014" ? null : { ok: false, ...saidBy(error) };
  }
}

/** pg_partman raises what it meets anew, once for each level, with all that was said put into the message. */
function saidBy({ code, message, detail, hint }: DatabaseError): Omit<ExtensionResult, "ok"> {
  const wrapped = /^([\s\S]*?)\nCONTEXT: [\s\S]*?\nDETAIL: ([\s\S]*?)\nHINT: ([\s\S]*?)(?:\nCONTEXT: [\s\S]*)?$/.exec(
    message,
  );
  const said = wrapped === null ? [message, detail, hint] : wrapped.slice(1);
  const [text = "", innerDetail = "", innerHint = ""] = said.map((part) => part?.trim());
  return {
    sqlstate: code ?? "",
    message: text,
    ...(innerDetail === "" ? {} : { detail: innerDetail }),
    ...(innerHint === "" ? {} : { hint: innerHint }),
  };
}

/** Every parent's partitions and children, of these the CHECK as their bound. */
async function list(client: Client): Promise<readonly Listed[]> {
  const { rows } = await client.query<{ parent: string; partition: string; bound: string | null }>(`
    SELECT pn.nspname || '.' || p.relname AS parent, cn.nspname || '.' || c.relname AS partition,
           coalesce(pg_get_expr(c.relpartbound, c.oid),
             (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
              WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal
              ORDER BY k.conname = c.relname || '_partition_check' DESC, k.conname LIKE '%partition_check' DESC, k.oid LIMIT 1),
             '') AS bound
    FROM pg_inherits i
    JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace cn ON cn.oid = c.relnamespace
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE c.relkind IN ('r', 'p')
    ORDER BY 1, 2`);
  return rows.map(({ parent, partition, bound }) => [parent, partition, bound ?? ""]);
}
