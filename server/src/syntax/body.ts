/** The statements inside functions and DO blocks that run as they stand there, each at its exact place. */

import { type BodyStatement, codeOfPlpgsql, codeOfSql, unreadCode } from "./body-code.ts";
import type { BodyText } from "./lower/lowering.ts";
import {
  afterGroup,
  createSource,
  findWord,
  isWord,
  type Region,
  rangeOfRegion,
  type Source,
  word,
} from "./lower/source.ts";
import type { SqlPiece } from "./split/piece.ts";
import { splitScript } from "./split/splitter.ts";
import type { Body, PlacedStatement } from "./statement.ts";
import type { Code } from "./uses.ts";

/** Reads a piece of a text. */
export type ReadPiece = (text: string, piece: SqlPiece) => PlacedStatement;

/**
 * The static statements of a body. In SQL all statements are; in PL/pgSQL those that are none of its own, and the
 * queries of PERFORM, RETURN QUERY and FOR … IN. A body in another language, or one whose quotes hide its text, has
 * none that can be placed.
 *
 * `dynamic` says that the statements do not tell the body's effect: it builds SQL, or runs some only on a condition.
 */
export function readBody(body: BodyText, readPiece: ReadPiece): Body {
  const { language, range, value } = body;
  if (language !== "sql" && language !== "plpgsql") {
    return { language, range, statements: [], dynamic: language !== "sql", certain: 0, code: unreadCode, text: value };
  }
  const { text, pieces, dynamic, certain, codeOf } = language === "sql" ? cutSql(value) : cutPlpgsql(value);
  const read = pieces.map((piece) => ({ placed: readPiece(text, piece), text: text.slice(piece.start, piece.end) }));
  const code = codeOf(read);
  // Behind quotes that hide the text, what was read has no place.
  if (!body.verbatim)
    return { language, range, statements: [], dynamic: language !== "sql", certain: 0, code, text: value };
  const statements = read.map(({ placed }) => shiftStatement(placed, range.start));
  return { language, range, statements, dynamic, certain, code, text: value };
}

/** A body's text, masked at equal length where it is no SQL, and the statements in it. */
interface CutBody {
  readonly text: string;
  readonly pieces: readonly SqlPiece[];
  readonly dynamic: boolean;
  readonly certain: number;
  /** What the statements and what stands around them do. */
  readonly codeOf: (statements: readonly BodyStatement[]) => Code;
}

function shiftStatement(placed: PlacedStatement, by: number): PlacedStatement {
  return { ...placed, start: placed.start + by, end: placed.end + by, terminatorEnd: placed.terminatorEnd + by };
}

/** The body of a function may be `RETURN expression`, which computes what `SELECT expression` does. */
function cutSql(body: string): CutBody {
  const text = body.replace(/^\s*return\b/i, (words) => `${words.slice(0, -"return".length)}SELECT`);
  const pieces = [...splitScript(text)].filter((piece) => piece.kind === "sql");
  return { text, pieces, dynamic: false, certain: pieces.length, codeOf: codeOfSql };
}

function cutPlpgsql(text: string): CutBody {
  const source = createSource(text);
  const regions = plpgsqlStatements(source);
  const found = regions.flatMap((region) => staticPart(source, region) ?? []);
  const masks = found.flatMap((region) => masksOf(source, region));
  return {
    text: applyMasks(text, masks),
    pieces: found.map((region) => pieceOf(source, region)),
    dynamic: isDynamic(source),
    certain: certainOf(source, regions),
    codeOf: (statements) => {
      const code = codeOfPlpgsql(source, regions, found, statements);
      return raisesErrors(source) ? { ...code, raises: true } : code;
    },
  };
}

/** The static statements before whatever may end the body, or lead elsewhere; none where errors are caught. */
function certainOf(source: Source, regions: readonly Region[]): number {
  if (source.tokens.some((_, index) => isWord(source, index, "exception") && !isWord(source, index - 1, "raise")))
    return 0;
  const turn = source.tokens.findIndex((_, index) => startsStatement(source, index) && turnsAway(source, index));
  const straight = turn < 0 ? regions : regions.filter(({ last }) => last < turn);
  return straight.flatMap((region) => staticPart(source, region) ?? []).length;
}

/** Whether the body raises errors itself, under whatever conditions. */
function raisesErrors(source: Source): boolean {
  return source.tokens.some(
    (_, index) =>
      startsStatement(source, index) &&
      (isWord(source, index, "assert") ||
        (isWord(source, index, "raise") && !isWord(source, index + 1, ...messageLevels))),
  );
}

function turnsAway(source: Source, index: number): boolean {
  if (isWord(source, index, "raise")) return !isWord(source, index + 1, ...messageLevels);
  return isWord(source, index, ...controlWords, "execute", "exit", "continue");
}

/** Whether a statement of PL/pgSQL may begin at the token. */
function startsStatement(source: Source, index: number): boolean {
  return index === 0 || isWord(source, index - 1, ";", ">>", ...listOpeners, "then");
}

/** Words that open a list of statements or stand alone in front of one. */
const listOpeners = ["begin", "else", "declare", "loop", "exception"];

