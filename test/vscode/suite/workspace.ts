// What the suite's tests share: opening a copy of a sample file, and waiting until VS Code shows what is expected.
import * as vscode from "vscode";

/** Opens a file of the sample workspace in an editor. */
export async function openSample(name: string): Promise<vscode.TextEditor> {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error("No folder is open.");
  return await vscode.window.showTextDocument(vscode.Uri.joinPath(folder.uri, name));
}

/** Opens an unsaved document. */
export async function openText(content: string, language = "sql"): Promise<vscode.TextEditor> {
  return await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language }));
}

/**
 * Asks until the answer is neither undefined, false nor an empty list; after half a minute fails, telling what is there
 * instead.
 */
export async function eventually<T>(
  what: string,
  ask: () => T | Promise<T>,
  instead: () => unknown = () => undefined,
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    const isThere = answer !== undefined && answer !== false && !(Array.isArray(answer) && answer.length === 0);
    if (isThere) return answer as Exclude<T, undefined | false>;
    if (Date.now() > deadline)
      throw new Error(`Waited in vain for ${what}; there is: ${JSON.stringify(await instead())}`);
    await new Promise((next) => setTimeout(next, 100));
  }
}

/** The findings that Partition Lens shows in a document. */
export function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "partition-lens");
}

/** Waits for a rule's finding in a document. */
export async function finding(document: vscode.TextDocument, rule: string): Promise<vscode.Diagnostic> {
  return await eventually(
    `${rule} in ${document.fileName}`,
    () => findings(document).find((each) => ruleOf(each) === rule),
    () => findings(document).map(({ message }) => message),
  );
}

/** The rule id of a finding, which links to the rule's page. */
export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : code);
}

/** Resolved lenses with a title, as VS Code shows them. */
export async function lensTitles(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
    "vscode.executeCodeLensProvider",
    document.uri,
    100,
  );
  return lenses.map(({ command }) => command?.title ?? "").filter((title) => title !== "");
}
