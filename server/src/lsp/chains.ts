/** The migration chains of the workspace: their files as they are on disk, or in the editor where they are open. */

import type { Settings } from "../config.ts";
import type { AnalysisOptions } from "../ide/analysis.ts";
import { type Chain, chainDocument, createChain, partsBefore } from "../ide/chain.ts";
import { layoutKey } from "../ide/schema-source.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import type { WorldFor } from "../ide/worlds.ts";
import type { ConfigurationFile } from "../replay/flyway-placeholders.ts";
import type { Learned } from "../replay/learned.ts";
import { filesOfChain, type MigrationLayout, migrationLayoutsOf } from "../replay/migration-layout.ts";
import { type Document, parseDocumentInTurns } from "../syntax/document.ts";
import { type MigrationTool, migrationTools } from "../syntax/migration-tools.ts";
import type { PatientReading } from "../syntax/units.ts";
import type { TextLike } from "../text/chunked-text.ts";
import { globMatcherInTurns, untakenGlobs } from "../text/globs.ts";
import type { Turns } from "../text/turns.ts";
import { decodedPath } from "./canonical-uri.ts";
import { mayConcern } from "./chain-changes.ts";
import type { OpenFile } from "./open-files.ts";
import { noConfiguration, readConfiguration } from "./tool-configuration.ts";

export interface ChainsOptions {
  readonly reading: PatientReading;
  readonly folders: () => readonly string[];
  /** The settings that hold at the root of a folder. */
  readonly settingsFor: (folder: string) => Settings;
  readonly analysisOptions: (folder: string) => AnalysisOptions;
  readonly worldFor: WorldFor;
  /** What DO blocks and the like did where they were run. */
  readonly learned: () => Learned;
  /** URIs of the files below the folder that the globs name. */
  readonly findFiles: (folder: string, globs: readonly string[]) => Promise<readonly string[]>;
  /** The texts of those that are there, together of at most so many characters; of a script that is not read, what stands for it. */
  readonly readTexts: (uris: readonly string[], mostCharacters: number) => Promise<readonly FileOnDisk[]>;
  readonly readFile: (uri: string) => Promise<string | null>;
  /** Does the work, and lets others work in between. */
  readonly inTurns: <Result>(work: Turns<Result, unknown>) => Promise<Result>;
  readonly log: (line: string) => void;
  /** The document of an open file, which counts before the one on disk. */
  readonly openDocument: (uri: string) => Document | null;
  /** The URIs and texts of the open files. */
  readonly openFiles: () => readonly Pick<OpenFile, "uri" | "text">[];
}

export interface FileOnDisk {
  readonly uri: string;
  readonly text: string;
}

export interface Chains {
  /** Reads the chains' files again. */
  readonly reload: () => Promise<void>;
  /**
   * What to wait for before `chainOf` knows whether the file's name and folder show a chain, and what the file starts from is
   * known without much work; null where there is nothing to wait for.
   */
  readonly prepare: (uri: string) => Promise<void> | null;
  /** The chain that holds the file, as its files are now; null for a file that belongs to none. */
  readonly chainOf: (uri: string) => Chain | null;
  /** The document of a file of any chain. */
  readonly documentOf: (uri: string) => Document | null;
  /** The chain of `schema.migrations` of a folder. */
  readonly declared: (folder: string) => ChainInFolder | null;
  /** Reads what lies there, unless that has been done. Gives the first of the layouts of which there is a chain. */
  readonly look: (layouts: readonly MigrationLayout[]) => Promise<ChainInFolder | null>;
  /** Reads files of a folder that are no chain of a tool: they run in the order in which they are given. */
  readonly readList: (folder: string, uris: readonly string[]) => Promise<ChainInFolder | null>;
  /** The files of its chain that run before it, in order. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Whether files of the chain on disk may be among these. */
  readonly concerns: (uris: readonly string[]) => boolean;
}

