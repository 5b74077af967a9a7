/** The tokens of one statement, for what the parse tree does not say: where things end, and names without a place. */

import { type TextRange, textRange } from "../../text/range.ts";
import { type Token, tokenize } from "../lexer.ts";
import type { Placeholder } from "../split/piece.ts";

/** One statement's text with its tokens; all offsets are relative to the statement, all indexes count tokens. */
export interface Source {
  readonly text: string;
  readonly tokens: readonly Token[];
  /** For each parenthesis or bracket the index of its partner; -1 for other tokens and where there is none. */
  readonly partners: Int32Array;
  /** What was masked in the text, in order. */
  readonly placeholders: readonly Placeholder[];
}

/** A run of tokens, both ends included; empty where `last` is smaller than `first`. */
export interface Region {
  readonly first: number;
  readonly last: number;
}

export function createSource(text: string, placeholders: readonly Placeholder[] = []): Source {
  const tokens = tokenize(text);
  return { text, tokens, partners: findPartners(text, tokens), placeholders };
}

function findPartners(text: string, tokens: readonly Token[]): Int32Array {
  const partners = new Int32Array(tokens.length).fill(-1);
  const open: number[] = [];
  tokens.forEach(({ kind, start }, index) => {
    if (kind !== "punctuation") return;
    const character = text[start];
    if (character === "(" || character === "[") open.push(index);
    else if (character === ")" || character === "]") {
      const partner = open.pop();
      if (partner === undefined) return;
      partners[partner] = index;
      partners[index] = partner;
    }
  });
  return partners;
}

export function wholeRegion({ tokens }: Source): Region {
  return { first: 0, last: tokens.length - 1 };
}

/** The index of the token that holds `offset`, or of the first one after it; the number of tokens where there is none. */
export function tokenIndexAt({ tokens }: Source, offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The index of the last token that ends at or before `offset`. */
export function lastTokenBefore(source: Source, offset: number): number {
  return tokenIndexAt(source, offset) - 1;
}

/** The token's text as written; `""` outside the statement. */
export function tokenText({ text, tokens }: Source, index: number): string {
  const token = tokens[index];
  return token === undefined ? "" : text.slice(token.start, token.end);
}

/** The token in lower case if it is no quoted thing; `""` otherwise. */
export function word(source: Source, index: number): string {
  const kind = source.tokens[index]?.kind;
  return kind === "word" || kind === "punctuation" || kind === "operator" ? tokenText(source, index).toLowerCase() : "";
}

export function isWord(source: Source, index: number, ...words: readonly string[]): boolean {
  return words.includes(word(source, index));
}

/** Whether the token can be a name: a word or a quoted identifier. */
export function isName(source: Source, index: number): boolean {
  const kind = source.tokens[index]?.kind;
  return kind === "word" || kind === "quoted-identifier";
}

/** The range from one token to another, both included. */
export function rangeOf(source: Source, first: number, last = first): TextRange {
  const start = source.tokens[first]?.start ?? source.text.length;
  return textRange(start, Math.max(start, source.tokens[last]?.end ?? source.text.length));
}

export function rangeOfRegion(source: Source, { first, last }: Region): TextRange {
  return rangeOf(source, first, last);
}

/** The index of the partner of the parenthesis at `index`, or the last token where it is left open. */
export function closing(source: Source, index: number): number {
  const partner = source.partners[index] ?? -1;
  return partner < 0 ? source.tokens.length - 1 : partner;
}

/** The last token of the dotted name that begins at `index`. */
export function endOfName(source: Source, index: number): number {
  let last = index;
  while (word(source, last + 1) === "." && (isName(source, last + 2) || word(source, last + 2) === "*")) last += 2;
  return last;
}

/**
 * The first token from `region.first` on, outside of all parentheses that open within the region, that is one of the
 * words; -1 if there is none.
 */
export function findWord(source: Source, { first, last }: Region, ...words: readonly string[]): number {
  for (let index = first; index <= last; index = afterGroup(source, index)) {
    if (isWord(source, index, ...words)) return index;
  }
  return -1;
}

/** The token after this one, or after the group in parentheses that this one opens. */
export function afterGroup(source: Source, index: number): number {
  const partner = source.partners[index] ?? -1;
  return partner > index ? partner + 1 : index + 1;
}

/** The parts of a region between its commas; none for an empty region. */
export function splitByCommas(source: Source, region: Region): readonly Region[] {
  if (region.last < region.first) return [];
  const parts: Region[] = [];
  let first = region.first;
  for (let index = region.first; index <= region.last; index = afterGroup(source, index)) {
    if (word(source, index) !== ",") continue;
    parts.push({ first, last: index - 1 });
    first = index + 1;
  }
  parts.push({ first, last: region.last });
  return parts;
}

/** What stands between the parenthesis at `index` and its partner. */
export function insideParentheses(source: Source, index: number): Region {
  return { first: index + 1, last: closing(source, index) - (source.partners[index] === -1 ? 0 : 1) };
}

/** Widens the range of an operand by the parentheses that stand around just it. */
export function withParentheses(source: Source, range: TextRange): TextRange {
  let first = tokenIndexAt(source, range.start);
  let last = lastTokenBefore(source, range.end);
  while (word(source, first - 1) === "(" && source.partners[first - 1] === last + 1) {
    first--;
    last++;
  }
  return rangeOf(source, first, last);
}

/** Widens a range until each parenthesis in it has its partner in it too. */
export function withBalancedParentheses(source: Source, range: TextRange): TextRange {
  let first = tokenIndexAt(source, range.start);
  let last = lastTokenBefore(source, range.end);
  for (let index = first; index <= last; index++) {
    const partner = source.partners[index] ?? -1;
    if (partner < 0) continue;
    first = Math.min(first, partner);
    last = Math.max(last, partner);
  }
  return rangeOf(source, first, last);
}

/** The placeholder that begins at `offset`, if one does. */
export function placeholderAt({ placeholders }: Source, offset: number): Placeholder | undefined {
  return placeholders.find((placeholder) => placeholder.start === offset);
}