/**
 * The statements of PL/pgSQL, each without its semicolon; IF, WHEN, FOR and WHILE count only up to the THEN or LOOP
 * that opens their list.
 */
function plpgsqlStatements(source: Source): readonly Region[] {
  const regions: Region[] = [];
  let first = -1;
  let cases = 0;
  for (let index = 0; index < source.tokens.length; index = afterGroup(source, index)) {
    if (first < 0) {
      if (isWord(source, index, ";", ...listOpeners)) continue;
      first = index;
      cases = 0;
    } else if (word(source, index) === "case") cases++;
    else if (word(source, index) === "end" && cases > 0) cases--;
    if (word(source, index) === ";") regions.push({ first, last: index - 1 });
    else if (cases > 0 || !opensList(source, first, index)) continue;
    else if (isWord(source, index, "loop")) regions.push({ first, last: index });
    first = -1;
  }
  if (first >= 0) regions.push({ first, last: source.tokens.length - 1 });
  return regions;
}

function opensList(source: Source, first: number, index: number): boolean {
  switch (word(source, index)) {
    case "then":
      return isWord(source, first, "if", "elsif", "elseif", "when", "case");
    case "loop":
      return isWord(source, first, "for", "foreach", "while");
    case ">>":
      return word(source, first) === "<<";
    default:
      return false;
  }
}

/** The first words of statements that PL/pgSQL hands to PostgreSQL as they are. */
const sqlStarters = new Set(
  "alter analyze call cluster comment commit copy create delete drop grant insert lock merge refresh reindex reset revoke rollback select set truncate update vacuum values with".split(
    " ",
  ),
);

/** The SQL in a statement: all of it, the query that it wraps, or nothing. */
function staticPart(source: Source, region: Region): Region | null {
  const { first, last } = region;
  const opening = word(source, first);
  if (opening === "perform") return region;
  if (opening === "return" && isWord(source, first + 1, "query")) return queryFrom(source, first + 2, last);
  if (opening === "for") {
    const isIn = findWord(source, region, "in");
    return isIn < 0 ? null : queryFrom(source, isIn + 1, last - 1);
  }
  // `set := 1` assigns to a variable of that name.
  const isAssignment = isWord(source, first + 1, ":=", "=", ".", "[");
  return sqlStarters.has(opening) && !isAssignment ? region : null;
}

function queryFrom(source: Source, first: number, last: number): Region | null {
  return isWord(source, first, "select", "with", "values", "insert", "update", "delete", "merge", "(")
    ? { first, last }
    : null;
}

function pieceOf(source: Source, region: Region): SqlPiece {
  const { start, end } = rangeOfRegion(source, region);
  const semicolon = word(source, region.last + 1) === ";" ? source.tokens[region.last + 1] : undefined;
  return {
    kind: "sql",
    start,
    end,
    terminatorEnd: semicolon?.end ?? end,
    terminator: semicolon === undefined ? "none" : "semicolon",
    unterminated: null,
    placeholders: [],
    copyDataFollows: false,
  };
}

interface Mask {
  readonly start: number;
  readonly end: number;
  readonly by: string;
}

/** `PERFORM` becomes `SELECT`, and `INTO [STRICT] variable, …` nothing: to SQL it would create a table. */
function masksOf(source: Source, { first, last }: Region): readonly Mask[] {
  const masks: Mask[] = [];
  if (isWord(source, first, "perform")) masks.push({ ...rangeOfRegion(source, { first, last: first }), by: "SELECT" });
  for (let index = first; index <= last; index = afterGroup(source, index)) {
    if (!isWord(source, index, "into") || isWord(source, index - 1, "insert", "merge")) continue;
    masks.push({ ...rangeOfRegion(source, { first: index, last: endOfTargets(source, index, last) }), by: "" });
  }
  return masks;
}

/** The last token of the variables after INTO: `a, r.b, c[1]`. */
function endOfTargets(source: Source, into: number, last: number): number {
  let index = isWord(source, into + 1, "strict") ? into + 2 : into + 1;
  while (index < last) {
    const next = word(source, index + 1);
    if (next === "[") index = afterGroup(source, index + 1) - 1;
    else if (next === "." || next === ",") index += 2;
    else break;
  }
  return Math.min(index, last);
}

function applyMasks(text: string, masks: readonly Mask[]): string {
  let masked = "";
  let position = 0;
  for (const { start, end, by } of masks) {
    // Line breaks stay, so that an error's place does not move to another line.
    const rest = text.slice(start + by.length, end).replace(/[^\r\n]/g, " ");
    masked += text.slice(position, start) + by + rest;
    position = end;
  }
  return masked + text.slice(position);
}

/** The levels of RAISE that only say something. */
const messageLevels = ["debug", "log", "info", "notice", "warning"];

const controlWords = ["if", "case", "loop", "while", "for", "foreach", "exception", "return"];

/** Whether some of its SQL is built at run time, or runs only on a condition or several times. */
function isDynamic(source: Source): boolean {
  return source.tokens.some((_, index) => {
    if (isWord(source, index, "execute")) return !isWord(source, index + 1, "function", "procedure");
    return startsStatement(source, index) && isWord(source, index, ...controlWords);
  });
}
