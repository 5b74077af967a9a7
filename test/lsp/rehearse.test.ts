/** Rehearsing the file in the editor: the report, its progress, the hints beside the script, and its end when it is cancelled. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CancellationTokenSource, type InlayHint, WorkDoneProgress } from "vscode-languageserver/node";
import type { RehearseResult } from "../../server/src/lsp/protocol.ts";
import { embeddedFiles } from "../postgres/support.ts";
import { serverSources, startClient, type TestClient } from "./client.ts";

let client: TestClient;

beforeAll(async () => {
  await embeddedFiles();
  client = await startClient("vscode", { server: serverSources });
});
afterAll(() => client.close());

const schema = `CREATE TABLE t (k int NOT NULL, v text) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
`;

const wholeFile = { start: { line: 0, character: 0 }, end: { line: 1_000, character: 0 } };

const hints = async (uri: string): Promise<readonly string[]> =>
  (await client.request<InlayHint[]>("textDocument/inlayHint", { textDocument: { uri }, range: wholeFile })).map(
    ({ position, label }) => `${position.line}:${position.character} ${label}`,
  );

const rehearse = (argument: unknown, workDoneToken?: string): Promise<RehearseResult> =>
  client.request("workspace/executeCommand", {
    command: "partitionLens.rehearse",
    arguments: [argument],
    ...(workDoneToken === undefined ? {} : { workDoneToken }),
  });

describe("the file in the editor", () => {
  it("is rehearsed with progress, and its statements have hints until something in front of them changes", async () => {
    const script = `${schema}ALTER TABLE t DETACH PARTITION t_1;\nALTER TABLE t_1 ADD COLUMN w int;\n`;
    const uri = await client.open(script, "file:///rehearse/a.sql");
    expect(await hints(uri)).toEqual([]);
    const told: unknown[] = [];
    client.connection.onProgress(WorkDoneProgress.type, "token-1", (value) => {
      told.push(value);
    });
    const result = await rehearse({ textDocument: { uri } }, "token-1");
    expect(result.outcome).toBe("clean");
    expect(result.text).toContain("Rehearsal of a.sql\nIt runs, in PostgreSQL 18 with 0 made rows.");
    expect(told.at(0)).toMatchObject({ kind: "begin", cancellable: true });
    expect(told).toContainEqual({ kind: "report", message: "the script: 4 of 4", percentage: 100 });
    expect(told.at(-1)).toEqual({ kind: "end" });
    const lines = ["1:60 ACCESS EXCLUSIVE on t", "2:35 ACCESS EXCLUSIVE on t, t_1", "3:33 ACCESS EXCLUSIVE on t_1"];
    expect(await hints(uri)).toEqual(lines);
    await client.edit(uri, script.length, script.length, "SELECT 1;\n");
    expect(await hints(uri)).toEqual(lines);
    const at = script.indexOf("w int");
    await client.edit(uri, at, at + 1, "x");
    expect(await hints(uri)).toEqual(lines.slice(0, 2));
  });

  it("from a line on, behind what stands above", async () => {
    const uri = await client.open(`${schema}TRUNCATE t_1;\n`, "file:///rehearse/e.sql");
    const from = { line: 2, character: 0 };
    const { outcome, report } = await rehearse({ textDocument: { uri }, from, mayLose: ["public.t"] });
    expect(outcome).toBe("clean");
    expect(report).toMatchObject({
      statements: [{ title: "TRUNCATE t_1", rows: [{ relation: "public.t", after: 0 }] }],
    });
    const [hint] = await hints(uri);
    expect(hint).toMatch(/^2:13 ACCESS EXCLUSIVE on t_1 · t: \d+ → 0 rows$/);
  });

  it("a file that is closed keeps nothing of it", async () => {
    const file = "file:///rehearse/f.sql";
    const text = `${schema}ALTER TABLE t DETACH PARTITION t_1;\n`;
    const uri = await client.open(text, file);
    await rehearse({ textDocument: { uri } });
    expect((await hints(uri)).length).toBeGreaterThan(1);
    await client.connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    expect(await hints(await client.open(text, file))).toEqual([]);
  });

  it("a generated script is rehearsed behind it, with what undoes it", async () => {
    const uri = await client.open(schema, "file:///rehearse/b.sql");
    const given = { textDocument: { uri }, sql: "ALTER TABLE t DETACH PARTITION t_1;" };
    const undo = "ALTER TABLE t ATTACH PARTITION t_1 FOR VALUES FROM (0) TO (10);";
    const { text, outcome } = await rehearse({ ...given, undo });
    expect(outcome).toBe("clean");
    expect(text).toContain("Rehearsal of a script behind b.sql\n");
    expect(text).toContain("The way back (its undo script)\n  tables, partitions and rows are as they were before\n");
    expect(await hints(uri)).toEqual([]);
  });

  it("a cancelled rehearsal ends, and the next one is not kept waiting", async () => {
    const uri = await client.open("SELECT pg_sleep(600);", "file:///rehearse/c.sql");
    const source = new CancellationTokenSource();
    const begun = new Promise<void>((resolve) => {
      client.connection.onProgress(WorkDoneProgress.type, "token-2", ({ kind }) => {
        if (kind === "report") resolve();
      });
    });
    const waiting = client.connection.sendRequest(
      "workspace/executeCommand",
      { command: "partitionLens.rehearse", arguments: [{ textDocument: { uri } }], workDoneToken: "token-2" },
      source.token,
    );
    const refused = expect(waiting).rejects.toMatchObject({ code: -32800 });
    await begun;
    await expect(rehearse({ textDocument: { uri } })).rejects.toThrow("another rehearsal is running");
    source.cancel();
    await refused;
    const next = await client.open("SELECT 1;", "file:///rehearse/d.sql");
    expect((await rehearse({ textDocument: { uri: next } })).outcome).toBe("clean");
  });

  it("parameters of another shape are refused", async () => {
    await expect(rehearse({ textDocument: { uri: 1 } })).rejects.toThrow(".textDocument.uri must be a string");
  });
});
