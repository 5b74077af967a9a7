/** The schema that a file starts from, picked where the workspace has several; remembered for the file's folder. */

import * as vscode from "vscode";
import {
  type PickSchemaParams,
  requests,
  type SchemaSourceParams,
  type SchemaSourceResult,
} from "../../../server/src/lsp/protocol.ts";
import { titleText } from "../../../server/src/text/foreign-text.ts";
import type { CommandContext } from "../command-table.ts";

const memory = "partitionLens.schemaPicks";

/** What was picked in earlier sessions: keys, by the URIs of folders. */
export function rememberedPicks({ workspaceState }: vscode.ExtensionContext): Readonly<Record<string, string>> {
  return workspaceState.get<Readonly<Record<string, string>>>(memory, {});
}

/** What there is to pick from for the file in the editor; none where nothing is in doubt. */
export async function schemaChoices({ server }: CommandContext): Promise<SchemaSourceResult["choices"]> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) return [];
  const params: SchemaSourceParams = { textDocument: { uri: server.toServerUri(document.uri) } };
  const { choices } = await server.request<SchemaSourceResult>(requests.schemaSource, params);
  return choices;
}

/** Makes the choice that of the folder of the file in the editor. */
export async function pickSchema({ server, extension }: CommandContext, key: string): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document === undefined) return;
  const uri = server.toServerUri(document.uri);
  const folder = uri.slice(0, uri.lastIndexOf("/"));
  const params: PickSchemaParams = { folder, key };
  await server.request(requests.pickSchema, params);
  await extension.workspaceState.update(memory, { ...rememberedPicks(extension), [folder]: key });
}

/** The choices as items of a quick pick. */
export async function schemaItems(
  context: CommandContext,
): Promise<readonly (vscode.QuickPickItem & { readonly run: () => unknown })[]> {
  // Where the file is not known to the server there is nothing to pick.
  const choices = await schemaChoices(context).catch(() => []);
  return choices.map(({ key, label, chosen }) => ({
    label: `$(${chosen ? "check" : "list-tree"}) ${titleText(`Schema from ${label}`)}`,
    description: "for the files of this folder",
    run: () => pickSchema(context, key),
  }));
}
