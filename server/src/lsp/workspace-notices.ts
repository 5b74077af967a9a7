/** What the client says of the workspace: it is ready, its settings, folders and files are others. */

import {
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  FileChangeType,
} from "vscode-languageserver/node";
import { watchedFiles } from "./capabilities.ts";
import type { Chains } from "./chains.ts";
import type { ClientFeatures } from "./client-features.ts";
import { type Configuration, settingsFileName } from "./configuration.ts";
import type { Guard } from "./guard.ts";
import { requireShape, shapes } from "./parameters.ts";
import type { WorkspaceSchema } from "./workspace-schema.ts";

/** A client that does not answer for its configuration in this time works with the defaults until it does. */
const patienceMilliseconds = 2_000;

export interface WorkspaceNoticesOptions {
  readonly features: ClientFeatures;
  readonly configuration: Configuration;
  readonly chains: Chains;
  readonly schema: WorkspaceSchema;
  readonly guard: Guard;
  /** A URI as the server spells it. */
  readonly canonical: (uri: string) => string;
  /** Something that every analysis depends on is another. */
  readonly changed: () => void;
  /** The configuration is there, or the client has had its time. */
  readonly configured: () => void;
  /** After the first configuration, once. */
  readonly begin: () => Promise<void>;
}

export function registerWorkspaceNotices(connection: Connection, options: WorkspaceNoticesOptions): void {
  const { features, configuration, chains, schema, guard, changed } = options;
  const reload = async (): Promise<void> => {
    if (!(await configuration.reload())) return;
    await chains.reload();
    await schema.refresh(configuration.folders().map((folder) => `${folder}/`));
    changed();
  };
  const reloadFolders = async (): Promise<void> => {
    const folders = await connection.workspace.getWorkspaceFolders();
    configuration.setFolders((folders ?? []).map(({ uri }) => options.canonical(uri)));
    await reload();
  };
  connection.onDidChangeConfiguration(
    guard.notice("new settings", async (params) => {
      requireShape("the notification", params, shapes.settings);
      configuration.setSentSettings(params.settings);
      await reload();
    }),
  );
  connection.onDidChangeWatchedFiles(
    guard.notice("changed files", async (params) => {
      requireShape("the notification", params, shapes.watchedFiles);
      const uris = params.changes.map(({ uri }) => uri);
      if (uris.some((uri) => uri.endsWith(`/${settingsFileName}`))) await reload();
      const madeOrGone = params.changes.filter(({ type }) => type !== FileChangeType.Changed);
      const isOther = await schema.refresh(madeOrGone.map(({ uri }) => uri));
      if (chains.concerns(uris)) await chains.reload();
      else if (!isOther) return;
      changed();
    }),
  );
  connection.onInitialized(
    guard.notice("the first configuration", async () => {
      setTimeout(options.configured, patienceMilliseconds).unref();
      if (features.registersConfigurationChanges)
        void connection.client.register(DidChangeConfigurationNotification.type, { section: "partitionLens" });
      if (features.watchesFiles)
        void connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: watchedFiles });
      if (features.workspaceFolders)
        connection.workspace.onDidChangeWorkspaceFolders(guard.notice("other folders", reloadFolders));
      try {
        await reload();
      } finally {
        options.configured();
      }
      await options.begin();
    }),
  );
}
