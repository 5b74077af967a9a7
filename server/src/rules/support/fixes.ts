/** Short ways to write fixes. */

import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { TextRange } from "../../text/range.ts";
import type { RuleEdit, RuleFix, StepContext } from "../rule.ts";

/** A fix that replaces one range of one statement. */
export function replacement(
  title: string,
  statement: StatementHandle,
  range: TextRange,
  newText: string,
  options: { readonly preferred: boolean },
): RuleFix {
  return { title, edits: [replace(statement, range, newText)], preferred: options.preferred };
}

export function replace(statement: StatementHandle, range: TextRange, newText: string): RuleEdit {
  return { kind: "replace", statement, range, newText };
}

/** Fixes of ALTER TABLE … DETACH PARTITION … CONCURRENTLY that detach without it. */
export function* withoutConcurrently({ step, text }: StepContext): Generator<RuleFix> {
  const { statement } = step.statement;
  if (statement.kind !== "alter-table") return;
  for (const action of statement.actions) {
    if (action.kind !== "detach-partition" || !action.concurrently) continue;
    const end = action.partition.range.end;
    const word = findWord(text, "CONCURRENTLY", end);
    if (word === null) continue;
    yield replacement("Remove CONCURRENTLY", step.handle, { start: end, end: word.end }, "", { preferred: true });
  }
}

/** The range of a word that stands in the text at or after an offset, with the white space behind it; null where it does not. */
export function findWord(text: string, word: string, from: number): TextRange | null {
  const found = new RegExp(`\\b${word}\\b\\s*`, "i").exec(text.slice(from));
  return found === null ? null : { start: from + found.index, end: from + found.index + found[0].length };
}
