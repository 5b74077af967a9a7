// A text in parts is the same text in one piece, whatever is done to it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ChunkedText } from "../../server/src/text/chunked-text.ts";
import { inLineEndsOf } from "../../server/src/text/edit.ts";

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    removed: fc.oneof(fc.nat(5), fc.nat(20_000)),
    added: fc.oneof(
      fc.string({ maxLength: 5 }),
      fc.nat(20_000).map((count) => "añb\n".repeat(count / 4)),
    ),
  }),
  { maxLength: 30 },
);

describe("a text in parts", () => {
  test("is the same text in one piece after any edits", () => {
    fc.assert(
      fc.property(fc.nat(30_000), edits, fc.nat(50_000), fc.nat(50_000), (length, all, a, b) => {
        let plain = "0123456789\n".repeat(length / 11);
        let parts = ChunkedText.of(plain);
        const first = parts;
        const before = plain;
        for (const { at, removed, added } of all) {
          const start = Math.floor(at * plain.length);
          const end = Math.min(plain.length, start + removed);
          plain = plain.slice(0, start) + added + plain.slice(end);
          const edited = parts.replaced(start, end, added);
          expect(edited.length).toBe(plain.length);
          expect(edited.slice(a, b)).toBe(plain.slice(a, b));
          expect(edited.slice(a)).toBe(plain.slice(a));
          for (const words of ["b\na", plain.slice(a, a + 9)])
            expect(edited.includes(words)).toBe(plain.includes(words));
          const difference = parts.differenceFrom(edited);
          const [old, now] = [parts.toString(), edited.toString()];
          expect(now).toBe(plain);
          if (difference === null) expect(now).toBe(old);
          else {
            const { start: from, end: to, length: by } = difference;
            expect(old.slice(0, from) + now.slice(from, from + by) + old.slice(to)).toBe(now);
          }
          parts = edited;
        }
        expect(first.toString()).toBe(before);
      }),
    );
  });

  test("of two megabytes is put together when it is asked for, and not before", () => {
    const text = ChunkedText.of("SELECT 1 FROM events;\n".repeat(100_000));
    const edited = text.replaced(1_000_000, 1_000_001, "xyz");
    expect(edited.length).toBe(2_200_002);
    const { start, end, length } = text.differenceFrom(edited) ?? { start: 0, end: 0, length: 0 };
    expect([start, end, length]).toEqual([1_000_000, 1_000_001, 3]);
    expect(edited.slice(999_990, 1_000_010)).toBe(
      `${text.slice(999_990, 1_000_000)}xyz${text.slice(1_000_001, 1_000_008)}`,
    );
    expect([text.isInOnePiece, edited.isInOnePiece]).toEqual([true, false]);
    expect(edited.toString().length).toBe(2_200_002);
    expect(edited.isInOnePiece).toBe(true);
  });

  test("has the line ends of its first line, however long that is", () => {
    const long = "x".repeat(100_000);
    expect(inLineEndsOf(ChunkedText.of(`${long}\r\n`), "a\nb")).toBe("a\r\nb");
    expect(inLineEndsOf(ChunkedText.of(`${long}\n\r\n`), "a\nb")).toBe("a\nb");
    expect(inLineEndsOf(ChunkedText.of(long), "a\nb")).toBe("a\nb");
    expect(inLineEndsOf("\n\r\n", "a\nb")).toBe("a\nb");
  });
});
