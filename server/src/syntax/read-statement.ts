/** From one statement's text to what is understood of it: parse, lower, and never fail. */

import type { RawStmt } from "@pgsql/types";
import { contained, type OnBug } from "../text/bug.ts";
import { readBody } from "./body.ts";
import { detach } from "./detached-text.ts";
import type { ExpressionLibrary } from "./expression-text.ts";
import { hashText } from "./hash.ts";
import { invalidStatement } from "./invalid.ts";
import { lowerStatement } from "./lower/lower.ts";
import type { Lowering } from "./lower/lowering.ts";
import { findNewerSyntax, findNewerWords } from "./lower/newer/newer-syntax.ts";
import { createSource, type Source } from "./lower/source.ts";
import type { ParseError, Parser } from "./parser.ts";
import { readPartitionReorganisation } from "./pg19.ts";
import { withWrittenNames } from "./placeholder-names.ts";
import { readForeignPlaceholders } from "./split/foreign-placeholders.ts";
import { maskedText } from "./split/mask.ts";
import { runsItsResult } from "./split/meta-command.ts";
import type { SqlPiece } from "./split/piece.ts";
import type { NewerSyntax, PlacedStatement, Statement } from "./statement.ts";
import type { StatementCache } from "./statement-cache.ts";
import { withValueParameters } from "./value-parameters.ts";

/** What reading needs besides text. */
export interface Reading {
  readonly parser: Parser;
  readonly cache: StatementCache;
  /** What rewrites expressions; without it none is offered. */
  readonly library?: ExpressionLibrary | undefined;
  /** Who is told of exceptions in reading and in what follows from it; without it they are thrown. */
  readonly onBug?: OnBug | undefined;
}

/** The statement of a piece, from the cache where its text was read before. */
export function readPiece(text: string, piece: SqlPiece, reading: Reading): PlacedStatement {
  const hash = hashText(text, piece.start, piece.end);
  let statement = reading.cache.get(hash);
  if (statement === undefined) {
    statement = contained<Statement>(
      "reading a statement",
      reading.onBug,
      () => parsePiece(text, piece, reading),
      () => ({ kind: "other", tag: "it cannot be read", relations: [] }),
    );
    reading.cache.set(hash, statement, piece.end - piece.start);
  }
  const { start, end, terminatorEnd } = piece;
  return {
    start,
    end,
    terminatorEnd,
    hash,
    masked: piece.placeholders.length > 0 || statement.replaced === true,
    swallowed: false,
    ...(isJoined(text, piece) ? joined : undefined),
    ...(runsItsResult(text, piece) ? gexec : undefined),
    statement,
  };
}

const joined = { joined: true } as const;
const gexec = { gexec: true } as const;

function isJoined(text: string, { terminator, end, terminatorEnd }: SqlPiece): boolean {
  return terminator === "semicolon" && terminatorEnd - 2 >= end && text.startsWith("\\;", terminatorEnd - 2);
}

function parsePiece(text: string, piece: SqlPiece, reading: Reading): Statement {
  const statement = parseMasked(text, piece, reading);
  if (statement.kind === "invalid") return parseForeign(text, piece, reading) ?? statement;
  return piece.placeholders.length === 0 ? statement : asWritten(statement, text, piece);
}

/** What a program replaces before PostgreSQL sees it, read so only where the grammar refuses what stands there; null else. */
function parseForeign(text: string, piece: SqlPiece, reading: Reading): Statement | null {
  if (piece.unterminated !== null) return null;
  const foreign = readForeignPlaceholders(detach(text.slice(piece.start, piece.end)));
  if (foreign.length === 0) return null;
  const others = piece.placeholders.filter(
    ({ start }) => !foreign.some((each) => each.start <= start && start < each.end),
  );
  const placeholders = [...others, ...foreign].sort((a, b) => a.start - b.start);
  const whole = { ...piece, placeholders };
  const statement = parseMasked(text, whole, reading);
  if (statement.kind !== "invalid") return { ...asWritten(statement, text, whole), replaced: true };
  // Where one cannot stand for a value or a name nobody knows what the program makes of it.
  const { start } = statement.error.range;
  return foreign.some((each) => each.start === start) ? { ...statement, replaced: true } : statement;
}

function asWritten(statement: Statement, text: string, piece: SqlPiece): Statement {
  const written = detach(text.slice(piece.start, piece.end));
  return withValueParameters(withWrittenNames(statement, written, maskedText(text, piece), piece.placeholders));
}

function parseMasked(text: string, piece: SqlPiece, reading: Reading): Statement {
  const first = parseText(detach(maskedText(text, piece)), piece.placeholders, reading);
  const numbers = new Set<number>();
  // Where a name does not fit, as in `MODULUS :n`, the parser stops at it, and a number may do.
  for (let attempt = first; attempt.kind === "invalid"; ) {
    const { start } = attempt.error.range;
    const stop = piece.placeholders.find((placeholder) => placeholder.start === start);
    if (stop?.standsFor !== "name-or-value" || numbers.has(start)) return first;
    numbers.add(start);
    attempt = parseText(detach(maskedText(text, piece, numbers)), piece.placeholders, reading);
    if (attempt.kind !== "invalid") return attempt;
  }
  return first;
}

function parseText(text: string, placeholders: SqlPiece["placeholders"], reading: Reading): Statement {
  const outcome = reading.parser.parse(text);
  const source = createSource(text, placeholders);
  if (!outcome.ok) return rejected(source, outcome.error, reading);
  const [statement, ...more] = outcome.tree.stmts ?? [];
  // The splitter leaves several statements in one piece only where it took them for the body of a function.
  if (statement?.stmt === undefined || more.length > 0) return { kind: "other", tag: tagOf(more), relations: [] };
  return withNewerSyntax(
    lowerStatement(statement.stmt, createLowering(source, reading)),
    findNewerSyntax(statement.stmt, source),
  );
}

function withNewerSyntax(statement: Statement, newerSyntax: readonly NewerSyntax[]): Statement {
  return newerSyntax.length === 0 ? statement : { ...statement, newerSyntax };
}

function tagOf(more: readonly RawStmt[]): string {
  return more.length === 0 ? "Empty" : "SeveralStatements";
}

function createLowering(source: Source, reading: Reading): Lowering {
  return {
    source,
    readBody: (body) => readBody(body, (text, piece) => readPiece(text, piece, reading)),
  };
}

function rejected(source: Source, error: ParseError, { parser }: Reading): Statement {
  if (!error.fromPostgres) return { kind: "other", tag: error.message, relations: [] };
  const reorganisation = readPartitionReorganisation(source, parser);
  return reorganisation ?? withNewerSyntax(invalidStatement(source, error), findNewerWords(source, error.offset));
}
