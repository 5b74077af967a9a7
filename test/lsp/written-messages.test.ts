// What is written over standard output is what JSON.stringify gives, however long the answer is, and no turn of it is long.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonPieces } from "../../server/src/lsp/written-messages.ts";

const written = (value: unknown): string => [...jsonPieces(value)].join("");

describe("an answer written piece by piece", () => {
  it("is what JSON.stringify gives", () => {
    const long = fc.array(
      fc.record({ label: fc.string({ unit: "binary" }), more: fc.option(fc.jsonValue(), { nil: undefined }) }),
      { maxLength: 400, size: "max" },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), long, fc.dictionary(fc.string(), long)), (value) => {
        expect(written(value)).toBe(JSON.stringify(value));
      }),
      { numRuns: 200 },
    );
  });

  it("leaves out what is not there, as JSON does", () => {
    const members = Array.from({ length: 300 }, (_, index) => (index % 3 === 0 ? undefined : index));
    const value = { none: undefined, members, last: { none: undefined, members: Object.assign({}, members) } };
    expect(written(value)).toBe(JSON.stringify(value));
  });

  it("may be of any depth, and its pieces are short", () => {
    let deep: unknown = [];
    for (let level = 0; level < 100_000; level++) deep = { children: [deep] };
    const pieces = [...jsonPieces(deep)];
    expect(pieces.join("")).toBe(`${'{"children":['.repeat(100_000)}[]${"]}".repeat(100_000)}`);
    expect(pieces.filter(({ length }) => length > 4_000)).toEqual([]);
  });
});
