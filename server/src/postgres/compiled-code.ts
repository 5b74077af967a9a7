/** Starts a bundle with the code that V8 compiled for it the last time, which is kept among the user's caches. */

import { type Dirent, lstatSync, mkdirSync, opendirSync, realpathSync, rmSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

const dayMilliseconds = 86_400_000;

/** A version that is no longer installed leaves its code behind; one that is writes it anew. */
const mostDays = 60;

/** The most files that are looked at for their age: a version of ours leaves two or three for each version of Node. */
const mostFiles = 500;

/**
 * Loads the bundle of this name from this directory. Reading two megabytes of source takes V8 longer than all else that is done until
 * the server or the command line tool is there: a third less of both the time and the memory of a start is left, and functions that a
 * first file needs are there compiled. Where Node keeps no such code (before 22.1), may not, or is told another place by
 * `NODE_COMPILE_CACHE`, it is loaded all the same.
 */
export function startCompiled(directory: URL, bundle: string): void {
  // Not where temporary files are, as is Node's own default: whoever may write there before us would have his code run.
  const kept = cacheDirectory(process.platform, process.env, home());
  const isWanted = process.env["NODE_DISABLE_COMPILE_CACHE"] === undefined && "enableCompileCache" in nodeModule;
  if (kept !== undefined && isWanted && isOnlyOurs(kept)) {
    removeOld(kept);
    nodeModule.enableCompileCache(kept);
    // Whoever ends a server may leave it no time to write.
    setTimeout(() => nodeModule.flushCompileCache?.(), 30_000).unref();
  }
  createRequire(directory)(`./${bundle}`);
}

/**
 * Whether nobody but this user may write into the directory, which is made where it is not there: what lies in it is run. It has to be the
 * user's, and everything above it his or root's, where others may rename nothing. On Windows the place itself is the user's alone.
 */
function isOnlyOurs(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const user = process.geteuid?.();
    if (user === undefined) return process.platform === "win32";
    let path = realpathSync(directory);
    const own = lstatSync(path);
    if (own.uid !== user || (own.mode & writableByOthers) !== 0) return false;
    for (let above = dirname(path); above !== path; [path, above] = [above, dirname(above)]) {
      const { uid, mode } = lstatSync(above);
      if ((uid !== user && uid !== 0) || ((mode & writableByOthers) !== 0 && (mode & sticky) === 0)) return false;
    }
    return true;
  } catch {
    // A home that is not there or may not be written.
    return false;
  }
}

const writableByOthers = 0o022;
const sticky = 0o1000;

/** Where a user's caches are on this system; undefined where that is not known. */
export function cacheDirectory(
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
  home: string,
): string | undefined {
  const named = environment[platform === "win32" ? "LOCALAPPDATA" : "XDG_CACHE_HOME"];
  const own = platform === "win32" ? undefined : join(home, platform === "darwin" ? "Library/Caches" : ".cache");
  const parent = named !== undefined && isAbsolute(named) ? named : own;
  return parent === undefined || !isAbsolute(parent) ? undefined : join(parent, "partition-lens", "compiled");
}

/** Empty where nobody says: of users that a container has no entry for the system knows none. */
function home(): string {
  try {
    return homedir();
  } catch {
    return "";
  }
}

/** Removes what Node has kept there for long: plain files in plain directories, by the names that it gives them. */
function removeOld(kept: string): void {
  let left = mostFiles;
  for (const version of entriesOf(kept, left)) {
    if (!version.isDirectory() || !/^v\d/.test(version.name)) continue;
    for (const file of entriesOf(join(kept, version.name), left)) {
      left -= 1;
      if (file.isFile() && /^[0-9a-f]+(\.\w+)?$/.test(file.name)) removeIfOld(join(kept, version.name, file.name));
    }
  }
}

function entriesOf(directory: string, most: number): readonly Dirent[] {
  const entries: Dirent[] = [];
  try {
    const opened = opendirSync(directory);
    try {
      while (entries.length < most) {
        const entry = opened.readSync();
        if (entry === null) break;
        entries.push(entry);
      }
    } finally {
      opened.closeSync();
    }
  } catch {
    // Another process of ours removes it too.
  }
  return entries;
}

function removeIfOld(path: string): void {
  try {
    if (Date.now() - lstatSync(path).mtimeMs > mostDays * dayMilliseconds) rmSync(path);
  } catch {
    // It is gone already.
  }
}
