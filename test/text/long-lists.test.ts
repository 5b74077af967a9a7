// Inputs whose lists are longer than what a stack holds of arguments cost nothing but their time.
import { expect, it } from "vitest";
import { decodeString } from "../../server/src/syntax/literals.ts";
import { markdownCode } from "../../server/src/text/foreign-text.ts";
import { addAll, greatest, smallest } from "../../server/src/text/long-lists.ts";

const many = 300_000;

it("a million items are added, and compared", () => {
  const list = [1];
  addAll(list, Array(many).fill(2));
  expect(list.length).toBe(many + 1);
  expect([greatest(list), smallest(list), greatest([], 3), smallest([], 4)]).toEqual([2, 1, 3, 4]);
});

it("bytes that are no UTF-8 in a long string", () => {
  expect(decodeString(`E'${"\\xff".repeat(many)}'`).length).toBe(many);
});

it("a name of backticks", () => {
  expect(markdownCode("`x".repeat(many)).length).toBeGreaterThan(many);
});
