// Offsets and positions of texts with every kind of line break.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createLineIndex,
  editLineIndex,
  type LineIndex,
  lineCount,
  lineEnd,
  lineStart,
  offsetAt,
  positionAt,
} from "../../server/src/text/line-index.ts";

const anyText = fc.array(fc.constantFrom("a", "\n", "\r\n", "\r", "é", "😀")).map((parts) => parts.join(""));

/** Where each line begins and ends. */
function placesOf(index: LineIndex): unknown {
  return Array.from({ length: lineCount(index) }, (_, line) => [lineStart(index, line), lineEnd(index, line)]);
}

describe("line index", () => {
  it.each([
    ["", 1],
    ["a", 1],
    ["a\n", 2],
    ["a\r\nb\rc\nd", 4],
    ["\n\r", 3],
  ])("counts the lines of %j", (text, lines) => {
    expect(lineCount(createLineIndex(text))).toBe(lines);
  });

  it("counts characters in UTF-16 units", () => {
    const index = createLineIndex("x\r\n'😀' y");
    expect(positionAt(index, 7)).toEqual({ line: 1, character: 4 });
    expect(offsetAt(index, { line: 1, character: 4 })).toBe(7);
  });

  it("moves what lies outside to the nearest place", () => {
    const index = createLineIndex("ab\r\ncd");
    expect(offsetAt(index, { line: 0, character: 99 })).toBe(2);
    expect(offsetAt(index, { line: 9, character: 0 })).toBe(6);
    expect(offsetAt(index, { line: -1, character: 3 })).toBe(0);
    expect(positionAt(index, 99)).toEqual({ line: 1, character: 2 });
  });

  it("is after an edit that of the new text", () => {
    const change = fc.record({ at: fc.nat(30), removed: fc.nat(6), inserted: anyText });
    fc.assert(
      fc.property(anyText, fc.array(change, { minLength: 1, maxLength: 4 }), (value, changes) => {
        let text = value;
        let index = createLineIndex(text);
        for (const { at, removed, inserted } of changes) {
          const before = text;
          const start = at % (text.length + 1);
          const end = Math.min(text.length, start + removed);
          text = text.slice(0, start) + inserted + text.slice(end);
          index = editLineIndex(index, before, { range: { start, end }, newText: inserted });
          expect(placesOf(index)).toEqual(placesOf(createLineIndex(text)));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("goes there and back for every offset that is not inside a line break", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const index = createLineIndex(value);
        for (let offset = 0; offset <= value.length; offset++) {
          const insideBreak = value[offset - 1] === "\r" && value[offset] === "\n";
          if (!insideBreak) expect(offsetAt(index, positionAt(index, offset))).toBe(offset);
        }
      }),
    );
  });
});
