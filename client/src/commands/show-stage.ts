/** Show Stage…: what the server makes of the file, stage by stage, in an untitled document beside it. */

import * as vscode from "vscode";
import { requests, type StageParams, type StageResult, stages } from "../../../server/src/lsp/protocol.ts";
import type { CommandContext } from "../command-table.ts";

export async function showStage({ server }: CommandContext): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    void vscode.window.showInformationMessage("Open a SQL file first: the stages are those of the file in the editor.");
    return;
  }
  const stage = await vscode.window.showQuickPick([...stages], { title: "Show Stage" });
  if (stage === undefined) return;
  const params: StageParams = {
    textDocument: { uri: server.toServerUri(editor.document.uri) },
    stage: stages.find((known) => known === stage) ?? "statements",
    position: editor.selection.active,
  };
  const { text } = await server.request<StageResult>(requests.stage, params);
  const document = await vscode.workspace.openTextDocument({ content: text });
  await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
}
