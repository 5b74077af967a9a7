// Memory that edits leave behind: the short form of soak.mjs.
import { expect, it } from "vitest";
import { longInsert } from "./attacks.ts";
import { growthOfTyping, manyStatements, openFilesForTests } from "./soak.ts";

it("edits inside a long statement leave nothing behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, longInsert(200_000), 20)).toBeLessThan(20);
});

it("edits of a script leave little behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, manyStatements(50), 300)).toBeLessThan(20);
});

it("edits of several files leave little behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, manyStatements(20), 300, undefined, 10)).toBeLessThan(20);
});
