// A value that is sent in parts is the same at the other end, and no part is large.
import fc from "fast-check";
import { expect, it } from "vitest";
import { createJoiner, sendInParts, type ValuePart } from "../../server/src/lsp/value-parts.ts";

function partsOf(value: unknown): readonly ValuePart[] {
  const parts: ValuePart[] = [];
  sendInParts(value, (part) => parts.push(structuredClone(part)));
  return parts;
}

function joined(parts: readonly ValuePart[]): unknown {
  const join = createJoiner();
  const results = parts.map(join);
  expect(results.slice(0, -1).every((result) => result === null)).toBe(true);
  return results.at(-1)?.value;
}

const long = <Item>(item: (index: number) => Item, length = 5_000): readonly Item[] =>
  Array.from({ length }, (_, i) => item(i));

it.each<[string, unknown]>([
  ["nothing", undefined],
  ["a number", 1],
  ["an empty array", []],
  ["a long array", long((index) => index)],
  ["long arrays in an array", [long((index) => index), 2, long((index) => ({ index }))]],
  [
    "long arrays in the items of a long one",
    long((index) => ({ index, rows: index % 1_000 === 0 ? long((each) => [each]) : [] })),
  ],
  ["a long array in an object in a short array in an object", { a: [{ b: long(String) }], c: undefined, d: null }],
  ["long texts", long((index) => "x".repeat(10_000 + index), 50)],
])("%s", (_, value) => {
  expect(joined(partsOf(value))).toEqual(value);
});

it("anything", () => {
  fc.assert(
    fc.property(fc.object({ maxDepth: 5 }), (value) => {
      // Nobody sends objects with such a key; JSON has none either.
      fc.pre(!JSON.stringify(value).includes("__proto__"));
      const repeated = [long(() => value, 2_000), value];
      expect(joined(partsOf(repeated))).toEqual(repeated);
    }),
    { numRuns: 10, seed: 20240601 },
  );
});

it("no part holds more than a few thousand values", () => {
  const rows = { rows: long((index) => [index, "a note", { start: 1, end: index }], 50_000) };
  const sizes = partsOf(rows).map((part) => JSON.stringify(part).length);
  expect(sizes.length).toBeGreaterThan(50);
  expect(Math.max(...sizes)).toBeLessThan(100_000);
});
