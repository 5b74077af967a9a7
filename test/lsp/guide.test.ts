/** The guide to an operation through the protocol: from the cursor, from the tree, to the plan; and the lens that rehearses what was written. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CodeAction, CodeLens } from "vscode-languageserver/node";
import type {
  GuideAnswers,
  GuideParams,
  GuideResult,
  SchemaTreeResult,
  ScriptPlan,
} from "../../server/src/lsp/protocol.ts";
import { startClient, type TestClient } from "./client.ts";

const table = "CREATE TABLE sales (d date NOT NULL) PARTITION BY RANGE (d);\n";
const first = "CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');\n";
const second = "CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');\n";

let directory: string;
let client: TestClient;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "partition-lens-guide-"));
});
afterEach(async () => {
  await client.close();
  rmSync(directory, { recursive: true, force: true });
});

function write(path: string, text: string): string {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
  return pathToFileURL(join(directory, path)).href;
}

async function start(clientCommands: readonly string[] = [], settings: object = {}): Promise<void> {
  client = await startClient("vscode", {
    rootUri: pathToFileURL(directory).href,
    settings: { embedded: { enabled: false }, today: "2024-05-10", ...settings },
    initializationOptions: { clientCommands },
  });
}

const guide = (params: GuideParams): Promise<GuideResult> => client.request("partitionLens/guide", params);

const chosen = ({ question }: GuideResult, label: string): GuideAnswers => {
  const choice = question?.choices.find((each) => each.label === label);
  if (choice === undefined)
    throw new Error(`${label} is not among ${question?.choices.map((each) => each.label).join(", ")}`);
  return choice.answers;
};

const execute = <Answer>(command: string, argument: unknown): Promise<Answer> =>
  client.request("workspace/executeCommand", { command, arguments: [argument] });

describe("from the cursor", () => {
  it("goes from the partition there to a plan of the same script, and says where it would be written", async () => {
    const uri = write("schema.sql", table + first + second);
    await start();
    await client.open(table + first + second, uri);
    const textDocument = { uri };
    const begun = await guide({ textDocument, position: { line: 1, character: 15 }, answers: {} });
    expect(begun.question).toMatchObject({ argument: "operation", prompt: "What is to be done with sales_2024" });
    expect(begun.question?.choices.map(({ label }) => label)).toEqual(["Split", "Merge", "Detach", "Drop"]);
    const way = await guide({ textDocument, answers: { ...begun.answers, ...chosen(begun, "Split") } });
    expect(way.trail).toEqual(["Split", "sales", "sales_2024"]);
    const name = await guide({ textDocument, answers: { ...way.answers, ...chosen(way, "At 2024-07-01") } });
    expect(name.question).toMatchObject({ argument: "name", kind: "text", value: "sales_2024_07" });
    const taken = await guide({ textDocument, answers: { ...name.answers, name: "sales_2025" } });
    expect(taken).toMatchObject({ question: null, problem: { argument: "name" }, preview: null });
    const style = await guide({ textDocument, answers: { ...name.answers, name: "sales_late" } });
    expect(style.question?.argument).toBe("style");
    expect(style.preview?.target).toBe("schema.sql");
    const end = await guide({ textDocument, answers: { ...style.answers, style: "simple" } });
    expect(end).toMatchObject({ question: null, problem: null });
    expect(end.preview?.parts?.map(({ change, name: part }) => `${change} ${part}`)).toEqual([
      "goes sales_2024",
      "comes sales_2024",
      "comes sales_late",
      "stays sales_2025",
    ]);
    const { files } = await execute<ScriptPlan>("partitionLens.planScript", { ...end.arguments, textDocument });
    expect(files[0]?.newText).toContain(end.preview?.sql.trim());
  });

  it("in an older migration the script goes to a new one", async () => {
    const uri = write("db/migration/V1__sales.sql", table + first);
    write("db/migration/V2__more.sql", second);
    await start();
    await client.open(table + first, uri);
    const answers = { operation: "append", table: "sales", count: "1", name: "" };
    const { preview } = await guide({ textDocument: { uri }, answers });
    expect(preview?.target).toBe("the new file V3__append_sales.sql");
    expect(preview?.parts?.at(-1)).toEqual({ change: "comes", name: "sales_2026", bound: "2026-01-01 … 2027-01-01" });
  });

  it("is offered as a code action to clients that ask, with and without a value", async () => {
    const uri = write("schema.sql", table + first);
    const range = { start: { line: 1, character: 15 }, end: { line: 1, character: 15 } };
    const actions = (): Promise<CodeAction[]> =>
      client.request("textDocument/codeAction", { textDocument: { uri }, range, context: { diagnostics: [] } });
    await start(["partitionLens.guide", "partitionLens.writeScript"]);
    await client.open(table + first, uri);
    const guided = (await actions()).filter(({ command }) => command?.command === "partitionLens.guide");
    expect(guided.map(({ title }) => title)).toEqual(["Split sales_2024 at a value…", "More operations…"]);
    const [split] = await Promise.all(guided.map(({ command }) => guide(command?.arguments?.[0] as GuideParams)));
    expect(split?.question).toMatchObject({ argument: "at", value: "2024-07-01" });
    await client.close();
    await start();
    await client.open(table + first, uri);
    expect((await actions()).filter(({ title }) => title.endsWith("…"))).toEqual([]);
  });
});

describe("from the tree", () => {
  it("goes on from a row of a schema that no file is open of", async () => {
    write("db/migration/V1__sales.sql", table + first);
    write("db/migration/V2__later.sql", second.replaceAll("2026", "2027").replaceAll("2025", "2026"));
    await start();
    const top = await client.request<SchemaTreeResult>("partitionLens/schemaTree", {});
    const source = top.rows[0]?.source ?? "";
    const begun = await guide({ source, answers: { subject: top.rows[0]?.table } });
    const gap = await guide({ source, answers: { ...begun.answers, ...chosen(begun, "Fill gaps") } });
    expect(gap.preview).toMatchObject({ title: "Fill the gap in sales", target: null });
    const end = await guide({ source, answers: { ...gap.answers, name: "", style: "simple" } });
    expect(end.preview).toMatchObject({ target: "an untitled document" });
    const { sql } = await execute<{ readonly sql: string }>("partitionLens.generate", { ...end.arguments, source });
    expect(sql).toBe(end.preview?.sql);
  });

  it("a schema that is gone, a document that is not open and parameters of another shape are refused", async () => {
    await start();
    await expect(guide({ source: "gone", answers: {} })).rejects.toThrow("the schema that the tree showed is gone");
    await expect(guide({ textDocument: { uri: "file:///none.sql" }, answers: {} })).rejects.toThrow("is not open");
    await expect(guide({ answers: {} })).rejects.toThrow('pass "textDocument" or "source"');
    await expect(guide({ answers: 3 } as unknown as GuideParams)).rejects.toMatchObject({ code: -32602 });
  });
});

describe("the lens that rehearses", () => {
  const rehearsing = async (uri: string): Promise<readonly CodeLens[]> =>
    (await client.lenses(uri)).filter(({ command }) => command?.command === "partitionLens.rehearse");

  it("stands above a generated script, which begins there, and above nothing else of its file", async () => {
    const text = table + first;
    const uri = write("schema.sql", text);
    await start();
    await client.open(text, uri);
    expect(await rehearsing(uri)).toEqual([]);
    const given = { operation: "append", table: "sales", textDocument: { uri } };
    const { files } = await execute<ScriptPlan>("partitionLens.planScript", given);
    await client.edit(uri, text.length, text.length, `\n${files[0]?.newText.trimStart() ?? ""}`);
    const from = { line: 3, character: 0 };
    expect(await rehearsing(uri)).toMatchObject([
      { range: { start: from }, command: { title: "Rehearse", arguments: [{ textDocument: { uri }, from }] } },
    ]);
  });

  it("stands above the newest migration, and not above those that have run", async () => {
    const older = write("db/migration/V1__sales.sql", table + first);
    const newest = write("db/migration/V2__more.sql", `\n${second}`);
    await start();
    await client.open(table + first, older);
    await client.open(`\n${second}`, newest);
    expect(await rehearsing(older)).toEqual([]);
    const [lens, ...others] = await rehearsing(newest);
    expect(lens).toMatchObject({
      range: { start: { line: 1 } },
      command: { arguments: [{ textDocument: { uri: newest } }] },
    });
    expect(others).toEqual([]);
  });

  it("is left out where the setting leaves out scripts", async () => {
    const newest = write("db/migration/V1__sales.sql", table + first);
    await start();
    await client.open(table + first, newest);
    expect(await rehearsing(newest)).toHaveLength(1);
    await client.close();
    await start([], { codeLens: { statements: ["select"] } });
    await client.open(table + first, newest);
    expect(await rehearsing(newest)).toEqual([]);
  });
});
