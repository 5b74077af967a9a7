/** The settings of each workspace folder, put together from the client's options, its configuration and the folder's file. */

import { readSettings, type Settings, type SettingsLayer } from "../config.ts";
import type { Log } from "./guard.ts";

/** The file that editors and continuous integration share, at the root of a workspace folder. */
export const settingsFileName = "partition-lens.json";

export interface ConfigurationSources {
  readonly initialSettings: unknown;
  /** `workspace/configuration` for a folder (null: without one); null where the client has no such request. */
  readonly askClient: ((folder: string | null) => Promise<unknown>) | null;
  /** The text of a folder's settings file; null where there is none. */
  readonly readSettingsFile: (folder: string) => Promise<string | null>;
  readonly log: Log;
}

export interface Configuration {
  /** The settings for a document, as last loaded. */
  readonly settingsFor: (uri: string) => Settings;
  readonly setFolders: (folders: readonly string[]) => void;
  readonly folders: () => readonly string[];
  /** What a client without `workspace/configuration` sends by itself. */
  readonly setSentSettings: (values: unknown) => void;
  /** Reads everything again; true where a setting has become another. */
  readonly reload: () => Promise<boolean>;
}

export function createConfiguration(sources: ConfigurationSources): Configuration {
  let folders: readonly string[] = [];
  let sent: unknown = null;
  let loaded = new Map<string | null, Settings>([[null, read(sources, null, sent, null)]]);
  let fingerprint = "";

  /** A client that answers with an error has said nothing: the other sources count all the same. */
  const ask = (askClient: NonNullable<ConfigurationSources["askClient"]>, folder: string | null): Promise<unknown> =>
    askClient(folder).catch((error: unknown) => {
      sources.log.warn(
        `the client does not say its settings: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    });

  return {
    settingsFor: (uri) => {
      const folder = folderOf(folders, uri);
      return loaded.get(folder) ?? loaded.get(null) ?? read(sources, null, sent, null);
    },
    folders: () => folders,
    setFolders: (uris) => {
      folders = uris.map((uri) => uri.replace(/\/$/, ""));
    },
    setSentSettings: (values) => {
      sent = values;
    },
    reload: async () => {
      const entries = await Promise.all(
        [null, ...folders].map(async (folder): Promise<readonly [string | null, Settings]> => {
          const [configured, file] = await Promise.all([
            sources.askClient === null ? sent : ask(sources.askClient, folder),
            folder === null ? null : sources.readSettingsFile(folder),
          ]);
          return [folder, read(sources, folder, configured, file)];
        }),
      );
      const previous = fingerprint;
      fingerprint = JSON.stringify(entries);
      loaded = new Map(entries);
      return fingerprint !== previous;
    },
  };
}

function read(
  sources: ConfigurationSources,
  folder: string | null,
  configured: unknown,
  file: string | null,
): Settings {
  const layers: SettingsLayer[] = [
    { source: "initializationOptions", values: sources.initialSettings },
    { source: "configuration", values: configured, withDefaults: true },
  ];
  if (file !== null) {
    try {
      layers.push({ source: settingsFileName, values: JSON.parse(file) });
    } catch (error) {
      sources.log.warn(
        `${settingsFileName} in ${folder} is not JSON: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
  const { settings, problems } = readSettings(layers);
  for (const { source, message } of problems) sources.log.warn(`${source}: ${message}`);
  return settings;
}

/** The innermost folder that holds the document. */
function folderOf(folders: readonly string[], uri: string): string | null {
  const holding = folders.filter((folder) => uri === folder || uri.startsWith(`${folder}/`));
  return holding.sort((a, b) => b.length - a.length)[0] ?? null;
}
