/** Globs of the settings: which paths they mean, also where somebody wrote them with the backslashes of Windows. */

import picomatch from "picomatch";
import { atOnce, type Turns } from "./turns.ts";

/** Whether one of the globs matches a path with `/` between its parts; those that are no globs of ours (`wrongInGlob`) match none. */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  return atOnce(globMatcherInTurns(globs));
}

/** The same, pausing after each of them: a long one takes milliseconds to be read, and settings may have thousands. */
export function* globMatcherInTurns(globs: readonly string[]): Turns<(path: string) => boolean> {
  const matchers: ((path: string) => boolean)[] = [];
  for (const glob of globs.slice(0, mostGlobs)) {
    if (glob !== "" && wrongInGlob(glob) === null) {
      const matches = picomatch(slashedGlob(glob));
      // A regular expression is compiled when it is used, once in haste and once more.
      matches("x");
      matches("x");
      matchers.push(matches);
    }
    yield;
  }
  return (path) => matchers.some((matches) => matches(path));
}

const longestGlob = 1_000;

/** Of more globs the first ones are taken: every file of a workspace is looked at with each. */
export const mostGlobs = 1_000;
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

/** Which of the globs of a setting are not taken, and why: a line for the log for each. */
export function untakenGlobs(globs: readonly string[], setting: string): readonly string[] {
  const wrong = globs.slice(0, mostGlobs).flatMap((glob) => {
    const why = wrongInGlob(glob);
    return why === null ? [] : [`the glob ${glob} of ${setting} is not taken: ${why}`];
  });
  const left = `of the ${globs.length} globs of ${setting} only the first ${mostGlobs} are taken`;
  return globs.length > mostGlobs ? [...wrong, left] : wrong;
}

/**
 * The glob with `/` between folders. A backslash stands between folders, except before a bracket, brace or parenthesis, where
 * it means that sign itself.
 */
export function slashedGlob(glob: string): string {
  return glob.replace(/\\(?![[\]{}()])/g, "/");
}
