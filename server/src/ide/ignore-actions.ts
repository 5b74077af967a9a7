/** The comments by which a finding is ignored, here or in the whole file, each with a reason that is still to be given. */

import { type Document, indexAt, statementAt } from "../syntax/document.ts";
import type { TextLike } from "../text/chunked-text.ts";
import { inLineEndsOf } from "../text/edit.ts";
import type { Finding } from "../text/finding.ts";

/** A line of its own, in two parts: the reason goes between them. */
export interface IgnoreAction {
  readonly title: string;
  /** Where it is inserted. */
  readonly offset: number;
  readonly before: string;
  /** What stands for the reason until somebody gives one. */
  readonly reason: string;
  readonly after: string;
}

/** Rules about the comments themselves, which no comment ignores. */
const aboutComments: ReadonlySet<string> = new Set(["ignore-unused", "ignore-unknown"]);

/**
 * Above the statement in which the finding begins, and above the first statement, in front of which a comment for the whole file
 * has to stand. None for findings about such comments.
 */
export function ignoreActions(document: Document, finding: Finding): readonly IgnoreAction[] {
  if (aboutComments.has(finding.rule)) return [];
  const text = document.content;
  const first = statementAt(document, 0);
  const own = statementAt(document, indexAt(document, finding.range.start));
  if (first === null || own === null) return [];
  return [
    { title: `Ignore ${finding.rule} here`, ...lineAbove(text, own.start, `ignore ${finding.rule}`) },
    { title: `Ignore ${finding.rule} in this file`, ...lineAbove(text, first.start, `ignore-file ${finding.rule}`) },
  ];
}

function lineAbove(text: TextLike, start: number, words: string): Omit<IgnoreAction, "title"> {
  const lead = lineBefore(text, start);
  const newline = inLineEndsOf(text, "\n");
  // What stands before the statement on its line belongs to the one before it.
  if (!/^\ufeff?[ \t]*$/.test(lead))
    return { offset: start, before: `${newline}-- partition-lens: ${words}: `, reason, after: newline };
  const indent = lead.replace("\ufeff", "");
  // At the line's start editors do not indent what is inserted.
  const offset = start - indent.length;
  return { offset, before: `${indent}-- partition-lens: ${words}: `, reason, after: newline };
}

/** What stands in front of the offset on its line. */
function lineBefore(text: TextLike, offset: number): string {
  for (let looked = 256; ; looked *= 8) {
    const before = text.slice(Math.max(0, offset - looked), offset);
    const start = before.lastIndexOf("\n") + 1;
    if (start > 0 || looked >= offset) return before.slice(start);
  }
}

const reason = "reason";
