// docs/expectations.md tells the truth: the tests that it names exist, and every row says where it is met or why it is not.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const rows = readFileSync(join(root, "docs/expectations.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| expected |"));
const links = rows.flatMap((row) =>
  [...row.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[\w./-]+)\)/g)].map(([, title = "", file = ""]) => ({ title, file })),
);

it("the page has rows, and tests in most of them", () => {
  expect(rows.length).toBeGreaterThan(50);
  expect(links.length).toBeGreaterThan(rows.length);
});

it.each(links)("$file has the test “$title”", ({ title, file }) => {
  expect(readFileSync(join(root, file), "utf8")).toContain(`"${title}"`);
});

it("what a row names in place of a test exists", () => {
  const named = rows.flatMap((row) =>
    [...row.matchAll(/`((?:client|server|test|images)\/[\w./-]+|[\w-]+\.(?:json|mjs))`/g)].map(([, path = ""]) => path),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("each row says where it is met, or why not", () => {
  const empty = rows.filter((row) => {
    const [, expected = "", answer = ""] = row.split(" | ").length === 2 ? ["", ...row.split(" | ")] : [];
    return expected.length < 4 || answer.length < 30;
  });
  expect(empty).toEqual([]);
});
