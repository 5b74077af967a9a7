/** The page about doubt has every flag that the catalog keeps, and no other. */

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

test("docs/doubt.md has the flags of catalog/doubt.ts, under the types that hold them", () => {
  const source = read("server/src/catalog/doubt.ts");
  const page = read("docs/doubt.md");
  const interfaces = [...source.matchAll(/export interface (\w+) \{([\s\S]*?)\n\}/g)];
  expect(interfaces.map(([, name]) => name)).toEqual([
    "CatalogDoubt",
    "RelationDoubt",
    "RowsDoubt",
    "KeyDoubt",
    "ChildDoubt",
  ]);
  for (const [, name = "", body = ""] of interfaces) {
    const section = page.slice(page.indexOf(`(\`${name}\`)`)).split(/\(`\w+Doubt`\)/)[1] ?? "";
    for (const [, flag] of body.matchAll(/^ {2}readonly (\w+)\??:/gm)) expect(section, name).toContain(`\`${flag}\``);
  }
});

test("no other file of the catalog keeps a flag of that sort", () => {
  for (const file of ["catalog.ts", "relation.ts", "child-parts.ts", "partitioning.ts"]) {
    const source = read(`server/src/catalog/${file}`);
    expect(
      source.match(/readonly (?:tainted|knowledge|doubtful|touched|unread|undecided|trust|sure)\??:/g),
      file,
    ).toBeNull();
  }
});
