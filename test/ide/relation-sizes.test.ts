// Rows and sizes in words: short, and never more exact than what was counted.

import { expect, it } from "vitest";
import type { Relation } from "../../server/src/catalog/relation.ts";
import {
  byteWords,
  rowWords,
  sizesFrom,
  sizeWithParts,
  sizeWords,
  sumOf,
} from "../../server/src/ide/relation-sizes.ts";
import { readingForTests } from "../pruning/support.ts";
import { analyseText } from "./support.ts";

it("spells bytes as pg_size_pretty has the units, with two digits at least", () => {
  const amounts = [0, 8_192, 1_023, 1_024, 1_536, 10_240, 1_048_575, 1_288_490_189, 40_802_189_312];
  expect(amounts.map(byteWords)).toEqual([
    "0 bytes",
    "8 kB",
    "1023 bytes",
    "1 kB",
    "1.5 kB",
    "10 kB",
    "1 MB",
    "1.2 GB",
    "38 GB",
  ]);
});

it("says that rows are counted now and then, or not at all", () => {
  expect([0, 1, 999, 1_000, 1_234_567, 999_999].map(rowWords)).toEqual([
    "≈ 0 rows",
    "≈ 1 row",
    "≈ 999 rows",
    "≈ 1 k rows",
    "≈ 1.2 M rows",
    "≈ 1 M rows",
  ]);
  expect(sizeWords({ rows: null, bytes: 8_192 })).toBe("not analysed · 8 kB");
});

it("sums up what is below a table, and does not know the rows where one part has not been counted", async () => {
  const { final } = analyseText(
    `CREATE TABLE t (a int, b int) PARTITION BY LIST (a);
     CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);
     CREATE TABLE t2 PARTITION OF t FOR VALUES IN (2) PARTITION BY LIST (b);
     CREATE TABLE t2a PARTITION OF t2 FOR VALUES IN (1);
     CREATE TABLE t2b PARTITION OF t2 FOR VALUES IN (2);`,
    await readingForTests(),
  );
  const named = (name: string): Relation => {
    const found = [...final.relations.values()].find((relation) => relation.name === name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  };
  const counted = { schema: "public", name: "t1", rows: 10, bytes: 8_192 };
  const sizes = sizesFrom([
    counted,
    { ...counted, name: "t2a", rows: 5 },
    { ...counted, name: "t2b", rows: null },
    { ...counted, schema: "other", name: "t1", rows: 1_000_000 },
  ]);
  expect(sizeWithParts(final, named("t1"), sizes)).toEqual({ rows: 10, bytes: 8_192 });
  expect(sizeWithParts(final, named("t2"), sizes)).toEqual({ rows: null, bytes: 16_384 });
  expect(sizeWithParts(final, named("t"), sizes)).toEqual({ rows: null, bytes: 24_576 });
  expect(sizeWithParts(final, named("t"), sizesFrom([]))).toBeNull();
  expect(sumOf([])).toEqual({ rows: 0, bytes: 0 });
});
