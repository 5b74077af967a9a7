// Where verdicts come from: the embedded PostgreSQL, or a connected database.
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { ensureEmbeddedSnapshot } from "../../scripts/embedded-snapshot.mjs";
import type { ConnectResult, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { lensTexts, serverSources, startClient, type TestClient } from "./client.ts";
import { query, schema, statusesOf, titleIn } from "./shop.ts";

let client: TestClient | undefined;
let database: TestDatabase | undefined;
afterEach(async () => {
  await client?.close();
  await database?.close();
  client = undefined;
  database = undefined;
});

const title = (uri: string) => titleIn(client, uri);
const statuses = () => statusesOf(client);

describe("the embedded PostgreSQL", () => {
  beforeAll(ensureEmbeddedSnapshot);

  it("starts when a lens is resolved, without keeping it waiting, and then answers instead of the prediction", async () => {
    client = await startClient("vscode", { server: serverSources, initializationOptions: { clientCommands: [] } });
    const uri = await client.open(schema + query);
    const running = client;
    await client.until(() => statuses().length > 0);
    expect(statuses()[0]).toMatchObject({ source: "file", state: "ready" });
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024 · from this file");
    await client.until(() => running.requested.includes("workspace/codeLens/refresh"));
    await client.until(() => statuses().at(-1)?.source === "embedded" && statuses().at(-1)?.state === "ready");
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024 · embedded PostgreSQL 18");
  });

  it("is waited for by who asks on purpose", async () => {
    client = await startClient("minimal", { server: serverSources });
    const uri = await client.open(schema + query);
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements[0]?.relations[0]).toMatchObject({ survivors: ["public.sales_2024"], source: "embedded" });
  });

  it("knows the schema as it is at the query, with settings, transactions and later changes", async () => {
    client = await startClient("minimal", { server: serverSources });
    const uri = await client.open(`CREATE SCHEMA app;
SET search_path = app;
${schema}BEGIN;
CREATE TABLE undone PARTITION OF sales FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
SELECT 1 FROM sales WHERE d > '2024-06-01';
ROLLBACK;
SELECT 2 FROM sales WHERE d > '2024-06-01';
DROP TABLE sales_2024;
SELECT 3 FROM sales WHERE d > '2024-06-01';
CREATE TABLE kept AS SELECT 1 / 0 AS never_run;
CREATE INDEX CONCURRENTLY ON sales_2023 (region);
`);
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.map(({ relations }) => [relations[0]?.source, relations[0]?.survivors])).toEqual([
      ["embedded", ["app.sales_2024", "app.undone"]],
      ["embedded", ["app.sales_2024"]],
      ["embedded", []],
    ]);
  });

  it("is not needed where the file is not the whole schema: the prediction stands", async () => {
    client = await startClient("minimal", { server: serverSources });
    const lone = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n";
    const uri = await client.open(lone + query);
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.flatMap(({ relations }) => relations.map(({ source }) => source))).toEqual(["predicted"]);
  });
});

