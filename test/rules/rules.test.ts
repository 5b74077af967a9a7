// Rules, pages, fixtures and the generated index belong together: one stem each, none left over.
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { describe, expect, it } from "vitest";
import { rules } from "../../server/src/rules/index.ts";
import type { Rule } from "../../server/src/rules/rule.ts";

const root = new URL("../../", import.meta.url);
const stems = (folder: string, extension: string): readonly string[] =>
  readdirSync(new URL(folder, root), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map(({ name }) => basename(name, extension))
    .sort();

const ids = rules.map(({ id }) => id);

it("the index holds every rule of the folder, in order", () => {
  const files = stems("server/src/rules/", ".ts").filter((stem) => !["index", "rule", "run"].includes(stem));
  expect(ids).toEqual(files);
});

it("every rule has its page, and every page its rule", () => {
  expect(stems("server/docs/rules/", ".md")).toEqual(ids);
});

it("every rule has its fixture, and every fixture its rule", () => {
  expect(stems("test/fixtures/rules/", ".sql")).toEqual(ids);
});

it("every family of rejections that a scheme uses has its rule, and that rule presents it", () => {
  const used = new Set(
    sourcesBelow("server/src/effects/").flatMap((source) =>
      [...source.matchAll(/"([a-z]+(?:-[a-z]+)+)"/g)].map(([, word]) => word),
    ),
  );
  const families = errorFamilies().filter((family) => used.has(family));
  expect(families.length).toBeGreaterThan(15);
  for (const family of families) {
    expect(rules.find(({ id }) => id === family)?.present, family).toBeDefined();
  }
});

describe.each(rules.map((rule): [string, Rule] => [rule.id, rule]))("%s", (_, rule) => {
  it("says what it is", () => {
    expect(rule.summary).toMatch(/^[A-Z].*\.$/);
    expect(rule.source).not.toBe("");
  });

  it("does something, and says which statements it looks at", () => {
    const checks = [rule.present, rule.check, rule.checkScript, rule.checkDirectives].filter(
      (check) => check !== undefined,
    );
    expect(checks).not.toEqual([]);
    expect(rule.statements === undefined).toBe(rule.check === undefined);
    if (rule.severity === "error") expect(rule.present).toBeDefined();
  });
});

/** The members of the union `ErrorRule`. */
function errorFamilies(): readonly string[] {
  const source = readFileSync(new URL("server/src/effects/outcome.ts", root), "utf8");
  const union = source.slice(source.indexOf("export type ErrorRule"));
  return [...union.slice(0, union.indexOf(";")).matchAll(/"([a-z-]+)"/g)].map(([, family = ""]) => family);
}

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && name !== "scheme.ts")
    .map((name) => readFileSync(new URL(folder + name, root), "utf8"));
}
