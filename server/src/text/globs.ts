/** Globs of the settings: which paths they mean, also where somebody wrote them with the backslashes of Windows. */

import picomatch from "picomatch";

/** Whether one of the globs matches a path with `/` between its parts; those that are no globs of ours (`wrongInGlob`) match none. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  return picomatch(globs.filter((glob) => wrongInGlob(glob) === null).map(slashedGlob));
}

const longestGlob = 5_000;
const mostWildcards = 3;

/**
 * Why a glob is not taken, in words for its author; null where it is. Globs become regular expressions, and whoever writes the settings of
 * a folder could have one that takes hours: what repeats a group, and what leaves too many ways to divide a name.
 */
export function wrongInGlob(glob: string): string | null {
  const slashed = slashedGlob(glob);
  if (slashed.length > longestGlob) return `it has more than ${longestGlob} characters`;
  const plain = slashed.replace(/\\[[\]{}()]|\[[*?|]\]/g, "_");
  if (/[+*?@!]\(|\)[+*?{]|\([^)]*[(+*?]|\}\+/.test(plain))
    return "it has a pattern in parentheses, or a group that is repeated";
  const parts = plain.split("/");
  const isCrowded = (part: string): boolean => (part.match(/\*+|\]\+/g) ?? []).length > mostWildcards;
  if (parts.some(isCrowded) || parts.filter((part) => part === "**").length > mostWildcards)
    return `it has more than ${mostWildcards} wildcards in one name, or ** in more places`;
  return null;
}

/**
 * The glob with `/` between folders. A backslash stands between folders, except before a bracket, brace or parenthesis, where
 * it means that sign itself.
 */
export function slashedGlob(glob: string): string {
  return glob.replace(/\\(?![[\]{}()])/g, "/");
}
