/** What the server tells a client that it can do. */

import { CodeActionKind, type ServerCapabilities, TextDocumentSyncKind } from "vscode-languageserver/node";
import type { ClientFeatures } from "./client-features.ts";
import { settingsFileName } from "./configuration.ts";
import { partitionActionKind } from "./handlers/code-actions.ts";
import { commandNames } from "./handlers/commands.ts";

/** Scripts, what tools keep beside theirs to tell their order and how they run, and our own settings. */
export const watchedFiles = [
  { globPattern: `**/${settingsFileName}` },
  { globPattern: "**/*.{sql,pgsql}" },
  {
    globPattern:
      "**/{sqitch.plan,meta/_journal.json,metadata.toml,atlas.sum,flyway.conf,flyway.toml,flyway.user.toml,*.sql.conf,*changelog*.xml,*changelog*.yml,*changelog*.yaml}",
  },
];

/** `clientCommands` are left out: a client that carries them out itself would register them twice. */
export function serverCapabilities(features: ClientFeatures, clientCommands: ReadonlySet<string>): ServerCapabilities {
  return {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    ...(features.pullsDiagnostics
      ? {
          diagnosticProvider: {
            identifier: "partition-lens",
            interFileDependencies: true,
            workspaceDiagnostics: false,
          },
        }
      : {}),
    codeLensProvider: { resolveProvider: true },
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    workspaceSymbolProvider: true,
    documentSymbolProvider: { label: "Partitions" },
    inlayHintProvider: true,
    codeActionProvider: {
      codeActionKinds: [CodeActionKind.QuickFix, partitionActionKind],
      resolveProvider: true,
    },
    executeCommandProvider: { commands: commandNames.filter((name) => !clientCommands.has(name)) },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
  };
}
