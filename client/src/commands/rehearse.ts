/** Rehearse: has the server run the script in its embedded PostgreSQL, with progress, and shows the report beside the script. */

import * as vscode from "vscode";
import { commands, type RehearseArguments, type RehearseResult } from "../../../server/src/lsp/protocol.ts";
import { notificationText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";

/** Of the file in the editor, or of the script that is handed over. Answers the report; null where there is none. */
export async function rehearse({ server, reports }: CommandContext, given?: unknown): Promise<RehearseResult | null> {
  const request = requestOf(given) ?? activeDocument(server.toServerUri);
  if (request === null) {
    void vscode.window.showInformationMessage(
      "Open a migration or script first: it is the file in the editor that is rehearsed.",
    );
    return null;
  }
  const options = { location: vscode.ProgressLocation.Notification, title: "Rehearsing", cancellable: true };
  try {
    const result = await vscode.window.withProgress(options, (progress, cancellation) =>
      server.executeLong<RehearseResult>(commands.rehearse, request, cancellation, (message) =>
        progress.report({ message: notificationText(message) }),
      ),
    );
    await reports.show(result.text);
    return result;
  } catch (error) {
    if (error instanceof vscode.CancellationError || (error as { code?: unknown }).code === requestCancelled)
      return null;
    void vscode.window.showErrorMessage(notificationText(error instanceof Error ? error.message : String(error)));
    return null;
  }
}

/** `LSPErrorCodes.RequestCancelled` */
const requestCancelled = -32800;

/** With a selection, from where that begins: what stands above is the schema then. */
function activeDocument(toServerUri: (uri: vscode.Uri) => string): RehearseArguments | null {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return null;
  const textDocument = { uri: toServerUri(editor.document.uri) };
  return editor.selection.isEmpty ? { textDocument } : { textDocument, from: editor.selection.start };
}

function requestOf(given: unknown): RehearseArguments | null {
  return typeof given === "object" && given !== null && "textDocument" in given ? (given as RehearseArguments) : null;
}
