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

it("every line of what holds has its test", () => {
  const holds = lines.slice(lines.indexOf("## What holds"), lines.indexOf("## What is stored where"));
  const promises = holds.filter((line) => line.startsWith("- "));
  expect(promises.filter((line) => !claims.some(({ claim }) => line.startsWith(`- ${claim}`)))).toEqual([]);
  expect(promises.length).toBe(claims.length);
});
