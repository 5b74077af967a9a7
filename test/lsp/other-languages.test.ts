// Queries in the strings of programs: lenses, hovers and hints in the same place, and nothing else; asked for where it pays.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { CodeAction, Hover } from "vscode-languageserver/node";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { lensTexts, positionIn, startClient, type TestClient, textAt } from "./client.ts";

const schema = `CREATE TABLE sales (d date NOT NULL, n int) PARTITION BY RANGE (d);
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE plain (d date);
`;

let client: TestClient;

describe("a program beside a connected database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase();
    await database.client.query(schema);
  });
  afterAll(() => database.close());
  afterEach(async () => {
    expect(await client.close()).toBe(0);
  });

  const connect = async (settings: unknown = null): Promise<void> => {
    client = await startClient("vscode", { settings });
    const answer = await client.request<{ ok: boolean }>("partitionLens/connect", {
      name: "shop",
      connectionString: database.connectionString,
    });
    expect(answer.ok).toBe(true);
  };

  /** The lenses once the database has answered for every statement, which a lens does not wait for. */
  const answered = async (uri: string): Promise<readonly string[]> => {
    await client.request("partitionLens/survivors", { textDocument: { uri } });
    return lensTexts(await client.lenses(uri));
  };

  const program = `import { sql } from "db";
// don't \`
export const one = (day: Date) => sql\`
  SELECT * FROM sales
  WHERE d = '2024-05-01'
\`;
export const none = "SELECT * FROM plain WHERE d = '2024-05-01'";
export const late = (day: Date) => sql\`SELECT * FROM sales WHERE d = \${day.toISOString()}::date\`;
export const named = (year: number) => \`SELECT * FROM sales_\${year} WHERE n = 1\`;
export const defeated = "SELECT * FROM sales WHERE date_trunc('month', d) = '2024-05-01'";
export const written = 'INSERT INTO sales VALUES (\\'2025-02-01\\', 1)';
`;

  it("has a lens above each query of a partitioned table, where the string stands", async () => {
    await connect();
    const uri = await client.open(program, "file:///app/src/queries.ts", "typescript");
    expect(await answered(uri)).toEqual([
      "3: 1 of 2 partitions · sales_2024",
      expect.stringMatching(/^7: .*2.*\$1/),
      expect.stringMatching(/^9: (?:all|2 of) 2 partitions/),
      expect.stringMatching(/^10: .*sales_2025/),
    ]);
  });

  it("has the hover of the query, over its own words alone", async () => {
    await connect();
    const uri = await client.open(program, "file:///app/src/queries.ts", "typescript");
    const hoverAt = (offset: number) =>
      client.request<Hover | null>("textDocument/hover", {
        textDocument: { uri },
        position: positionIn(program, offset),
      });
    const hover = await hoverAt(program.indexOf("FROM sales") + 6);
    expect(JSON.stringify(hover?.contents)).toContain("sales_2024");
    expect(hover?.range === undefined ? "" : textAt(program, hover.range)).toContain("sales");
    expect(await hoverAt(program.indexOf("import"))).toBeNull();
    expect(await hoverAt(program.indexOf("export const one") + 3)).toBeNull();
  });

  it("has no finding but a hint where pruning is defeated, and no action", async () => {
    await connect();
    const uri = await client.open(program, "file:///app/src/queries.ts", "typescript");
    const diagnostics = await client.diagnostics(uri);
    expect(diagnostics.map(({ code, severity, range }) => [code, severity, textAt(program, range)])).toEqual([
      ["pruning-defeated", 4, expect.stringContaining("date_trunc('month', d)")],
    ]);
    const actions = await client.request<readonly CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: { start: { line: 0, character: 0 }, end: { line: 20, character: 0 } },
      context: { diagnostics: [] },
    });
    expect(actions).toEqual([]);
    expect(await client.request("textDocument/documentSymbol", { textDocument: { uri } })).toEqual([]);
  });

  it("is read in each language, and by the ending of its name where the editor has no name for it", async () => {
    await connect();
    const programs: readonly (readonly [language: string, name: string, text: string])[] = [
      ["python", "a.py", "q = f'''SELECT * FROM sales\nWHERE d = '2024-05-01' AND n = {n}'''"],
      ["go", "a.go", 'db.Query("SELECT * " +\n  "FROM sales WHERE d = \'2024-05-01\'")'],
      ["java", "A.java", '@Query("""\n SELECT * FROM sales WHERE d = \'2024-05-01\'\n""")'],
      ["kotlin", "a.kt", 'val q = """SELECT * FROM sales WHERE d = \'2024-05-01\' AND n = $n"""'],
      ["csharp", "a.cs", 'var q = @"SELECT * FROM ""sales"" WHERE d = \'2024-05-01\'";'],
      ["ruby", "a.rb", "execute(<<~SQL)\n  SELECT * FROM sales WHERE d = '2024-05-01'\nSQL\n"],
      ["php", "a.php", "<?php $q = 'SELECT * FROM sales WHERE d = \\'2024-05-01\\'';"],
      ["rust", "a.rs", "sqlx::query!(r#\"SELECT * FROM sales WHERE d = '2024-05-01'\"#)"],
      ["plaintext", "a.mts", "q`SELECT * FROM sales WHERE d = '2024-05-01'`"],
    ];
    const found: (readonly [string, readonly string[]])[] = [];
    for (const [language, name, text] of programs) {
      const uri = await client.open(text, `file:///app/${name}`, language);
      found.push([name, (await answered(uri)).map((lens) => lens.replace(/^\d+: /, ""))]);
    }
    expect(found).toEqual(programs.map(([, name]) => [name, ["1 of 2 partitions · sales_2024"]]));
  });

  it("is read again as it is typed, to the same as when it is opened", async () => {
    await connect();
    const text = "const q = \"SELECT * FROM sales WHERE d = '2024-05-01'\"; const r = `SELECT 1 FROM sales`;\n";
    const uri = await client.open("", "file:///app/typed.ts", "typescript");
    for (const [at, sign] of [...text].entries()) await client.edit(uri, at, at, sign);
    const fresh = await client.open(text, "file:///app/opened.ts", "typescript");
    expect(await answered(uri)).toEqual(await answered(fresh));
    expect(await answered(uri)).toHaveLength(2);
    // A line before it moves a query, and a quote that goes takes it away.
    await client.edit(uri, 0, 0, "// it's\n");
    expect((await answered(uri))[0]).toMatch(/^1: 1 of 2/);
    const quote = client.text(uri).indexOf('"');
    await client.edit(uri, quote, quote + 1, "");
    expect((await answered(uri)).filter((lens) => lens.includes("1 of 2"))).toEqual([]);
  });

  it("holds statements that know nothing of each other", async () => {
    await connect();
    const text = [
      "`SELECT * INTO sales_copy FROM sales`",
      "`SELECT set_config('search_path', 'nowhere', false)`",
      "`SELECT * FROM sales WHERE d = '2024-05-01'`",
    ].join(";\n");
    const uri = await client.open(text, "file:///app/a.ts", "typescript");
    expect((await answered(uri)).at(-1)).toBe("2: 1 of 2 partitions · sales_2024");
  });

  it("is not read among code of others, nor where the setting is off, nor above a megabyte", async () => {
    await connect();
    const query = "`SELECT * FROM sales`;\n";
    const lensesOf = async (text: string, uri: string) => client.lenses(await client.open(text, uri, "typescript"));
    expect(await lensesOf(query, "file:///app/node_modules/x/index.ts")).toEqual([]);
    expect(await lensesOf(query, "file:///app/dist/index.ts")).toEqual([]);
    expect(await lensesOf(query + " ".repeat(1_048_577), "file:///app/large.ts")).toEqual([]);
    expect(await client.diagnostics("file:///app/large.ts")).toEqual([]);
    expect(await lensesOf(query, "file:///app/distance/index.ts")).toHaveLength(1);
    await client.close();
    await connect({ otherLanguages: { enabled: false } });
    expect(await lensesOf(query, "file:///app/src/index.ts")).toEqual([]);
  });

  it("takes no script", async () => {
    await connect();
    const uri = await client.open("`SELECT * FROM sales`", "file:///app/a.ts", "typescript");
    const inserted = client.request("workspace/executeCommand", {
      command: "partitionLens.insertScript",
      arguments: [{ textDocument: { uri }, operation: "append", table: "sales" }],
    });
    await expect(inserted).rejects.toThrow("scripts are not written into programs");
  });
});

