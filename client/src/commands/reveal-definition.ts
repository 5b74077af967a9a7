/** Opens the file at the statement that defines a partition. */

import * as vscode from "vscode";
import type { DefinitionPlace } from "../../../server/src/lsp/protocol.ts";
import type { CommandContext } from "../command-table.ts";

export async function revealDefinition({ server }: CommandContext, given?: unknown): Promise<void> {
  const place = definitionOf(given);
  if (place === null) return;
  await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { selection: server.toEditorRange(place.range) });
}

/** Takes a place, or a tree node that has one. */
function definitionOf(given: unknown): DefinitionPlace | null {
  if (typeof given !== "object" || given === null) return null;
  if ("definition" in given) return definitionOf(given.definition);
  return "uri" in given && "range" in given ? (given as DefinitionPlace) : null;
}
