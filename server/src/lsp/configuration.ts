/** The settings of each workspace folder, put together from the client's options, its configuration and the folder's file. */

import { readSettings, type Settings, type SettingsLayer } from "../config.ts";
import type { Log } from "./guard.ts";

/** The file that editors and continuous integration share, at the root of a workspace folder. */
export const settingsFileName = "partition-lens.json";

/** A client that does not answer for its settings in this time is not waited for. */
export const patienceMilliseconds = 2_000;

export interface ConfigurationSources {
  readonly initialSettings: unknown;
  /** `workspace/configuration` for a folder (null: without one); null where the client has no such request. */
  readonly askClient: ((folder: string | null) => Promise<unknown>) | null;
  /** The client has said something after `reload` has gone on without it: `reload("as said")` takes it. */
  readonly onLateAnswer: () => void;
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
  /** Reads everything again, with what the client says to a new question or has said last; true where a setting has become another. */
  readonly reload: (how: "ask" | "as said") => Promise<boolean>;
}

export function createConfiguration(sources: ConfigurationSources): Configuration {
  let folders: readonly string[] = [];
  let sent: unknown = null;
  let loaded = new Map<string | null, Settings>([[null, read(sources, null, sent, null)]]);
  let fingerprint = "";

  const client = sources.askClient === null ? null : patientClient(sources.askClient, sources);
  let reloads = 0;
  let loadedBy = 0;

  return {
    settingsFor: (uri) => {
      const folder = folderOf(folders, uri);
      return loaded.get(folder) ?? loaded.get(null) ?? read(sources, null, sent, null);
    },
    folders: () => folders,
    setFolders: (uris) => {
      folders = [...new Set(uris.map((uri) => uri.replace(/\/$/, "")))];
      client?.forgetBut(folders);
    },
    setSentSettings: (values) => {
      sent = values;
    },
    reload: async (how) => {
      const number = ++reloads;
      if (how === "ask") await client?.ask([null, ...folders]);
      const entries = await Promise.all(
        [null, ...folders].map(async (folder): Promise<readonly [string | null, Settings]> => {
          const file = folder === null ? null : await sources.readSettingsFile(folder);
          return [folder, read(sources, folder, client === null ? sent : client.said(folder), file)];
        }),
      );
      // One that began later knows more.
      if (number < loadedBy) return false;
      loadedBy = number;
      const previous = fingerprint;
      fingerprint = JSON.stringify(entries);
      loaded = new Map(entries);
      return fingerprint !== previous;
    },
  };
}

interface PatientClient {
  /** Asks for the folders, and waits for a while. */
  readonly ask: (folders: readonly (string | null)[]) => Promise<void>;
  /** What the client said last of the folder; null for nothing. */
  readonly said: (folder: string | null) => unknown;
  readonly forgetBut: (folders: readonly string[]) => void;
}

/** A client may answer late or never: then what it said last counts, and its answer when it comes. */
function patientClient(
  askClient: NonNullable<ConfigurationSources["askClient"]>,
  { onLateAnswer, log }: ConfigurationSources,
): PatientClient {
  const said = new Map<string | null, { readonly number: number; readonly answer: unknown }>();
  let asked = 0;
  const askFor = async (folder: string | null): Promise<void> => {
    const number = ++asked;
    // A client that answers with an error has said nothing: the other sources count all the same.
    const answer = await askClient(folder).catch((error: unknown) => {
      log.warn(`the client does not say its settings: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    });
    if ((said.get(folder)?.number ?? 0) < number) said.set(folder, { number, answer });
  };
  return {
    ask: async (folders) => {
      let isLate = false;
      const answers = folders.map(async (folder) => {
        await askFor(folder);
        if (isLate) onLateAnswer();
      });
      const all = Promise.all(answers).then(() => "all");
      const { patience, stop } = waiting(patienceMilliseconds);
      isLate = (await Promise.race([all, patience])) !== "all";
      stop();
      if (isLate) log.warn("the client has not yet said its settings: what it said last counts until it does");
    },
    said: (folder) => said.get(folder)?.answer ?? null,
    forgetBut: (folders) => {
      const kept = new Set<string | null>([null, ...folders]);
      for (const folder of said.keys()) if (!kept.has(folder)) said.delete(folder);
    },
  };
}

function waiting(milliseconds: number): { readonly patience: Promise<void>; readonly stop: () => void } {
  let stop = (): void => {};
  const patience = new Promise<void>((done) => {
    const timer = setTimeout(done, milliseconds);
    stop = () => clearTimeout(timer);
  });
  return { patience, stop };
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
