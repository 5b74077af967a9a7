/** Doubt has one type and one page: each flag that a catalog keeps is declared in one file, and has its row. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const folder = join(root, "server/src/catalog");
const declaration = /^ {2}readonly (\w+)\??:/gm;

/** The flags by the type that declares them. */
function flags(): ReadonlyMap<string, readonly string[]> {
  const text = readFileSync(join(folder, "doubt.ts"), "utf8");
  const parts = [...text.matchAll(/^export interface (\w+) \{\n([\s\S]*?)^\}/gm)];
  return new Map(
    parts.map(([, name = "", body = ""]) => [name, [...body.matchAll(declaration)].map(([, flag = ""]) => flag)]),
  );
}

test("the type has a part for each thing that doubt may be of", () => {
  const { Doubt: parts = [], ...others } = Object.fromEntries(flags());
  expect(Object.keys(others)).toHaveLength(parts.length);
  const text = readFileSync(join(folder, "doubt.ts"), "utf8");
  for (const name of Object.keys(others)) expect(text).toMatch(new RegExp(`^  readonly \\w+: ${name};$`, "m"));
});

test("each flag has a row of the page", () => {
  const page = readFileSync(join(root, "docs/doubt.md"), "utf8");
  for (const [name, own] of flags()) {
    if (name === "Doubt") continue;
    expect(page).toContain(`\`${name}\``);
    for (const flag of own) expect(page, `${name} has ${flag}`).toContain(`\`${flag}\``);
  }
});

test("no other type of the catalog has flags of that sort", () => {
  const names = new Set([...flags()].flatMap(([name, own]) => (name === "Doubt" ? [] : own)));
  const sort = /^(?:is)?(?:doubtful|uncertain|unsure|unknown|tainted|assumed|untold|declined|undecided)$/i;
  const others = readdirSync(folder).filter((file) => file.endsWith(".ts") && file !== "doubt.ts");
  const found = others.flatMap((file) =>
    [...readFileSync(join(folder, file), "utf8").matchAll(/^ {2}readonly (\w+)\??:/gm)].flatMap(([, name = ""]) =>
      names.has(name) || sort.test(name) ? [`${file} ${name}`] : [],
    ),
  );
  expect(found).toEqual([
    // What a new catalog is made with.
    "catalog.ts complete",
    // How many children have `sure` false.
    "child-parts.ts unsure",
  ]);
});