/** A chain that is read, whatever becomes of its files. */
export interface ChainInFolder {
  readonly key: string;
  readonly folder: string;
  readonly tool: string | null;
  readonly holds: (uri: string) => boolean;
  /** As its files are now. */
  readonly current: () => Chain;
}

interface FolderChain {
  readonly key: string;
  /** The workspace folder whose settings name the chain, or the folder in which its files lie. */
  readonly folder: string;
  readonly tool: string | null;
  /** Whether a file with this path from the folder on belongs to it, once it is there. */
  readonly takes: (path: string, text: TextLike) => boolean;
  /** The files of a list run in its order; null: names tell it. */
  readonly list: readonly string[] | null;
  readonly onDisk: ReadonlyMap<string, Document>;
  readonly configuration: readonly ConfigurationFile[];
  chain: Chain | null;
}

interface Place {
  /** Reads it again. */
  readonly read: () => Promise<FolderChain | null>;
  readonly enabled: () => boolean;
  /** null once looked at. */
  looking: Promise<void> | null;
  found: FolderChain | null;
}

export function createChains(options: ChainsOptions): Chains {
  let declared: readonly FolderChain[] = [];
  /** Where files seemed to belong to a chain, whether there is one or not. */
  const looked = new Map<string, Place>();

  const all = (): readonly FolderChain[] => [...declared, ...[...looked.values()].flatMap(({ found }) => found ?? [])];

  const readDocument = (uri: string, text: string): Promise<Document> =>
    uri.endsWith(".sql")
      ? options.inTurns(parseDocumentInTurns(text, options.reading))
      : Promise.resolve(chainDocument(uri, text, options.reading));

  /** Most of what is read again is as it was. */
  const documentsOf = async (
    files: readonly FileOnDisk[],
    known: FolderChain | null | undefined,
  ): Promise<ReadonlyMap<string, Document>> => {
    const documents = new Map<string, Document>();
    for (const { uri, text } of files) {
      const before = known?.onDisk.get(uri);
      documents.set(uri, before?.text === text ? before : await readDocument(uri, text));
    }
    return documents;
  };

  const configurationOf = (folder: string, tools: readonly MigrationTool[], known: FolderChain | null | undefined) =>
    readConfiguration(folder, options.folders(), tools, options.readFile, known?.configuration);

  const sayWrong = (globs: readonly string[]): void => {
    for (const line of untakenGlobs(globs, "schema.migrations")) options.log(line);
  };

  /** What the chains may still hold: beyond it files are not read, however many there are and whichever chain has them. */
  const room = (known: FolderChain | null | undefined): number => {
    let held = 0;
    for (const chain of all()) if (chain !== known) for (const { text } of chain.onDisk.values()) held += text.length;
    return Math.max(0, mostCharacters - held);
  };

  const readFiles = async (
    folder: string,
    globs: readonly string[],
    known: FolderChain | null | undefined,
  ): Promise<readonly FileOnDisk[]> => options.readTexts(await options.findFiles(folder, globs), room(known));

  const readDeclared = async (folder: string, globs: readonly string[]): Promise<FolderChain> => {
    const known = declared.find((each) => each.folder === folder);
    if (known === undefined) sayWrong(globs);
    const files = await readFiles(folder, globs, known);
    const onDisk = await documentsOf(files, known);
    const matches = await options.inTurns(globMatcherInTurns(globs));
    const takes = (path: string): boolean => matches(path);
    const configuration = await configurationOf(folder, migrationTools, known);
    return {
      key: "declared",
      folder,
      tool: null,
      takes,
      list: null,
      onDisk,
      configuration,
      chain: known?.chain ?? null,
    };
  };

  const readDetected = async (layout: MigrationLayout): Promise<FolderChain | null> => {
    const { root: folder, tool, globs, signature } = layout;
    const key = layoutKey(layout);
    const known = looked.get(key)?.found;
    const read = await readFiles(folder, globs, known);
    const files = filesOfChain(
      layout,
      read.map(({ uri, text }) => ({ path: pathIn(folder, uri), text, uri })),
    );
    if (files.length === 0) return null;
    const onDisk = await documentsOf(files, known);
    const matches = await options.inTurns(globMatcherInTurns(globs));
    const takes = (path: string, text: TextLike): boolean =>
      matches(path) && (signature?.test(text.toString()) ?? true);
    const configuration = await configurationOf(folder, [tool], known);
    return { key, folder, tool: tool.name, takes, list: null, onDisk, configuration, chain: known?.chain ?? null };
  };

  const readList = async (key: string, folder: string, uris: readonly string[]): Promise<FolderChain> => {
    const known = looked.get(key)?.found;
    const onDisk = await documentsOf(await options.readTexts(uris, room(known)), known);
    const chain = known?.chain ?? null;
    return { key, folder, tool: null, takes: () => false, list: uris, onDisk, configuration: noConfiguration, chain };
  };

  const pathOf = ({ folder }: FolderChain, uri: string): string | null => {
    const file = fileUriOf(uri);
    return file.startsWith(`${folder}/`) ? pathIn(folder, file) : null;
  };

  /** Files of the editor that belong to it though they are not saved yet. */
  const unsavedOf = (folderChain: FolderChain): readonly string[] =>
    options.openFiles().flatMap(({ uri, text }) => {
      if (folderChain.onDisk.has(uri) || !fileUriOf(uri).endsWith(".sql")) return [];
      const path = pathOf(folderChain, uri);
      return path !== null && folderChain.takes(path, text) ? [uri] : [];
    });

  const holds = (folderChain: FolderChain, uri: string): boolean =>
    folderChain.onDisk.has(uri) || unsavedOf(folderChain).includes(uri);

  const current = (folderChain: FolderChain): Chain => {
    const { folder, onDisk, configuration, chain, list } = folderChain;
    const analysisOptions = options.analysisOptions(folder);
    const onDiskOrOpen = [...onDisk].map(([uri, document]) => ({
      uri,
      document: options.openDocument(uri) ?? document,
    }));
    const unsaved = unsavedOf(folderChain).flatMap((uri) => {
      const document = options.openDocument(uri);
      return document === null ? [] : [{ uri, document }];
    });
    const files = [...onDiskOrOpen, ...unsaved].map(({ uri, document }) => ({
      file: uri,
      path: pathOf(folderChain, uri) ?? uri,
      document,
    }));
    const start = options.worldFor(
      options.settingsFor(folder),
      files.map(({ document }) => document),
    );
    const learned = options.learned();
    const same =
      chain !== null &&
      chain.input.start === start &&
      chain.input.learned === learned &&
      chain.input.configuration === configuration &&
      JSON.stringify(chain.input.options) === JSON.stringify(analysisOptions) &&
      chain.input.files.length === files.length &&
      files.every(({ file, document }) => chain.documentOf(file) === document);
    if (same) return chain;
    folderChain.chain = createChain({
      files,
      ordered: list !== null,
      configuration,
      start,
      options: analysisOptions,
      reading: options.reading,
      learned,
      previous: chain,
    });
    return folderChain.chain;
  };

  const inFolder = (place: Place | null, folderChain: FolderChain): ChainInFolder => {
    const latest = (): FolderChain =>
      place?.found ?? declared.find(({ folder }) => folder === folderChain.folder) ?? folderChain;
    return {
      key: folderChain.key,
      folder: folderChain.folder,
      tool: folderChain.tool,
      holds: (uri) => holds(latest(), uri),
      current: () => current(latest()),
    };
  };

  const lookAt = (key: string, enabled: () => boolean, read: () => Promise<FolderChain | null>): Place => {
    const known = looked.get(key);
    if (known !== undefined) return known;
    const place: Place = { read, enabled, looking: null, found: null };
    if (looked.size >= mostPlaces) return place;
    looked.set(key, place);
    const reading = read().catch((error: unknown) => {
      // Whoever asks next looks again.
      looked.delete(key);
      throw error;
    });
    place.looking = reading.then((found) => {
      place.looking = null;
      // Meanwhile all may have been read again.
      place.found ??= found;
      if (found?.tool != null && found.onDisk.size > 1)
        options.log(
          `${found.onDisk.size} files in ${found.folder} are taken for migrations that run one after the other`,
        );
    });
    return place;
  };

  const placeOf = (layout: MigrationLayout): Place =>
    lookAt(
      layoutKey(layout),
      () => detects(options.settingsFor(layout.root)),
      () => readDetected(layout),
    );

  const discover = (uri: string): Promise<void> | null => {
    if (!detects(options.settingsFor(uri))) return null;
    const text = options.openFiles().find((open) => open.uri === uri)?.text ?? "";
    for (const layout of migrationLayoutsOf(fileUriOf(uri), text)) {
      const { looking, found } = placeOf(layout);
      if (looking !== null) return looking.then(() => discover(uri) ?? undefined);
      if (found !== null && holds(found, uri)) return null;
    }
    return null;
  };

  /** Replays the files before this one, as far as they are not; null where they are. */
  const replayBefore = (uri: string): Promise<void> | null => {
    const holding = all().find((each) => holds(each, uri));
    const work = holding === undefined ? null : current(holding).startInTurns(uri);
    if (work === null || work.next().done === true) return null;
    return options.inTurns(work);
  };

  const chainOf = (uri: string): Chain | null => {
    // What a list of files holds is replayed as one script, and each file by itself where it is looked at.
    const holding = all().find((each) => each.list === null && holds(each, uri));
    return holding === undefined ? null : current(holding);
  };

  return {
    reload: async () => {
      // One after the other: each is told how much room the others leave.
      const next: FolderChain[] = [];
      for (const folder of options.folders()) {
        const globs = options.settingsFor(folder)["schema.migrations"];
        if (globs.length > 0) next.push(await readDeclared(folder, globs));
      }
      declared = next;
      for (const place of [...looked.values()]) place.found = place.enabled() ? await place.read() : null;
    },
    prepare: (uri) => {
      const looking = discover(uri);
      return looking === null ? replayBefore(uri) : looking.then(() => replayBefore(uri) ?? undefined);
    },
    chainOf,
    documentOf: (uri) => options.openDocument(uri) ?? all().flatMap(({ onDisk }) => onDisk.get(uri) ?? [])[0] ?? null,
    declared: (folder) => {
      const found = declared.find((each) => each.folder === folder);
      return found === undefined ? null : inFolder(null, found);
    },
    look: async (layouts) => {
      for (const layout of layouts) {
        const place = placeOf(layout);
        await place.looking;
        if (place.found !== null) return inFolder(place, place.found);
      }
      return null;
    },
    readList: async (folder, uris) => {
      const key = [folder, "", ...uris].join("\n");
      const place = lookAt(
        key,
        () => true,
        () => readList(key, folder, uris),
      );
      await place.looking;
      return place.found === null ? null : inFolder(place, place.found);
    },
    partsBefore: (uri) => {
      const chain = chainOf(uri);
      return chain === null ? [] : partsBefore(chain, uri);
    },
    concerns: (uris) => {
      const folders = [
        ...declared.map(({ folder }) => folder),
        ...[...looked.keys()].map((key) => key.split("\n")[0] ?? ""),
      ];
      return mayConcern(uris, folders);
    },
  };
}

/** UTF-16 code units of all files of all chains. */
const mostCharacters = 128 * 1_048_576;

/** Beyond this number no other place is looked at. */
const mostPlaces = 300;

/** Whether chains are looked for where no setting names them. */
export function detects(settings: Settings): boolean {
  return settings["schema.migrations"].length === 0 && settings["schema.detectMigrations"];
}

/** Where a document is to be saved that has never been: VS Code gives it the path already. */
function fileUriOf(uri: string): string {
  return uri.replace(/^untitled:(?=\/)/, "file://");
}

/** With `/` between folders, from the folder on. */
function pathIn(folder: string, uri: string): string {
  return decodedPath(uri.slice(folder.length + 1));
}
