// The workspace is the schema: queries find their tables in the migrations, and new DDL goes into a new migration.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { eventually, lensTitles, openSample, openText } from "./workspace.ts";

describe("a workspace with migrations", () => {
  it("gives a query in another file its tables", async () => {
    const { document } = await openSample("queries/orders.sql");
    await eventually(
      "the lens of the one partition",
      async () => (await lensTitles(document)).find((title) => /^1 of \d partitions · orders_apac/.test(title)),
      () => lensTitles(document),
    );
  });

  it("gives the same to a query in a program", async () => {
    const { document } = await openSample("src/orders.ts");
    assert.equal(document.languageId, "typescript");
    await eventually(
      "the lens of the one partition",
      async () => (await lensTitles(document)).find((title) => /^1 of \d partitions · orders_apac/.test(title)),
      () => lensTitles(document),
    );
  });

  it("opens DDL asked for in an older migration as a new one, selected and not saved", async () => {
    const { document } = await openSample("migrations/V1__create_orders.sql");
    const position = document.positionAt(document.getText().indexOf("orders_emea PARTITION"));
    const append = await eventually("the offer", async () => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        new vscode.Range(position, position),
        "refactor.rewrite.partition",
      );
      return actions.find(({ title }) => /^Append .*orders_emea/.test(title));
    });
    assert.equal(append.edit, undefined);
    const before = document.getText();
    const { command } = append;
    assert.ok(command);
    assert.equal(await vscode.commands.executeCommand(command.command, ...(command.arguments ?? [])), true);
    const editor = vscode.window.activeTextEditor;
    assert.ok(editor);
    assert.match(editor.document.uri.path, /\/migrations\/V4__append_orders_emea\.sql$/);
    assert.equal(editor.document.isUntitled, true);
    assert.match(editor.document.getText(editor.selection), /orders_emea_2026/);
    assert.equal(document.getText(), before);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  });

  it("writes it into a file of its own behind the table, selected", async () => {
    const text = `CREATE TABLE m (d date) PARTITION BY RANGE (d);
CREATE TABLE m_2024 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
`;
    const { document } = await openText(text);
    const request = { operation: "append", table: "m", textDocument: { uri: document.uri.toString() } };
    await eventually("the script", () => vscode.commands.executeCommand("partitionLens.writeScript", request));
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document, document);
    assert.match(document.getText(editor?.selection), /^--[\s\S]*m_2025[\s\S]*;$/);
  });
});
