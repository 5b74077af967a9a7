/** The one door to PostgreSQL's own grammar: text in, syntax tree or PostgreSQL's error out, all offsets in UTF-16. */

import type { ParseResult as ParseTree } from "@pgsql/types";
import { blankComments } from "./lexer.ts";
import { nestsDeeperThan } from "./nesting.ts";
import { convertErrorOffset, convertTreeOffsets } from "./offsets.ts";
import { createInstance, type PgQueryInstance, type RawParse } from "./pg-query-instance.ts";

export type { ParseTree };

export interface Parser {
  /**
   * Parses one or several statements; synchronous, and never throws. `location`s in the tree are UTF-16 offsets of
   * `text`. A text without any statement gives a tree without statements.
   */
  readonly parse: (text: string) => ParseOutcome;
}

export type ParseOutcome =
  | { readonly ok: true; readonly tree: ParseTree }
  | { readonly ok: false; readonly error: ParseError };

export interface ParseError {
  /** PostgreSQL's primary message, such as `syntax error at or near "frm"`. */
  readonly message: string;
  /** Where PostgreSQL's cursor points, in UTF-16 code units of the text; the text's length for its end; 0 where it gives none. */
  readonly offset: number;
  readonly sqlstate: string;
  /** False where our own limits refused the text, which says nothing about what PostgreSQL would do. */
  readonly fromPostgres: boolean;
}

/** Longer texts are not parsed: the tree of a statement is some thirty times its size. */
export const longestStatement = 4_000_000;
/** Deeper trees would overflow the stack of whoever walks them; still deeper ones overflow the parser's own. */
export const deepestNesting = 500;

/** Compiles libpg-query's `wasm/libpg-query.wasm`, given as bytes or compiled already, and starts the parser. */
export async function createParser(wasm: WebAssembly.Module | BufferSource): Promise<Parser> {
  const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm);
  let instance: PgQueryInstance = createInstance(module);
  const parseRaw = (text: string): RawParse | null => {
    try {
      const raw = instance.parse(text);
      // What a long statement took would be held for ever.
      if (instance.hasGrown()) instance = createInstance(module);
      return raw;
    } catch {
      // The error has unwound C's frames without their consent: this instance's stack and memory are not to be trusted.
      instance = createInstance(module);
      return null;
    }
  };
  const parseOnce = (text: string): ParseOutcome => {
    const raw = parseRaw(text);
    if (raw === null) return refuse("the statement is too complex to be analysed");
    if (!raw.ok) {
      const message = shorten(raw.message);
      const offset = convertErrorOffset(raw.codePoint ?? 0, text);
      return { ok: false, error: { message, offset, sqlstate: sqlstateOf(message), fromPostgres: true } };
    }
    if (nestsDeeperThan(text, deepestNesting)) return refuse("the statement nests too deeply to be analysed");
    return { ok: true, tree: convertTreeOffsets(JSON.parse(raw.json) as ParseTree, text) };
  };
  const parse = (text: string): ParseOutcome => {
    if (text.length > longestStatement) return refuse("the statement is too long to be analysed");
    const masked = maskNestedComments(maskUnparsable(text));
    const outcome = parseOnce(masked);
    if (masked !== text && !outcome.ok && outcome.error.message.startsWith(unterminatedComment)) {
      const message = shorten(`${unterminatedComment} at or near "${text.slice(outcome.error.offset)}"`);
      return { ok: false, error: { ...outcome.error, message } };
    }
    if (outcome.ok || !outcome.error.fromPostgres || !/--|\/\*/.test(masked)) return outcome;
    // libpg_query, unlike PostgreSQL, does not look past a comment for what follows NOT, NULLS and WITH.
    const withoutComments = parseOnce(blankComments(masked));
    return withoutComments.ok ? withoutComments : outcome;
  };
  return { parse };
}

/** A parser that reads nothing, for where there is none: each text is refused as beyond our limits. */
export function createRefusingParser(why = "there is no parser"): Parser {
  return { parse: () => refuse(why) };
}

/** Of an unterminated string PostgreSQL repeats all that follows; the first words of its first line will do. */
function shorten(message: string): string {
  const [, before, near] = /^([^"]* at or near )"([\s\S]*)"$/.exec(message) ?? [];
  if (before === undefined || near === undefined) return message;
  const [line = ""] = near.split(/[\r\n]/, 1);
  const words = line.slice(0, longestQuotedText);
  return words.length === near.length ? message : `${before}"${words}…"`;
}

/** In UTF-16 units; longer than any name. */
const longestQuotedText = 80;

/** PostgreSQL's code for a statement beyond a limit, statement_too_complex. */
function refuse(message: string): ParseOutcome {
  return { ok: false, error: { message, offset: 0, sqlstate: "54001", fromPostgres: false } };
}

/** NUL would end the text, and a file's byte order mark is not SQL; each becomes a space, so no offset moves. */
function maskUnparsable(text: string): string {
  const withoutMark = text.startsWith("\ufeff") ? ` ${text.slice(1)}` : text;
  return withoutMark.includes("\0") ? withoutMark.replaceAll("\0", " ") : withoutMark;
}

const unterminatedComment = "unterminated /* comment";

/** Characters of operators in a row, with a comment among them. */
const longRun = /[-+*/<>=~!@#%^&|`?]{1000}/;

/**
 * PostgreSQL's scanner reads all that looks like an operator behind each beginning of a comment, which is all that follows where
 * comments are nested thousands of times. Nothing in a comment is of interest to it.
 */
function maskNestedComments(text: string): string {
  return text.includes("/*/*") && longRun.test(text) ? blankComments(text) : text;
}

/** The errors of gram.y and scan.l that are not plain syntax errors. */
const otherCodes: readonly (readonly [RegExp, string])[] = [
  [/cannot be used as a role name here$|^role name ".*" is reserved$/, "42939"],
  [/not (?:yet )?(?:implemented|supported)|is not supported here|cannot be used/, "0A000"],
  [/is no longer (?:supported|required)$|is only supported for ON DELETE actions$/, "0A000"],
  [/cannot include schema elements$/, "0A000"],
  [/ constraints cannot be marked |^aggregates cannot have output arguments$/, "0A000"],
  [/^unrecognized partitioning strategy|^column number must be in range|^precision for type float must be/, "22023"],
  [/^frame (?:start|end)/, "42P20"],
  [/provided more than once$/, "42710"],
  [/^invalid Unicode escape|^invalid Unicode surrogate/, "42601"],
];

function sqlstateOf(message: string): string {
  return otherCodes.find(([pattern]) => pattern.test(message))?.[1] ?? "42601";
}
