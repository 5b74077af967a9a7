/** PL/pgSQL as far as scripts use it to create partitions: its blocks, loops, conditions and EXECUTE, cut from the tokens. */

import { decodeString } from "../../syntax/literals.ts";
import {
  afterGroup,
  createSource,
  findWord,
  isName,
  isWord,
  type Region,
  rangeOfRegion,
  type Source,
  splitByCommas,
  tokenText,
  word,
} from "../../syntax/lower/source.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";

/** A part of the body's text. */
export interface Snippet {
  readonly text: string;
  readonly range: TextRange;
}

export interface Block {
  readonly declarations: readonly Declaration[];
  readonly body: readonly Command[];
  /** null without an EXCEPTION part. */
  readonly handlers: readonly Handler[] | null;
}

export interface Declaration {
  readonly name: string;
  /** null for an alias or a cursor, of which nothing is known. */
  readonly type: string;
  readonly initial: Snippet | null;
}

export interface Handler {
  /** Condition names in lower case, `sqlstate 42P07` as `42P07`. */
  readonly conditions: readonly string[];
  readonly body: readonly Command[];
}

export type Command =
  | { readonly kind: "block"; readonly block: Block }
  | { readonly kind: "assign"; readonly variable: string; readonly value: Snippet }
  | {
      readonly kind: "execute";
      readonly command: Snippet;
      readonly using: readonly Snippet[];
      readonly range: TextRange;
    }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly condition: Snippet | null; readonly body: readonly Command[] }[];
    }
  | {
      readonly kind: "for-range";
      readonly variable: string;
      readonly reverse: boolean;
      readonly from: Snippet;
      readonly to: Snippet;
      readonly by: Snippet | null;
      readonly body: readonly Command[];
    }
  | {
      readonly kind: "for-query";
      readonly variables: readonly string[];
      readonly query: Snippet;
      readonly body: readonly Command[];
    }
  | {
      readonly kind: "for-each";
      readonly variable: string;
      readonly array: Snippet;
      readonly body: readonly Command[];
    }
  | { readonly kind: "loop"; readonly condition: Snippet | null; readonly body: readonly Command[] }
  | { readonly kind: "leave"; readonly again: boolean; readonly condition: Snippet | null }
  /** A statement for PostgreSQL, or a query of PERFORM. */
  | { readonly kind: "sql"; readonly statement: Snippet }
  | { readonly kind: "raise"; readonly exception: boolean; readonly message: string | null }
  | { readonly kind: "return" }
  | { readonly kind: "nothing" };

/** The program of a body, or null where it holds something that is not read here. */
export function readProgram(text: string): Block | null {
  const reader: Reader = { source: createSource(text), index: 0, failed: false };
  const block = readBlock(reader);
  if (reader.failed || block === null) return null;
  if (take(reader, ";")) {
    // The semicolon behind the last END may be written or not.
  }
  return reader.index >= reader.source.tokens.length ? block : null;
}

interface Reader {
  readonly source: Source;
  index: number;
  failed: boolean;
}

function take(reader: Reader, ...words: readonly string[]): boolean {
  if (!words.every((each, offset) => isWord(reader.source, reader.index + offset, each))) return false;
  reader.index += words.length;
  return true;
}

function fail(reader: Reader): null {
  reader.failed = true;
  return null;
}

function nameAt(source: Source, index: number): string {
  return unquoteIdentifier(tokenText(source, index));
}

function snippet(source: Source, region: Region): Snippet {
  const range = rangeOfRegion(source, region);
  return { text: source.text.slice(range.start, range.end), range };
}

function readBlock(reader: Reader): Block | null {
  const declarations: Declaration[] = [];
  if (take(reader, "declare")) {
    while (!isWord(reader.source, reader.index, "begin")) {
      const declaration = readDeclaration(reader);
      if (declaration === null) return null;
      declarations.push(declaration);
    }
  }
  if (!take(reader, "begin")) return fail(reader);
  const body = readCommands(reader, "end", "exception");
  const handlers = take(reader, "exception") ? readHandlers(reader) : null;
  if (!take(reader, "end")) return fail(reader);
  if (isName(reader.source, reader.index) && !isWord(reader.source, reader.index, ";")) reader.index += 1;
  return { declarations, body, handlers };
}

function readDeclaration(reader: Reader): Declaration | null {
  const { source } = reader;
  const end = findSemicolon(reader);
  if (end < 0 || !isName(source, reader.index)) return fail(reader);
  const name = nameAt(source, reader.index);
  let first = reader.index + 1;
  if (isWord(source, first, "constant")) first += 1;
  const assignment = findWord(source, { first, last: end - 1 }, ":=", "=", "default");
  const typeEnd = assignment < 0 ? end - 1 : assignment - 1;
  if (isWord(source, first, "alias", "cursor") || typeEnd < first) return fail(reader);
  const type = snippet(source, { first, last: typeEnd }).text.replace(/\s+not\s+null$/i, "");
  const initial = assignment < 0 ? null : snippet(source, { first: assignment + 1, last: end - 1 });
  reader.index = end + 1;
  return { name, type, initial };
}

