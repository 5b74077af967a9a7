/** Our offsets and plain data as the Language Server Protocol has them. */

import type { Origin } from "../catalog/relation.ts";
import { type Document, startOfStatement } from "../syntax/document.ts";
import { type LineIndex, positionAt } from "../text/line-index.ts";
import { shiftRange, type TextRange } from "../text/range.ts";
import type { DefinitionPlace, Range } from "./protocol.ts";

export function toRange(lines: LineIndex, range: TextRange): Range {
  return { start: positionAt(lines, range.start), end: positionAt(lines, range.end) };
}

/** What is needed of a file to tell where its statements stand. */
export interface StatementPlaces {
  readonly uri: string;
  readonly lines: LineIndex;
  readonly document: Document;
}

/** Where something was defined; null where no statement of a known file defines it. */
export function toDefinition(origin: Origin, find: (file: string) => StatementPlaces | null): DefinitionPlace | null {
  if (origin.kind !== "statement") return null;
  const file = find(origin.file);
  const start = file === null ? null : startOfStatement(file.document, origin.statement);
  if (file === null || start === null) return null;
  return { uri: file.uri, range: toRange(file.lines, shiftRange(origin.range, start)) };
}
