/** The rows of COPY … FROM stdin: text and CSV formats, read as PostgreSQL's `copyfromparse.c` reads them. */

import type { TextRange } from "../text/range.ts";

/** How the lines are to be read, as the options of COPY say. */
export interface CopyFormat {
  readonly kind: "text" | "csv";
  readonly delimiter: string;
  /** What stands for NULL. */
  readonly nullText: string;
  readonly header: boolean;
  /** CSV only. */
  readonly quote: string;
  readonly escape: string;
}

/** One row: its fields as text, NULL as null, and its line in offsets of the data. */
export interface CopyRow {
  readonly fields: readonly (string | null)[];
  readonly range: TextRange;
}

/** More rows than this are not read. */
const mostRows = 2_000;

/**
 * The rows in order, up to the first that is not read for certain (line ends of several kinds, a line end in a field of
 * text, bytes beyond ASCII written as numbers), or the limit. `complete` tells whether they are all.
 */
export function readCopyRows(
  data: string,
  format: CopyFormat,
): { readonly rows: readonly CopyRow[]; readonly complete: boolean } {
  const rows: CopyRow[] = [];
  if (/\r(?!\n)/.test(data) || (data.includes("\r\n") && /(?:^|[^\r])\n/.test(data))) return { rows, complete: false };
  let position = 0;
  let isHeader = format.header;
  while (position < data.length) {
    const read = format.kind === "csv" ? readCsvRow(data, position, format) : readTextRow(data, position, format);
    if (read === null || rows.length >= mostRows) return { rows, complete: false };
    if (!isHeader) rows.push(read.row);
    isHeader = false;
    position = read.next;
  }
  return { rows, complete: true };
}

interface Read {
  readonly row: CopyRow;
  readonly next: number;
}

function lineEndAt(data: string, position: number): { readonly end: number; readonly next: number } {
  const newline = data.indexOf("\n", position);
  if (newline < 0) return { end: data.length, next: data.length };
  return { end: data[newline - 1] === "\r" ? newline - 1 : newline, next: newline + 1 };
}

function readTextRow(data: string, position: number, format: CopyFormat): Read | null {
  const { end, next } = lineEndAt(data, position);
  const fields: (string | null)[] = [];
  let start = position;
  let value = "";
  for (let at = position; ; ) {
    if (at >= end || data[at] === format.delimiter) {
      fields.push(data.slice(start, at) === format.nullText ? null : value);
      if (at >= end) break;
      at += 1;
      start = at;
      value = "";
      continue;
    }
    if (data[at] !== "\\") {
      value += data[at];
      at += 1;
      continue;
    }
    const escaped = afterBackslash(data, at + 1, end);
    if (escaped === null) return null;
    value += escaped.character;
    at = escaped.next;
  }
  return { row: { fields, range: { start: position, end } }, next };
}

const letters: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v" };

/** What a backslash and what follows it stand for; null where it is a line end, the end marker, or a byte beyond ASCII. */
function afterBackslash(
  data: string,
  at: number,
  end: number,
): { readonly character: string; readonly next: number } | null {
  if (at >= end || data[at] === ".") return null;
  const rest = data.slice(at, Math.min(end, at + 3));
  const number = /^[0-7]{1,3}/.exec(rest) ?? /^x[0-9a-f]{1,2}/i.exec(rest);
  if (number !== null) {
    const [digits] = number;
    const code =
      digits.startsWith("x") || digits.startsWith("X")
        ? Number.parseInt(digits.slice(1), 16)
        : Number.parseInt(digits, 8);
    return code === 0 || code > 127 ? null : { character: String.fromCharCode(code), next: at + digits.length };
  }
  const character = String.fromCodePoint(data.codePointAt(at) ?? 0);
  return { character: letters[character] ?? character, next: at + character.length };
}

function readCsvRow(data: string, position: number, format: CopyFormat): Read | null {
  const { delimiter, nullText, quote } = format;
  const fields: (string | null)[] = [];
  let start = position;
  let value = "";
  let isQuoted = false;
  let inside = false;
  for (let at = position; ; ) {
    const character = data[at];
    if (inside) {
      if (character === undefined) return null;
      const following = data[at + 1];
      if (character === format.escape && (following === quote || following === format.escape)) {
        value += following;
        at += 2;
      } else {
        if (character === quote) inside = false;
        else value += character;
        at += 1;
      }
      continue;
    }
    const isLineEnd = character === undefined || character === "\n" || character === "\r";
    if (isLineEnd || character === delimiter) {
      fields.push(!isQuoted && data.slice(start, at) === nullText ? null : value);
      if (isLineEnd) {
        const next = character === undefined ? at : at + (character === "\r" ? 2 : 1);
        return { row: { fields, range: { start: position, end: at } }, next };
      }
      start = at + 1;
      value = "";
      isQuoted = false;
    } else if (character === quote) {
      inside = true;
      isQuoted = true;
    } else value += character;
    at += 1;
  }
}
