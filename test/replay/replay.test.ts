/** Steps: transactions, settings that last and settings that do not, reuse after an edit, worlds of several files. */

import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { finalCatalog, type ReplayOptions, replay, shownCatalog } from "../../server/src/replay/replay.ts";
import { script } from "../../server/src/replay/runs.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { createWorld } from "../../server/src/replay/world.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { readRecordings, sampleFile } from "../oracle/truth.ts";
import { loadParserForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(1_000_000) };
});

const options: ReplayOptions = { version: 18, pathmanVersion: "1.5", today: "2025-01-01" };
const world = (complete = true): Catalog => emptyCatalog({ complete, timeZone: "UTC" });

function run(sql: string, start = world(), previous: readonly Step[] = []): readonly Step[] {
  return replay({ file: "a.sql", statements: parseDocument(sql, reading).statements, start, options, previous });
}

function errors(steps: readonly Step[]): (string | null)[] {
  return steps.map((step) => step.rejection?.sqlstate ?? null);
}

function hasTable(catalog: Catalog, name: string): boolean {
  return findRelation(catalog, { schema: null, name }) !== null;
}

describe("transactions", () => {
  test("ROLLBACK takes back what was done since BEGIN, COMMIT keeps it", () => {
    const steps = run("BEGIN; CREATE TABLE a (k int); ROLLBACK; BEGIN; CREATE TABLE b (k int); COMMIT;");
    const final = finalCatalog(world(), steps);
    expect([hasTable(final, "a"), hasTable(final, "b")]).toEqual([false, true]);
    expect(steps.map((step) => step.transaction.state)).toEqual([
      "autocommit",
      "open",
      "open",
      "autocommit",
      "open",
      "open",
    ]);
  });

  test("after an error everything is refused until the end, and COMMIT rolls back", () => {
    const steps = run(
      "BEGIN; CREATE TABLE a (k int); CREATE TABLE a (k int); SELECT 1; SAVEPOINT s; COMMIT; CREATE TABLE c (k int);",
    );
    expect(errors(steps)).toEqual([null, null, "42P07", "25P02", "25P02", null, null]);
    expect(hasTable(finalCatalog(world(), steps), "a")).toBe(false);
  });

  test("a syntax error is found before the aborted state", () => {
    expect(errors(run("BEGIN; CREATE TABLE; CREATE TABL; ROLLBACK;"))).toEqual([null, "42601", "42601", null]);
  });

  test("thousands of savepoints are kept once, and not anew by each statement behind them", () => {
    const count = 5_000;
    const steps = run(
      `BEGIN;\n${Array.from({ length: count }, (_, index) => `SAVEPOINT s${index};\n`).join("")}COMMIT;`,
    );
    const savepoints = steps.map(({ behind: { real } }) =>
      real.session.kind === "autocommit" ? null : real.session.savepoint,
    );
    for (let index = 2; index <= count; index++) expect(savepoints[index]?.outer).toBe(savepoints[index - 1]);
    expect([errors(steps).every((error) => error === null), savepoints.at(-1)]).toEqual([true, null]);
  });

  test("savepoints nest, and ROLLBACK TO opens an aborted transaction again", () => {
    const steps = run(
      "BEGIN; SAVEPOINT s; CREATE TABLE a (k int); SAVEPOINT s; CREATE TABLE a (k int); ROLLBACK TO s; RELEASE s; ROLLBACK TO s; CREATE TABLE a (k int); COMMIT;",
    );
    expect(errors(steps)).toEqual([null, null, null, null, "42P07", null, null, null, null, null]);
    expect(errors(run("BEGIN; ROLLBACK TO nosuch; SELECT 1;"))).toEqual([null, "3B001", "25P02"]);
    expect(errors(run("SAVEPOINT s;"))).toEqual(["25P01"]);
  });

  test("AND CHAIN begins another", () => {
    const steps = run("BEGIN; CREATE TABLE a (k int); COMMIT AND CHAIN; CREATE TABLE b (k int); ROLLBACK;");
    const final = finalCatalog(world(), steps);
    expect([hasTable(final, "a"), hasTable(final, "b")]).toEqual([true, false]);
  });

  test("what is not in place is a warning", () => {
    const steps = run("COMMIT; BEGIN; BEGIN;");
    expect(steps.map((step) => step.warning?.sqlstate ?? null)).toEqual(["25P01", null, "25001"]);
  });

  test("ids are not given twice, not even after ROLLBACK", () => {
    const steps = run("BEGIN; CREATE TABLE a (k int); ROLLBACK; CREATE TABLE b (k int);");
    const a = findRelation(steps[1]?.after ?? world(), { schema: null, name: "a" });
    const b = findRelation(steps[3]?.after ?? world(), { schema: null, name: "b" });
    expect(b?.id).toBeGreaterThan(a?.id ?? Number.NaN);
  });
});

describe("reuse", () => {
  const script = ["CREATE TABLE t (k int) PARTITION BY RANGE (k);"];
  for (let index = 0; index < 50; index += 1) {
    script.push(`CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}) TO (${index + 1});`);
  }

  test("an edit at the end keeps every step before it", () => {
    const start = world();
    const before = run(script.join("\n"), start);
    const after = run(`${script.join("\n")}\nSELECT 1;`, start, before);
    expect(before.every((step, index) => step === after[index] || step.after === after[index]?.after)).toBe(true);
  });

  test("an edit in the middle gives what a replay from scratch gives", () => {
    const start = world();
    const before = run(script.join("\n"), start);
    const edited = script.with(10, "CREATE TABLE t_x PARTITION OF t FOR VALUES FROM (9) TO (11);").join("\n");
    const reused = run(edited, start, before);
    const fresh = run(edited, start);
    expect(errors(reused)).toEqual(errors(fresh));
    expect(printCatalog(finalCatalog(start, reused))).toBe(printCatalog(finalCatalog(start, fresh)));
  });
});

