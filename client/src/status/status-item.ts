/** The one status bar item: the source of verdicts and its state, and whose schema the file has. */

import * as vscode from "vscode";
import {
  notifications,
  requests,
  type SchemaSourceParams,
  type SchemaSourceResult,
  type StatusParams,
  type TreeChangedParams,
} from "../../../server/src/lsp/protocol.ts";
import type { Server } from "../server-process.ts";
import { isSql } from "../settings.ts";
import { statusModel } from "./status-model.ts";

export interface StatusItem extends vscode.Disposable {
  /** Whether a database answers, or did until something went wrong. */
  readonly isConnected: () => boolean;
}

export function createStatusItem(server: Server, command: string): StatusItem {
  const item = vscode.window.createStatusBarItem("partitionLens.source", vscode.StatusBarAlignment.Left);
  item.name = "Partition Lens";
  item.command = command;
  let status: StatusParams | null = null;
  let schema: SchemaSourceResult | null = null;
  const current = (): vscode.TextDocument | null => {
    const document = vscode.window.activeTextEditor?.document;
    return document !== undefined && isSql(document) ? document : null;
  };
  const isConnected = (): boolean => status?.source === "connected";
  const show = (): void => {
    const model = statusModel(status, schema);
    item.text = model.text;
    item.tooltip = new vscode.MarkdownString(model.tooltip, true);
    item.backgroundColor =
      model.severity === "error" ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    // Without SQL nobody asks; but whoever has connected wants to see that, and when it is lost.
    if (current() === null && !isConnected()) item.hide();
    else item.show();
  };
  /** Asks whose schema the file in the editor has. */
  const ask = async (): Promise<void> => {
    const document = current();
    if (document === null || status === null) return;
    const params: SchemaSourceParams = { textDocument: { uri: server.toServerUri(document.uri) } };
    // A file that is not analysed, or a server that stops, has no schema to tell of.
    const answer = await server.request<SchemaSourceResult>(requests.schemaSource, params).catch(() => null);
    if (current() !== document) return;
    schema = answer;
    show();
  };
  const another = (): void => {
    schema = null;
    show();
    void ask();
  };
  show();
  const listening = vscode.Disposable.from(
    item,
    vscode.window.onDidChangeActiveTextEditor(another),
    vscode.workspace.onDidOpenTextDocument(show),
    server.onNotification(notifications.status, (params: StatusParams) => {
      status = params;
      void vscode.commands.executeCommand("setContext", "partitionLens.connected", isConnected());
      void vscode.commands.executeCommand("setContext", "partitionLens.failed", params.state === "failed");
      show();
      void ask();
    }),
    server.onNotification(notifications.treeChanged, ({ uri }: TreeChangedParams) => {
      const document = current();
      if (document !== null && (uri === null || server.toServerUri(document.uri) === uri)) void ask();
    }),
  );
  return { dispose: () => listening.dispose(), isConnected };
}
