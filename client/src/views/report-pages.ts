/** Reports of rehearsals as read-only documents: nothing asks whether they are to be saved. */

import * as vscode from "vscode";
import { lineText } from "../../../server/src/text/foreign-text.ts";

const scheme = "partition-lens-report";

/** Older pages that nobody has open are let go. */
const mostPages = 20;

/** UTF-16 code units of all of them together; the last one is kept however long it is. */
const mostCharacters = 4_000_000;

export interface ReportPages extends vscode.Disposable {
  /** Shows the text beside the editor, in the place of an earlier page of that title. */
  readonly show: (text: string) => Promise<void>;
}

export function createReportPages(): ReportPages {
  const pages = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const listening = vscode.Disposable.from(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: ({ path }) => pages.get(path) ?? "This report is gone: rehearse the file again.\n",
    }),
  );
  return {
    dispose: () => listening.dispose(),
    async show(text) {
      const uri = vscode.Uri.from({ scheme, path: `/${titleOf(text)}` });
      pages.delete(uri.path);
      pages.set(uri.path, text);
      let characters = [...pages.values()].reduce((sum, { length }) => sum + length, 0);
      for (const [path, { length }] of pages) {
        if (path === uri.path || (pages.size <= mostPages && characters <= mostCharacters)) break;
        pages.delete(path);
        characters -= length;
      }
      changed.fire(uri);
      const opened = await vscode.workspace.openTextDocument(uri);
      // The title ends as the file's name does: it is no SQL.
      const document = await vscode.languages.setTextDocumentLanguage(opened, "plaintext");
      const viewColumn = vscode.ViewColumn.Beside;
      await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: true });
    },
  };
}

/** The report's first line as the name of a document: "Rehearsal of V4__split.sql". */
function titleOf(text: string): string {
  return lineText(text.slice(0, text.indexOf("\n")))
    .replaceAll(/[/\\]/g, " ")
    .slice(0, 200);
}
