// Where DDL goes that is asked for: behind its table in the newest file, from an older migration into a new one.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CodeAction, WorkspaceEdit } from "vscode-languageserver/node";
import type { ScriptPlan } from "../../server/src/lsp/protocol.ts";
import { type Editor, startClient, type TestClient } from "./client.ts";

let directory: string;
let client: TestClient | undefined;

const table = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\n";
const first = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n";
const second = "CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-write-"));
});
afterEach(async () => {
  await client?.close();
  client = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
  return pathToFileURL(join(directory, path)).href;
}

async function start(editor: Editor = "vscode", initializationOptions: unknown = {}): Promise<TestClient> {
  client = await startClient(editor, {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false }, today: "2024-01-01" },
    initializationOptions,
  });
  return client;
}

async function plan(uri: string, request: object = { operation: "append", table: "sales" }): Promise<ScriptPlan> {
  const given = { ...request, textDocument: { uri } };
  return (await start.current()).request<ScriptPlan>("workspace/executeCommand", {
    command: "partitionLens.planScript",
    arguments: [given],
  });
}
start.current = async (): Promise<TestClient> => client ?? start();

/** What the plan writes, with the path from the directory on. */
function filesOf({ files }: ScriptPlan): readonly (readonly [string, string])[] {
  const root = `${pathToFileURL(directory).href}/`;
  return files.map(({ uri, newText }) => [uri.replace(root, ""), newText]);
}

describe("asked for in an older migration", () => {
  it("is planned from the end of the chain, in a new file of the tool's pattern", async () => {
    const uri = write("db/migration/V1__sales.sql", table + first);
    write("db/migration/V2__more.sql", second);
    write("db/migration/V2__more.sql.conf", "executeInTransaction=false\n");
    const started = await start();
    await started.open(table + first, uri);
    const [file] = filesOf(await plan(uri));
    expect(file?.[0]).toBe("db/migration/V3__append_sales.sql");
    expect(file?.[1]).toContain("FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')");
    // Flyway brings the transaction, which only the file before has opted out of.
    expect(file?.[1]).not.toMatch(/^(?:BEGIN|COMMIT);$/m);
  });

  it("has the part that undoes it, where the tool has one", async () => {
    const up = (sql: string) => `-- migrate:up\n${sql}\n-- migrate:down\nSELECT 1;\n`;
    const uri = write("db/migrations/20240101000000_sales.sql", up(table + first));
    write("db/migrations/20240102000000_more.sql", up(second));
    const started = await start();
    await started.open(up(table + first), uri);
    const [file] = filesOf(await plan(uri));
    expect(file?.[0]).toMatch(/^db\/migrations\/20\d{12}_append_sales\.sql$/);
    expect(file?.[1]).toMatch(
      /^-- migrate:up\n[\s\S]*sales_2026[\s\S]*\n-- migrate:down\nSET LOCAL lock_timeout = '5s';\nDROP TABLE sales_2026;\n$/,
    );
    // Of rows that have moved too, in the transaction that the tool brings.
    const split = { operation: "split", table: "sales", partition: "sales_2024", at: "2024-07-01" };
    const down = filesOf(await plan(uri, split))[0]?.[1].split("-- migrate:down\n")[1];
    expect(down).toMatch(/^SET LOCAL lock_timeout = '5s';\nALTER TABLE sales DETACH PARTITION sales_2024;/);
    expect(down).toContain("DROP TABLE sales_2024_07;");
    expect(down).not.toMatch(/^(?:BEGIN|COMMIT);$/m);
  });

  it("says why where the end of the chain has no such partition any more", async () => {
    const uri = write("migrations/0001_sales.sql", table + first);
    write("migrations/0002_gone.sql", "DROP TABLE sales;\n");
    const started = await start();
    await started.open(table + first, uri);
    await expect(plan(uri)).rejects.toThrow(/there is no relation sales/);
  });

  it.each(["vscode", "neovim"] as const)(
    "%s without a client of ours gets the text where it cannot create files",
    async (editor) => {
      const uri = write("migrations/0001_sales.sql", table + first);
      write("migrations/0002_more.sql", second);
      const started = await start(editor);
      await started.open(table + first, uri);
      const actions = await started.request<CodeAction[]>("textDocument/codeAction", {
        textDocument: { uri },
        range: { start: { line: 1, character: 15 }, end: { line: 1, character: 15 } },
        context: { diagnostics: [] },
      });
      const append = actions.find(({ title }) => title.startsWith("Append"));
      const resolved = await started.request<CodeAction>("codeAction/resolve", append);
      expect(resolved.edit).toBeUndefined();
      expect(resolved.command?.command).toBe("partitionLens.insertScript");
      const before = started.notified.length;
      await started.request("workspace/executeCommand", {
        command: resolved.command?.command,
        arguments: resolved.command?.arguments,
      });
      const shown = started.notified.slice(before).find(({ method }) => method === "window/showMessage");
      const said = JSON.stringify(shown?.params);
      expect(said).toMatch(/Save this as migrations\/0003_append_sales\.sql/);
      expect(said).toContain("sales_2026");
    },
  );
});

