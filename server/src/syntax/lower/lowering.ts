/** What the lowering of a statement has at hand. */

import type { TextRange } from "../../text/range.ts";
import type { Body } from "../statement.ts";
import type { Source } from "./source.ts";

export interface Lowering {
  readonly source: Source;
  /** Reads the statements inside a function or DO block; `range` is the text between the quotes. */
  readonly readBody: (body: BodyText) => Body;
}

/** The inside of a function, at its place in the statement. */
export interface BodyText {
  readonly language: string;
  readonly range: TextRange;
  /** Whether the text stands there as it is, so that offsets inside it are exact: dollar quotes and BEGIN ATOMIC. */
  readonly verbatim: boolean;
  /** The text that PostgreSQL sees. */
  readonly value: string;
}
