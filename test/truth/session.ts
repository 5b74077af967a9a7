/** A session on a real server in a database of its own, which is sent what psql would send of a script. */

import { setTimeout } from "node:timers/promises";
import pg from "pg";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
import type { RecordedResult } from "../oracle/truth.ts";
import { run } from "./record.ts";

export interface Session {
  /** What the statement gets; null for what is not sent. */
  ask(text: string, placed: PlacedStatement): Promise<RecordedResult | null>;
  close(): Promise<void>;
}

/** Creates the database and connects to it. */
export async function openSession(serverUrl: string, database: string): Promise<Session> {
  const administrator = await connect(serverUrl);
  try {
    await administrator.query(`create database ${administrator.escapeIdentifier(database)}`);
  } finally {
    await administrator.end();
  }
  const url = new URL(serverUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  let client = await connect(url.href);
  return {
    async ask(text, { start, end, masked, swallowed, statement }) {
      // The values of psql's variables are not known here, and where a semicolon is missing there is nothing to send.
      if (masked || swallowed || start === end || statement.kind === "psql") return null;
      if (statement.kind === "connect") {
        await client.end();
        client = await connect(url.href);
        return { ok: true };
      }
      const sql = text.slice(start, end);
      if (statement.kind !== "copy") return await run(client, sql);
      if (!/\bstd(in|out)\b/i.test(sql)) return null;
      return await copy(client, sql, statement.direction === "from" ? dataAfter(text, end) : "");
    },
    close: async () => await client.end(),
  };
}

/** The server may still be recovering from a crash that an earlier script brought about. */
async function connect(url: string, attempts = 300): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // That the server has ended the session, the next statement tells.
  client.on("error", () => undefined);
  try {
    await client.connect();
  } catch (error) {
    if ((error as pg.DatabaseError).code !== "57P03" || attempts === 0) throw error;
    await setTimeout(200);
    return await connect(url, attempts - 1);
  }
  await client.query("set statement_timeout = '5s'");
  return client;
}

/** The lines from the next one on, up to the line `\.`. */
function dataAfter(text: string, end: number): string {
  const start = text.indexOf("\n", end) + 1;
  const data = /^\\\.[ \t]*$/m.exec(text.slice(start));
  return data === null ? "" : text.slice(start, start + data.index);
}

/** What pg's connection offers for COPY, of which its types do not tell. */
interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
}

async function copy(client: pg.Client, sql: string, data: string): Promise<RecordedResult> {
  class CopyQuery extends pg.Query {
    /** Called when the server is ready to take the data. */
    handleCopyInResponse(connection: CopyConnection): void {
      connection.sendCopyFromChunk(Buffer.from(data));
      connection.endCopyFrom();
    }
  }
  return await new Promise((answer) => {
    const query = new CopyQuery(sql);
    query.on("end", () => answer({ ok: true }));
    query.on("error", (error) => {
      const { code, message } = error as pg.DatabaseError;
      answer({ ok: false, sqlstate: code ?? "", message });
    });
    client.query(query);
  });
}
