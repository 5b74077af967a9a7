/** Triggers and rules that keep rows out of a table, whatever their functions say: scripts that move rows fail then, and lose none. */

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { scriptOf, statementsOf } from "./support.ts";

const children = `CREATE TABLE t (id int, k int);
CREATE TABLE c1 (CHECK (k >= 0 AND k < 10)) INHERITS (t);
CREATE TABLE c2 (CHECK (k >= 10 AND k < 20)) INHERITS (t);`;
const partitions = `CREATE TABLE t (id int, k int) PARTITION BY RANGE (k);
CREATE TABLE c1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE c2 PARTITION OF t FOR VALUES FROM (10) TO (20);`;
const fill = "INSERT INTO t SELECT n, n FROM generate_series(0, 19) AS n;";

/** No text says that it returns NULL: an extension's, one in another language, or as here what it comes to. */
const unread = (odd: string): string =>
  `CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF ${odd} THEN NEW := NULL; END IF; RETURN NEW; END';
CREATE TRIGGER guard BEFORE INSERT ON c1 FOR EACH ROW EXECUTE FUNCTION f();`;
const elsewhere =
  "CREATE TABLE e (id int, k int); CREATE RULE aside AS ON INSERT TO c1 DO INSTEAD INSERT INTO e VALUES (NEW.id, NEW.k);";
const nothing = "CREATE RULE aside AS ON INSERT TO c1 WHERE NEW.k IN (3, 13) DO INSTEAD NOTHING;";

const move = { operation: "move-rows", table: "t" };
const batches = { ...move, batch: 3 };
const merge = { operation: "merge", table: "t", partitions: ["c1", "c2"] };
const convert = { operation: "convert", table: "t", to: "declarative" };

interface Case {
  readonly title: string;
  readonly schema: string;
  readonly request: Readonly<Record<string, unknown>>;
  readonly error: RegExp;
}

const kept: readonly Case[] = [
  ...[move, batches, convert].map((request) => ({
    title: `${request.operation} into a child with a trigger`,
    schema: children + unread("NEW.id % 3 = 1"),
    request,
    error: /^\d of \d+ rows came into c1: a trigger or rule keeps the others out$/,
  })),
  ...[elsewhere, nothing].map((rule) => ({
    title: "move-rows into a child with a rule",
    schema: children + rule,
    request: move,
    error: /^cannot perform INSERT RETURNING on relation "c1"$/,
  })),
  ...[unread("NEW.id = 15"), elsewhere, nothing].map((guard) => ({
    title: "merge into a partition with a trigger or a rule",
    schema: partitions + guard,
    request: merge,
    error: /^\d of 10 rows came into c1: a trigger or rule keeps the others out$/,
  })),
  {
    title: "merge children, one of which has a trigger",
    schema: children + unread("NEW.id = 15"),
    request: merge,
    error: /^9 of 10 rows came into c1: a trigger or rule keeps the others out$/,
  },
];

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    await database.client.query("ROLLBACK; RESET ALL; DROP SCHEMA public CASCADE; CREATE SCHEMA public");
  });

  const run = async (sql: string): Promise<void> => {
    for (const each of statementsOf(reading, sql)) await database.client.query(each);
  };
  /** In the parent itself, and in all. */
  const count = async (): Promise<unknown> =>
    (await database.client.query("SELECT (SELECT count(*)::int FROM ONLY t) AS own, count(*)::int AS every FROM t"))
      .rows[0];
  /** As rows came before there was a trigger. */
  const filled = (schema: string): Promise<void> =>
    run(`${schema} ALTER TABLE c1 DISABLE TRIGGER ALL; ${fill} ALTER TABLE c1 ENABLE TRIGGER ALL;`);

  it.each(kept)("$title ($request.batch): it stops, and no row is lost", async ({ schema, request, error }) => {
    const script = scriptOf(reading, schema, request, major);
    await filled(schema);
    if (request["operation"] === "merge" && schema.startsWith(children))
      await run("INSERT INTO c2 SELECT * FROM ONLY t WHERE k >= 10; DELETE FROM ONLY t;");
    const before = await count();
    await expect(run(script.sql)).rejects.toMatchObject({ message: expect.stringMatching(error) });
    await database.client.query("ROLLBACK");
    expect(await count()).toEqual(before);
  });

  it.each([move, batches, convert])("$operation $batch where the trigger lets all in goes on", async (request) => {
    const schema = children + unread("NEW.id > 1000");
    const script = scriptOf(reading, schema, request, major);
    await filled(schema);
    await run(script.sql);
    const { rows } = await database.client.query(
      "SELECT tableoid::regclass::text AS part, count(*)::int AS rows FROM t GROUP BY 1 ORDER BY 1",
    );
    expect(rows).toEqual([
      { part: "c1", rows: 10 },
      { part: "c2", rows: 10 },
    ]);
  });

  it("a move by batches that is stopped in the middle goes on where it was", async () => {
    const script = scriptOf(reading, children, batches, major);
    await run(`${children} ${fill} ${unread("NEW.id >= 7").replace("NEW := NULL", "RAISE ''stop''")}`);
    await expect(run(script.sql)).rejects.toMatchObject({ message: "stop" });
    const { rows } = await database.client.query("SELECT count(*)::int AS moved FROM c1");
    // Each batch is a transaction of its own.
    expect(rows).toEqual([{ moved: 6 }]);
    expect(await count()).toEqual({ own: 14, every: 20 });
    await run("DROP TRIGGER guard ON c1;");
    await run(script.sql);
    expect(await count()).toEqual({ own: 0, every: 20 });
  });

  it("a merge where the trigger lets all in goes on", async () => {
    const schema = partitions + unread("NEW.id > 1000");
    await filled(schema);
    await run(scriptOf(reading, schema, merge, major).sql);
    expect(await count()).toEqual({ own: 0, every: 20 });
  });
});