it("a program starts from the end of the workspace's migrations, and what it joins on the way are parameters", async () => {
  const directory = mkdtempSync(join(tmpdir(), "partition-lens-programs-"));
  const [table = "", ...partitions] = schema.split("\n");
  mkdirSync(join(directory, "migrations"));
  writeFileSync(join(directory, "migrations/V1__sales.sql"), table);
  writeFileSync(join(directory, "migrations/V2__partitions.sql"), partitions.join("\n"));
  client = await startClient("vscode", { rootUri: pathToFileURL(directory).href });
  const text = [
    "db.query(\"SELECT * FROM sales WHERE d = '2024-05-01'\")",
    'db.query("SELECT * FROM sales WHERE d = ?", [day])',
    "db.query(`SELECT * FROM sales WHERE d = ${day}`)",
    "db.query(\"INSERT INTO sales VALUES ('2025-02-01', 1)\")",
  ].join(";\n");
  const uri = await client.open(text, pathToFileURL(join(directory, "src/queries.ts")).href, "typescript");
  const lenses = lensTexts(await client.lenses(uri));
  expect(await client.close()).toBe(0);
  rmSync(directory, { recursive: true, force: true });
  expect(lenses).toEqual([
    expect.stringMatching(/^0: 1 of 2 partitions · sales_2024/),
    expect.stringMatching(/^1: ≤ 2, decided at run time \(\?\)/),
    expect.stringMatching(/^2: ≤ 2, decided at run time \(\$1\)/),
    expect.stringMatching(/^3: 1 of 2 partitions · sales_2025/),
  ]);
});

