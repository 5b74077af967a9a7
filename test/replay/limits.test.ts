// What a script computes has a limit of size and of work, and an exception costs the statement in which it comes up.
import { describe, expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { type ReplayOptions, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import type { OnBug } from "../../server/src/text/bug.ts";
import { createDatabase } from "../support/database.ts";
import { loadParserForTests } from "../support/parser.ts";

const parser = await loadParserForTests();
const options: ReplayOptions = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" };

function replayed(text: string, more: Partial<Reading> = {}): readonly Step[] {
  const reading: Reading = { parser, cache: createStatementCache(100_000), ...more };
  const { statements } = parseDocument(text, reading);
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  return replay({ file: "f.sql", statements, start, options, previous: [], source: { text, reading } });
}

/** A block that does something to a value again and again, and then runs what holds the value. */
function loop(type: string, value: string, change: string): string {
  return `DO $$ DECLARE v ${type} := ${value}; BEGIN FOR i IN 1..400 LOOP v := ${change}; END LOOP;
    EXECUTE format('COMMENT ON TABLE t IS %L', v); END $$;\nCREATE TABLE behind (a int);`;
}

describe("a loop that makes a value grow is not followed", () => {
  const loops: Readonly<Record<string, string>> = {
    replace: loop("text", "'a'", "replace(v, 'a', 'aa')"),
    "replace by itself": loop("text", "'aa'", "replace(v, 'a', v)"),
    quote_literal: loop("text", "''''", "quote_literal(v)"),
    quote_ident: loop("text", "'\"'", "quote_ident(v)"),
    "||": loop("text", "'a'", "v || v"),
    format: loop("text", "'a'", "format('%s%s', v, v)"),
    "format with a template that grows": loop("text", "'%1$s'", "replace(format(v, '%1$s%1$s'), 'a', 'b')"),
    "format with widths": loop("text", "'%9999s'", "format('%1$s%1$s', format(v || v, v, v))"),
    concat: loop("text", "'a'", "concat(v, v, v)"),
    concat_ws: loop("text", "'a'", "concat_ws(v, v, v)"),
    repeat: loop("text", "'a'", "repeat(v, 1000)"),
    lpad: loop("text", "'a'", "lpad(v, 1000000000, 'x')"),
    rpad: loop("text", "'a'", "rpad(v, 1000000000, 'x')"),
    array_append: loop("text[]", "ARRAY['a']", "array_append(v, array_to_string(v, ','))"),
    array_cat: loop("text[]", "ARRAY['a']", "v || v"),
    array_to_string: loop("text", "'a,a'", "array_to_string(string_to_array(v, ','), v)"),
    string_agg: loop("text", "'a'", "(SELECT string_agg(v, v) FROM generate_series(1, 100))"),
    "a number": loop("numeric", "7", "v * v"),
    "digits behind the point": loop("numeric", "0.1", "v * v"),
    "a power": loop("numeric", "7", "v ^ v"),
    bits: loop("text", "'1'", "(v::bit(80000000))::text || v"),
    "a padded text": loop("text", "'1'", "(v::char(10000000))::text || v"),
  };
  it.each(Object.entries(loops))("%s", (_, text) => {
    const [block, behind] = replayed(text);
    expect(block?.rejection).toBeNull();
    expect(block?.declined).toHaveLength(1);
    expect(behind?.rejection).toBeNull();
  });
});

it("follows a block that builds a long list step by step", () => {
  const text = `DO $$ DECLARE list text := 'CREATE TABLE t (c0 int'; BEGIN
    FOR i IN 1..1000 LOOP list := list || format(', column_number_%s int', i); END LOOP;
    EXECUTE list || ')'; END $$;`;
  const [block] = replayed(text);
  expect(block?.declined).toEqual([]);
  expect([...(block?.after.relations.values() ?? [])].map(({ columns }) => columns.length)).toEqual([1001]);
});

it("computes no values without end outside of blocks either", () => {
  const doubled = Array.from({ length: 400 }, () => 0).reduce((inside) => `replace(${inside}, 'a', 'aa')`, "'a'");
  const [statement] = replayed(`CREATE TABLE t (a text DEFAULT ${doubled});`);
  expect(statement?.rejection).toBeNull();
});

describe("an exception", () => {
  const bugs: string[] = [];
  const onBug: OnBug = (what, error) => void bugs.push(`${what}: ${String(error)}`);
  const text = "CREATE TABLE a (x int);\nCREATE TABLE broken (x int);\nCREATE TABLE a (x int);";

  it("costs the statement that is read", () => {
    bugs.length = 0;
    const parse = (sql: string) => {
      if (sql.includes("broken")) throw new Error("no");
      return parser.parse(sql);
    };
    const steps = replayed(text, { parser: { parse }, onBug });
    expect(steps.map(({ rejection }) => rejection?.sqlstate)).toEqual([undefined, undefined, "42P07"]);
    expect(bugs).toEqual(["reading a statement: Error: no"]);
  });

  it("costs the statement that is replayed, and what stood is in doubt", () => {
    bugs.length = 0;
    const known = createStatementCache(1_000);
    const poisoned = <T extends object>(statement: T): T =>
      Object.defineProperty({ ...statement }, "name", { get: () => JSON.parse("no") });
    const cache: Reading["cache"] = {
      get: known.get,
      set: (hash, statement, length) => {
        const isBroken = statement.kind === "create-table" && statement.name.name === "broken";
        known.set(hash, isBroken ? poisoned(statement) : statement, length);
      },
    };
    parseDocument(text, { parser, cache });
    const steps = replayed(text, { cache, onBug });
    expect(steps.map(({ rejection }) => rejection)).toEqual([null, null, null]);
    expect(steps[1]?.declined).toEqual(["an exception in Partition Lens ended the replay of the statement"]);
    expect(bugs).toEqual([expect.stringContaining("the replay of a statement: SyntaxError")]);
  });
});

describe("what is long costs what it is long: work that grew with the square would not end", () => {
  const many = (count: number, text: (index: number) => string, between = ", "): string =>
    Array.from({ length: count }, (_, index) => text(index)).join(between);

  it("the values of a list partition", () => {
    const list = many(20_000, (index) => String(index % 19_999));
    const steps = replayed(
      `CREATE TABLE t (a int) PARTITION BY LIST (a);
CREATE TABLE one PARTITION OF t FOR VALUES IN (${list});
CREATE TABLE two PARTITION OF t FOR VALUES IN (7);`,
    );
    expect(steps.map(({ rejection }) => rejection?.sqlstate)).toEqual([undefined, undefined, "42P17"]);
    const bound = [...(steps[1]?.after.relations.values() ?? [])].at(-1)?.partitionOf?.bound;
    expect(bound?.kind === "list" ? bound.values.length : null).toBe(19_999);
  });

  it("the columns of a table, of which PostgreSQL takes 1,600", async () => {
    const wide = (count: number): string => many(count, (index) => `c${index} int CHECK (c${index} > 0)`);
    const text = `CREATE TABLE t (${wide(10_000)});
CREATE TABLE u (${many(1_600, (index) => `c${index} int`)});
ALTER TABLE u ADD COLUMN one_more int;
CREATE TABLE v (one_more int) INHERITS (u);`;
    const said = replayed(text).map(({ rejection }) => rejection?.message ?? "accepted");
    const database = await createDatabase(18);
    try {
      const answers: string[] = [];
      for (const sql of text.split(";\n")) {
        const answer = await database.client.query(sql).then(
          () => "accepted",
          ({ message }: Error) => message,
        );
        answers.push(answer);
      }
      expect(said).toEqual(answers);
    } finally {
      await database.close();
    }
  });

  it("trees of tables of any depth, of which the deepest levels are in doubt", () => {
    const bugs: string[] = [];
    const onBug: OnBug = (what, error) => void bugs.push(`${what}: ${String(error)}`);
    const inherited = `CREATE TABLE i0 (a int);
${many(1_200, (index) => `CREATE TABLE i${index + 1} () INHERITS (i${index});`, "\n")}
ALTER TABLE i0 ADD COLUMN b int NOT NULL; ALTER TABLE i0 RENAME a TO c; ALTER TABLE i0 ADD CHECK (c > 0);
SELECT * FROM i0 WHERE c = 1; DROP TABLE i0 CASCADE;`;
    const nested = `CREATE TABLE p0 (a int) PARTITION BY RANGE (a);
${many(300, (index) => `CREATE TABLE p${index + 1} PARTITION OF p${index} FOR VALUES FROM (0) TO (10) PARTITION BY RANGE (a);`, "\n")}
ALTER TABLE p0 ADD COLUMN b int; CREATE INDEX ON p0 (a); DROP TABLE p1;`;
    const attached = `${many(120, (index) => `CREATE TABLE a${index} (a int) PARTITION BY RANGE (a);`, "\n")}
${many(119, (index) => `ALTER TABLE a${118 - index} ATTACH PARTITION a${119 - index} DEFAULT;`, "\n")}
ALTER TABLE a0 ADD COLUMN b int;`;
    for (const text of [inherited, nested, attached]) {
      const steps = replayed(text, { onBug });
      expect(steps.flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
      expect(steps.flatMap(({ declined }) => declined)).toContain("a tree of more than 100 levels is not followed");
    }
    expect(bugs).toEqual([]);
  });

  it("an ALTER TABLE of any length, after which nothing is claimed of the table beyond a limit", () => {
    const table = "CREATE TABLE t (k int) PARTITION BY RANGE (k);\nCREATE TABLE u (k int PRIMARY KEY);\n";
    const adding = (count: number): string =>
      `ALTER TABLE t ${many(count, (index) => `ADD CONSTRAINT c${index} CHECK (k > ${index})`, ",\n")};\n`;
    const after = "ALTER TABLE t ADD CONSTRAINT c7 CHECK (k > 7); ALTER TABLE u ADD COLUMN k int;";
    const said = (count: number) => {
      const steps = replayed(`${table}${adding(count)}${after}`);
      return [
        steps.flatMap(({ rejection }) => rejection?.message ?? []),
        steps.flatMap(({ declined }) => declined).slice(0, 1),
      ];
    };
    expect(said(2_000)).toEqual([
      ['constraint "c7" for relation "t" already exists', 'column "k" of relation "u" already exists'],
      [],
    ]);
    expect(said(2_001)).toEqual([
      ['column "k" of relation "u" already exists'],
      ["an ALTER TABLE of more than 2000 commands is not followed"],
    ]);
  });

  it("constraints that are added one by one, each of which looks at few of the others", () => {
    const steps = (count: number) =>
      replayed(
        `CREATE TABLE t (k int);\n${many(count, (index) => `ALTER TABLE t ADD CONSTRAINT c${index} CHECK (k > ${index});`, "\n")}`,
      );
    const [before, last] = steps(2_000).slice(-2);
    const [old, now] = [before, last].map(
      (step) => [...(step?.after.relations.values() ?? [])].find(({ name }) => name === "t")?.constraints,
    );
    if (old === undefined || now === undefined) throw new Error("the table is not there");
    expect([old.length, now.length]).toEqual([1_999, 2_000]);
    const { gone, come } = now.changesFrom(old);
    expect([gone.length, come.map(({ name }) => name)]).toEqual([0, ["c1999"]]);
  });
});
