/** Reads PL/pgSQL as far as scripts use it to create partitions: its blocks, loops, conditions and EXECUTE, cut from the tokens. */

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
import type { Block, Branch, Command, Declaration, Handler, LoopSource, Snippet } from "./program.ts";
import {
  nameAt,
  readDiagnostics,
  readExecute,
  readRaise,
  readReturn,
  readRows,
  readStatement,
  snippet,
  targetAt,
} from "./read-command.ts";

/** The program of a body, or null where it holds something that is not read here. */
export function readProgram(text: string): Block | null {
  const reader: Reader = { source: createSource(text), index: 0, failed: false };
  const block = readBlock(reader, skipLabel(reader));
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

function readBlock(reader: Reader, label: string | null): Block | null {
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
  return { declarations, body, handlers, label };
}

function readDeclaration(reader: Reader): Declaration | null {
  const { source } = reader;
  const end = findSemicolon(reader);
  if (end < 0 || !isName(source, reader.index)) return fail(reader);
  const name = nameAt(source, reader.index);
  let first = reader.index + 1;
  if (isWord(source, first, "constant")) first += 1;
  reader.index = end + 1;
  if (isWord(source, first, "alias") && isWord(source, first + 1, "for"))
    return { name, type: "", initial: null, alias: tokenText(source, first + 2).toLowerCase() };
  if (findWord(source, { first, last: first + 2 }, "cursor") >= 0)
    return { name, type: "", initial: null, alias: null };
  const assignment = findWord(source, { first, last: end - 1 }, ":=", "=", "default");
  const typeEnd = assignment < 0 ? end - 1 : assignment - 1;
  if (typeEnd < first) return fail(reader);
  const type = snippet(source, { first, last: typeEnd })
    .text.replace(/\s+not\s+null$/i, "")
    .replace(/\s+collate\s+\S+$/i, "");
  const initial = assignment < 0 ? null : snippet(source, { first: assignment + 1, last: end - 1 });
  return { name, type, initial, alias: null };
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
  const label = skipLabel(reader);
  switch (word(source, reader.index)) {
    case "declare":
    case "begin": {
      const block = readBlock(reader, label);
      return block !== null && endCommand(reader) ? { kind: "block", block } : null;
    }
    case "if":
      return readIf(reader);
    case "case":
      return readCase(reader);
    case "for":
      return readFor(reader, label);
    case "foreach":
      return readForEach(reader, label);
    case "while": {
      const condition = readUpTo(reader, reader.index + 1, "loop");
      return condition === null ? null : withBody(reader, label, { kind: "while", condition });
    }
    case "loop":
      reader.index += 1;
      return withBody(reader, label, { kind: "forever" });
    case "exit":
    case "continue":
      return readLeave(reader);
    case "execute":
      return simple(reader, (region) => readExecute(source, region));
    case "raise":
      return simple(reader, (region) => readRaise(source, region));
    case "return":
      return simple(reader, (region) => readReturn(source, region));
    case "null":
      return simple(reader, () => ({ kind: "nothing" }));
    case "get":
      return simple(reader, (region) => readDiagnostics(source, region));
    case "assert":
      return simple(reader, ({ first, last }) => {
        const [condition] = splitByCommas(source, { first: first + 1, last });
        return condition === undefined
          ? { kind: "unfollowed" }
          : { kind: "assert", condition: snippet(source, condition) };
      });
    case "open":
    case "fetch":
    case "move":
    case "close":
      return simple(reader, () => ({ kind: "unfollowed" }));
    default:
      return simple(reader, (region) => readStatement(source, region));
  }
}

/** The label in front of a loop or block, which is taken; null where there is none. */
function skipLabel(reader: Reader): string | null {
  if (!isWord(reader.source, reader.index, "<<") || !isWord(reader.source, reader.index + 2, ">>")) return null;
  reader.index += 3;
  return nameAt(reader.source, reader.index - 2);
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

function withBody(reader: Reader, label: string | null, over: LoopSource): Command | null {
  const body = readCommands(reader, "end");
  if (!take(reader, "end", "loop")) return fail(reader);
  if (isName(reader.source, reader.index)) reader.index += 1;
  return endCommand(reader) ? { kind: "loop", label, over, body } : null;
}

function readIf(reader: Reader): Command | null {
  const branches: Branch[] = [];
  do {
    const condition = readUpTo(reader, reader.index + 1, "then");
    if (condition === null) return null;
    branches.push({ condition, body: readCommands(reader, "elsif", "elseif", "else", "end") });
  } while (isWord(reader.source, reader.index, "elsif", "elseif"));
  if (take(reader, "else")) branches.push({ condition: null, body: readCommands(reader, "end") });
  if (!take(reader, "end", "if")) return fail(reader);
  return endCommand(reader) ? { kind: "if", branches, caseNotFound: false } : null;
}

/** CASE as the statement: with or without an operand, whose value the alternatives are compared with. */
function readCase(reader: Reader): Command | null {
  const { source } = reader;
  const operand = isWord(source, reader.index + 1, "when") ? null : readUpTo(reader, reader.index + 1, "when");
  if (operand === null) reader.index += 2;
  const branches: Branch[] = [];
  for (;;) {
    const first = reader.index;
    const written = readUpTo(reader, first, "then");
    if (written === null) return null;
    const choices = splitByCommas(source, { first, last: reader.index - 2 }).map((region) => snippet(source, region));
    const text = choices.map((choice) => `((${operand?.text ?? ""}) = (${choice.text}))`).join(" OR ");
    const condition = operand === null ? written : { text, range: written.range };
    branches.push({ condition, body: readCommands(reader, "when", "else", "end") });
    if (!take(reader, "when")) break;
  }
  const otherwise = take(reader, "else");
  if (otherwise) branches.push({ condition: null, body: readCommands(reader, "end") });
  if (!take(reader, "end", "case")) return fail(reader);
  return endCommand(reader) ? { kind: "if", branches, caseNotFound: !otherwise } : null;
}

function readFor(reader: Reader, label: string | null): Command | null {
  const { source } = reader;
  const first = reader.index + 1;
  const isIn = findWord(source, { first, last: source.tokens.length - 1 }, "in");
  const loop = isIn < 0 ? -1 : findWord(source, { first: isIn, last: source.tokens.length - 1 }, "loop");
  if (loop < 0) return fail(reader);
  const variables = splitByCommas(source, { first, last: isIn - 1 }).map((region) => targetAt(source, region));
  const reverse = isWord(source, isIn + 1, "reverse");
  const start = isIn + (reverse ? 2 : 1);
  const dots = findDots(source, { first: start, last: loop - 1 });
  reader.index = loop + 1;
  if (dots === null) {
    const rows = readRows(source, { first: start, last: loop - 1 });
    return withBody(reader, label, { kind: "rows", variables, source: rows });
  }
  const isBy = findWord(source, { first: dots.after, last: loop - 1 }, "by");
  const by = isBy < 0 ? null : snippet(source, { first: isBy + 1, last: loop - 1 });
  const from = { text: dots.fromText, range: rangeOfRegion(source, { first: start, last: dots.after - 1 }) };
  const to = {
    text: dots.toPrefix + snippet(source, { first: dots.after, last: (isBy < 0 ? loop : isBy) - 1 }).text,
    range: from.range,
  };
  return withBody(reader, label, { kind: "range", variable: variables[0] ?? "", reverse, from, to, by });
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

function readForEach(reader: Reader, label: string | null): Command | null {
  const { source } = reader;
  const variable = nameAt(source, reader.index + 1);
  if (!isWord(source, reader.index + 2, "in") || !isWord(source, reader.index + 3, "array")) return fail(reader);
  const array = readUpTo(reader, reader.index + 4, "loop");
  return array === null ? null : withBody(reader, label, { kind: "elements", variable, array });
}

function readLeave(reader: Reader): Command | null {
  const { source } = reader;
  return simple(reader, ({ first, last }) => {
    const again = isWord(source, first, "continue");
    const when = findWord(source, { first, last }, "when");
    const label = (when < 0 ? last : when - 1) > first ? nameAt(source, first + 1) : null;
    const condition = when < 0 ? null : snippet(source, { first: when + 1, last });
    return { kind: "leave", again, label, condition };
  });
}
