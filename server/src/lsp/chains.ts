/** The migration chains of the workspace: their files as they are on disk, or in the editor where they are open. */

import type { Settings } from "../config.ts";
import type { AnalysisOptions } from "../ide/analysis.ts";
import { type Chain, chainDocument, createChain, partsBefore } from "../ide/chain.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import type { WorldFor } from "../ide/worlds.ts";
import type { Learned } from "../replay/learned.ts";
import { formsChain, type MigrationLayout, migrationLayoutOf } from "../replay/migration-layout.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Turns } from "../text/turns.ts";

export interface ChainsOptions {
  readonly reading: Reading;
  readonly folders: () => readonly string[];
  /** The settings that hold at the root of a folder. */
  readonly settingsFor: (folder: string) => Settings;
  readonly analysisOptions: (folder: string) => AnalysisOptions;
  readonly worldFor: WorldFor;
  /** What DO blocks and the like did where they were run. */
  readonly learned: () => Learned;
  /** URIs of the files below the folder that the globs name, and their texts. */
  readonly readFiles: (
    folder: string,
    globs: readonly string[],
  ) => Promise<readonly { readonly uri: string; readonly text: string }[]>;
  /** Does the work, and lets others work in between. */
  readonly inTurns: (work: Turns<void, unknown>) => Promise<void>;
  readonly log: (line: string) => void;
  /** The document of an open file, which counts before the one on disk. */
  readonly openDocument: (uri: string) => Document | null;
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
  /** The files of its chain that run before it, in order. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Whether files of the chain on disk may be among these. */
  readonly concerns: (uris: readonly string[]) => boolean;
}

interface FolderChain {
  /** The workspace folder whose settings name the chain, or the folder in which its files lie. */
  readonly folder: string;
  readonly onDisk: ReadonlyMap<string, Document>;
  chain: Chain | null;
}

interface Place {
  readonly layout: MigrationLayout;
  /** null once looked at. */
  looking: Promise<void> | null;
}

export function createChains(options: ChainsOptions): Chains {
  let chains: readonly FolderChain[] = [];
  /** Where files seemed to belong to a chain, whether there is one or not. */
  const looked = new Map<string, Place>();

  const readChain = async (folder: string, globs: readonly string[]): Promise<FolderChain> => {
    const files = await options.readFiles(folder, globs);
    // Most of what is read again is as it was.
    const known = chains.find((each) => each.folder === folder);
    const documentOf = (uri: string, text: string): Document => {
      const document = known?.onDisk.get(uri);
      return document?.text === text ? document : chainDocument(uri, text, options.reading);
    };
    const onDisk = new Map(files.map(({ uri, text }) => [uri, documentOf(uri, text)]));
    return { folder, onDisk, chain: known?.chain ?? null };
  };

  const readDetected = async (layout: MigrationLayout): Promise<readonly FolderChain[]> => {
    const read = await readChain(layout.root, layout.globs);
    const files = [...read.onDisk].map(([uri, { text }]) => ({ path: pathIn(read, uri), text }));
    return formsChain(layout, files) ? [read] : [];
  };

  const current = (folderChain: FolderChain): Chain => {
    const { folder, onDisk, chain } = folderChain;
    const analysisOptions = options.analysisOptions(folder);
    const files = [...onDisk].map(([uri, document]) => ({
      file: uri,
      path: pathIn(folderChain, uri),
      document: options.openDocument(uri) ?? document,
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
      JSON.stringify(chain.input.options) === JSON.stringify(analysisOptions) &&
      chain.input.files.length === files.length &&
      files.every(({ file, document }) => chain.documentOf(file) === document);
    if (same) return chain;
    folderChain.chain = createChain({
      files,
      start,
      options: analysisOptions,
      reading: options.reading,
      learned,
      previous: chain,
    });
    return folderChain.chain;
  };

  const discover = (uri: string): Promise<void> | null => {
    const layout = detects(options.settingsFor(uri)) ? migrationLayoutOf(uri) : null;
    if (layout === null) return null;
    const known = looked.get(layout.root);
    if (known !== undefined) return known.looking;
    const place: Place = { layout, looking: null };
    looked.set(layout.root, place);
    place.looking = readDetected(layout).then((found) => {
      place.looking = null;
      for (const { folder, onDisk } of found)
        options.log(`${onDisk.size} files in ${folder} are taken for migrations that run one after the other`);
      // Meanwhile all may have been read again.
      if (!chains.some(({ folder }) => folder === layout.root)) chains = [...chains, ...found];
    });
    return place.looking;
  };

  /** Replays the files before this one, as far as they are not; null where they are. */
  const replayBefore = (uri: string): Promise<void> | null => {
    const holding = chains.find(({ onDisk }) => onDisk.has(uri));
    const work = holding === undefined ? null : current(holding).startInTurns(uri);
    if (work === null || work.next().done === true) return null;
    return options.inTurns(work);
  };

  return {
    reload: async () => {
      const declared = options.folders().map(async (folder): Promise<readonly FolderChain[]> => {
        const globs = options.settingsFor(folder)["schema.migrations"];
        return globs.length === 0 ? [] : [await readChain(folder, globs)];
      });
      const detected = [...looked.values()]
        .filter(({ layout }) => detects(options.settingsFor(layout.root)))
        .map(({ layout }) => readDetected(layout));
      chains = (await Promise.all([...declared, ...detected])).flat();
    },
    prepare: (uri) => {
      const looking = discover(uri);
      return looking === null ? replayBefore(uri) : looking.then(() => replayBefore(uri) ?? undefined);
    },
    chainOf: (uri) => {
      const holding = chains.find(({ onDisk }) => onDisk.has(uri));
      return holding === undefined ? null : current(holding);
    },
    partsBefore: (uri) => {
      const holding = chains.find(({ onDisk }) => onDisk.has(uri));
      return holding === undefined ? [] : partsBefore(current(holding), uri);
    },
    concerns: (uris) => {
      const folders = [...chains.map(({ folder }) => folder), ...looked.keys()];
      return uris.some((uri) => chainFileEnding.test(uri) && folders.some((folder) => uri.startsWith(`${folder}/`)));
    },
  };
}

/** Scripts, and the lists and settings of migration tools. */
const chainFileEnding = /\.(?:sql|plan|json|conf|toml|sum)$/;

function detects(settings: Settings): boolean {
  return settings["schema.migrations"].length === 0 && settings["schema.detectMigrations"];
}

/** With `/` between folders, from the chain's folder on. */
function pathIn({ folder }: Pick<FolderChain, "folder">, uri: string): string {
  return decodeURIComponent(uri.slice(folder.length + 1));
}
