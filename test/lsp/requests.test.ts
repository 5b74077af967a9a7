// The requests and commands beyond the Language Server Protocol, which other programs rely on.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Location } from "vscode-languageserver/node";
import type {
  CatalogResult,
  GenerateResult,
  PartitionTreeResult,
  PruningAnswer,
  StageResult,
  SurvivorsResult,
} from "../../server/src/lsp/protocol.ts";
import { positionIn, startClient, type TestClient, textAt } from "./client.ts";

const script = `CREATE SCHEMA app;
CREATE TABLE app.sales (d date NOT NULL, amount numeric CHECK (amount > 0)) PARTITION BY RANGE (d);
CREATE TABLE app.sales_2023 PARTITION OF app.sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE app.sales_2024 PARTITION OF app.sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.sales_2026 PARTITION OF app.sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT 1;
SELECT * FROM app.sales WHERE d = '2024-05-01';
CREATE TABLE "Odd Names" (k int) PARTITION BY HASH (k);
CREATE TABLE "Odd ""0""" PARTITION OF "Odd Names" FOR VALUES WITH (MODULUS 2, REMAINDER 0);
BEGIN;
SELECT broken FROM;
SELECT * FROM app.sales;
ROLLBACK;
`;

let client: TestClient;
let uri: string;

beforeAll(async () => {
  client = await startClient("minimal");
  uri = await client.open(script);
});
afterAll(() => client.close());

describe("partitionLens/survivors", () => {
  it("answers for each statement that touches a partitioned table, in order", async () => {
    const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", { textDocument: { uri } });
    expect(statements.map(({ range }) => textAt(script, range))).toEqual([
      "SELECT * FROM app.sales WHERE d = '2024-05-01'",
    ]);
    expect(statements[0]?.relations).toEqual([
      {
        relation: "app.sales",
        leaves: ["app.sales_2023", "app.sales_2024", "app.sales_2026"],
        survivors: ["app.sales_2024"],
        decided: "planning",
        certainty: "exact",
        source: "predicted",
      },
    ]);
  });
});

describe("partitionLens/catalog", () => {
  it("tells the tables after the last statement, unquoted, with PostgreSQL's spelling of keys and bounds", async () => {
    const { relations } = await client.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } });
    expect(relations.map(({ name, kind, parent, key, bound }) => [name, kind, parent, key, bound])).toEqual([
      ["app.sales", "partitioned-table", null, "RANGE (d)", null],
      ["app.sales_2023", "table", "app.sales", null, "FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')"],
      ["app.sales_2024", "table", "app.sales", null, "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')"],
      ["app.sales_2026", "table", "app.sales", null, "FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"],
      ["public.Odd Names", "partitioned-table", null, "HASH (k)", null],
      ['public.Odd "0"', "table", "public.Odd Names", null, "FOR VALUES WITH (modulus 2, remainder 0)"],
    ]);
    expect(relations[0]).toMatchObject({
      scheme: "declarative",
      columns: [
        { name: "d", type: "date", notNull: true },
        { name: "amount", type: "numeric", notNull: false },
      ],
      checks: [{ name: "sales_amount_check", definition: "CHECK ((amount > (0)::numeric))" }],
    });
  });

  it("tells what the partitions cover", async () => {
    const { coverage } = await client.request<CatalogResult>("partitionLens/catalog", { textDocument: { uri } });
    expect(coverage).toEqual([
      {
        relation: "app.sales",
        gaps: [{ from: "'2025-01-01'", to: "'2026-01-01'" }],
        overlaps: [],
        missingRemainders: [],
        hasDefault: false,
      },
      {
        relation: "public.Odd Names",
        gaps: [],
        overlaps: [],
        missingRemainders: [{ modulus: 2, remainder: 1 }],
        hasDefault: false,
      },
    ]);
  });

  it("stops after the statement at a position", async () => {
    const position = positionIn(script, script.indexOf("sales_2024"));
    const { relations } = await client.request<CatalogResult>("partitionLens/catalog", {
      textDocument: { uri },
      position,
    });
    expect(relations.map(({ name }) => name)).toEqual(["app.sales", "app.sales_2023", "app.sales_2024"]);
    const nothing = { textDocument: { uri }, position: { line: 0, character: 0 } };
    expect(await client.request("partitionLens/catalog", nothing)).toEqual({ relations: [], coverage: [] });
  });
});

it("partitionLens/partitionTree puts gaps between the partitions", async () => {
  const { roots } = await client.request<PartitionTreeResult>("partitionLens/partitionTree", { textDocument: { uri } });
  expect(roots.map(({ label, description, problems }) => [label, description, problems])).toEqual([
    ["app.sales", "1 gap · 3 partitions · RANGE (d)", 1],
    ["Odd Names", "1 missing remainder · 1 partition · HASH (k)", 1],
  ]);
  const [sales] = roots;
  expect(sales?.children.map(({ kind, label }) => `${kind} ${label}`)).toEqual([
    "partition app.sales_2023",
    "partition app.sales_2024",
    "gap gap",
    "partition app.sales_2026",
  ]);
  expect(sales?.children[2]?.generate).toEqual({
    operation: "fill",
    table: "app.sales",
    from: "'2025-01-01'",
    textDocument: { uri },
  });
  const { definition } = sales?.children[0] ?? {};
  expect(textAt(script, (definition as Location).range)).toContain("FROM ('2023-01-01') TO ('2024-01-01')");
});

