/** Starts a bundle with the code that V8 compiled for it the last time, which is kept among the user's caches. */

import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import nodeModule, { createRequire } from "node:module";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

const dayMilliseconds = 86_400_000;

/** A version that is no longer installed leaves its code behind; one that is writes it anew. */
const mostDays = 60;

/** The most files that are looked at for their age: a version of ours leaves two or three for each version of Node. */
const mostFiles = 500;

/**
 * Loads the bundle of this name from this directory. Reading two megabytes of source takes V8 longer than all else that is done until
 * the server or the command line tool is there: a third less of both the time and the memory of a start is left, and functions that a
 * first file needs are there compiled. Where Node keeps no such code, may not, or is told another place by `NODE_COMPILE_CACHE`, it is
 * loaded all the same.
 */
export function startCompiled(directory: URL, bundle: string): void {
  // Not where temporary files are, as is Node's own default: whoever may write there before us would have his code run.
  const kept = cacheDirectory(process.platform, process.env, home());
  if (kept !== undefined && "enableCompileCache" in nodeModule) {
    removeOld(kept);
    try {
      mkdirSync(kept, { recursive: true, mode: 0o700 });
      nodeModule.enableCompileCache(kept);
      // Whoever ends a server may leave it no time to write.
      setTimeout(() => nodeModule.flushCompileCache?.(), 30_000).unref();
    } catch {
      // A home that is not there or may not be written.
    }
  }
  createRequire(directory)(`./${bundle}`);
}

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

function removeOld(kept: string): void {
  try {
    const files = readdirSync(kept, { recursive: true, encoding: "utf8" }).slice(0, mostFiles);
    for (const file of files) {
      const path = join(kept, file);
      const found = lstatSync(path);
      if (found.isFile() && Date.now() - found.mtimeMs > mostDays * dayMilliseconds) rmSync(path);
    }
  } catch {
    // There is none yet, or another process of ours removes it too.
  }
}
