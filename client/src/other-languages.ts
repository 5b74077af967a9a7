/** Whether the extension has anything to do before SQL is opened: queries in programs are shown where a table has partitions. */

import * as vscode from "vscode";
import { isSql } from "./settings.ts";

/** More files are not looked through. */
const mostFiles = 500;

/** What makes a table partitioned, in any scheme. */
const partitioning =
  /\bpartition\s+by\s+(?:range|list|hash)\b|\binherits\s*\(|\bcreate_(?:range|hash)_partitions\b|\bcreate_parent\b|\bcreate_distributed_table\b/i;

/** Looks at open documents first; at files only in trusted workspaces on a disk. */
export async function isServerWanted(): Promise<boolean> {
  if (vscode.workspace.textDocuments.some(isSql)) return true;
  if (!vscode.workspace.getConfiguration("partitionLens").get("otherLanguages.enabled", true)) return false;
  if (
    !vscode.workspace.isTrusted ||
    !(vscode.workspace.workspaceFolders ?? []).some(({ uri }) => uri.scheme === "file")
  )
    return false;
  const files = await vscode.workspace.findFiles(
    "**/*.sql",
    "**/{node_modules,vendor,dist,build,target}/**",
    mostFiles,
  );
  for (const file of files) if (await isPartitioned(file)) return true;
  return false;
}

/** Starts once the first SQL is opened. */
export function whenSqlOpens(start: () => void): vscode.Disposable {
  const listening = vscode.workspace.onDidOpenTextDocument((document) => {
    if (!isSql(document)) return;
    listening.dispose();
    start();
  });
  return listening;
}

async function isPartitioned(file: vscode.Uri): Promise<boolean> {
  try {
    return partitioning.test(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
  } catch {
    return false;
  }
}
