/** How inheritance children are told apart: derived from their CHECK constraints, and kept as children come, go and change. */

import { describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { checkedChild, withCheckedChild } from "../../server/src/catalog/child-layout.ts";
import type { ChildLayout } from "../../server/src/catalog/child-parts.ts";
import { coverageOf } from "../../server/src/catalog/coverage.ts";
import { layoutOf, partsOf, placeOf, schemeOf } from "../../server/src/catalog/layout.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { finalCatalog } from "../../server/src/replay/replay.ts";
import { readRecordings, sampleFile, wholeFile } from "../oracle/truth.ts";
import { runText } from "../support/run-text.ts";

function stepsOf(text: string) {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  return runText(text, start);
}

function catalogOf(text: string): Catalog {
  const steps = stepsOf(text);
  expect(steps.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  return finalCatalog(emptyCatalog({ complete: true, timeZone: "UTC" }), steps);
}

function table(catalog: Catalog, name: string): Relation {
  const relation = findRelation(catalog, { schema: null, name });
  if (relation === null) throw new Error(`no ${name}`);
  return relation;
}

/** The key, then each part with its bound. */
function shown(catalog: Catalog, name: string): readonly string[] {
  const parent = table(catalog, name);
  const layout = layoutOf(parent);
  if (layout === null) return [];
  return [
    printPartitionKey(layout.key),
    ...partsOf(catalog, parent).map((part) => {
      const bound = placeOf(catalog, part)?.bound ?? { kind: "unknown" as const };
      return `${part.name} ${printBound(bound, layout.key, catalog.settings)}`.trim();
    }),
  ];
}

const months = `
  create table log (k date, n int);
  create table feb (check (k >= '2024-02-01' and k < '2024-03-01')) inherits (log);
  create table jan (check (k between '2024-01-01' and '2024-01-31')) inherits (log);`;

describe("the parts of an inheritance parent", () => {
  test("ranges, in the order of their bounds", () => {
    expect(shown(catalogOf(months), "log")).toEqual([
      "RANGE (k)",
      "jan FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
      "feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
    ]);
  });

  test("values", () => {
    const text = `
      create table par (region text);
      create table eu (check (region in ('de', 'fr'))) inherits (par);
      create table us (check (region = 'us')) inherits (par);`;
    expect(shown(catalogOf(text), "par")).toEqual([
      "LIST (region)",
      "eu FOR VALUES IN ('de', 'fr')",
      "us FOR VALUES IN ('us')",
    ]);
  });

  test("values of an array that is one constant, of which NULL tells nothing", () => {
    const text = `
      create table par (region text);
      create table eu (check (region = any ('{de,fr}'::text[]))) inherits (par);
      create table us (check (region = any ('{us}'))) inherits (par);
      create table other (check (region = any ('{jp,NULL}'::text[]))) inherits (par);`;
    expect(shown(catalogOf(text), "par")).toEqual([
      "LIST (region)",
      "eu FOR VALUES IN ('de', 'fr')",
      "us FOR VALUES IN ('us')",
      "other",
    ]);
  });

  test("remainders", () => {
    const text = `
      create table par (k int);
      create table p1 (check (k % 2 = 1)) inherits (par);
      create table p0 (check (k % 2 = 0)) inherits (par);`;
    expect(shown(catalogOf(text), "par")).toEqual([
      "HASH (k)",
      "p0 FOR VALUES WITH (modulus 2, remainder 0)",
      "p1 FOR VALUES WITH (modulus 2, remainder 1)",
    ]);
  });

  test("open ends, and what the declarative notation has no words for", () => {
    const text = `
      create table par (k text);
      create table low (check (k < 'b')) inherits (par);
      create table mid (check (k >= 'b' and k <= 'c')) inherits (par);
      create table high (check (k > 'c')) inherits (par);
      create table any_k (check (length(k) > 3)) inherits (par);`;
    expect(shown(catalogOf(text), "par")).toEqual([
      "RANGE (k)",
      "low FOR VALUES FROM (MINVALUE) TO ('b')",
      "mid",
      "high",
      "any_k",
    ]);
  });

  test("a CHECK that the parent hands down tells nobody apart", () => {
    const text = `
      create table par (k int, n int check (n > 0));
      create table a (check (k < 5)) inherits (par);`;
    expect(shown(catalogOf(text), "par")).toEqual(["RANGE (k)", "a FOR VALUES FROM (MINVALUE) TO (5)"]);
  });
});

describe("is kept", () => {
  test.each([
    ["a child is dropped", "drop table jan;", ["feb"]],
    ["a child leaves", "alter table jan no inherit log;", ["feb"]],
    ["a CHECK is dropped", "alter table jan drop constraint jan_k_check;", ["feb", "jan"]],
    [
      "a child joins",
      "create table dec (like log, check (k < '2024-01-01')); alter table dec inherit log;",
      ["dec", "jan", "feb"],
    ],
    [
      "a CHECK is added",
      "create table old () inherits (log); alter table old add check (k < '2023-01-01');",
      ["old", "jan", "feb"],
    ],
    ["the column is renamed", "alter table log rename k to day;", ["jan", "feb"]],
    ["the column's type changes", "alter table log alter k type timestamp;", ["jan", "feb"]],
    ["a child is renamed", "alter table feb rename to zwei;", ["jan", "zwei"]],
    ["a child moves", "create schema s; alter table jan set schema s;", ["jan", "feb"]],
  ])("when %s", (_, change, parts) => {
    const catalog = catalogOf(`${months} ${change}`);
    const parent = table(catalog, "log");
    expect(partsOf(catalog, parent).map(({ name }) => name)).toEqual(parts);
    expect(contentOf(parent.childLayout)).toEqual(contentOf(derivedAnew(catalog, parent)));
  });

  test("nothing is left of a table without children", () => {
    const catalog = catalogOf(`${months} alter table jan no inherit log; drop table feb;`);
    expect([layoutOf(table(catalog, "log")), schemeOf(catalog, table(catalog, "log"))]).toEqual([null, "declarative"]);
    expect(schemeOf(catalog, table(catalog, "jan"))).toBe("declarative");
  });
});

test.each([
  [
    "a block",
    "do $$ declare s text; begin select current_setting('a.b') into s; execute 'alter table jan ' || s; end $$;",
  ],
  [
    "a function",
    "create function f(s text) returns void language plpgsql as $$ begin execute 'alter table jan ' || s; end $$; select f(current_setting('a.b'));",
  ],
  ["what psql runs", "select 'alter table jan ' || current_setting('a.b') \\gexec\n"],
])("of a child that %s may have changed nothing is claimed", (_, change) => {
  const last = stepsOf(`${months} ${change}`).at(-1)?.after as Catalog;
  expect(table(last, "jan").knowledge).toBe("tainted");
  expect(layoutOf(table(last, "log"))?.certain).toBe(false);
  expect(coverageOf(table(last, "log"))).toMatchObject({ known: false, gaps: [] });
  expect(shown(last, "log")).toContain("feb FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')");
});

describe("who routes", () => {
  const trigger = `
    create function route() returns trigger language plpgsql as 'begin return null; end';
    create trigger route before insert on log for each row execute function route();`;
  test.each([
    ["", "nobody"],
    [trigger, "trigger"],
    [
      "create rule r as on insert to log where k < '2024-02-01' do instead insert into jan values (new.k, new.n);",
      "rule",
    ],
  ])("%s", (text, router) => {
    expect(layoutOf(table(catalogOf(`${months} ${text}`), "log"))?.routedBy).toBe(router);
  });
});

/** As if all children had come at once. */
function derivedAnew(catalog: Catalog, parent: Relation): ChildLayout | null {
  let layout: ChildLayout | null = null;
  for (const id of parent.children.keys()) {
    const child = catalog.relations.get(id);
    if (child === undefined) continue;
    layout = withCheckedChild(layout, catalog, parent, id, checkedChild(catalog, parent, child, { version: 18 }));
  }
  return layout;
}

/** What a layout says, without the shape of its trees, which tells how they have grown. */
function contentOf(layout: ChildLayout | null | undefined): unknown {
  if (layout == null) return layout;
  return {
    children: [...layout.children.entries()],
    columns: [...layout.columns].map(([name, { key, partitions, votes, kinds }]) => [
      name,
      { key, votes, kinds, all: [...partitions.all.keys()] },
      [...partitions.ranges.entries()],
      [...partitions.hashes.entries()],
      [...partitions.incomparable.entries()],
    ]),
  };
}

test("after every statement of the recorded scripts it is what the children say", () => {
  const scripts = readRecordings(wholeFile() ?? sampleFile).filter(({ kind }) => kind.startsWith("inherit"));
  let parents = 0;
  for (const { ddl } of scripts) {
    for (const { after } of stepsOf(`${ddl.join(";\n")};`)) {
      for (const parent of after.relations.values()) {
        if (parent.children.size === 0) continue;
        parents += 1;
        expect({ ddl, layout: contentOf(parent.childLayout) }).toEqual({
          ddl,
          layout: contentOf(derivedAnew(after, parent)),
        });
      }
    }
  }
  expect(parents).toBeGreaterThan(10);
});

test("a child more copies a path, not what the others say", () => {
  const count = 2000;
  const child = (n: number) => `create table c${n} (check (k >= ${n} and k < ${n + 1})) inherits (par);`;
  const text = `create table par (k int); ${Array.from({ length: count }, (_, n) => child(n)).join("\n")}`;
  const steps = stepsOf(text);
  const [last, before] = [steps.at(-1), steps.at(-2)].map((step) => step?.after as Catalog);
  expect(last === undefined ? 0 : table(last, "par").children.size).toBe(count);
  // The child itself, and the paths to it in some dozen trees; a copied list of the children would be 2,000 and more.
  expect(nodesBesides(last, before)).toBeLessThan(600);
});

test("as many children cost no more than twice what as many partitions cost, and twice as many about twice of it", () => {
  const child = (n: number) => `create table c${n} (check (k >= ${n} and k < ${n + 1})) inherits (t);`;
  const partition = (n: number) => `create table c${n} partition of t for values from (${n}) to (${n + 1});`;
  // All catalogs together: what is copied at a step stays, as in an editor, where each statement keeps its own.
  const size = (first: string, each: (n: number) => string, count: number): number => {
    const steps = stepsOf(`${first} ${Array.from({ length: count }, (_, n) => each(n)).join("\n")}`);
    expect(steps.every(({ rejection, declined }) => rejection === null && declined.length === 0)).toBe(true);
    return reachable(steps.map(({ after }) => after)).size;
  };
  const [few, many] = [500, 1000].map((count) => ({
    children: size("create table t (k int);", child, count),
    partitions: size("create table t (k int) partition by range (k);", partition, count),
  }));
  if (few === undefined || many === undefined) throw new Error("both are counted");
  expect(many.children / many.partitions).toBeLessThan(2);
  expect(many.children / few.children).toBeLessThan(2.5);
});

/** How many objects the first value reaches that the second does not share. */
function nodesBesides(value: unknown, other: unknown): number {
  const shared = reachable(other);
  return [...reachable(value)].filter((node) => !shared.has(node)).length;
}

function reachable(value: unknown): ReadonlySet<object> {
  const found = new Set<object>();
  const pending = [value];
  for (let at = 0; at < pending.length; at += 1) {
    const next = pending[at];
    if (typeof next !== "object" || next === null || found.has(next)) continue;
    found.add(next);
    for (const part of next instanceof Map ? next.values() : Object.values(next)) pending.push(part);
  }
  return found;
}