/** Up to one of the words that end the list; the word stays. */
function readCommands(reader: Reader, ...ends: readonly string[]): Command[] {
  const commands: Command[] = [];
  while (!reader.failed && !isWord(reader.source, reader.index, ...ends)) {
    if (reader.index >= reader.source.tokens.length) fail(reader);
    const command = reader.failed ? null : readCommand(reader);
    if (command !== null) commands.push(command);
  }
  return commands;
}

function readHandlers(reader: Reader): Handler[] {
  const handlers: Handler[] = [];
  while (take(reader, "when")) {
    const { source } = reader;
    const then = findWord(source, { first: reader.index, last: source.tokens.length - 1 }, "then");
    if (then < 0) {
      fail(reader);
      break;
    }
    const conditions: string[] = [];
    for (let index = reader.index; index < then; index += 1) {
      if (isWord(source, index, "or", "sqlstate")) continue;
      const text = tokenText(source, index);
      conditions.push(text.startsWith("'") ? decodeString(text) : text.toLowerCase());
    }
    reader.index = then + 1;
    handlers.push({ conditions, body: readCommands(reader, "when", "end") });
  }
  return handlers;
}

function readCommand(reader: Reader): Command | null {
  const { source } = reader;
  skipLabel(reader);
  switch (word(source, reader.index)) {
    case "declare":
    case "begin": {
      const block = readBlock(reader);
      return block !== null && endCommand(reader) ? { kind: "block", block } : null;
    }
    case "if":
      return readIf(reader);
    case "for":
      return readFor(reader);
    case "foreach":
      return readForEach(reader);
    case "while": {
      const condition = readUpTo(reader, reader.index + 1, "loop");
      return condition === null ? null : withBody(reader, (body) => ({ kind: "loop", condition, body }));
    }
    case "loop":
      reader.index += 1;
      return withBody(reader, (body) => ({ kind: "loop", condition: null, body }));
    case "exit":
    case "continue":
      return readLeave(reader);
    case "execute":
      return readExecute(reader);
    case "raise":
      return readRaise(reader);
    case "return":
      return simple(reader, () => ({ kind: "return" }));
    case "null":
      return simple(reader, () => ({ kind: "nothing" }));
    case "case":
    case "get":
    case "open":
    case "fetch":
    case "move":
    case "close":
    case "assert":
      return fail(reader);
    default:
      return readStatement(reader);
  }
}

function skipLabel(reader: Reader): void {
  if (isWord(reader.source, reader.index, "<<") && isWord(reader.source, reader.index + 2, ">>")) reader.index += 3;
}

function findSemicolon({ source, index }: Reader): number {
  return findWord(source, { first: index, last: source.tokens.length - 1 }, ";");
}

function endCommand(reader: Reader): boolean {
  if (take(reader, ";")) return true;
  fail(reader);
  return false;
}

/** A command that ends at the next semicolon. */
function simple(reader: Reader, build: (region: Region) => Command | null): Command | null {
  const end = findSemicolon(reader);
  if (end < 0) return fail(reader);
  const command = build({ first: reader.index, last: end - 1 });
  reader.index = end + 1;
  return command;
}

/** The expression from `first` up to the word, which is taken with it. */
function readUpTo(reader: Reader, first: number, ...words: readonly string[]): Snippet | null {
  const { source } = reader;
  const end = findWord(source, { first, last: source.tokens.length - 1 }, ...words);
  if (end <= first) return fail(reader);
  reader.index = end + 1;
  return snippet(source, { first, last: end - 1 });
}

function withBody(reader: Reader, build: (body: readonly Command[]) => Command): Command | null {
  const body = readCommands(reader, "end");
  if (!take(reader, "end", "loop")) return fail(reader);
  if (isName(reader.source, reader.index)) reader.index += 1;
  return endCommand(reader) ? build(body) : null;
}

function readIf(reader: Reader): Command | null {
  const branches: { condition: Snippet | null; body: readonly Command[] }[] = [];
  do {
    const condition = readUpTo(reader, reader.index + 1, "then");
    if (condition === null) return null;
    branches.push({ condition, body: readCommands(reader, "elsif", "elseif", "else", "end") });
  } while (isWord(reader.source, reader.index, "elsif", "elseif"));
  if (take(reader, "else")) branches.push({ condition: null, body: readCommands(reader, "end") });
  if (!take(reader, "end", "if")) return fail(reader);
  return endCommand(reader) ? { kind: "if", branches } : null;
}

