// Answers that nobody could use are cut or refused, however much a file would have the server say.

import { afterAll, beforeAll, expect, it } from "vitest";
import type { CodeAction, Diagnostic } from "vscode-languageserver/node";
import type { SurvivorsResult } from "../../server/src/lsp/protocol.ts";
import { startClient, type TestClient } from "./client.ts";

let client: TestClient;
beforeAll(async () => {
  client = await startClient("vscode", {
    initializationOptions: { settings: { "embedded.enabled": false, "diagnostics.maxPerFile": 2_000 } },
  });
});
afterAll(() => client.close());

/** A table with so many partitions. */
function partitions(count: number): string {
  const parts = Array.from(
    { length: count },
    (_, i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (${i}) TO (${i + 1});`,
  );
  return `CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);\n${parts.join("\n")}\n`;
}

it("survivors of more than a million names are refused, and those of a part of the file are told", async () => {
  const text = (queries: number): string => partitions(1_000) + "SELECT * FROM t;\n".repeat(queries);
  const many = await client.open(text(501), "file:///limits/many.sql");
  await expect(client.request("partitionLens/survivors", { textDocument: { uri: many } })).rejects.toThrow(
    /longer than 1000000 names/,
  );
  const few = await client.open(text(2), "file:///limits/few.sql");
  const { statements } = await client.request<SurvivorsResult>("partitionLens/survivors", {
    textDocument: { uri: few },
  });
  expect(statements.map(({ relations }) => relations[0]?.survivors?.length)).toEqual([1_000, 1_000]);
}, 60_000);

it("of a selection with more than a thousand findings the first thousand can be repaired", async () => {
  const again = Array.from({ length: 1_200 }, () => "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (5) TO (6);\n");
  const text = partitions(1) + again.join("");
  const uri = await client.open(text, "file:///limits/findings.sql");
  const textDocument = { uri };
  const { items } = await client.request<{ readonly items: readonly Diagnostic[] }>("textDocument/diagnostic", {
    textDocument,
  });
  expect(items.length).toBeGreaterThanOrEqual(1_200);
  const range = { start: { line: 0, character: 0 }, end: { line: 1_300, character: 0 } };
  const actions = await client.request<readonly CodeAction[]>("textDocument/codeAction", {
    textDocument,
    range,
    context: { diagnostics: [], only: ["quickfix"] },
  });
  const repaired = new Set(actions.flatMap(({ diagnostics = [] }) => diagnostics.map((each) => each.range.start.line)));
  expect(repaired.size).toBeGreaterThan(0);
  expect(repaired.size).toBeLessThanOrEqual(1_000);
  expect(Math.max(...repaired)).toBeLessThan(1_010);
});
