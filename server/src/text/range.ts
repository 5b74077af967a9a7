/** Half-open ranges of UTF-16 offsets, the one unit in which the core counts text. */

/** `[start, end)` in UTF-16 code units of the text it belongs to. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export function textRange(start: number, end: number): TextRange {
  return { start, end };
}

/** The same range in a text that begins `by` code units earlier. */
export function shiftRange(range: TextRange, by: number): TextRange {
  return by === 0 ? range : { start: range.start + by, end: range.end + by };
}

/** Whether `offset` lies in the range or touches one of its ends (where a cursor stands "on" it). */
export function touches(range: TextRange, offset: number): boolean {
  return range.start <= offset && offset <= range.end;
}

export function containsRange(outer: TextRange, inner: TextRange): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

export function intersects(a: TextRange, b: TextRange): boolean {
  return a.start < b.end && b.start < a.end;
}

/** The smallest range that contains both. */
export function coverRanges(a: TextRange, b: TextRange): TextRange {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}

/** Compares by start, then by end: the order in which things stand in a document. */
export function compareRanges(a: TextRange, b: TextRange): number {
  return a.start - b.start || a.end - b.end;
}