describe("workspace/executeCommand", () => {
  const execute = <Answer>(command: string, ...given: readonly unknown[]) =>
    client.request<Answer>("workspace/executeCommand", { command, arguments: given });

  it("partitionLens.generate answers with SQL, steps and locks", async () => {
    const { sql, steps } = await execute<GenerateResult>("partitionLens.generate", {
      textDocument: { uri },
      operation: "append",
      table: "app.sales",
    });
    expect(sql).toContain("FOR VALUES FROM ('2027-01-01') TO ('2028-01-01')");
    expect(steps.map(({ transaction }) => transaction)).toContain("inside");
    expect(steps.flatMap(({ locks }) => locks)).toContainEqual({
      relation: "app.sales",
      mode: "SHARE UPDATE EXCLUSIVE",
    });
  });

  it("works on what the tree says of a gap", async () => {
    const { roots } = await client.request<PartitionTreeResult>("partitionLens/partitionTree", {
      textDocument: { uri },
    });
    const { sql } = await execute<GenerateResult>("partitionLens.generate", roots[0]?.children[2]?.generate);
    expect(sql).toContain("FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')");
  });

  it.each([
    [{ operation: "append", table: "missing" }, "there is no relation missing"],
    [{ operation: "explode", table: "app.sales" }, '"operation" must be one of'],
    [{ operation: "append" }, '"table" must name the partitioned table'],
    [undefined, "must be an object"],
    [{ textDocument: { uri: "file:///closed.sql" }, operation: "append", table: "app.sales" }, "is not open"],
  ])("partitionLens.generate %j says what is wrong", async (argument, message) => {
    const given = argument === undefined ? [] : [{ textDocument: { uri }, ...argument }];
    await expect(execute("partitionLens.generate", ...given)).rejects.toThrow(message);
  });

  it.each([
    [{ operation: "append", table: "app.sales", count: 0 }, { argument: "count" }],
    [{ operation: "append", table: "missing" }, { argument: "table" }],
    [{ operation: "split", table: "app.sales", partition: "app.sales_2023", at: "2050-01-01" }, { argument: "at" }],
  ])("partitionLens.generate %j names the argument that is wrong", async (argument, data) => {
    const asked = execute("partitionLens.generate", { textDocument: { uri }, ...argument });
    await expect(asked).rejects.toMatchObject({ data });
  });

  it("partitionLens.showPruning tells a user of any editor", async () => {
    const start = positionIn(script, script.indexOf("SELECT * FROM app.sales WHERE"));
    const answer = await execute<PruningAnswer>("partitionLens.showPruning", { uri, range: { start, end: start } });
    expect(answer.title).toBe("1 of 3 partitions · sales_2024 · from this file");
    expect(answer.relations[0]?.partitions.map(({ name, survives }) => [name, survives])).toEqual([
      ["app.sales_2023", false],
      ["app.sales_2024", true],
      ["app.sales_2026", false],
    ]);
    await client.until(() => client.notified.some(({ method }) => method === "window/showMessage"));
  });

  it("says so when there is no such command", async () => {
    await expect(execute("partitionLens.makeCoffee")).rejects.toThrow("there is no command partitionLens.makeCoffee");
  });
});

it.each(["statements", "steps", "catalog", "script", "verdict"])("partitionLens/stage prints %s", async (stage) => {
  const { text } = await client.request<StageResult>("partitionLens/stage", { textDocument: { uri }, stage });
  expect(text).toContain("sales");
});

it("registers the commands that the client does not carry out itself", async () => {
  const other = await startClient("vscode", { initializationOptions: { clientCommands: ["partitionLens.generate"] } });
  const { commands } = other.initialized.capabilities.executeCommandProvider ?? { commands: [] };
  await other.close();
  expect(commands).not.toContain("partitionLens.generate");
  expect(commands).toContain("partitionLens.showPruning");
  expect(client.initialized.capabilities.executeCommandProvider?.commands).toContain("partitionLens.generate");
});

it("the log says once why nothing is claimed of a statement", async () => {
  const unknown = "CREATE TABLE odd PARTITION OF app.sales FOR VALUES FROM (our_start()) TO (our_end());\n";
  const file = await client.open(script + unknown);
  await client.diagnostics(file);
  const about = (): readonly string[] => client.logged.filter((line) => line.startsWith(`${file}:14: not decided: `));
  await client.until(() => about().length > 0);
  await client.edit(file, 0, 0, "SELECT 2; ");
  await client.diagnostics(file);
  await new Promise((resume) => setTimeout(resume, 1_500));
  expect(new Set(about()).size).toBe(about().length);
  expect(about()).toContainEqual(expect.stringMatching(/our_start/));
});