function readFor(reader: Reader): Command | null {
  const { source } = reader;
  const first = reader.index + 1;
  const isIn = findWord(source, { first, last: source.tokens.length - 1 }, "in");
  const loop = isIn < 0 ? -1 : findWord(source, { first: isIn, last: source.tokens.length - 1 }, "loop");
  if (loop < 0) return fail(reader);
  const variables = splitByCommas(source, { first, last: isIn - 1 }).map((region) => nameAt(source, region.first));
  const reverse = isWord(source, isIn + 1, "reverse");
  const start = isIn + (reverse ? 2 : 1);
  const dots = findDots(source, { first: start, last: loop - 1 });
  reader.index = loop + 1;
  if (dots === null) {
    if (isWord(source, start, "execute")) return fail(reader);
    const query = snippet(source, { first: start, last: loop - 1 });
    return withBody(reader, (body) => ({ kind: "for-query", variables, query, body }));
  }
  const isBy = findWord(source, { first: dots.after, last: loop - 1 }, "by");
  const by = isBy < 0 ? null : snippet(source, { first: isBy + 1, last: loop - 1 });
  const from = { text: dots.fromText, range: rangeOfRegion(source, { first: start, last: dots.after - 1 }) };
  const to = {
    text: dots.toPrefix + snippet(source, { first: dots.after, last: (isBy < 0 ? loop : isBy) - 1 }).text,
    range: from.range,
  };
  const variable = variables[0] ?? "";
  return withBody(reader, (body) => ({ kind: "for-range", variable, reverse, from, to, by, body }));
}

/** `a .. b`: the two dots may stand alone or, as in `0..3`, be taken for parts of numbers. */
function findDots(
  source: Source,
  region: Region,
): { readonly after: number; readonly fromText: string; readonly toPrefix: string } | null {
  const startOf = (index: number): number => source.tokens[index]?.start ?? source.text.length;
  for (let index = region.first; index <= region.last; index = afterGroup(source, index)) {
    const text = tokenText(source, index);
    const before = source.text.slice(startOf(region.first), startOf(index));
    if (text === "..") return { after: index + 1, fromText: before, toPrefix: "" };
    if (text === "." && tokenText(source, index + 1).startsWith(".")) {
      return { after: index + 2, fromText: before, toPrefix: tokenText(source, index + 1).slice(1) };
    }
    const glued = /^(\d*)\.\.?(.*)$/.exec(text);
    if (glued === null || source.tokens[index]?.kind !== "number") continue;
    if (text.includes("..")) {
      const [from = "", to = ""] = text.split("..");
      return { after: index + 1, fromText: before + from, toPrefix: to };
    }
    const next = tokenText(source, index + 1);
    const adjacent = (source.tokens[index]?.end ?? 0) === startOf(index + 1);
    if (text.endsWith(".") && adjacent && next.startsWith(".")) {
      return { after: index + 2, fromText: before + text.slice(0, -1), toPrefix: next.slice(1) };
    }
  }
  return null;
}

function readForEach(reader: Reader): Command | null {
  const { source } = reader;
  const variable = nameAt(source, reader.index + 1);
  if (!isWord(source, reader.index + 2, "in") || !isWord(source, reader.index + 3, "array")) return fail(reader);
  const array = readUpTo(reader, reader.index + 4, "loop");
  return array === null ? null : withBody(reader, (body) => ({ kind: "for-each", variable, array, body }));
}

function readLeave(reader: Reader): Command | null {
  return simple(reader, ({ first, last }) => {
    const again = isWord(reader.source, first, "continue");
    const when = findWord(reader.source, { first, last }, "when");
    // A label may name an outer loop.
    if ((when < 0 ? last : when - 1) > first) return fail(reader);
    const condition = when < 0 ? null : snippet(reader.source, { first: when + 1, last });
    return { kind: "leave", again, condition };
  });
}

function readExecute(reader: Reader): Command | null {
  return simple(reader, ({ first, last }) => {
    const { source } = reader;
    const isInto = findWord(source, { first, last }, "into");
    if (isInto >= 0) return fail(reader);
    const isUsing = findWord(source, { first, last }, "using");
    const command = snippet(source, { first: first + 1, last: isUsing < 0 ? last : isUsing - 1 });
    const using = isUsing < 0 ? [] : splitByCommas(source, { first: isUsing + 1, last });
    const { range } = snippet(source, { first, last });
    return { kind: "execute", command, using: using.map((region) => snippet(source, region)), range };
  });
}

function readRaise(reader: Reader): Command | null {
  return simple(reader, ({ first }) => {
    const { source } = reader;
    const levels = ["debug", "log", "info", "notice", "warning"];
    if (isWord(source, first + 1, ...levels)) return { kind: "raise", exception: false, message: null };
    const at = isWord(source, first + 1, "exception") ? first + 2 : first + 1;
    const isText = source.tokens[at]?.kind === "string" && isWord(source, at + 1, ";");
    const message = isText ? decodeString(tokenText(source, at)).replaceAll("%%", "%") : null;
    return { kind: "raise", exception: true, message };
  });
}

function readStatement(reader: Reader): Command | null {
  return simple(reader, ({ first, last }) => {
    const { source } = reader;
    if (isName(source, first) && isWord(source, first + 1, ":=", "=")) {
      return { kind: "assign", variable: nameAt(source, first), value: snippet(source, { first: first + 2, last }) };
    }
    if (isWord(source, first + 1, ".", "[", ":=")) return fail(reader);
    if (
      isWord(source, first, "select", "with", "insert", "update", "delete", "merge") &&
      findWord(source, { first: first + 1, last }, "into") > first + 1
    ) {
      // `INTO` a variable; in INSERT INTO it is the second word.
      return fail(reader);
    }
    return { kind: "sql", statement: snippet(source, { first, last }) };
  });
}