describe("a statement inside which another one begins", () => {
  const semicolon =
    "CREATE TABLE p (k int) PARTITION BY LIST (k)\n\nCREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);\n";

  test("is refused whole, and what follows starts from that", () => {
    const steps = run(`${semicolon}${semicolon.replace("\n\n", ";")}CREATE TABLE p (k int);`);
    expect(errors(steps)).toEqual([null, "42601", null, null, null, "42P07"]);
    expect(hasTable(finalCatalog(world(), run(semicolon)), "p")).toBe(false);
    expect(hasTable(shownCatalog(world(), run(semicolon)), "p_1")).toBe(true);
  });

  test("aborts the transaction", () => {
    expect(errors(run(`BEGIN;\n${semicolon}SELECT 1;\nCOMMIT;`))).toEqual([null, null, "42601", null, "25P02", null]);
  });

  test("leaves to the next file what was there before it", () => {
    const files = [`CREATE TABLE a (k int);\n${semicolon}`, "CREATE TABLE p (k int); CREATE TABLE a (k int);"].map(
      (sql, index) => {
        const { statements } = parseDocument(sql, reading);
        return { file: `${index}.sql`, statements };
      },
    );
    const replayed = createWorld({ files, start: world(), options, previous: null }).upTo(2);
    expect(errors(replayed[1]?.steps ?? [])).toEqual([null, "42P07"]);
  });
});

describe("worlds", () => {
  test("a file starts from what the earlier ones leave, and undoing parts are not among it", () => {
    const files = [
      { file: "1.sql", sql: "CREATE TABLE t (k int); CREATE TEMP TABLE x (k int); DROP TABLE t;" },
      { file: "2.sql", sql: "CREATE TABLE t (k int); CREATE TABLE x (k int);" },
    ].map(({ file, sql }) => ({
      file,
      statements: parseDocument(sql, reading).statements,
      runs: [script, { ...script, first: 2, direction: "down" as const }],
    }));
    const made = createWorld({ files, start: world(), options, previous: null });
    const replayed = made.upTo(files.length);
    expect(replayed.map(({ steps }) => errors(steps))).toEqual([
      [null, null, null],
      ["42P07", null],
    ]);
    const again = createWorld({ files, start: replayed[0]?.start ?? world(), options, previous: made });
    expect(again.upTo(files.length)[1]?.end).toBe(replayed[1]?.end);
  });

  test("files are replayed as far as somebody asks, and what was replayed once is kept meanwhile", () => {
    const files = ["CREATE TABLE a (k int);", "CREATE TABLE b (k int);", "CREATE TABLE c (k int);"].map(
      (sql, index) => ({
        file: `${index}.sql`,
        statements: parseDocument(sql, reading).statements,
      }),
    );
    const input = { files, start: world(), options } as const;
    const all = createWorld({ ...input, previous: null });
    const third = all.upTo(3)[2];
    const edited = createWorld({ ...input, previous: all });
    expect(edited.upTo(1)).toHaveLength(1);
    const later = createWorld({ ...input, previous: edited });
    expect(later.upTo(3)[2]?.steps).toEqual(third?.steps);
    expect(later.upTo(3)[2]?.steps[0]).toBe(third?.steps[0]);

    // Somebody else may ask for all of it while the work goes on in turns.
    const turns = createWorld({ ...input, previous: null });
    const work = turns.inTurns(2);
    work.next();
    expect(turns.upTo(3).map(({ file }) => file)).toEqual(["0.sql", "1.sql", "2.sql"]);
    expect(work.next().done).toBe(true);
  });

  test("psql's \\connect begins a session anew, and leaves what another database holds open", () => {
    const sessions = [
      "CREATE TABLE t (k int); CREATE TEMP TABLE x (k int); BEGIN; CREATE TABLE rolled_back (k int);",
      "\\c",
      "CREATE TABLE t (k int); CREATE TEMP TABLE x (k int); CREATE TABLE rolled_back (k int);",
      "\\connect other",
      "CREATE TABLE t (k int); SELECT FROM nosuch;",
    ];
    const sql = sessions.join("\n");
    const steps = run(sql);
    expect(
      errors(steps)
        .map((code, index) => (code === null ? null : `${index} ${code}`))
        .filter(Boolean),
    ).toEqual(["5 42P07"]);
    const next = "CREATE TABLE t (k int); CREATE TABLE other_one (k int);";
    const files = [sql, next].map((text, index) => {
      const { statements } = parseDocument(text, reading);
      return { file: `${index}.sql`, statements };
    });
    expect(errors(createWorld({ files, start: world(), options, previous: null }).upTo(2)[1]?.steps ?? [])).toEqual([
      "42P07",
      null,
    ]);
  });
});

describe("any script", () => {
  const scripts = readRecordings(sampleFile).map(({ ddl }) => ddl.join(";\n"));

  test("replays without an exception from any prefix, and with any part of it changed", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...scripts),
        fc.nat(),
        fc.nat({ max: 40 }),
        fc.string({ maxLength: 12 }),
        fc.boolean(),
        (script, place, length, inserted, complete) => {
          const at = place % (script.length + 1);
          run(script.slice(0, at), world(complete));
          run(script.slice(0, at) + inserted + script.slice(at + length), world(complete));
        },
      ),
      { numRuns: 150 },
    );
  });
});
