/** Collects the tokens at which the parsers of older majors stop. */

import type { NewerSyntax } from "../../statement.ts";
import { rangeOf, type Source, tokenIndexAt, tokenText, word } from "../source.ts";

/** What a finder of newer syntax has at hand. */
export interface Stops {
  readonly source: Source;
  /**
   * Majors before `since` stop where the words stand, at the one behind `^`: `execute ^function`. `_` is any token. Nothing
   * is noted where they do not stand.
   *
   * @param from the offset behind which to look
   */
  words(since: number, pattern: string, from?: number): void;
  /** The same for the token at an index; past the last one the input ends too early. */
  token(since: number, index: number): void;
  /** The same for a text that is a token to those majors, if to no other. */
  text(since: number, start: number, text: string): void;
  /** For what older parsers refuse in other words than "syntax error". */
  problem(since: number, index: number, problem: Omit<NewerSyntax, "since" | "range">): void;
}

/** Stops that put what they are told into `found`. */
export function createStops(source: Source, found: NewerSyntax[]): Stops {
  const token = (since: number, index: number): void => {
    const where = index < source.tokens.length ? `at or near "${tokenText(source, index)}"` : "at end of input";
    found.push({ since, sqlstate: "42601", message: `syntax error ${where}`, range: stopRange(source, index) });
  };
  return {
    source,
    token,
    words(since, pattern, from = 0) {
      const index = findPattern(source, pattern, tokenIndexAt(source, from));
      if (index >= 0) token(since, index);
    },
    text(since, start, text) {
      const range = { start, end: start + text.length };
      found.push({ since, sqlstate: "42601", message: `syntax error at or near "${text}"`, range });
    },
    problem(since, index, problem) {
      found.push({ ...problem, since, range: stopRange(source, index) });
    },
  };
}

function stopRange(source: Source, index: number): NewerSyntax["range"] {
  const end = source.tokens.at(-1)?.end ?? source.text.length;
  return index < source.tokens.length ? rangeOf(source, index) : { start: end, end };
}

interface Pattern {
  readonly words: readonly string[];
  /** The index of the word at which a parser stops. */
  readonly stop: number;
}

/** Nearly all are written in our own code; some have a name of the statement in them. */
const patterns = new Map<string, Pattern>();
const mostPatterns = 512;

function patternOf(written: string): Pattern {
  const known = patterns.get(written);
  if (known !== undefined) return known;
  const parts = written.split(" ");
  const stop = parts.findIndex((part) => part.startsWith("^"));
  const made = { words: parts.map((part) => part.replace("^", "")).filter((part) => part !== ""), stop };
  if (patterns.size < mostPatterns) patterns.set(written, made);
  return made;
}

/** The index of the token that the pattern marks, where the pattern first fits at or after `first`; -1 where it does not. */
export function findPattern(source: Source, pattern: string, first: number): number {
  const { words, stop } = patternOf(pattern);
  for (let index = first; index + words.length <= source.tokens.length; index++) {
    if (words.every((each, offset) => each === "_" || word(source, index + offset) === each)) return index + stop;
  }
  return -1;
}
