// A connection from its beginning to its end: how it is opened or refused, lost, found again, and what is said meanwhile.
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import type { ConnectResult, RefreshResult, SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { type PostgresServer, startServer } from "../support/postgres-server.ts";
import { startClient, type TestClient } from "./client.ts";
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

async function refresh(): Promise<RefreshResult | undefined> {
  return client?.request<RefreshResult>("workspace/executeCommand", { command: "partitionLens.refreshCatalog" });
}

async function runOn({ connectionString }: PostgresServer, sql: string): Promise<void> {
  const connection = new pg.Client({ connectionString });
  await connection.connect();
  await connection.query(sql);
  await connection.end();
}

describe("a connected database", () => {
  it("whose schema cannot be read says so", async () => {
    database = await createDatabase();
    const role = `reader_${crypto.randomUUID().replaceAll("-", "")}`;
    await database.client.query(`${schema}CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    await database.client.query("REVOKE SELECT ON pg_catalog.pg_inherits FROM PUBLIC");
    try {
      const address = new URL(database.connectionString);
      [address.username, address.password] = [role, "x"];
      client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
      await client.request<ConnectResult>("partitionLens/connect", {
        name: "shop",
        connectionString: address.toString(),
        password: "x",
      });
      await client.until(() => statuses().at(-1)?.state === "failed");
      expect(statuses().at(-1)).toMatchObject({
        label: "shop: schema not read",
        message: expect.stringContaining("permission denied for table pg_inherits"),
      });
    } finally {
      await client?.close();
      client = undefined;
      await database.client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });

  it("that dies in the middle is told by the status and the hover, and asked again only later", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
    const uri = await client.open(schema + query);
    const { connectionString } = database;
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    await database.close();
    database = undefined;
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements[0]?.relations[0]).toMatchObject({ survivors: ["public.sales_2024"], source: "predicted" });
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024 · predicted from the database's schema");
    await client.until(() => statuses().at(-1)?.state === "failed");
    expect(statuses().at(-1)?.label).toBe("shop: disconnected");
    const hover = await client.request<unknown>("textDocument/hover", {
      textDocument: { uri },
      position: { line: 3, character: 15 },
    });
    expect(JSON.stringify(hover)).toMatch(/does not exist|ended the connection|terminat/);
    // The server itself goes on.
    expect(await client.diagnostics(uri)).toBeDefined();
  });

  it("that is restarted answers again by itself, and at once when asked to", async () => {
    const server = await startServer(18);
    try {
      const { connectionString } = server;
      await runOn(server, schema);
      client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
      const uri = await client.open(schema + query);
      await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
      expect(await title(uri)).toBe("1 of 2 partitions · sales_2024");

      // While nobody asks: the old connection is dead, a new one takes its place. Another day makes it another question, which
      // no earlier answer settles.
      const survivors = { textDocument: { uri } };
      const day = schema.length + query.indexOf("-01'") + 1;
      await server.crash();
      await server.start();
      await client.edit(uri, day, day + 2, "02");
      const again = await client.request<SurvivorsResult>("partitionLens/survivors", survivors);
      expect(again.statements[0]?.relations[0]).toMatchObject({
        source: "connected",
        survivors: ["public.sales_2024"],
      });

      // While somebody asks: the failure is waited out, unless a command says otherwise.
      await server.crash();
      await client.edit(uri, day, day + 2, "03");
      const away = await client.request<SurvivorsResult>("partitionLens/survivors", survivors);
      expect(away.statements[0]?.relations[0]?.source).toBe("predicted");
      expect(await refresh()).toMatchObject({ ok: false, message: expect.stringMatching(/connection refused/) });
      await client.until(() => statuses().at(-1)?.state === "failed");
      await server.start();
      expect(await refresh()).toMatchObject({ ok: true, name: "shop" });
      const back = await client.request<SurvivorsResult>("partitionLens/survivors", survivors);
      expect(back.statements[0]?.relations[0]?.source).toBe("connected");
      await client.until(() => statuses().at(-1)?.state === "ready");
    } finally {
      await server.stop();
    }
  });

  it.each([true, false])(
    "that goes away is said to at once, and is found again by itself with reconnect: %s",
    async (reconnect) => {
      const server = await startServer(18);
      try {
        await runOn(server, schema);
        client = await startClient("vscode", {
          settings: { reconnect },
          initializationOptions: { clientCommands: [] },
        });
        const { connectionString } = server;
        await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
        await client.until(() => statuses().at(-1)?.state === "ready" && statuses().at(-1)?.source === "connected");
        // Nobody asks for anything meanwhile.
        await server.crash();
        await client.until(() => statuses().at(-1)?.label === "shop: disconnected");
        expect(statuses().at(-1)).toMatchObject({ state: "failed", message: "the server ended the connection" });
        await server.start();
        const ready = () => statuses().at(-1)?.label === "shop (superuser)" && statuses().at(-1)?.state === "ready";
        if (reconnect) await client.until(ready);
        else {
          const uri = await client.open(query);
          await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
          await client.until(ready);
        }
        const logged = client.logged.filter((line) => line.includes("connected, server version"));
        expect(logged).toHaveLength(2);
      } finally {
        await server.stop();
      }
    },
  );

  it("is asked again where only an old failure is known, as soon as it answers", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
    const uri = await client.open(query);
    const { connectionString } = database;
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    await database.client.query("BEGIN; LOCK TABLE sales_2024 IN ACCESS EXCLUSIVE MODE");
    const survivors = { textDocument: { uri } };
    const locked = await client.request<SurvivorsResult>("partitionLens/survivors", survivors);
    expect(locked.statements[0]?.relations[0]?.source).toBe("predicted");
    await database.client.query("ROLLBACK");
    const source = async () => {
      const later = await client?.request<SurvivorsResult>("partitionLens/survivors", survivors);
      return later?.statements[0]?.relations[0]?.source;
    };
    await expect.poll(source, { timeout: 60_000, interval: 300 }).toBe("connected");
  });

  it("has its schema read again when somebody asks for it", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    const { connectionString } = database;
    client = await startClient("vscode", { initializationOptions: { clientCommands: [] } });
    expect(await refresh()).toEqual({ ok: false, message: "no database is connected" });
    const uri = await client.open(
      `${query}\nCREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2025-06-01') TO ('2025-07-01');`,
    );
    await client.request<ConnectResult>("partitionLens/connect", { name: "shop", connectionString });
    expect((await client.diagnostics(uri)).filter(({ severity }) => severity === 1)).toEqual([]);
    await database.client.query(
      "CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
    );
    expect(await refresh()).toMatchObject({ ok: true, name: "shop" });
    const [overlap] = (await client.diagnostics(uri)).filter(({ severity }) => severity === 1);
    expect(overlap?.message).toMatch(/^partition "late" would overlap partition "sales_2025"/);
  });

  it.each([
    ["host=127.0.0.1 port=1 dbname=none user=nobody", "unreachable", /connection refused/],
    ["postgres://nobody:secret-word@127.0.0.1:1/none", "unreachable", /./],
    ["sslmode=sometimes", "settings", /sslmode/],
    ["host=/nowhere/to/be/found dbname=none user=nobody", "unreachable", /./],
  ])("%s is refused with a reason and without the password", async (connectionString, kind, message) => {
    client = await startClient("vscode");
    const result = await client.request<ConnectResult>("partitionLens/connect", {
      name: "x",
      connectionString,
      password: "another-secret",
    });
    expect(result).toMatchObject({ ok: false, kind, message: expect.stringMatching(message) });
    const said = JSON.stringify([result, client.logged, client.notified]);
    expect(said).not.toContain("secret-word");
    expect(said).not.toContain("another-secret");
  });

  it("is found by its name in the settings, for editors without a client of ours", async () => {
    database = await createDatabase();
    await database.client.query(schema);
    const { hostname, port, pathname, username, password, searchParams } = new URL(database.connectionString);
    const host = hostname === "" ? searchParams.get("host") : hostname;
    const shop = { name: "shop", host, port: Number(port), dbname: pathname.slice(1), user: username };
    client = await startClient("neovim", { initializationOptions: { settings: { connections: [shop] } } });
    const uri = await client.open(schema + query);
    const argument = { name: "shop", password };
    const result = await client.request<ConnectResult>("workspace/executeCommand", {
      command: "partitionLens.connect",
      arguments: [argument],
    });
    expect(result).toMatchObject({ ok: true, name: "shop" });
    expect(await title(uri)).toBe("1 of 2 partitions · sales_2024");
  });

  it("is not opened in a workspace that nobody trusts", async () => {
    client = await startClient("vscode", { initializationOptions: { trusted: false } });
    const result = await client.request("partitionLens/connect", { name: "x", connectionString: "host=127.0.0.1" });
    expect(result).toMatchObject({ ok: false, message: "databases are connected to in trusted workspaces only" });
  });

  it("tells a database that is not there from a server that is not", async () => {
    database = await createDatabase();
    const { connectionString } = database;
    client = await startClient("vscode");
    const missing = await client.request<ConnectResult>("partitionLens/connect", {
      name: "missing",
      connectionString: connectionString.replace(/\/[^/]*$/, "/no_such_database"),
    });
    expect(missing).toMatchObject({ ok: false, kind: "database-missing" });
  });
});
