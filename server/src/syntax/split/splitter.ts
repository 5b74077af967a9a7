/** Cuts a script into pieces exactly where psql would: statements, backslash commands, COPY data. */

import { blockCommentEnd, Code, isSpace, lineEnd, nextLineStart } from "../characters.ts";
import { readMetaCommand } from "./meta-command.ts";
import type { CopyDataPiece, Piece } from "./piece.ts";
import { readPlaceholder } from "./placeholders.ts";
import { readStatement } from "./statement-end.ts";

/**
 * The pieces of `text` from `start`, which must lie between two statements: 0, or a piece's `terminatorEnd` unless
 * COPY data follows it. Never fails: what is left open reaches to the text's end. Space, comments and empty
 * statements between the pieces belong to none.
 */
export function* splitScript(text: string, start = 0): Generator<Piece, void> {
  let position = skipBetweenStatements(text, start);
  while (position < text.length) {
    const piece: Piece =
      text.charCodeAt(position) === Code.backslash ? readMetaCommand(text, position) : readStatement(text, position);
    yield piece;
    position = piece.terminatorEnd;
    if (piece.copyDataFollows) {
      // `COPY … FROM stdin \g`: the data come after the command that sends the statement.
      if (text.charCodeAt(position) === Code.backslash) {
        const command = { ...readMetaCommand(text, position), copyDataFollows: true };
        yield command;
        position = command.end;
      }
      const data = readCopyData(text, position);
      if (data === null) return;
      yield data;
      position = data.terminatorEnd;
    }
    position = skipBetweenStatements(text, position);
  }
}

/** Skips space, comments, lone semicolons and control tags of templates. An unterminated comment is left standing. */
function skipBetweenStatements(text: string, start: number): number {
  let at = start;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (isSpace(code) || code === Code.semicolon || (at === 0 && code === Code.byteOrderMark)) at++;
    else if (code === Code.minus && text.charCodeAt(at + 1) === Code.minus) at = lineEnd(text, at);
    else if (code === Code.slash && text.charCodeAt(at + 1) === Code.asterisk) {
      const end = blockCommentEnd(text, at);
      if (end < 0) return at;
      at = end;
    } else if (code === Code.openBrace || code === Code.lessThan) {
      const tag = readPlaceholder(text, at, false);
      if (tag?.standsFor !== "nothing") return at;
      at = tag.end;
    } else return at;
  }
  return at;
}

/** The data lines that begin on the line after `position`; null where there is no further line. */
function readCopyData(text: string, position: number): CopyDataPiece | null {
  const start = nextLineStart(text, position);
  if (start < 0) return null;
  for (let line = start; line >= 0; line = nextLineStart(text, line)) {
    if (text.startsWith("\\.", line) && lineEnd(text, line) === line + 2) {
      return { kind: "copy-data", start, end: line, terminatorEnd: line + 2, terminated: true, copyDataFollows: false };
    }
  }
  const end = text.length;
  return { kind: "copy-data", start, end, terminatorEnd: end, terminated: false, copyDataFollows: false };
}
