// What is kept of a long script's catalogs: most are made again when somebody asks for them, and are what they were.
import { expect, test } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { BetweenCatalog } from "../../server/src/replay/later-catalog.ts";
import { finalCatalog } from "../../server/src/replay/replay.ts";
import { type Step, sourceBehind, sourceInFront } from "../../server/src/replay/step.ts";
import { runText, start } from "../support/run-text.ts";

const run = (statements: readonly string[]): readonly Step[] => runText(statements.join("\n"));

/** Of every kind that a long script has, with refusals, and what is not kept as a change among them. */
const script: readonly string[] = [
  "CREATE TABLE r (k int NOT NULL, v text) PARTITION BY RANGE (k);",
  "CREATE TABLE h (k int NOT NULL) PARTITION BY HASH (k);",
  "CREATE TABLE p (k int NOT NULL);",
  "CREATE TABLE u (id int PRIMARY KEY);",
  ...Array.from({ length: 150 }, (_, index) => [
    `CREATE TABLE r_${index} PARTITION OF r FOR VALUES FROM (${index * 10}) TO (${index * 10 + 10});`,
    `CREATE INDEX ON r_${index} (v);`,
    `CREATE TABLE p_${index} (CHECK (k >= ${index} AND k < ${index + 1})) INHERITS (p);`,
    ...(index < 128
      ? [`CREATE TABLE h_${index} PARTITION OF h FOR VALUES WITH (MODULUS 128, REMAINDER ${index});`]
      : []),
    ...(index % 10 === 3 ? [`CREATE TABLE r_${index} (k int);`, `SELECT * FROM r WHERE k = ${index};`] : []),
    ...(index % 20 === 5 ? [`ALTER TABLE r_${index - 1} ADD CONSTRAINT f${index} FOREIGN KEY (k) REFERENCES u;`] : []),
    ...(index % 25 === 7 ? [`DROP TABLE r_${index - 2};`, "BEGIN;", `DROP TABLE r_${index - 1};`, "ROLLBACK;"] : []),
    ...(index % 30 === 9 ? [`SET search_path = public, s${index};`] : []),
  ]).flat(),
];

/** A walk that comes by each step once, with great leaps. */
function leaps(length: number): readonly number[] {
  return Array.from({ length }, (_, index) => (index * 389) % length);
}

const relationsOf = ({ relations }: Catalog): ReadonlyMap<number, unknown> => new Map(relations.entries());

test("catalogs that are made again are those that there were", () => {
  const steps = run(script);
  expect(steps).toHaveLength(script.length);
  expect(script.length % 389).not.toBe(0);
  for (const place of leaps(steps.length).slice(0, 20)) {
    const { before, after } = steps[place] as Step;
    expect(printCatalog(before)).toBe(printCatalog(finalCatalog(start, run(script.slice(0, place)))));
    expect(printCatalog(after)).toBe(printCatalog(steps[place + 1]?.before ?? after));
  }
});

test("what a statement has not changed is the same object on both sides of it, however often these are made", () => {
  const steps = run(script);
  const made = new Map<number, ReadonlyMap<number, unknown>>();
  for (const place of leaps(steps.length)) {
    const { after, before } = steps[place] as Step;
    const [front, back] = [relationsOf(before), relationsOf(after)];
    const changed = [...back].filter(([id, relation]) => front.get(id) !== relation);
    expect(changed.length).toBeLessThan(4);
    made.set(place, back);
  }
  // The relations are no others than those that were made at first.
  for (const [place, relations] of made)
    for (const [id, relation] of relationsOf((steps[place] as Step).after)) expect(relations.get(id)).toBe(relation);
});

test("in whatever order they are asked for, those of many files at once", () => {
  const files = [run(script), run(script), run(script.slice(0, 300))];
  const sizes = files.map((steps) => steps.map(({ before, after }) => [before.relations.size, after.relations.size]));
  let seed = 1;
  const next = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let count = 0; count < 40_000; count++) {
    const file = next(files.length);
    const steps = files[file] as readonly Step[];
    // Mostly around one place, which moves on, so that neighbours are made at different times.
    const place = next(20) === 0 ? next(steps.length) : (Math.floor(count / 700) * 37 + next(90)) % steps.length;
    const step = steps[place] as Step;
    const isBehind = next(2) === 0;
    const catalog = isBehind ? step.after : step.before;
    expect(catalog?.relations.size).toBe(sizes[file]?.[place]?.[isBehind ? 1 : 0]);
  }
});

test("a catalog in which a query was answered stays the same object", () => {
  const steps = run(script);
  const queries = steps.filter(({ statement }) => statement.statement.kind === "query");
  expect(queries.length).toBeGreaterThan(10);
  const known = queries.map(({ before }) => before);
  for (const { before } of steps) expect(before.relations.size).toBeGreaterThanOrEqual(0);
  expect(queries.map(({ before }) => before).every((catalog, index) => catalog === known[index])).toBe(true);
});

test("of most statements the catalog behind them is not kept", () => {
  const steps = run(script);
  const kept = steps.filter((step) => !(sourceBehind(step) instanceof BetweenCatalog));
  expect(kept.length).toBeLessThan(steps.length / 8);
  // Each follows from what the one before has left, made or not.
  for (const [index, step] of steps.entries())
    if (index > 0 && step.transaction.state === "autocommit" && steps[index - 1]?.transaction.state === "autocommit")
      expect(sourceInFront(step)).toBe(sourceBehind(steps[index - 1] as Step));
});
