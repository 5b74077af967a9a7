/** The settings that the client itself acts on; all others are the server's, which asks for them. */

import * as vscode from "vscode";
import { type ConnectionProfile, profileFromSetting } from "./connection/profile.ts";

const section = "partitionLens";

/** The language ids under which SQL goes in VS Code; none of them is ours. */
export const sqlLanguages = ["sql", "postgres", "pgsql", "plpgsql"] as const;

export function isSql(document: vscode.TextDocument): boolean {
  return sqlLanguages.some((language) => language === document.languageId);
}

/** The connections of the settings, with what is no connection left out. */
export function configuredProfiles(): readonly ConnectionProfile[] {
  const raw: unknown = vscode.workspace.getConfiguration(section).get("connections");
  if (!Array.isArray(raw)) return [];
  return raw.map(profileFromSetting).filter((profile) => profile !== null);
}

/** The name of the connection to propose first; empty where none is set. */
export function preferredConnection(): string {
  return vscode.workspace.getConfiguration(section).get("connection", "");
}

/** Turns the lenses on or off, where the setting is set or else for the user. */
export async function toggleCodeLens(): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(section);
  const places = configuration.inspect<boolean>("codeLens.enabled");
  const target =
    places?.workspaceFolderValue !== undefined
      ? vscode.ConfigurationTarget.WorkspaceFolder
      : places?.workspaceValue !== undefined
        ? vscode.ConfigurationTarget.Workspace
        : vscode.ConfigurationTarget.Global;
  await configuration.update("codeLens.enabled", !configuration.get("codeLens.enabled", true), target);
}
