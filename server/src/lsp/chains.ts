/** The migration chains of the workspace: their files as they are on disk, or in the editor where they are open. */

import type { Settings } from "../config.ts";
import type { AnalysisOptions } from "../ide/analysis.ts";
import { type Chain, partsBefore, replayChain } from "../ide/chain.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import type { WorldFor } from "../ide/worlds.ts";
import type { Learned } from "../replay/learned.ts";
import { type Document, parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";

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
  /** The document of an open file, which counts before the one on disk. */
  readonly openDocument: (uri: string) => Document | null;
}

export interface Chains {
  /** Reads the chains' files again. */
  readonly reload: () => Promise<void>;
  /** The chain that holds the file, as its files are now; null for a file that belongs to none. */
  readonly chainOf: (uri: string) => Chain | null;
  /** The files of its chain that run before it, in order. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Whether files of the chain on disk may be among these. */
  readonly concerns: (uris: readonly string[]) => boolean;
}

interface FolderChain {
  readonly folder: string;
  readonly onDisk: ReadonlyMap<string, Document>;
  chain: Chain | null;
}

export function createChains(options: ChainsOptions): Chains {
  let chains: readonly FolderChain[] = [];

  const current = (folderChain: FolderChain): Chain => {
    const { folder, onDisk, chain } = folderChain;
    const analysisOptions = options.analysisOptions(folder);
    const files = [...onDisk].map(([uri, document]) => ({
      file: uri,
      path: decodeURIComponent(uri.slice(folder.length + 1)),
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
      files.every(({ document }, index) => chain.input.files[index]?.document === document);
    if (same) return chain;
    folderChain.chain = replayChain({
      files,
      start,
      options: analysisOptions,
      reading: options.reading,
      learned,
      previous: chain,
    });
    return folderChain.chain;
  };

  return {
    reload: async () => {
      const read = options.folders().map(async (folder): Promise<FolderChain | null> => {
        const globs = options.settingsFor(folder)["schema.migrations"];
        if (globs.length === 0) return null;
        const files = await options.readFiles(folder, globs);
        const onDisk = new Map(files.map(({ uri, text }) => [uri, parseDocument(text, options.reading)]));
        return { folder, onDisk, chain: null };
      });
      chains = (await Promise.all(read)).filter((chain) => chain !== null);
    },
    chainOf: (uri) => {
      const holding = chains.find(({ onDisk }) => onDisk.has(uri));
      return holding === undefined ? null : current(holding);
    },
    partsBefore: (uri) => {
      const holding = chains.find(({ onDisk }) => onDisk.has(uri));
      return holding === undefined ? [] : partsBefore(current(holding), uri);
    },
    concerns: (uris) =>
      uris.some((uri) => uri.endsWith(".sql") && chains.some(({ folder }) => uri.startsWith(`${folder}/`))),
  };
}
