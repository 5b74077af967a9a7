// What is remembered outside of portions leaves those behind it their numbers: each is given what is of itself after a pause.
import { afterEach, beforeEach, expect, it } from "vitest";
import { madeInPortions, rememberedLong } from "../../server/src/catalog/access.ts";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { divisionOf } from "../../server/src/ddl/division.ts";
import { leavesOf } from "../../server/src/pruning/leaves.ts";
import { inPortions } from "../../server/src/text/portions.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { analyseText } from "../ide/support.ts";
import { readingForTests } from "../support/parser.ts";
import { watchedPortions } from "../support/watched-portions.ts";

const reading = await readingForTests();

let watched: ReturnType<typeof watchedPortions>;
beforeEach(() => {
  watched = watchedPortions();
});
afterEach(() => watched.end());

/** More than is done between two pauses. */
const numbers = Array.from({ length: 20_000 }, (_, index) => index);

/** The work with a long list made behind it, and how often it paused. */
function withListBehind<Result>(work: () => Result): { readonly found: Result; readonly pauses: number } {
  const turns = inPortions(() => ({ found: work(), list: madeInPortions(numbers, 1, (number) => number) }));
  let pauses = 0;
  let turn = turns.next();
  for (; turn.done !== true; turn = turns.next()) pauses++;
  const { found, list } = turn.value;
  expect([list.length, list[0], list.at(-1)]).toEqual([numbers.length, 0, numbers.length - 1]);
  expect(watched.mixedUp).toEqual([]);
  return { found, pauses };
}

/** So many partitions of a table. */
function partitions(of: string, count: number): string {
  let text = "";
  for (let index = 0; index < count; index++)
    text += `CREATE TABLE ${of}_${index} PARTITION OF ${of} FOR VALUES FROM (${index}) TO (${index + 1});\n`;
  return text;
}

function tableOf(text: string): { readonly catalog: Catalog; readonly table: Relation } {
  const { final } = analyseText(text, reading);
  for (const table of final.relations.values()) if (table.name === "t") return { catalog: final, table };
  throw new Error("there is no table t");
}

const twoLevels = ["t_1", "t_2"]
  .map(
    (name, index) =>
      `CREATE TABLE ${name} PARTITION OF t FOR VALUES IN (${index}) PARTITION BY RANGE (d);\n${partitions(name, 1_500)}`,
  )
  .join("");

it("the tables at the end of a tree of which few are directly below the top", () => {
  const { catalog, table } = tableOf(`CREATE TABLE t (a int, d int) PARTITION BY LIST (a);\n${twoLevels}`);
  const { found, pauses } = withListBehind(() => leavesOf(catalog, table));
  expect(found).toHaveLength(3_000);
  expect(pauses).toBeGreaterThan(0);
});

it.each([300, 1_000, 1_100])("how a table of %i partitions is divided", (count) => {
  const { catalog, table } = tableOf(`CREATE TABLE t (d int) PARTITION BY RANGE (d);\n${partitions("t", count)}`);
  const { found, pauses } = withListBehind(() => divisionOf(table, { catalog }));
  expect(found).toHaveProperty("parts.length", count);
  expect(pauses).toBeGreaterThan(0);
});

it("what is said to be little and is not", () => {
  let known: readonly number[] | undefined;
  const little = (): readonly number[] =>
    rememberedLong(
      1,
      () => known,
      () => {
        known = madeInPortions(numbers.slice(0, 5_000), 1, (number) => -number);
        return known;
      },
    );
  expect(withListBehind(little).found).toHaveLength(5_000);
});

it("what somebody else has made and remembered in a pause, with portions of its own", () => {
  let known: readonly number[] | undefined;
  const negatives = (): readonly number[] =>
    rememberedLong(
      numbers.length,
      () => known,
      () => {
        known = madeInPortions(numbers, 1, (number) => -number);
        return known;
      },
    );
  const turns = inPortions(() => [negatives().at(-1), madeInPortions(numbers, 1, (number) => number).at(-1)]);
  expect(turns.next().done).toBe(false);
  expect(known).toBeUndefined();
  negatives();
  expect(atOnce(turns)).toEqual([-19_999, 19_999]);
  expect(watched.mixedUp).toEqual([]);
});
