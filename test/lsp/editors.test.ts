// The server as editors of different abilities meet it: over standard input and output, each with its own capabilities.

import { afterEach, describe, expect, it } from "vitest";
import type { CodeLens, DocumentSymbol } from "vscode-languageserver/node";
import { type Editor, editors, lensTexts, startClient, type TestClient, textAt } from "./client.ts";

const sales = `CREATE TABLE sales (d date NOT NULL, amount numeric) PARTITION BY RANGE (d);
CREATE TABLE sales_2023 PARTITION OF sales FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT * FROM sales WHERE d = '2024-05-01';
`;

let client: TestClient | undefined;
afterEach(async () => {
  const code = await client?.close();
  client = undefined;
  expect(code ?? 0, "the server's exit code").toBe(0);
});

describe.each(Object.keys(editors) as Editor[])("%s", (editor) => {
  it("gets the findings of a file, with rule, page and SQLSTATE", async () => {
    client = await startClient(editor, { initializationOptions: { settings: { "embedded.enabled": false } } });
    const uri = await client.open(
      `${sales}CREATE TABLE late PARTITION OF sales FOR VALUES FROM ('2024-06-01') TO ('2024-07-01');`,
    );
    const diagnostics = await client.diagnostics(uri);
    const overlap = diagnostics.find(({ code }) => code === "partition-overlap");
    expect(overlap).toMatchObject({ source: "partition-lens", severity: 1, data: { sqlstate: "42P17" } });
    expect(overlap?.message).toMatch(/^partition "late" would overlap partition "sales_2024"/);
    expect(diagnostics.map(({ code }) => code)).toContain("range-gap");
  });

  it("gets titles on all its lenses", async () => {
    client = await startClient(editor, { initializationOptions: { settings: { "embedded.enabled": false } } });
    const uri = await client.open(sales);
    expect(lensTexts(await client.lenses(uri))).toEqual([
      "0: RANGE (d) · 3 partitions · 2023-01 … 2027-01 · 1 gap",
      "3: gap before it: 2025-01-01 … 2026-01-01",
      "4: 1 of 3 partitions · sales_2024 · from this file",
    ]);
  });
});

it("lists lenses without titles for an editor that resolves them, and keeps their data", async () => {
  client = await startClient("vscode");
  const uri = await client.open(sales);
  const [first] = await client.request<CodeLens[]>("textDocument/codeLens", { textDocument: { uri } });
  expect(first?.command).toBeUndefined();
  const resolved = await client.request<CodeLens>("codeLens/resolve", first);
  expect(resolved.data).toEqual(first?.data);
  expect(await client.request<CodeLens>("codeLens/resolve", resolved)).toEqual(resolved);
});

it.each([
  ["vscode", [1]],
  ["neovim", undefined],
] as const)("is grey where no row can reach it, for editors that say they draw that: %s", async (editor, tags) => {
  client = await startClient(editor, { initializationOptions: { settings: { "embedded.enabled": false } } });
  const uri = await client.open(
    "CREATE TABLE t (k int) PARTITION BY RANGE (k);\n" +
      "CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (k);\n" +
      "CREATE TABLE lost PARTITION OF low FOR VALUES FROM (20) TO (30);\n",
  );
  const found = (await client.diagnostics(uri)).find(({ code }) => code === "unreachable-bound");
  expect(found).toBeDefined();
  expect(found?.tags).toEqual(tags);
  expect(found?.codeDescription?.href.endsWith("/unreachable-bound.md") === true).toBe(editor === "vscode");
});

it("answers unchanged diagnostics with unchanged", async () => {
  client = await startClient("vscode");
  const uri = await client.open(sales);
  const first = await client.request<{ kind: string; resultId: string }>("textDocument/diagnostic", {
    textDocument: { uri },
  });
  const again = { textDocument: { uri }, previousResultId: first.resultId };
  expect(first.kind).toBe("full");
  expect(await client.request("textDocument/diagnostic", again)).toEqual({
    kind: "unchanged",
    resultId: first.resultId,
  });
  await client.edit(uri, 0, 0, "-- a comment\n");
  const moved = await client.request<{ kind: string; resultId: string }>("textDocument/diagnostic", again);
  expect(moved.kind).toBe("full");
  // Typing that leaves all findings where they are: only who has them need not be sent them.
  await client.edit(uri, 3, 3, "x");
  const since = { textDocument: { uri }, previousResultId: moved.resultId };
  const kept = await client.request<{ kind: string; resultId: string }>("textDocument/diagnostic", since);
  expect(kept.kind).toBe("unchanged");
  expect(kept.resultId).not.toBe(moved.resultId);
  await client.edit(uri, 3, 3, "y");
  expect(await client.request("textDocument/diagnostic", again)).toMatchObject({ kind: "full" });
});

it("shows the partitions below their table in the outline", async () => {
  client = await startClient("vscode");
  const uri = await client.open(sales);
  const [table] = await client.request<DocumentSymbol[]>("textDocument/documentSymbol", { textDocument: { uri } });
  expect(table?.name).toBe("sales");
  expect(textAt(sales, table?.selectionRange ?? never())).toBe("sales");
  expect(table?.children?.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
    "sales_2023: 2023-01-01 … 2024-01-01",
    "sales_2024: 2024-01-01 … 2025-01-01",
    "sales_2026: 2026-01-01 … 2027-01-01",
  ]);
});

function never(): never {
  throw new Error("missing");
}
