/** A form of a statement that PostgreSQL's parser rejects: how it is told, what to say of it, and what to write. */

import type { TextRange } from "../../text/range.ts";

/** A form that a regular expression tells, and what to say of it. */
export interface OtherForm {
  /** Named groups are for `fix`; flags `i`, `s` and `d` are added. */
  readonly pattern: string;
  readonly advice: string;
  /** The named group inside of which PostgreSQL's parser has stopped; absent where it may be anywhere. */
  readonly stopsIn?: string | undefined;
  readonly fix?: ((found: Found) => readonly [title: string, range: TextRange, newText: string] | null) | undefined;
}

export interface Found {
  readonly group: (name: string) => string;
  readonly range: (name: string) => TextRange;
}

/** A relation's name, with its schema where one is written; quoted as PostgreSQL or MySQL have it. */
export const relationPattern = String.raw`(?:"(?:[^"]|"")+"|[\w$]+)(?:\.(?:"(?:[^"]|"")+"|[\w$]+))?`;

/** The whole statement, as the range of a fix. */
export const fullRange: TextRange = { start: 0, end: Number.MAX_SAFE_INTEGER };
