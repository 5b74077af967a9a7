/** Opens the file at the statement that defines a partition. */

import * as vscode from "vscode";
import type { DefinitionPlace } from "../../../server/src/lsp/protocol.ts";
import type { CommandContext } from "../command-table.ts";

/** A click in the tree leaves the focus there, as one in the explorer does. */
export async function revealDefinition({ server }: CommandContext, given?: unknown, how?: unknown): Promise<void> {
  const place = definitionOf(given);
  if (place === null) return;
  const preserveFocus = typeof how === "object" && how !== null && "preserveFocus" in how && how.preserveFocus === true;
  await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), {
    selection: server.toEditorRange(place.range),
    preserveFocus,
  });
}

/** Takes a place, or a tree node that has one. */
function definitionOf(given: unknown): DefinitionPlace | null {
  if (typeof given !== "object" || given === null) return null;
  if ("definition" in given) return definitionOf(given.definition);
  return "uri" in given && "range" in given ? (given as DefinitionPlace) : null;
}
