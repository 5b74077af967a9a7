/** Tables of pg_pathman asked as all others are: how rows are divided, what no partition takes, and what queries read. */

import { beforeAll, describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { coverageOf } from "../../server/src/catalog/coverage.ts";
import { type Layout, layoutOf, partsOf, placeOf, schemeOf } from "../../server/src/catalog/layout.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function options(pathmanVersion: string) {
  return { version: 13, pathmanVersion, today: "2026-03-15" } as const;
}

function stepsOf(text: string, pathmanVersion = "1.5"): readonly Step[] {
  return replay({
    file: "pathman.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" }),
    options: options(pathmanVersion),
    previous: [],
    source: { text, reading },
  });
}

/** The table behind all statements, of which none is refused. */
function tableAfter(text: string, name: string, pathmanVersion?: string): { catalog: Catalog; table: Relation } {
  const steps = stepsOf(text, pathmanVersion);
  expect(steps.flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
  const catalog = steps.at(-1)?.after;
  const table = catalog === undefined ? null : findRelation(catalog, { schema: "public", name });
  if (catalog === undefined || table === null) throw new Error(`there is no ${name}`);
  return { catalog, table };
}

function traits(layout: Layout | null): Partial<Layout> | null {
  if (layout === null) return null;
  const { by, stray, routedBy, excludedBy, parentHoldsRows } = layout;
  return { by, stray, routedBy, excludedBy, parentHoldsRows };
}

function boundsOf({ catalog, table }: { catalog: Catalog; table: Relation }): readonly string[] {
  return partsOf(catalog, table).map((part) => {
    const place = placeOf(catalog, part);
    const bound = place === null ? "no place" : printBound(place.bound, place.layout.key, catalog.settings);
    return `${part.name} ${bound} ${schemeOf(catalog, part)}`;
  });
}

const ranges = "CREATE TABLE t (k int NOT NULL); SELECT create_range_partitions('t', 'k', 0, 10, 3);";
const hashes = "CREATE TABLE t (k int NOT NULL); SELECT create_hash_partitions('t', 'k', 3);";

describe("how rows are divided", () => {
  test("ranges", () => {
    const found = tableAfter(ranges, "t");
    expect(boundsOf(found)).toEqual([
      "t_1 FOR VALUES FROM (0) TO (10) pathman",
      "t_2 FOR VALUES FROM (10) TO (20) pathman",
      "t_3 FOR VALUES FROM (20) TO (30) pathman",
    ]);
    expect(traits(layoutOf(found.table))).toEqual({
      by: "pathman",
      stray: "part-is-made",
      routedBy: "extension",
      excludedBy: "extension",
      parentHoldsRows: true,
    });
  });

  test("hashes, by the hash of pg_pathman and not by the column", () => {
    const found = tableAfter(hashes, "t");
    expect(boundsOf(found)).toEqual([0, 1, 2].map((n) => `t_${n} FOR VALUES WITH (modulus 3, remainder ${n}) pathman`));
    const layout = layoutOf(found.table);
    expect(layout?.key).toMatchObject({ strategy: "hash", hashing: "pathman" });
    expect(layout?.stray).toBe("refused");
    expect(coverageOf(found.table)).toMatchObject({ known: true, missingRemainders: [] });
    const { table } = tableAfter(`${hashes} DROP TABLE t_1;`, "t");
    expect(coverageOf(table)?.missingRemainders).toEqual([{ modulus: 3, remainder: 1 }]);
  });

  test.each([
    ["SELECT set_auto('t', false);", "refused"],
    ["SELECT set_interval('t', NULL::int);", "refused"],
    ["SELECT set_auto('t', false); SELECT set_auto('t', true);", "part-is-made"],
    ["UPDATE pathman_config_params SET auto = false;", "refused"],
  ])("what becomes of a row that no range takes: %s", (calls, stray) => {
    expect(layoutOf(tableAfter(`${ranges} ${calls}`, "t").table)?.stray).toBe(stray);
  });

  test("a range that is dropped leaves a gap", () => {
    const { table } = tableAfter(`${ranges} SELECT drop_range_partition('t_2');`, "t");
    const gaps = coverageOf(table)?.gaps.filter(({ below, above }) => below !== null && above !== null);
    expect(gaps?.map(({ lower, upper }) => [lower, upper])).toMatchObject([
      [[{ value: { value: 10n } }], [{ value: { value: 20n } }]],
    ]);
  });

  test("a child by hand is a part with the bounds of its CHECK", () => {
    const child = "CREATE TABLE extra (CHECK (k >= 100 AND k < 110)) INHERITS (t);";
    expect(boundsOf(tableAfter(`${ranges} ${child}`, "t")).at(-1)).toBe("extra FOR VALUES FROM (100) TO (110) pathman");
  });

  test("a table that is no longer registered is one divided by CHECKs", () => {
    for (const end of [
      "SELECT disable_pathman_for('t');",
      "DELETE FROM pathman_config;",
      "DROP EXTENSION pg_pathman;",
    ]) {
      const { table } = tableAfter(`CREATE EXTENSION pg_pathman; ${ranges} ${end}`, "t");
      expect(traits(layoutOf(table)), end).toEqual({
        by: "checks",
        stray: "parent",
        routedBy: "nobody",
        excludedBy: "constraints",
        parentHoldsRows: true,
      });
    }
  });

  test("a rollback takes the registration back", () => {
    const text =
      "CREATE TABLE t (k int NOT NULL); CREATE TABLE t_x (CONSTRAINT pathman_t_x_check CHECK (k >= 0 AND k < 10)) INHERITS (t);";
    const registered = "BEGIN; SELECT add_to_pathman_config('t', 'k', '10');";
    expect(layoutOf(tableAfter(`${text} ${registered}`, "t").table)?.by).toBe("pathman");
    expect(layoutOf(tableAfter(`${text} ${registered} ROLLBACK;`, "t").table)?.by).toBe("checks");
  });
});

describe("the first versions keep the name of a table", () => {
  test("triggers route, and make partitions of ranges", () => {
    const { table } = tableAfter(ranges.replace(" NOT NULL", ""), "t", "readme");
    expect(traits(layoutOf(table))).toMatchObject({ by: "pathman", stray: "part-is-made", routedBy: "trigger" });
    const removed = `${ranges.replace(" NOT NULL", "")} SELECT disable_partitioning('t');`;
    // The row is looked for by what is given, and keeps the schema.
    expect(layoutOf(tableAfter(removed, "t", "readme").table)).toMatchObject({ stray: "parent", routedBy: "nobody" });
  });

  test("which a rename leaves behind", () => {
    const { table } = tableAfter(`${ranges} ALTER TABLE t RENAME TO u;`, "u", "readme");
    expect(layoutOf(table)?.by).toBe("checks");
    expect(layoutOf(tableAfter(`${ranges} ALTER TABLE t RENAME TO u;`, "u").table)?.by).toBe("pathman");
  });

  test("0.1 takes it out with the table, or by disable_partitioning", () => {
    const again = "SELECT create_range_partitions('t', 'k', 0, 10, 3);";
    expect(traits(layoutOf(tableAfter(`${ranges} DROP TABLE t CASCADE; ${ranges}`, "t", "0.1").table))).toMatchObject({
      by: "pathman",
    });
    const disabled = `${ranges} SELECT create_range_update_trigger('t'); SELECT disable_partitioning('t');`;
    const { catalog, table } = tableAfter(disabled, "t", "0.1");
    expect(layoutOf(table)?.by).toBe("checks");
    expect(partsOf(catalog, table).flatMap(({ triggers }) => triggers)).toEqual([]);
    expect(stepsOf(`${ranges} ${again}`, "0.1").at(-1)?.rejection?.message).toBe(
      'Relation "t" has already been partitioned',
    );
    // In the version of the README the row outlives the table.
    expect(stepsOf(`${ranges} DROP TABLE t CASCADE; ${ranges}`, "readme").at(-1)?.rejection?.message).toBe(
      'Relation "public.t" has already been partitioned',
    );
  });
});

describe("keys as they are written", () => {
  test.each([
    ['"Key"', '"Big.Table"'],
    ['"Key.K"', '"My.Schema"."Big.Table"'],
  ])("%s of %s", (key, table) => {
    const quoted = table.replaceAll("'", "''");
    const steps = stepsOf(`CREATE SCHEMA "My.Schema"; CREATE TABLE ${table} (${key} int NOT NULL);
SELECT create_range_partitions('${quoted}', '${key}', 0, 10, 3); SELECT append_range_partition('${quoted}');
SELECT * FROM ${table} WHERE ${key} = 12;`);
    expect(steps.flatMap(({ rejection, declined }) => rejection?.message ?? declined)).toEqual([]);
    const last = steps.at(-1);
    const survivors = last === undefined ? null : predictedVerdict(last, options("1.5")).relations[0]?.survivors;
    expect(survivors?.map(({ name }) => name)).toEqual(["Big.Table_2"]);
  });

  test("a column that is not written in its quotes is another", () => {
    const [, call] = stepsOf(
      `CREATE TABLE t ("Key" int NOT NULL); SELECT create_range_partitions('t', 'Key', 0, 10, 3);`,
    );
    expect(call?.rejection).toMatchObject({
      sqlstate: "22023",
      message: 'failed to analyze partitioning expression "Key"',
      detail: 'column "key" does not exist',
    });
  });
});

describe("what queries read", () => {
  const certainty = (text: string): readonly [string | undefined, readonly string[] | undefined] => {
    const last = stepsOf(text).at(-1);
    const [relation] = last === undefined ? [] : predictedVerdict(last, options("1.5")).relations;
    return [relation?.certainty, relation?.survivors?.map(({ name }) => name)];
  };

  test("pg_pathman plans by its ranges, or leaves it to PostgreSQL", () => {
    const query = "SELECT * FROM t WHERE k = 12;";
    expect(certainty(`${ranges} ${query}`)).toEqual(["exact", ["t_2"]]);
    expect(certainty(`${ranges} SET pg_pathman.enable = off; ${query}`)).toEqual(["exact", ["t", "t_2"]]);
    expect(certainty(`${ranges} SELECT disable_pathman_for('t'); ${query}`)).toEqual(["exact", ["t", "t_2"]]);
  });

  test("by a key that is not read, nothing more than at most is claimed", () => {
    const registered = `CREATE TABLE t (a int NOT NULL, b int NOT NULL);
CREATE TABLE t_x (CONSTRAINT pathman_t_x_check CHECK ((a + b) >= 0 AND (a + b) < 10)) INHERITS (t);
CREATE TABLE t_y (CONSTRAINT pathman_t_y_check CHECK ((a + b) >= 10 AND (a + b) < 20)) INHERITS (t);
INSERT INTO pathman_config (partrel, expr, parttype, range_interval) VALUES ('t', 'a + b', 2, '10');`;
    expect(certainty(`${registered} SELECT * FROM t WHERE a + b = 3;`)[0]).toBe("at-most");
  });
});
