// Each promise of SECURITY.md that names a test has one; where the test is gone or called otherwise, the promise is too.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const lines = readFileSync(join(root, "SECURITY.md"), "utf8").split("\n");
const claims = lines.flatMap((line) => {
  const [, claim = "", name = "", file = ""] = /^- (.*?\.) \[(.+)\]\((test\/[\w./-]+\.test\.ts)\)$/.exec(line) ?? [];
  return file === "" ? [] : [{ claim, name, file }];
});

it.each(claims)("$claim", ({ name, file }) => {
  const text = readFileSync(join(root, file), "utf8");
  const named = /^(?:test\.each|describe)\(/.test(name) ? text.includes(name) : text.includes(`"${name}"`);
  expect(named, `${file} has no test "${name}"`).toBe(true);
});

/** What no test of ours can show: it is what we do not do, or what PostgreSQL does. */
const told = [
  "- Generated SQL is written into an editor",
  "- Planning a query over foreign tables",
  "- Functions written in C",
];

it("every line of what holds has its test, but for those that tell what no test can", () => {
  const holds = lines.slice(lines.indexOf("## What holds"), lines.indexOf("## What is stored where"));
  const promises = holds.filter((line) => line.startsWith("- "));
  expect(promises.length - claims.length).toBe(told.length);
  expect(told.filter((start) => !promises.some((line) => line.startsWith(start)))).toEqual([]);
});
