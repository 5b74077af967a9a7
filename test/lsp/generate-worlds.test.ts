/** `partitionLens.generate` where the world is not whole: what cannot be written is refused with what to do instead, the rest is not. */

import { afterEach, describe, expect, it } from "vitest";
import type { ConnectResult, GenerateResult, GuideResult, ScriptPlan } from "../../server/src/lsp/protocol.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { startClient, type TestClient } from "./client.ts";
import { schema } from "./shop.ts";

let client: TestClient | undefined;
let database: TestDatabase | undefined;
afterEach(async () => {
  await client?.close();
  await database?.close();
  client = undefined;
  database = undefined;
});

const convert = { operation: "convert", table: "plain", to: "declarative", key: "k" };
const append = { operation: "append", table: "sales", count: 1 };

/** The script with its notes; or why there is none. */
async function generated(
  given: Readonly<Record<string, unknown>>,
  uri: string,
): Promise<{ readonly sql: string; readonly notes: readonly string[] }> {
  const request = { command: "partitionLens.generate", arguments: [{ ...given, textDocument: { uri } }] };
  try {
    const answer = await client?.request<GenerateResult>("workspace/executeCommand", request);
    return { sql: answer?.sql ?? "", notes: answer?.notes ?? [] };
  } catch (error) {
    return { sql: `refused: ${(error as Error).message}`, notes: [] };
  }
}

async function connect(address: string): Promise<ConnectResult | undefined> {
  return client?.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString: address });
}

const elsewhere = "name the files that create it (setting schema.files, option --schema), or connect to the database";

describe("nothing connected", () => {
  it.each([
    [
      "a table that nobody shows",
      "SELECT 1;",
      convert,
      `refused: there is no relation plain at this point of the script: ${elsewhere}`,
    ],
    [
      "a table that is only referred to",
      "ALTER TABLE plain ADD note text;\nINSERT INTO plain VALUES (1);",
      convert,
      `refused: there is no relation plain at this point of the script: ${elsewhere}`,
    ],
    [
      "a parent that is only referred to",
      "CREATE TABLE sales_1 PARTITION OF sales FOR VALUES FROM (1) TO (9);",
      { operation: "split", table: "sales", partition: "sales_1", at: "4" },
      `refused: the columns of sales are not all known here, nor what else it has: ${elsewhere}`,
    ],
    [
      "a table that code may have changed which nobody can read",
      "CREATE TABLE plain (k int);\nDO $$ BEGIN EXECUTE (SELECT v FROM unknown); END $$;",
      convert,
      "refused: something that cannot be read from the file may have changed plain: connect to the database that has it",
    ],
  ])("%s", async (_, sql, request, answer) => {
    client = await startClient("vscode");
    const uri = await client.open(`${sql}\n`, "file:///worlds/query.sql");
    expect((await generated(request, uri)).sql).toBe(answer);
  });
});

describe("a database", () => {
  const tables = `${schema} CREATE TABLE plain (k int NOT NULL); INSERT INTO plain VALUES (1);`;

  it("shows its tables as long as it is connected, and nothing of it is changed in a session that may not write", async () => {
    database = await createDatabase();
    await database.client.query(tables);
    const name = new URL(database.connectionString).pathname.slice(1);
    await database.client.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    client = await startClient("vscode");
    const uri = await client.open("SELECT 1;\n", "file:///worlds/query.sql");
    expect((await generated(convert, uri)).sql).toContain(`refused: there is no relation plain`);
    expect(await connect(database.connectionString)).toMatchObject({ ok: true });
    const { sql, notes } = await generated(convert, uri);
    expect(sql).toContain("ALTER TABLE plain ATTACH PARTITION plain_default DEFAULT;");
    expect(notes.join()).not.toContain("does not answer");
    expect((await generated(append, uri)).sql).toContain("ALTER TABLE sales ATTACH PARTITION sales_2025");
    const { rows } = await database.client.query(
      "SELECT (SELECT relkind FROM pg_class WHERE relname = 'plain'), to_regclass('sales_2025') AS made",
    );
    expect(rows).toEqual([{ relkind: "r", made: null }]);
    await client.request("partitionLens/disconnect");
    expect((await generated(convert, uri)).sql).toContain(`refused: there is no relation plain`);
  });

  it("that has gone away is written for as it was, and a note says so", async () => {
    database = await createDatabase();
    await database.client.query(tables);
    client = await startClient("vscode");
    const uri = await client.open("SELECT 1;\n", "file:///worlds/query.sql");
    await connect(database.connectionString);
    await database.close();
    database = undefined;
    await client.request("workspace/executeCommand", { command: "partitionLens.refreshCatalog" });
    const { sql, notes } = await generated(convert, uri);
    expect(sql).toContain("ALTER TABLE plain ATTACH PARTITION plain_default DEFAULT;");
    const gone = /shop does not answer \(.*does not exist.*\): this is written for its schema as it was last read\.$/;
    expect(notes.at(-1)).toMatch(gone);
    // In the script itself too, whichever way it comes into a file.
    const told = (text: string): string =>
      /-- shop does not answer[^\n]*(?:\n-- {3}[^\n]*)*/.exec(text)?.[0].replaceAll("\n--   ", " ") ?? text;
    expect(told(sql)).toMatch(gone);
    const asked = { ...convert, textDocument: { uri } };
    const plan = await client.request<ScriptPlan>("workspace/executeCommand", {
      command: "partitionLens.planScript",
      arguments: [asked],
    });
    expect(plan.files.map(({ newText }) => told(newText))).toEqual([expect.stringMatching(gone)]);
    const answers = { ...convert, subject: "public.plain", style: "simple" };
    const guided = await client.request<GuideResult>("partitionLens/guide", { textDocument: { uri }, answers });
    expect(told(guided.preview?.sql ?? JSON.stringify(guided))).toMatch(gone);
    // Nothing of it is said of tables that the file makes.
    await client.edit(uri, 0, 0, "CREATE TABLE own (k int NOT NULL);\n");
    expect((await generated({ ...convert, table: "own" }, uri)).notes.join()).not.toContain("does not answer");
  });

  it("whose schema cannot be read is said where a table is not known", async () => {
    database = await createDatabase();
    const role = `reader_${crypto.randomUUID().replaceAll("-", "")}`;
    await database.client.query(`${tables} CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    await database.client.query("REVOKE SELECT ON pg_catalog.pg_inherits FROM PUBLIC");
    try {
      const address = new URL(database.connectionString);
      [address.username, address.password] = [role, "x"];
      client = await startClient("vscode");
      const uri = await client.open("SELECT 1;\n", "file:///worlds/query.sql");
      await connect(address.toString());
      expect((await generated(convert, uri)).sql).toMatch(
        /there is no relation plain at this point .* \(the schema of shop cannot be read: .*permission denied for table pg_inherits.*\)$/,
      );
    } finally {
      await client?.close();
      client = undefined;
      await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});
