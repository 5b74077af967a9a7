/** Files that a connection names: passwords, services, certificates. */

import { readFileSync, statSync } from "node:fs";

/** No such file is longer that somebody wrote. */
const mostBytes = 1_048_576;

/** The text of a plain file. Throws where there is none, and where it is longer or something else: a device may have no end. */
export function readSmallFile(path: string): string {
  const found = statSync(path);
  if (!found.isFile() || found.size > mostBytes) throw new Error("it is no plain file, or too long");
  return readFileSync(path, "utf8");
}
