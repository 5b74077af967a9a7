/** A read-only document beside the editor that shows a script before it is written; it goes when the guide ends. */

import * as vscode from "vscode";
import type { GuideResult } from "../../../server/src/lsp/protocol.ts";
import { noPreview, type PreviewText, previewText } from "./preview-text.ts";

const scheme = "partition-lens-preview";

const uri = vscode.Uri.from({ scheme, path: "/Preview.sql" });

type Shown = Pick<GuideResult, "preview" | "problem">;

export interface ScriptPreview extends vscode.Disposable {
  /** Shows beside what comes of the answers; where nothing does yet, it says so in place of what was shown. */
  readonly show: (result: Shown) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function createScriptPreview(): ScriptPreview {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const mark = (color: string): vscode.TextEditorDecorationType =>
    vscode.window.createTextEditorDecorationType({ isWholeLine: true, backgroundColor: new vscode.ThemeColor(color) });
  const goes = mark("diffEditor.removedLineBackground");
  const comes = mark("diffEditor.insertedLineBackground");
  const nothing: PreviewText = { text: "", goes: [], comes: [] };
  let shown = nothing;

  const editors = (): readonly vscode.TextEditor[] =>
    vscode.window.visibleTextEditors.filter(({ document }) => document.uri.scheme === scheme);
  const decorate = (): void => {
    for (const editor of editors()) {
      editor.setDecorations(goes, shown.goes.map(lineRange));
      editor.setDecorations(comes, shown.comes.map(lineRange));
    }
  };

  const listening = vscode.Disposable.from(
    changed,
    goes,
    comes,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: () => shown.text,
    }),
    // The new text arrives a moment after it was said to have changed.
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document.uri.scheme === scheme) decorate();
    }),
  );
  const show = async ({ preview, problem }: Shown): Promise<void> => {
    if (preview === null && editors().length === 0) return;
    const next = preview === null ? noPreview(problem?.message ?? null) : previewText(preview);
    const isSame = next.text === shown.text;
    shown = next;
    if (!isSame) changed.fire(uri);
    if (editors().length > 0) return decorate();
    const document = await vscode.workspace.openTextDocument(uri);
    const viewColumn = vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: true });
    decorate();
  };
  const close = async (): Promise<void> => {
    const tabs = vscode.window.tabGroups.all
      .flatMap(({ tabs: all }) => all)
      .filter(({ input }) => input instanceof vscode.TabInputText && input.uri.scheme === scheme);
    if (tabs.length > 0) await vscode.window.tabGroups.close(tabs, true);
    shown = nothing;
  };

  // One after the other: what is being opened is closed only then.
  let work = Promise.resolve();
  return {
    show: (result) => {
      work = work.catch(() => undefined).then(() => show(result));
      return work;
    },
    close: () => {
      work = work.catch(() => undefined).then(close);
      return work;
    },
    dispose: () => listening.dispose(),
  };
}

function lineRange(line: number): vscode.Range {
  return new vscode.Range(line, 0, line, 0);
}
