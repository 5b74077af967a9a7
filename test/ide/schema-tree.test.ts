// The tree of a schema: problems on top, long series in runs, and no more work than what is looked at.

import { beforeAll, describe, expect, it } from "vitest";
import { longestList } from "../../server/src/ide/partition-runs.ts";
import { sizesFrom } from "../../server/src/ide/relation-sizes.ts";
import {
  problemsOf,
  rootRows,
  rowsBelow,
  type SchemaRow,
  type SchemaTreeContext,
} from "../../server/src/ide/schema-tree.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../pruning/support.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

interface Counting extends SchemaTreeContext<null> {
  /** How many rows of relations have been made. */
  made: number;
}

function treeOf(sql: string, filter = ""): Counting {
  const context: Counting = {
    catalog: analyseText(sql, reading).final,
    filter,
    made: 0,
    definitionOf: () => {
      context.made++;
      return null;
    },
  };
  return context;
}

function below(context: SchemaTreeContext<null>, row: SchemaRow<null> | undefined): readonly SchemaRow<null>[] {
  if (row?.children == null) throw new Error(`${row?.label} has nothing below it`);
  return rowsBelow(context, row.children);
}

const words = (rows: readonly SchemaRow<null>[]): readonly string[] =>
  rows.map(({ kind, label, description }) => `${kind} | ${label} | ${description}`);

function days(count: number, table = "m"): string {
  const day = (index: number): string => new Date(Date.UTC(2000, 0, 1 + index)).toISOString().slice(0, 10);
  return [
    `CREATE TABLE ${table} (d date) PARTITION BY RANGE (d);`,
    ...Array.from(
      { length: count },
      (_, index) =>
        `CREATE TABLE ${table}_${index} PARTITION OF ${table} FOR VALUES FROM ('${day(index)}') TO ('${day(index + 1)}');`,
    ),
  ].join("\n");
}

describe("the rows below a table", () => {
  it("begin with what is missing, also inside sub-partitions, which the rows above them count", () => {
    const tree = treeOf(`
      CREATE TABLE s (d date, k int) PARTITION BY RANGE (d);
      CREATE TABLE s_rest PARTITION OF s DEFAULT;
      CREATE TABLE s_2024 PARTITION OF s FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY HASH (k);
      CREATE TABLE s_2024_0 PARTITION OF s_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
      CREATE TABLE g (d int) PARTITION BY RANGE (d);
      CREATE TABLE g_1 PARTITION OF g FOR VALUES FROM (1) TO (2);
      CREATE TABLE g_3 PARTITION OF g FOR VALUES FROM (3) TO (4);`);
    const roots = rootRows(tree);
    expect(roots.map(({ label, problems }) => [label, problems])).toEqual([
      ["s", 1],
      ["g", 1],
    ]);
    expect(problemsOf(tree.catalog)).toBe(2);
    const [s, g] = roots;
    const partitions = below(tree, s);
    expect(partitions.map(({ kind, label, problems }) => [kind, label, problems])).toEqual([
      ["partition", "s_2024", 1],
      ["default", "s_rest", 0],
    ]);
    expect(below(tree, partitions[0]).map(({ kind }) => kind)).toEqual(["missing-remainder", "partition"]);
    const ofGap = below(tree, g);
    expect(ofGap.map(({ kind }) => kind)).toEqual(["gap", "partition", "partition"]);
    expect(ofGap[0]?.generate).toMatchObject({ operation: "fill", table: "public.g" });
  });

  it("are those of children that constraints tell apart, with what they share", () => {
    const tree = treeOf(`
      CREATE TABLE log (n int);
      CREATE TABLE log_1 (CHECK (n >= 1 AND n < 10)) INHERITS (log);
      CREATE TABLE log_2 (CHECK (n >= 5 AND n < 20)) INHERITS (log);`);
    const [log] = rootRows(tree);
    expect(log?.problems).toBe(1);
    expect(below(tree, log).map(({ kind }) => kind)).toEqual(["overlap", "partition", "partition"]);
  });

  it("stand by themselves up to a limit, and then in runs, of which one of a single partition is that partition", () => {
    const few = treeOf(days(longestList));
    expect(below(few, rootRows(few)[0]).map(({ kind }) => kind)).toEqual(Array(longestList).fill("partition"));
    const more = treeOf(`${days(longestList + 1)}CREATE TABLE m_rest PARTITION OF m DEFAULT;`);
    expect(below(more, rootRows(more)[0]).map(({ kind }) => kind)).toEqual(["run", "partition", "default"]);
  });

  it("tell rows and sizes where a database does", () => {
    const tree = {
      ...treeOf("CREATE TABLE t (a int) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF t FOR VALUES IN (1);"),
      sizeOf: sizesFrom([{ schema: "public", name: "t1", rows: 1_200_000, bytes: 40_000_000 }]),
    };
    const [t] = rootRows(tree);
    expect(t?.description).toBe("1 partition · ≈ 1.2 M rows · 38 MB · LIST (a)");
    expect(below(tree, t)[0]?.description).toMatch(/ · ≈ 1\.2 M rows · 38 MB$/);
  });

  it("show what tells long names apart", () => {
    const tree = treeOf(days(2, "measurements_of_the_archive"));
    expect(below(tree, rootRows(tree)[0]).map(({ label }) => label)).toEqual(["…0", "…1"]);
    expect(below(tree, rootRows(tree)[0])[0]?.tooltip).toMatch(/^public\.measurements_of_the_archive_0\n/);
  });
});

describe("thousands of partitions", () => {
  it("are opened by working out only the rows that are shown", () => {
    const tree = treeOf(days(3_000));
    const [table] = rootRows(tree);
    expect(tree.made).toBe(1);
    const runs = below(tree, table);
    expect(runs.map(({ kind, description }) => `${kind} of ${description}`)).toEqual(["run of 2500", "run of 500"]);
    expect(tree.made).toBe(1);
    const inner = below(tree, runs[0]);
    expect(inner).toHaveLength(longestList);
    const last = below(tree, inner.at(-1));
    expect(last.map(({ label }) => label)).toEqual(Array.from({ length: 50 }, (_, index) => `m_${2_450 + index}`));
    expect(tree.made).toBe(51);
    const ids = [...runs, ...inner, ...last].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are searched by name and bound", () => {
    const tree = treeOf(`${days(1_300)}${days(3, "other")}`, "2003-02-0");
    const [table, ...others] = rootRows(tree);
    expect(others).toEqual([]);
    // The first nine days of the month, and the last of January, which ends where they begin.
    expect(below(tree, table).map(({ kind }) => kind)).toEqual(Array(10).fill("partition"));
    const byName = { ...tree, filter: "M_1234" };
    expect(words(below(byName, rootRows(byName)[0]))).toHaveLength(1);
    const byTable = { ...tree, filter: "other" };
    expect(rootRows(byTable).map(({ label }) => label)).toEqual(["other"]);
    expect(below(byTable, rootRows(byTable)[0])).toHaveLength(3);
    const nothing = { ...tree, filter: "no such thing" };
    expect(rootRows(nothing)).toEqual([]);
  });
});

it("a place that is gone has no rows", () => {
  expect(rowsBelow(treeOf(days(1)), { schema: "public", name: "gone" })).toEqual([]);
  expect(rowsBelow(treeOf(days(1)), { schema: "public", name: "m", from: 5, to: 9 })).toEqual([]);
});
