/** The files of a workspace on disk: which lie below a folder, and their texts, as far as there is an end to both. */

import type { Dirent } from "node:fs";
import { opendir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { globMatcherInTurns, slashedGlob } from "../text/globs.ts";
import { greatest } from "../text/long-lists.ts";
import { sourceText } from "../text/source-text.ts";
import { canonicalUri } from "./canonical-uri.ts";
import { nextTurn, resultInTurns } from "./turns.ts";

export interface WorkspaceFilesLimits {
  /** Bytes: longer files are not read. */
  readonly longestFile: number;
  /** Files and folders that one search looks at. */
  readonly mostEntries: number;
  /** How often one search holds a file against a glob. */
  readonly mostLooks: number;
  /** Files that one search gives. */
  readonly mostFound: number;
}

export interface WorkspaceFiles {
  /** The text of a file by its URI; null for one that is not there, is no file (a link may lead to a device without an end), or is too long. */
  readonly readFile: (uri: string) => Promise<string | null>;
  /** Whether something is there, even where it cannot be read. */
  readonly isThere: (uri: string) => Promise<boolean>;
  /**
   * The URIs of the files below a folder whose path from there one of the globs matches, in no order. Of a search that goes beyond a
   * limit there are none, and the log says so: part of a chain would be taken for all of it.
   */
  readonly findFiles: (folder: string, globs: readonly string[]) => Promise<readonly string[]>;
}

const usualLimits: WorkspaceFilesLimits = {
  longestFile: 64 * 1_048_576,
  mostEntries: 2_000_000,
  mostLooks: 100_000_000,
  mostFound: 50_000,
};

/** Folders that are read at once. */
const foldersAtOnce = 16;

/** Entries of a folder that are read at once. */
const entriesAtOnce = 1_000;

/** A file is looked at with each of the globs. */
const looksBetweenPauses = 2_000;

/** To write the URI of a file takes microseconds. */
const urisBetweenPauses = 500;

/** Large, and never a project's own. */
const skippedFolders: ReadonlySet<string> = new Set(["node_modules", ".git"]);

export function createWorkspaceFiles(log: (line: string) => void, limits = usualLimits): WorkspaceFiles {
  return {
    readFile: async (uri) => {
      const path = pathOf(uri);
      if (path === null) return null;
      try {
        const found = await stat(path);
        if (!found.isFile() || found.size > limits.longestFile) return null;
        return sourceText(await readFile(path)).text;
      } catch {
        return null;
      }
    },
    isThere: async (uri) => {
      const path = pathOf(uri);
      if (path === null) return false;
      return stat(path).then(
        () => true,
        (error: NodeJS.ErrnoException) => error.code !== "ENOENT" && error.code !== "ENOTDIR",
      );
    },
    findFiles: async (folder, globs) => {
      const root = pathOf(folder);
      if (root === null) return [];
      const matches = await resultInTurns(globMatcherInTurns(globs), { now: () => performance.now(), nextTurn });
      const depth = greatest(globs.map(slashedGlob).map(depthOf));
      const found = await filesBelow(root, depth, { matches, globs: globs.length }, limits);
      if (found === null)
        log(
          `${folder} holds more files than are looked through${globs.length > 1 ? ` with ${globs.length} globs` : ""}: none of them is taken`,
        );
      const uris: string[] = [];
      for (const path of found ?? []) {
        uris.push(canonicalUri(pathToFileURL(path).href));
        if (uris.length % urisBetweenPauses === 0) await nextTurn();
      }
      return uris;
    },
  };
}

/** null for what this process cannot read: other schemes (virtual workspaces), and servers' names outside of Windows. */
function pathOf(uri: string): string | null {
  if (!uri.startsWith("file:")) return null;
  try {
    return fileURLToPath(uri);
  } catch {
    return null;
  }
}

/** How many folders deep files may lie that the glob matches. */
function depthOf(glob: string): number {
  return glob.includes("**") ? Number.POSITIVE_INFINITY : glob.split("/").length - 1;
}

/** What is in the folder, as far as one more than that many; nothing of one that cannot be read. One folder may hold any number of files. */
async function entriesOf(path: string, most: number): Promise<readonly Dirent[]> {
  try {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(path, { bufferSize: entriesAtOnce })) {
      entries.push(entry);
      if (entries.length > most) break;
    }
    return entries;
  } catch {
    return [];
  }
}

/** The paths of the files that match by theirs from the root on; null beyond the limits. Links are not followed, so there is an end. */
async function filesBelow(
  root: string,
  depth: number,
  { matches, globs }: { readonly matches: (path: string) => boolean; readonly globs: number },
  { mostEntries, mostFound, mostLooks }: WorkspaceFilesLimits,
): Promise<readonly string[] | null> {
  const found: string[] = [];
  let looksInAll = 0;
  const folders = [{ path: root, left: depth }];
  let entriesSeen = 0;
  let looks = 0;
  while (folders.length > 0) {
    // The last ones first: the list is as long as the folders that lie beside the way down, not as all of a level.
    const next = folders.splice(-foldersAtOnce);
    const read = await Promise.all(
      next.map(async ({ path, left }) => {
        return { path, left, entries: await entriesOf(path, mostEntries) };
      }),
    );
    for (const { path, left, entries } of read) {
      entriesSeen += entries.length;
      for (const entry of entries) {
        const below = join(path, entry.name);
        if (entry.isFile()) {
          // One folder may hold any number of files, and its settings any number of globs.
          looks += globs;
          looksInAll += globs;
          if (looksInAll > mostLooks) return null;
          if (looks >= looksBetweenPauses) {
            looks = 0;
            await nextTurn();
          }
          if (matches(relative(root, below).split(sep).join("/"))) found.push(below);
        } else if (entry.isDirectory() && left > 0 && !skippedFolders.has(entry.name))
          folders.push({ path: below, left: left - 1 });
      }
      if (entriesSeen > mostEntries || found.length > mostFound) return null;
    }
  }
  return found;
}
