/** Globs of the settings: which paths they mean, also where somebody wrote them with the backslashes of Windows. */

import picomatch from "picomatch";

/** Whether one of the globs matches a path with `/` between its parts. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  return picomatch(globs.map(slashedGlob));
}

/**
 * The glob with `/` between folders. A backslash stands between folders, except before a bracket, brace or parenthesis, where
 * it means that sign itself.
 */
export function slashedGlob(glob: string): string {
  return glob.replace(/\\(?![[\]{}()])/g, "/");
}