describe("a connected database", () => {
  it("answers in the place of all others, and its lenses say so by saying nothing", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
    const uri = await client.open(schema + query);
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024 · from this file");
    const { connectionString } = database;
    const connected = await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    expect(connected).toEqual({ ok: true, name: "shop", serverVersion: expect.stringMatching(/^18\.\d+$/) });
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements[0]?.relations[0]?.source).toBe("connected");
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024");
    expect(statuses().at(-1)).toMatchObject({ source: "connected", state: "ready", label: "shop (superuser)" });
    await client.request("partitionLens/disconnect");
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024 · from this file");
  });

  it("that does not know the tables is no reason to say nothing", async () => {
    database = await createDatabase();
    client = await startClient("minimal");
    const uri = await client.open(schema + query);
    const { connectionString } = database;
    await client.request<ConnectResult>("partitionLens/connect", { name: "empty", connectionString });
    expect(await title(uri)).toBe(
      "1 of 2 partitions · sales_2024 · from this file · the connected database does not have the table",
    );
  });

  it("that lacks a view of the file is told so by name, and what the view reads is not left out", async () => {
    database = await createDatabase();
    const shops = schema.replaceAll("sales", "shops");
    await database.client.query(schema + shops);
    client = await startClient("minimal");
    const read = "SELECT * FROM sales JOIN recent USING (region) WHERE sales.d = '2024-05-01';";
    const uri = await client.open(`CREATE VIEW recent AS SELECT region FROM shops WHERE d >= '2024-01-01';\n${read}`);
    const { connectionString } = database;
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.at(-1)?.relations.map(({ relation, survivors }) => [relation, survivors])).toEqual([
      ["public.sales", ["public.sales_2024"]],
      ["public.shops", ["public.shops_2024"]],
    ]);
    expect(await title(uri)).toMatch(
      / · predicted from the database's schema · the connected database does not have the view "recent"$/,
    );
  });

  it("is not asked about a table whose partitions the file changes first: it has them as they were before", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    const { connectionString } = database;
    client = await startClient("vscode");
    const uri = await client.open(
      `CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2030-06-01') TO ('2030-07-01');
SELECT * FROM sales WHERE d = '2030-06-05';
ALTER TABLE sales DETACH PARTITION late;
SELECT * FROM sales WHERE d = '2030-06-05';`,
    );
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(
      statements.flatMap(({ relations }) => relations.map(({ source, survivors }) => [source, survivors])),
    ).toEqual([
      ["predicted", ["public.late"]],
      ["predicted", []],
    ]);
    expect(lensTexts(await client.lenses(uri))).toContain(
      "1: 1 of 3 partitions · late · predicted from the database's schema and files",
    );
  });

  it.each([
    [
      "a view over it is read",
      "CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2030-06-01') TO ('2030-07-01');",
      "SELECT * FROM seen WHERE d = '2030-06-05';",
      ["public.late"],
    ],
    [
      "a CHECK of a child is another",
      "ALTER TABLE inh_a DROP CONSTRAINT c; ALTER TABLE inh_a ADD CONSTRAINT c CHECK (d >= '2022-01-01');",
      "SELECT * FROM inh WHERE d = '2022-06-05';",
      ["public.inh", "public.inh_a"],
    ],
    [
      "a partition has another name",
      "ALTER TABLE sales_2023 RENAME TO old_2023;",
      "SELECT * FROM sales WHERE d = '2023-06-05';",
      ["public.old_2023"],
    ],
  ])("nor where %s", async (_, change, read, survivors) => {
    database = await createDatabase();
    await database.client.query(`${schema}CREATE VIEW seen AS SELECT * FROM sales;
CREATE TABLE inh (d date); CREATE TABLE inh_a (CONSTRAINT c CHECK (d >= '2023-01-01')) INHERITS (inh);`);
    const { connectionString } = database;
    client = await startClient("vscode");
    const uri = await client.open(`${read}\n${change}\n${read}`);
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.at(0)?.relations[0]?.source).toBe("connected");
    expect(statements.at(-1)?.relations).toMatchObject([{ source: "predicted", survivors }]);
  });

  it.each([
    [
      "a function has another body",
      "CREATE OR REPLACE FUNCTION day() RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '2023-05-05' $$;",
      "SELECT * FROM sales WHERE d = day();",
      "predicted",
      /another function day than the file/,
    ],
    [
      "a function is another through a view",
      "CREATE OR REPLACE FUNCTION day() RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '2023-05-05' $$;",
      "SELECT * FROM today;",
      "predicted",
      /another function day than the file/,
    ],
    [
      "a function is declared otherwise",
      "CREATE OR REPLACE FUNCTION day() RETURNS date LANGUAGE sql STABLE AS $$ SELECT date '2024-05-05' $$;",
      "SELECT * FROM sales WHERE d = day();",
      "predicted",
      /another function day than the file/,
    ],
    [
      "an operator calls another function",
      "DROP OPERATOR === (date, int); CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = before_year);",
      "SELECT * FROM sales WHERE d === 2024;",
      "predicted",
      /another operator === than the file/,
    ],
    [
      "a view reads otherwise",
      "CREATE OR REPLACE VIEW today AS SELECT * FROM sales WHERE d = '2023-05-05';",
      "SELECT * FROM today;",
      "predicted",
      /another view today than the file/,
    ],
    [
      "a function is the same, written otherwise",
      "create or replace function day()\n  returns DATE immutable language 'sql'\n  as $x$ SELECT date '2024-05-05' $x$;",
      "SELECT * FROM sales WHERE d = day();",
      "connected",
      / partitions · [^·]*$/,
    ],
    [
      "a function is another that the query does not call",
      "CREATE OR REPLACE FUNCTION in_year(date, int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT false $$;",
      "SELECT * FROM sales WHERE d = day();",
      "connected",
      / partitions · [^·]*$/,
    ],
  ] as const)("where %s, it is asked only if that does not matter", async (_, change, read, source, problem) => {
    database = await createDatabase();
    await database.client.query(`${schema}CREATE FUNCTION day() RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '2024-05-05' $$;
CREATE FUNCTION in_year(date, int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT extract(year FROM $1) = $2 $$;
CREATE FUNCTION before_year(date, int) RETURNS bool LANGUAGE sql IMMUTABLE AS $$ SELECT extract(year FROM $1) < $2 $$;
CREATE OPERATOR === (LEFTARG = date, RIGHTARG = int, FUNCTION = in_year);
CREATE VIEW today AS SELECT * FROM sales WHERE d = day();`);
    const settings = { connections: [{ name: "shop", uri: database.connectionString, planningRunsFunctions: true }] };
    client = await startClient("vscode", { settings });
    const uri = await client.open(`${query}\n${change}\n${read}`);
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop" });
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.at(0)?.relations[0]?.source).toBe("connected");
    const last = statements.at(-1);
    expect(last?.relations[0]?.source).toBe(source);
    await expect.poll(() => title(uri), { timeout: 20_000, interval: 200 }).toMatch(problem);
    // What is said is what the database would plan if the file were run.
    const survivors = last?.relations[0]?.survivors ?? [];
    await database.client.query(change);
    const { rows } = await database.client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${read}`);
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    for (const name of ["sales_2023", "sales_2024"])
      if (new RegExp(` on ${name}\\b`).test(plan)) expect(survivors).toContain(`public.${name}`);
  });

  it("is the world of files that do not create their tables", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    const { connectionString } = database;
    client = await startClient("vscode");
    const uri = await client.open(
      `${query}\nCREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');`,
    );
    expect(lensTexts(await client.lenses(uri))).toEqual([]);
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    expect(lensTexts(await client.lenses(uri))).toEqual([
      "0: 1 of 2 partitions · sales_2024",
      expect.stringMatching(/^1: .*rejected: partition "late" would overlap partition "sales_2024"$/),
    ]);
    const overlap = (await client.diagnostics(uri)).find(({ code }) => code === "partition-overlap");
    expect(overlap?.message).toMatch(/^partition "late" would overlap partition "sales_2024"/);
  });

  it("runs its own triggers: what one may have made is not said to be missing", async () => {
    database = await createDatabase();
    await database.client.query(`${schema}CREATE TABLE orders (d date);
CREATE FUNCTION make_partition() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  EXECUTE format('CREATE TABLE IF NOT EXISTS sales_%s PARTITION OF sales FOR VALUES FROM (%L) TO (%L)',
    extract(year FROM NEW.d), date_trunc('year', NEW.d), date_trunc('year', NEW.d) + interval '1 year');
  RETURN NEW; END $$;
CREATE TRIGGER make_partition BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION make_partition()`);
    const { connectionString } = database;
    client = await startClient("vscode");
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    const errorsIn = async (text: string) => {
      const uri = await client?.open(text);
      return ((await client?.diagnostics(uri ?? "")) ?? []).filter(({ severity }) => severity === 1);
    };
    const row = "INSERT INTO sales VALUES ('2030-05-05', 'north');";
    expect(await errorsIn(row)).toHaveLength(1);
    const text = `INSERT INTO orders VALUES ('2030-01-01');\n${row}`;
    expect(await errorsIn(text)).toEqual([]);
    await database.client.query(text);
  });

  it("that has been changed by the script already is no reason for an alarm", async () => {
    database = await createDatabase();
    const script = `${schema}CREATE INDEX sales_region ON sales (region);
ALTER TABLE sales ADD COLUMN amount numeric;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT ON sales FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TYPE kind AS ENUM ('a', 'b');
CREATE VIEW recent AS SELECT * FROM sales;
CREATE TABLE sales_2025 (LIKE sales);
ALTER TABLE sales ATTACH PARTITION sales_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
`;
    const later = `BEGIN;
ALTER TABLE sales ADD COLUMN amount numeric;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER noted AFTER INSERT ON sales FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE sales ATTACH PARTITION sales_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
COMMIT;
`;
    await database.client.query(script);
    const { connectionString } = database;
    client = await startClient("vscode");
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    for (const text of [script, later, script.toUpperCase()]) {
      const uri = await client.open(text);
      const errors = (await client.diagnostics(uri)).filter(({ severity }) => severity === 1);
      expect(errors).toEqual([]);
    }
  });

  it("answers for its own partitions where the file knows fewer", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    const { connectionString } = database;
    client = await startClient("vscode");
    const [table = "", first = ""] = schema.split("\n");
    const uri = await client.open(`${table}\n${first}\n${query}`);
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024");
  });

  it("is believed about partitions that somebody has attached a moment ago", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
    const uri = await client.open("SELECT * FROM sales WHERE d = '2025-05-01';");
    const { connectionString } = database;
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    await database.client.query(
      "CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    );
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements[0]?.relations[0]).toMatchObject({
      leaves: ["public.sales_2023", "public.sales_2024", "public.sales_2025"],
      survivors: ["public.sales_2025"],
      source: "connected",
    });
  });

  it("says that planning would run a function, unless its settings allow that", async () => {
    database = await createDatabase();
    await database.client.query(
      `${schema}CREATE FUNCTION day() RETURNS date LANGUAGE sql IMMUTABLE AS $$ SELECT date '2024-05-05' $$;
       CREATE VIEW today AS SELECT * FROM sales WHERE d = day();`,
    );
    const { connectionString } = database;
    const settings = { connections: [{ name: "trusted", uri: connectionString, planningRunsFunctions: true }] };
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] }, settings });
    const uri = await client.open("SELECT * FROM today;");
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    // A lens waits a moment for the planner; on a busy machine it shows the prediction first.
    const shown = { timeout: 60_000, interval: 200 };
    await expect.poll(() => title(uri), shown).toMatch(/ · predicted: planning would run public\.day\(\)$/);
    await client.request<ConnectResult>("partitionLens/connect", { name: "trusted" });
    await expect.poll(() => title(uri), shown).toBe("1 of 2 partitions · sales_2024");
    // The tests' role is a superuser, which the status bar says.
    expect(statuses().at(-1)).toMatchObject({
      label: "trusted (superuser)",
      message: expect.stringMatching(/superuser/),
    });
  });
});
