/** The one status bar item: the source of verdicts and its state, shown beside SQL. */

import * as vscode from "vscode";
import { notifications, type StatusParams } from "../../../server/src/lsp/protocol.ts";
import type { Server } from "../server-process.ts";
import { isSql } from "../settings.ts";
import { statusModel } from "./status-model.ts";

export function createStatusItem(server: Server, command: string): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("partitionLens.source", vscode.StatusBarAlignment.Left);
  item.name = "Partition Lens";
  item.command = command;
  let status: StatusParams | null = null;
  const show = (): void => {
    const model = statusModel(status);
    item.text = model.text;
    item.tooltip = new vscode.MarkdownString(model.tooltip, true);
    item.backgroundColor =
      model.severity === "error" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    const editor = vscode.window.activeTextEditor;
    if (editor !== undefined && isSql(editor.document)) item.show();
    else item.hide();
  };
  show();
  return vscode.Disposable.from(
    item,
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidOpenTextDocument(show),
    server.onNotification(notifications.status, (params: StatusParams) => {
      status = params;
      void vscode.commands.executeCommand("setContext", "partitionLens.connected", params.source === "connected");
      show();
    }),
  );
}
