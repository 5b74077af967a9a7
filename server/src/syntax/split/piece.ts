/** What a script consists of: SQL statements, psql's own commands, and the data lines of COPY. */

import type { TextRange } from "../../text/range.ts";

export type Piece = SqlPiece | MetaCommandPiece | CopyDataPiece;

/** One statement as psql would send it. Offsets are absolute. */
export interface SqlPiece {
  readonly kind: "sql";
  /** The first token. */
  readonly start: number;
  /** After the last token. */
  readonly end: number;
  /** After the semicolon, or where what else ended the statement begins; where nothing did, the text's end. */
  readonly terminatorEnd: number;
  /** `meta-command` for `\g` and its like, `mark` for a migration tool's comment, `none` where the text ended first. */
  readonly terminator: "semicolon" | "meta-command" | "mark" | "none";
  /** What was still open when the text ended. */
  readonly unterminated: Unterminated | null;
  /** What psql or a template engine would replace before PostgreSQL sees it; relative to `start`, in order. */
  readonly placeholders: readonly Placeholder[];
  /** Whether the lines that follow are COPY's data and no SQL. */
  readonly copyDataFollows: boolean;
}

export type Unterminated = "string" | "quoted-identifier" | "dollar-quote" | "comment" | "begin-atomic";

/** A backslash command of psql, to the end of its line or to `\\`. */
export interface MetaCommandPiece {
  readonly kind: "meta-command";
  readonly start: number;
  readonly end: number;
  readonly terminatorEnd: number;
  readonly copyDataFollows: boolean;
}

/** The lines after `COPY … FROM stdin`, up to and including the line `\.`. */
export interface CopyDataPiece {
  readonly kind: "copy-data";
  readonly start: number;
  /** Before the line `\.`, or the text's end. */
  readonly end: number;
  readonly terminatorEnd: number;
  readonly terminated: boolean;
  readonly copyDataFollows: false;
}

/** A part of a statement that is no SQL, and what stands in for it while the statement is parsed. */
export interface Placeholder extends TextRange {
  readonly standsFor: /** Nothing: a control tag of a template, a psql command amid a statement. */
    | "nothing"
    /** A name or a value, one cannot tell: `:x`, `${x}`, `{{ x }}`, `@extschema@`. */
    | "name-or-value"
    /** `:'x'` */
    | "string"
    /** `:"x"` */
    | "quoted-identifier";
}
