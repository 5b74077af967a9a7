/** All commands of the extension: `package.json` lists the same ones, and a test compares the two. */

import type * as vscode from "vscode";
import { guideCommand, commands as serverCommands, writeScriptCommand } from "../../server/src/lsp/protocol.ts";
import { connect, disconnect, forgetPassword, refreshCatalog, selectSource } from "./commands/connect.ts";
import { clearFilter, filterPartitions } from "./commands/filter-partitions.ts";
import { generate } from "./commands/generate.ts";
import { guide } from "./commands/guide.ts";
import { rehearse } from "./commands/rehearse.ts";
import { revealDefinition } from "./commands/reveal-definition.ts";
import { showPartitions, showPruning } from "./commands/show-partitions.ts";
import { showStage } from "./commands/show-stage.ts";
import { writeScript } from "./commands/write-script.ts";
import type { ProfileStore } from "./connection/profile-store.ts";
import type { Log } from "./log.ts";
import type { Server } from "./server-process.ts";
import { toggleCodeLens } from "./settings.ts";
import type { StatusItem } from "./status/status-item.ts";
import type { PartitionTree } from "./views/partition-tree.ts";
import type { ReportPages } from "./views/report-pages.ts";

/** What commands work with. */
export interface CommandContext {
  readonly server: Server;
  readonly profiles: ProfileStore;
  readonly log: Log;
  readonly tree: PartitionTree;
  readonly status: StatusItem;
  readonly reports: ReportPages;
  readonly extension: vscode.ExtensionContext;
}

export type Command = (context: CommandContext, ...given: readonly unknown[]) => Promise<unknown>;

export const selectSourceCommand = "partitionLens.selectSource";

export const commandTable: Readonly<Record<string, Command>> = {
  "partitionLens.connect": connect,
  "partitionLens.disconnect": disconnect,
  "partitionLens.forgetPassword": forgetPassword,
  [serverCommands.refreshCatalog]: refreshCatalog,
  [selectSourceCommand]: selectSource,
  "partitionLens.toggleCodeLens": () => toggleCodeLens(),
  "partitionLens.showStageOfFile": showStage,
  "partitionLens.revealDefinition": revealDefinition,
  "partitionLens.filterPartitions": filterPartitions,
  "partitionLens.clearFilter": clearFilter,
  "partitionLens.restartServer": ({ server }) => server.restart(),
  "partitionLens.showLog": async ({ log }) => log.show(true),
  // The client's own, richer forms of the server's commands.
  [serverCommands.showPruning]: showPruning,
  [serverCommands.showPartitions]: showPartitions,
  [serverCommands.generate]: generate,
  [serverCommands.rehearse]: rehearse,
  [guideCommand]: guide,
  [writeScriptCommand]: writeScript,
};

/** The commands of the server that the client carries out itself. */
export const clientCommands: readonly string[] = [
  guideCommand,
  writeScriptCommand,
  ...Object.values(serverCommands),
].filter((id) => id in commandTable);
