/** Where a lens offers to rehearse: above the newest migration of a chain, and above scripts that were generated. */

import type { TextLike } from "../text/chunked-text.ts";
import type { Analysis } from "./analysis.ts";

export interface RehearsalPlace {
  readonly offset: number;
  /** Whether all of the file is the script; else what stands above is the schema that it meets. */
  readonly isWhole: boolean;
}

/** Of more generated scripts in one file the first ones have a lens. */
const mostPlaces = 20;

/** `isNewest` is null for a file of no chain; an older migration has run. */
export function rehearsalPlaces(
  { document, steps }: Pick<Analysis, "document" | "steps">,
  isNewest: boolean | null,
): readonly RehearsalPlace[] {
  if (isNewest === false) return [];
  const { content } = document;
  if (isNewest === true) {
    const isScript = steps.some(({ run, statement }) => run.direction === "up" && statement.statement.kind !== "psql");
    return isScript ? [{ offset: firstWord(content), isWhole: true }] : [];
  }
  // Most files hold no such script, and are not put together to find that out with every key.
  if (!waysBack.some((words) => content.includes(words))) return [];
  const { text, statements } = document;
  const places: RehearsalPlace[] = [];
  let index = 0;
  for (const { index: at } of text.matchAll(wayBack)) {
    while (index < statements.length && (statements[index]?.start ?? 0) < at) index += 1;
    const next = statements[index];
    const above = statements[index - 1];
    if (next === undefined || (above !== undefined && at < above.terminatorEnd)) continue;
    // Nothing but comments stands between the sentence and the statement.
    if (/^[ \t]*(?!--)\S/m.test(text.slice(at, next.start))) continue;
    const offset = startOfComment(text, at, above?.terminatorEnd ?? 0);
    if (places.at(-1)?.offset !== offset) places.push({ offset, isWhole: false });
    if (places.length >= mostPlaces) break;
  }
  return places;
}

/** The sentence with which every generated script ends its opening comment. */
const wayBack = /^-- (?:Undo: |There is no undo)/gm;
const waysBack = ["-- Undo: ", "-- There is no undo"];

/** Where the first character stands that is no space; the end of a text without any. */
function firstWord(text: TextLike): number {
  for (let at = 0; at < text.length; at += lookedAt) {
    const found = text.slice(at, at + lookedAt).search(/\S/);
    if (found >= 0) return at + found;
  }
  return text.length;
}

const lookedAt = 4_096;

/** Where the comment of whole lines begins in which the line at `at` stands. */
function startOfComment(text: string, at: number, floor: number): number {
  let start = at;
  while (start > floor) {
    const above = text.lastIndexOf("\n", start - 2) + 1;
    if (above < floor || !text.startsWith("--", above)) break;
    start = above;
  }
  return start;
}
