/** How the command line tool writes the paths of files. */

import { relative, sep } from "node:path";

/** As people see it: relative to the working directory where it lies below it. */
export function displayPath(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  return shown.startsWith("..") ? path : shown;
}

/** With `/` between folders, as globs, URIs and the readers of reports have it. */
export function posixPath(path: string): string {
  return path.split(sep).join("/");
}
