/** Replaces a statement's placeholders by SQL of the same length, so that it parses and no offset moves. */

import type { Placeholder, SqlPiece } from "./piece.ts";

/**
 * The statement's text for the parser: as it stands where it has no placeholders. One that may be a name or a value
 * becomes a name, which fits nearly everywhere, or a number if its start is among `numbers`.
 */
export function maskedText(text: string, piece: SqlPiece, numbers: ReadonlySet<number> = new Set()): string {
  const source = text.slice(piece.start, piece.end);
  if (piece.placeholders.length === 0) return source;
  let masked = "";
  let position = 0;
  for (const placeholder of piece.placeholders) {
    masked += source.slice(position, placeholder.start) + mask(source, placeholder, numbers.has(placeholder.start));
    position = placeholder.end;
  }
  return masked + source.slice(position);
}

function mask(source: string, { start, end, standsFor }: Placeholder, asNumber: boolean): string {
  const written = source.slice(start, end);
  switch (standsFor) {
    case "nothing":
      return written.replace(/[^\r\n]/g, " ");
    case "string":
      return `'${"_".repeat(written.length - 2)}'`;
    case "quoted-identifier":
      return `"${"_".repeat(written.length - 2)}"`;
    case "name-or-value":
      return asNumber ? "0".repeat(written.length) : written.replace(/[^A-Za-z0-9_]/g, "_").replace(/^[0-9]/, "_");
  }
}
