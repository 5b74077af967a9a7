/** What the client says of the workspace: it is ready, its settings, folders and files are others. */

import {
  type Connection,
  DidChangeWorkspaceFoldersNotification,
  FileChangeType,
  type RegistrationParams,
} from "vscode-languageserver/node";
import type { AskedClient } from "./asked-client.ts";
import { watchedFiles } from "./capabilities.ts";
import type { Chains } from "./chains.ts";
import type { ClientFeatures } from "./client-features.ts";
import { type Configuration, patienceMilliseconds, settingsFileName } from "./configuration.ts";
import type { Guard } from "./guard.ts";
import { requireShape, shapes } from "./parameters.ts";
import type { WorkspaceSchema } from "./workspace-schema.ts";

export interface WorkspaceNoticesOptions {
  readonly features: ClientFeatures;
  readonly client: Pick<AskedClient, "register">;
  readonly configuration: Configuration;
  readonly chains: Chains;
  readonly schema: WorkspaceSchema;
  readonly guard: Guard;
  /** Something that every analysis depends on is another. */
  readonly changed: () => void;
  /** The configuration is there, or the client has had its time. */
  readonly configured: () => void;
  /** After the first configuration, once. */
  readonly begin: () => Promise<void>;
}

export interface WorkspaceNotices {
  /** The client has said its settings when nobody waited for them any more. */
  readonly configuredLate: () => void;
}

export function registerWorkspaceNotices(connection: Connection, options: WorkspaceNoticesOptions): WorkspaceNotices {
  const { features, client, configuration, chains, schema, guard, changed } = options;
  const reload = async (how: "ask" | "as said" = "ask"): Promise<void> => {
    if (!(await configuration.reload(how))) return;
    await chains.reload();
    await schema.refresh(configuration.folders().map((folder) => `${folder}/`));
    changed();
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
  // The library's own way asks the client for all its folders, and waits for that.
  connection.onNotification(
    DidChangeWorkspaceFoldersNotification.type,
    guard.notice("other folders", async (params) => {
      requireShape("the notification", params, shapes.folders);
      const { added, removed } = params.event;
      const gone = new Set(removed.map(({ uri }) => uri.replace(/\/$/, "")));
      const kept = configuration.folders().filter((uri) => !gone.has(uri));
      configuration.setFolders([...kept, ...added.map(({ uri }) => uri)]);
      await reload();
    }),
  );
  connection.onInitialized(
    guard.notice("the first configuration", async () => {
      setTimeout(options.configured, patienceMilliseconds).unref();
      if (features.registersConfigurationChanges)
        client.register(registration("workspace/didChangeConfiguration", { section: "partitionLens" }));
      if (features.watchesFiles)
        client.register(registration("workspace/didChangeWatchedFiles", { watchers: watchedFiles }));
      try {
        await reload();
      } finally {
        options.configured();
      }
      await options.begin();
    }),
  );
  return { configuredLate: guard.notice("settings that came late", () => reload("as said")) };
}

function registration(method: string, registerOptions: object): RegistrationParams["registrations"] {
  return [{ id: method, method, registerOptions }];
}
