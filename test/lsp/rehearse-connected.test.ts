/** A rehearsal while a database is connected: its schema is what the script meets, and nothing of it is touched. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GenerateResult, RehearseResult, ScriptPlan } from "../../server/src/lsp/protocol.ts";
import { embeddedFiles } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { serverSources, startClient, type TestClient } from "./client.ts";

let client: TestClient;
beforeAll(async () => {
  await embeddedFiles();
  client = await startClient("vscode", { server: serverSources });
});
afterAll(() => client.close());

const execute = <Answer>(command: string, argument: unknown): Promise<Answer> =>
  client.request("workspace/executeCommand", { command, arguments: [argument] });

const schema = `
  CREATE TYPE mood AS ENUM ('fine', 'sour');
  CREATE TABLE live (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL, m mood DEFAULT 'fine',
    CHECK (id > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
  CREATE TABLE live_2024 PARTITION OF live FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE live_2025 PARTITION OF live FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
  CREATE TABLE live_rest PARTITION OF live DEFAULT;
  CREATE INDEX live_m ON live (m);
  INSERT INTO live (at) VALUES ('2024-05-05'), ('2025-05-05'), ('2031-01-01');`;

/** Every row of the table and of the catalogs that a script could change, with the transactions that wrote them. */
async function stateOf({ client: sql }: TestDatabase): Promise<unknown> {
  const { rows } = await sql.query(`
    SELECT (SELECT json_agg(t ORDER BY t.ctid::text) FROM (SELECT tableoid::regclass::text, ctid, xmin, xmax, live.* FROM live) t) AS rows,
      (SELECT json_agg(c ORDER BY c.oid) FROM (SELECT oid, xmin, relname, relfilenode, relpartbound IS NULL AS whole FROM pg_class
        WHERE relnamespace = 'public'::regnamespace) c) AS relations,
      (SELECT json_agg(i ORDER BY i.inhrelid) FROM (SELECT xmin, * FROM pg_inherits) i) AS parents,
      (SELECT json_agg(n ORDER BY n.oid) FROM (SELECT xmin, oid, nspname FROM pg_namespace) n) AS schemas,
      (SELECT last_value FROM live_id_seq) AS sequence`);
  return rows;
}

describe.each([13, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let before: unknown;
  beforeAll(async () => {
    database = await createDatabase(major);
    await database.client.query(schema);
    before = await stateOf(database);
    const connection = { name: "live", connectionString: database.connectionString };
    expect(await client.request("partitionLens/connect", connection)).toMatchObject({ ok: true });
  });
  afterAll(async () => {
    await client.request("partitionLens/disconnect");
    await database.close();
  });

  it("a migration is run on its schema, and its lost rows are found", async () => {
    const sql = "BEGIN;\nALTER TABLE live DETACH PARTITION live_rest;\nDROP TABLE live_rest;\nCOMMIT;\n";
    const uri = await client.open(sql, `file:///connected/${major}/loses.sql`);
    const { outcome, text } = await execute<RehearseResult>("partitionLens.rehearse", { textDocument: { uri } });
    expect(outcome).toBe("lost-rows");
    expect(text).toContain("ACCESS EXCLUSIVE on live");
    expect(await stateOf(database)).toEqual(before);
  });

  it("a generated script is rehearsed with its undo before it stands anywhere", async () => {
    const uri = await client.open("SELECT 1;\n", `file:///connected/${major}/query.sql`);
    const textDocument = { uri };
    const request = { operation: "split", table: "live", partition: "live_2024", at: "2024-07-01" };
    const { sql, undo } = await execute<GenerateResult>("partitionLens.generate", { ...request, textDocument });
    const result = await execute<RehearseResult>("partitionLens.rehearse", { textDocument, sql, undo });
    expect(result.outcome).toBe("clean");
    expect(result.text).toContain("tables, partitions and rows are as they were before");
    expect(await stateOf(database)).toEqual(before);
  });

  it("a generated script is written into the editor, and nothing runs it", async () => {
    const written: unknown[] = [];
    client.connection.onRequest("workspace/applyEdit", (given: unknown) => {
      written.push(given);
      return { applied: true };
    });
    for (const operation of ["drop", "detach"]) {
      const uri = await client.open("SELECT 1;\n", `file:///connected/${major}/${operation}.sql`);
      const textDocument = { uri };
      const request = { operation, table: "live", partition: "live_2024" };
      const { sql } = await execute<GenerateResult>("partitionLens.generate", { ...request, source: "database" });
      expect(sql).toMatch(operation === "drop" ? /DROP TABLE live_2024/ : /DETACH PARTITION live_2024/);
      // What is written for a file goes by what the file and the database leave.
      const { files } = await execute<ScriptPlan>("partitionLens.planScript", { ...request, textDocument });
      expect(files[0]?.newText).toContain("live_2024");
      await execute("partitionLens.insertScript", { ...request, textDocument });
      expect(JSON.stringify(written.pop())).toContain("live_2024");
      expect(await stateOf(database)).toEqual(before);
    }
  });

  it("leaves no session behind that may write, and no lock", async () => {
    const { rows } = await database.client.query(
      `SELECT count(*) FILTER (WHERE a.state LIKE 'idle in transaction%')::int AS open, count(l.pid)::int AS locks
         FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND l.locktype = 'relation'
        WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()`,
    );
    expect(rows).toEqual([{ open: 0, locks: 0 }]);
  });
});
