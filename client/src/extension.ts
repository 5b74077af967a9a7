/** The extension: wires the server, the commands, the views and the status bar together. */

import * as vscode from "vscode";
import { type CommandContext, clientCommands, commandTable, selectSourceCommand } from "./command-table.ts";
import { createProfileStore } from "./connection/profile-store.ts";
import { createLog } from "./log.ts";
import { isServerWanted, whenSqlOpens } from "./other-languages.ts";
import { createServer, type Server } from "./server-process.ts";
import { createStatusItem } from "./status/status-item.ts";
import { createPartitionTree } from "./views/partition-tree.ts";
import { createReportPages } from "./views/report-pages.ts";

let server: Server | null = null;

export async function activate(extension: vscode.ExtensionContext): Promise<void> {
  const log = createLog();
  server = createServer(extension, log, clientCommands);
  const tree = createPartitionTree(server);
  const status = createStatusItem(server, selectSourceCommand);
  const reports = createReportPages();
  const profiles = createProfileStore(extension);
  const context: CommandContext = { server, log, tree, status, reports, extension, profiles };
  extension.subscriptions.push(
    log,
    ...Object.entries(commandTable).map(([id, run]) =>
      vscode.commands.registerCommand(id, (...given: unknown[]) => run(context, ...given)),
    ),
    status,
    tree,
    reports,
  );
  if (await isServerWanted()) await server.start();
  else extension.subscriptions.push(whenSqlOpens(() => void server?.start()));
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