it("a fix that adds a partition to an older migration does so in a new one, and a repair stays where it is", async () => {
  const gap = "CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');\n";
  const uri = write("db/migration/V1__sales.sql", table + first + gap);
  write("db/migration/V2__other.sql", "CREATE TABLE other (id int);\n");
  const started = await start("vscode", { clientCommands: ["partitionLens.writeScript"] });
  await started.open(table + first + gap, uri);
  const actions = await started.request<CodeAction[]>("textDocument/codeAction", {
    textDocument: { uri },
    range: { start: { line: 0, character: 0 }, end: { line: 3, character: 0 } },
    context: { diagnostics: [], only: ["quickfix"] },
  });
  const plans = actions.flatMap(({ command }) => (command?.arguments ?? []) as ScriptPlan[]);
  expect(plans.flatMap((one) => filesOf(one)).map(([path]) => path)).toContainEqual(
    expect.stringMatching(/^db\/migration\/V3__\w+\.sql$/),
  );
  expect(
    plans
      .flatMap((one) => filesOf(one))
      .map(([, text]) => text)
      .join(""),
  ).toContain("'2025-01-01'");
  for (const { edit, command } of actions) expect(edit === undefined).toBe(command !== undefined);
});

describe("in place", () => {
  it("in the newest file it goes behind the statement, and into no part that undoes", async () => {
    write("migrations/20240101000000_sales.sql", `-- +goose Up\n${table}-- +goose Down\nDROP TABLE sales;\n`);
    const newest = `-- +goose Up\n${first}-- +goose Down\nDROP TABLE sales_2024;\n`;
    const uri = write("migrations/20240102000000_more.sql", newest);
    const started = await start();
    await started.open(newest, uri);
    const { files } = await plan(uri);
    expect(files).toHaveLength(1);
    expect(files[0]).toMatchObject({ uri, range: { start: { line: 1 } } });
    expect(files[0]?.newText).toContain("sales_2025");
  });

  it("in a single schema file it goes outside of the transaction block", async () => {
    const text = `BEGIN;\n${table}${first}CREATE TABLE other (id int);\nCOMMIT;\nSELECT 1;\n`;
    const uri = write("schema.sql", text);
    const started = await start();
    await started.open(text, uri);
    const { files } = await plan(uri);
    expect(files[0]?.range?.start).toEqual({ line: 4, character: 7 });
    expect(files[0]?.newText).toMatch(/^BEGIN;$/m);
  });
});

it("a client of ours is given the command for every operation, and no edit", async () => {
  const text = table + first;
  const uri = write("schema.sql", text);
  const started = await start("vscode", { clientCommands: ["partitionLens.writeScript"] });
  await started.open(text, uri);
  const actions = await started.request<CodeAction[]>("textDocument/codeAction", {
    textDocument: { uri },
    range: { start: { line: 1, character: 15 }, end: { line: 1, character: 15 } },
    context: { diagnostics: [] },
  });
  const edits = actions
    .filter(({ kind }) => kind?.startsWith("refactor"))
    .map(({ edit }): WorkspaceEdit | undefined => edit);
  expect(edits.length).toBeGreaterThan(0);
  expect(edits.every((edit) => edit === undefined)).toBe(true);
  expect(new Set(actions.map(({ command }) => command?.command))).toEqual(new Set(["partitionLens.writeScript"]));
});
