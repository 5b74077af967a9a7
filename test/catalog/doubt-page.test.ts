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

test("relations, rows, keys, children and the catalog keep no such flag of their own", () => {
  const holders = [
    ["catalog.ts", "Catalog", "CatalogDoubt"],
    ["catalog.ts", "KnownRows", "RowsDoubt"],
    ["relation.ts", "Relation", "RelationDoubt"],
    ["partitioning.ts", "KeyElement", "KeyDoubt"],
    ["child-parts.ts", "CheckedChild", "ChildDoubt"],
  ] as const;
  const flags = [...read("server/src/catalog/doubt.ts").matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, flag]) => flag);
  for (const [file, name, doubt] of holders) {
    const source = read(`server/src/catalog/${file}`);
    const [, body] = new RegExp(`export interface ${name} extends ${doubt} \\{([\\s\\S]*?)\\n\\}`).exec(source) ?? [];
    if (body === undefined) throw new Error(`${name} does not extend ${doubt}`);
    const own = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member);
    expect(own.length, name).toBeGreaterThan(0);
    expect(
      own.filter((member) => flags.includes(member)),
      name,
    ).toEqual([]);
  }
});
