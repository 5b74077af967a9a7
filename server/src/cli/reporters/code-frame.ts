/** The line of a finding as a terminal shows it, with what is meant underlined, the places that go with it, and what to do. */

import type { Finding } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { lineAt, lineEnd, lineStart, positionAt } from "../../text/line-index.ts";
import { fileNameOf } from "../../text/uri-name.ts";
import { coloured, displayWidth, type Terminal } from "../terminal.ts";
import type { CheckedFile } from "./reporter.ts";

/** Ends with an empty line. */
export function codeFrame(finding: Finding, file: CheckedFile, terminal: Terminal): readonly string[] {
  const line = lineAt(file.lines, finding.range.start);
  const number = String(line + 1);
  const room = Math.max(20, terminal.columns - number.length - 5);
  const { shown, before, marked } = window(finding, file, line, room);
  const underline = coloured("^".repeat(Math.max(1, displayWidth(marked))), "red", terminal);
  const margin = (text: string): string => coloured(` ${text} │ `, "dim", terminal);
  return [
    `${margin(number)}${shown}`,
    `${margin(" ".repeat(number.length))}${" ".repeat(displayWidth(before))}${underline}`,
    ...relatedLines(finding, file, number.length, terminal),
    ...adviceLines(finding, number.length, terminal),
    "",
  ];
}

/** As much of the line as there is room for, around the place that is meant. */
function window({ range }: Finding, { text, lines }: CheckedFile, line: number, room: number) {
  const start = lineStart(lines, line);
  const end = lineEnd(lines, line);
  const markedEnd = Math.min(range.end, end);
  // Pieces are made fit to be seen one by one, so that their widths are known.
  const before = shownText(text.slice(Math.max(start, range.start - longestPiece), range.start)).trimStart();
  const marked = shownText(text.slice(range.start, Math.min(markedEnd, range.start + longestPiece)));
  const after = shownText(text.slice(markedEnd, Math.min(end, markedEnd + longestPiece))).trimEnd();
  const keptMarked = cutEnd(marked, room);
  const around = room - displayWidth(keptMarked);
  const keptBefore = cutStart(before, Math.max(around - displayWidth(after), Math.floor(around / 2), 8));
  const left = room - displayWidth(keptBefore) - displayWidth(keptMarked);
  return {
    shown: `${keptBefore}${keptMarked}${cutEnd(after, Math.max(0, left))}`,
    before: keptBefore,
    marked: keptMarked,
  };
}

/** No terminal is wider, and a line of data may be a megabyte. */
const longestPiece = 1000;

function shownText(text: string): string {
  return lineText(text.replaceAll("\t", "  "));
}

function cutEnd(text: string, room: number): string {
  if (displayWidth(text) <= room) return text;
  let kept = "";
  for (const character of text) {
    if (displayWidth(kept) + displayWidth(character) >= room) break;
    kept += character;
  }
  return room > 0 ? `${kept}…` : "";
}

function cutStart(text: string, room: number): string {
  if (displayWidth(text) <= room) return text;
  let kept = "";
  for (const character of [...text].reverse()) {
    if (displayWidth(kept) + displayWidth(character) >= room) break;
    kept = character + kept;
  }
  return `…${kept}`;
}

/** Places in other files are told by their names alone. */
function relatedLines({ related }: Finding, file: CheckedFile, indent: number, terminal: Terminal): readonly string[] {
  return related.slice(0, mostRelated).map(({ place, message }) => {
    const at = place.file === file.uri ? positionAt(file.lines, place.range.start) : null;
    const name = at === null ? fileNameOf(place.file) : `${file.path}:${at.line + 1}:${at.character + 1}`;
    return `${" ".repeat(indent + 2)}${coloured("=", "dim", terminal)} ${lineText(`${name}: ${message}`)}`;
  });
}

const mostRelated = 3;

function adviceLines({ advice }: Finding, indent: number, terminal: Terminal): readonly string[] {
  return advice === undefined ? [] : [`${" ".repeat(indent + 2)}${coloured("=", "dim", terminal)} ${lineText(advice)}`];
}
