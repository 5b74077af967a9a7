/** Short ways to write fixes. */

import type { TextRange } from "../../text/range.ts";
import type { RuleEdit, RuleFix } from "../rule.ts";

/** A fix that replaces one range of one statement. */
export function replacement(
  title: string,
  statement: number,
  range: TextRange,
  newText: string,
  options: { readonly preferred: boolean },
): RuleFix {
  return { title, edits: [replace(statement, range, newText)], preferred: options.preferred };
}

export function replace(statement: number, range: TextRange, newText: string): RuleEdit {
  return { kind: "replace", statement, range, newText };
}

/** The range of a word that stands in the text at or after an offset, with the white space behind it; null where it does not. */
export function findWord(text: string, word: string, from: number): TextRange | null {
  const found = new RegExp(`\\b${word}\\b\\s*`, "i").exec(text.slice(from));
  return found === null ? null : { start: from + found.index, end: from + found.index + found[0].length };
}
