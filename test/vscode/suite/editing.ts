// The main job in the editor: findings, lenses, hover and fixes on the sample workspace.
import assert from "node:assert/strict";
import * as vscode from "vscode";
import { eventually, finding, findings, lensTitles, openSample, openText, ruleOf } from "./workspace.ts";

describe("an open SQL file", () => {
  it("shows an overlap as PostgreSQL's own error, linked to the rule's page", async () => {
    const { document } = await openSample("mistakes.sql");
    const overlap = await finding(document, "partition-overlap");
    assert.equal(overlap.severity, vscode.DiagnosticSeverity.Error);
    assert.match(overlap.message, /^partition "access_logs_2024" would overlap partition "access_logs_2023"/);
    assert.match(document.getText(overlap.range), /2023-12-31/);
  });

  it("shows the lost day and the missing remainder as warnings", async () => {
    const { document } = await openSample("mistakes.sql");
    for (const rule of ["inclusive-end", "hash-incomplete"]) {
      const found = await finding(document, rule);
      assert.equal(found.severity, vscode.DiagnosticSeverity.Warning);
    }
  });

  it("has nothing to say about the correct files", async () => {
    for (const file of ["access_logs.sql", "hash_rel.sql", "inheritance.sql"]) {
      const { document } = await openSample(file);
      await eventually(`lenses in ${file}`, () => lensTitles(document));
      const complaints = findings(document).filter(({ severity }) => severity <= vscode.DiagnosticSeverity.Warning);
      assert.deepEqual(complaints.map(ruleOf), [], file);
    }
  });

  it("says above a query how many partitions it touches", async () => {
    const { document } = await openSample("range_rel.sql");
    await eventually(
      "the lens of the two months",
      async () => (await lensTitles(document)).find((title) => /\b2 of 60\b/.test(title)),
      () => lensTitles(document),
    );
  });

  it("names the surviving partitions in the hover", async () => {
    const { document } = await openSample("access_logs.sql");
    const position = document.positionAt(document.getText().indexOf("access_logs WHERE log_date = '2023"));
    await eventually("the hover", async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        "vscode.executeHoverProvider",
        document.uri,
        position,
      );
      const texts = hovers.flatMap(({ contents }) =>
        contents.map((each) => (typeof each === "string" ? each : each.value)),
      );
      return texts.some((text) => text.includes("access\\_logs\\_2023") || text.includes("access_logs_2023"));
    });
  });

  it("repairs the overlap by a quick fix", async () => {
    const original = (await openSample("mistakes.sql")).document.getText();
    const { document } = await openText(original);
    const overlap = await finding(document, "partition-overlap");
    const actions = async () =>
      await vscode.commands.executeCommand<vscode.CodeAction[]>(
        "vscode.executeCodeActionProvider",
        document.uri,
        overlap.range,
        vscode.CodeActionKind.QuickFix.value,
        10,
      );
    // An answer is given up where the file is analysed anew meanwhile, and VS Code asks again when the cursor moves.
    const edit = await eventually(
      "a fix with an edit",
      async () => (await actions()).find((action) => action.edit !== undefined)?.edit,
      async () => (await actions()).map(({ title }) => title),
    );
    await vscode.workspace.applyEdit(edit);
    await eventually(
      "the overlap to go",
      () => !findings(document).some((each) => ruleOf(each) === "partition-overlap"),
    );
  });

  it("follows the typing", async () => {
    const editor = await openText("CREATE TABLE t (k int) PARTITION BY RANGE (k);\n");
    const add = async (line: string) =>
      await editor.edit((edit) => edit.insert(editor.document.lineAt(editor.document.lineCount - 1).range.end, line));
    await add("CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);\n");
    await add("CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (9) TO (20);\n");
    await eventually("an overlap", () => findings(editor.document).map(ruleOf).includes("partition-overlap"));
    await editor.edit((edit) => edit.replace(new vscode.Range(2, 0, 3, 0), ""));
    await eventually("no overlap", () => !findings(editor.document).map(ruleOf).includes("partition-overlap"));
  });
});