describe("an editor is asked for programs", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "partition-lens-programs-"));
  });
  afterEach(async () => {
    expect(await client.close()).toBe(0);
    rmSync(directory, { recursive: true, force: true });
  });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const start = async (options: { settings?: unknown; trusted?: boolean } = {}): Promise<void> => {
    const { settings = null, trusted = true } = options;
    client = await startClient("vscode", {
      rootUri: pathToFileURL(directory).href,
      settings,
      initializationOptions: { trusted },
    });
  };
  const languages = (): readonly string[] =>
    (client.registered.get("textDocument/didOpen")?.documentSelector ?? []).map(({ language = "" }) => language);

  it("once a file of the workspace has a partitioned table", async () => {
    write("db/deep/schema.sql", schema);
    write("a.sql", "SELECT 1;\n");
    await start();
    await client.until(() => client.registered.has("textDocument/didOpen"));
    expect(new Set(languages())).toEqual(
      new Set([
        ...["typescript", "javascript", "typescriptreact", "javascriptreact", "vue", "svelte", "python", "go", "java"],
        ...["kotlin", "csharp", "ruby", "php", "rust"],
      ]),
    );
    expect([...client.registered.keys()]).toEqual(
      expect.arrayContaining(["textDocument/didChange", "textDocument/codeLens", "textDocument/hover"]),
    );
  });

  it("once an open file has one", async () => {
    await start();
    const uri = await client.open("SELECT 1;");
    await client.lenses(uri);
    expect(languages()).toEqual([]);
    const other = await client.open(schema);
    await client.lenses(other);
    await client.until(() => client.registered.has("textDocument/didOpen"));
    expect(languages()).toContain("go");
  });

  it.each([
    ["no table is partitioned", "CREATE TABLE plain (d date);\n", {}],
    ["the setting is off", schema, { settings: { otherLanguages: { enabled: false } } }],
    ["nobody trusts the workspace", schema, { trusted: false }],
  ])("but not where %s", async (_, text, options) => {
    write("schema.sql", text);
    await start(options);
    // What is asked later is answered later than what the server does by itself.
    await client.lenses(await client.open("SELECT 1;"));
    await client.lenses(await client.open("SELECT 2;"));
    expect(languages()).toEqual([]);
  });
});
