/** Writes generated DDL where the server says it belongs, unsaved, and shows what was written: one way for every command. */

import * as vscode from "vscode";
import {
  commands,
  type InsertScriptArguments,
  type ScriptPlan,
  type WrittenFile,
} from "../../../server/src/lsp/protocol.ts";
import { notificationText, titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";
import type { Server } from "../server-process.ts";

/** Of a code action: answers whether something was written. */
export async function writeScript({ server }: CommandContext, given?: unknown): Promise<boolean> {
  if (typeof given !== "object" || given === null) return false;
  if ("files" in given) return carryOut(server, async () => given as ScriptPlan);
  return writePlanned(server, given as InsertScriptArguments);
}

/** Asks the server for the plan and carries it out. What goes wrong is told, and answered by false. */
export function writePlanned(server: Server, given: InsertScriptArguments): Promise<boolean> {
  return carryOut(server, () => server.execute<ScriptPlan>(commands.planScript, given));
}

async function carryOut(server: Server, planned: () => Promise<ScriptPlan>): Promise<boolean> {
  try {
    const plan = await planned();
    // The first file is what people want to see: it is written last, and in front.
    for (const file of [...plan.files].reverse()) await writeFile(server, file);
    const [first] = plan.files;
    if (first !== undefined) say(first, plan.note);
    return true;
  } catch (error) {
    void vscode.window.showErrorMessage(notificationText(error instanceof Error ? error.message : String(error)));
    return false;
  }
}

/** Shows a script in an untitled document beside the editor. */
export async function writeUntitled(sql: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument({ language: "sql", content: sql });
  const editor = await vscode.window.showTextDocument(document, {
    viewColumn: vscode.ViewColumn.Beside,
    preview: false,
  });
  select(editor, 0, document.getText().trimEnd().length);
  sayLine("the script is in an untitled document");
}

async function writeFile(server: Server, { uri, range, newText }: WrittenFile): Promise<void> {
  const target = vscode.Uri.parse(uri);
  if (range === null) {
    // An untitled document with a path is saved there: nothing is on disk before that.
    const document = await vscode.workspace.openTextDocument(target.with({ scheme: "untitled" }));
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preview: false,
    });
    await insert(editor, new vscode.Range(0, 0, 0, 0), newText);
    return;
  }
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === target.toString());
  const column = shown?.viewColumn ?? vscode.ViewColumn.Active;
  const editor = await vscode.window.showTextDocument(target, { viewColumn: column, preview: false });
  await insert(editor, server.toEditorRange(range), newText);
}

async function insert(editor: vscode.TextEditor, range: vscode.Range, text: string): Promise<void> {
  const { document } = editor;
  const start = document.offsetAt(range.start);
  const behind = document.getText().length - document.offsetAt(range.end);
  if (!(await editor.edit((edit) => edit.replace(range, text)))) throw new Error("the editor did not take the edit");
  // The editor may have written other line ends.
  const written = document.getText().slice(start, document.getText().length - behind);
  const lead = /^[;\s]*/.exec(written)?.[0].length ?? 0;
  select(editor, start + lead, start + written.trimEnd().length);
}

function select(editor: vscode.TextEditor, from: number, to: number): void {
  const { document } = editor;
  editor.selection = new vscode.Selection(document.positionAt(from), document.positionAt(to));
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

function say({ uri, range }: WrittenFile, note: string | null): void {
  const name = decodeURIComponent(uri.slice(uri.lastIndexOf("/") + 1));
  const what = range === null ? `${name} is new and not saved yet` : `the script is in ${name}, not saved yet`;
  sayLine(note === null ? what : `${what}; ${note}`);
}

const shownMilliseconds = 10_000;

function sayLine(line: string): void {
  vscode.window.setStatusBarMessage(titleText(`Partition Lens: ${line}`), shownMilliseconds);
}
