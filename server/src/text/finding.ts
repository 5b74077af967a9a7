/** What a rule reports: a place, a message, and the edits that would settle it. */

import type { TextEdit } from "./edit.ts";
import { lineText } from "./foreign-text.ts";
import type { TextRange } from "./range.ts";

/** `error` means exactly: PostgreSQL, or the extension called, rejects this statement at this point of the script. */
export type Severity = "error" | "warning" | "information" | "hint";

/** A range in a file of the world; `file` is the id under which the world knows the file (a URI or a path). */
export interface Place {
  readonly file: string;
  readonly range: TextRange;
}

export interface RelatedPlace {
  readonly place: Place;
  readonly message: string;
}

/** An edit of the document that holds the finding. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Whether this is the one that an editor should apply by default. */
  readonly preferred: boolean;
}

/** A finding in absolute offsets of one document. */
export interface Finding {
  readonly range: TextRange;
  /** The rule's id: file name, page and fixture stem. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is the matter, PostgreSQL's own words first where it has any; plain text, in which names stand in double quotes. */
  readonly message: string;
  /** What to do about it, in one sentence. */
  readonly advice?: string | undefined;
  /** The SQLSTATE that PostgreSQL would raise, where it would. */
  readonly sqlstate?: string | undefined;
  /** The table of which it says how it is read. */
  readonly table?: { readonly schema: string; readonly name: string } | undefined;
  readonly related: readonly RelatedPlace[];
  /** Made when they are first asked for: who only shows the finding leaves them alone. */
  readonly fixes: readonly Fix[];
  /** Marks text that has no effect (an unreachable bound, a dead predicate). */
  readonly unnecessary?: boolean | undefined;
}

/** The message, and behind a line break what to do, as plain text: no other line breaks are in it. */
export function findingText({ message, advice }: Pick<Finding, "message" | "advice">): string {
  return advice === undefined ? lineText(message) : `${lineText(message)}\n${lineText(advice)}`;
}
