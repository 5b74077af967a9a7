/** What is claimed of a schema of which the files are only a part: nothing that rests on what they do not show. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import type { ApplyContext } from "../../server/src/effects/outcome.ts";
import { routeInsert } from "../../server/src/effects/queries/insert.ts";
import { childrenOf } from "../../server/src/effects/relations/descendants.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { handleAt } from "../../server/src/syntax/statement-handle.ts";
import { readingForTests } from "../support/parser.ts";
import { runText } from "../support/run-text.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function run(text: string, complete: boolean) {
  const start = emptyCatalog({ complete, timeZone: "UTC", databaseCollation: "C" });
  const steps = runText(text, start);
  return { steps, catalog: finalCatalog(start, steps) };
}

function refusals(text: string, complete: boolean): string[] {
  return run(text, complete).steps.flatMap((step) => step.rejection?.message ?? []);
}

test.each([
  "begin; create table a (k int); create table b (k nosuch); commit; create table a (k int)",
  "begin; create table a (k int); create index on a (k nosuch_ops); commit; create table a (k int)",
  "create table a (k int) \\; create table b (k nosuch); create table a (k int)",
  "create table a (k int); alter table a add column z nosuch; alter table a add column z int",
])("nothing is there for sure that came with what nobody shows: %s", (script) => {
  expect(refusals(script, false)).toEqual([]);
});

describe("a row that another refers to", () => {
  const tables = "create table a (id int primary key);\ncreate table b (aid int references a);\n";
  const refers = "insert into b values (1);";
  const refusal = 'insert or update on table "b" violates foreign key constraint "b_aid_fkey"';

  test("is missing where nothing has put it there", () => {
    expect(refusals(tables + refers, false)).toEqual([refusal]);
    const dropped = `drop table if exists a, b;\n${tables.replaceAll("table", "table if not exists")}`;
    expect(refusals(dropped + refers, false)).toEqual([refusal]);
  });

  test.each([
    tables.replace("table a", "table if not exists a"),
    `${tables}\\copy a from 'a.csv'\n`,
    `${tables}\\! psql -f rows.sql\n`,
    `${tables}\\i rows.sql\n`,
    `${tables}insert into a values {{ rows }};\n`,
    `${tables}insert into {{ table }} values (1);\n`,
    `${tables}copy a from '/tmp/a.csv';\n`,
    `${tables}select fill();\n`,
  ])("may be there: %s", (before) => {
    expect(refusals(before + refers, false)).toEqual([]);
  });

  test("may have come between two files", () => {
    const { catalog } = run(tables, false);
    const later = replay({
      file: "b.sql",
      statements: parseDocument(refers, reading).statements,
      start: catalog,
      options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text: refers, reading },
    });
    expect(later.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  });
});

describe("a name that no statement creates", () => {
  const statements = [
    "alter table sales add column x int",
    "alter table sales drop column x",
    "alter table sales rename to old_sales",
    "alter table sales inherit base",
    "create index on sales (x)",
    "create table t (x int references sales)",
    "create table t (like sales)",
    "create table t () inherits (sales)",
    "create table t (x some_type)",
    "create view v as select * from sales",
    "drop table sales",
    "drop type some_type",
    "drop schema reporting",
    "truncate sales",
    "insert into sales values (1)",
    "select * from sales",
    "create trigger t before insert on sales for each row execute function f()",
    "alter type some_type add value 'x'",
    "alter table sales set schema reporting",
  ];
  test.each(statements)("%s", (statement) => {
    expect(refusals(statement, false)).toEqual([]);
  });

  test("is refused where the files are the whole schema", () => {
    const messages = refusals(`${statements.join(";\n")};`, true);
    expect(messages.length).toBe(statements.length);
    expect(messages[0]).toBe('relation "sales" does not exist');
  });

  test("is refused after it has been dropped or renamed away", () => {
    expect(
      refusals(
        "drop table sales; select * from sales; create table a (x int); alter table a rename to b; table a;",
        false,
      ),
    ).toEqual(['relation "sales" does not exist', 'relation "a" does not exist']);
  });

  test("of PostgreSQL's own catalogs is known to exist", () => {
    expect(refusals("select * from pg_class, information_schema.tables, pg_catalog.pg_type", true)).toEqual([]);
  });
});

describe("what cannot be read", () => {
  test("a function that may change anything leaves unknown names open", () => {
    const script =
      "create function make() returns void language plpgsql as $$ begin execute 'x'; end $$; select make(); table made;";
    expect(refusals(script, true)).toEqual([]);
  });

  test("a function of which the body can be read does not", () => {
    const script = "create function one() returns int language sql as 'select 1'; select one(); table made;";
    expect(refusals(script, true)).toEqual(['relation "made" does not exist']);
  });

  test("an extension may bring relations", () => {
    expect(refusals("create extension postgis; table spatial_ref_sys;", true)).toEqual([]);
    expect(refusals("create extension btree_gist; table spatial_ref_sys;", true)).toEqual([
      'relation "spatial_ref_sys" does not exist',
    ]);
  });
});

describe("routes of rows", () => {
  const schema = `
    create table p (k int, d int default 7, u int default random()) partition by range (k);
    create table p0 partition of p for values from (0) to (10);
    create table p1 partition of p for values from (10) to (20) partition by list (d);
    create table p17 partition of p1 for values in (7);
    create table h (k int generated by default as identity, v int) partition by hash (k);
    create table h0 partition of h for values with (modulus 1, remainder 0);
    create table j (k jsonb) partition by list (k);
    create table j_1 partition of j for values in ('not json', '{"a": 1}');
  `;
  test.each([
    ["insert into p (k) values (3), (13), (23)", ["p0", "p17", 'no partition of relation "p" found for row']],
    ["insert into p values (13, 8)", ['no partition of relation "p1" found for row']],
    ["insert into p values (13, default)", ["p17"]],
    ["insert into p select 5", ["p0"]],
    ["insert into p0 (k) values (15)", ['new row for relation "p0" violates partition constraint']],
    ["insert into p (k) select x from generate_series(1, 3) x", null],
    ["insert into p (k) values (random()::int)", ["undecided"]],
    ["insert into h (v) values (1)", ["undecided"]],
    ["insert into j values ('{\"a\": 1}')", ["undecided"]],
    ["insert into p (k) values ('x')", ['invalid input syntax for type integer: "x"']],
    ["insert into nosuch values (1)", null],
  ])("%s", (sql, expected) => {
    const { catalog } = run(schema, true);
    const [statement] = parseDocument(sql, reading).statements;
    if (statement?.statement.kind !== "query" || statement.statement.query.kind !== "insert")
      throw new Error("no INSERT");
    const context: ApplyContext = {
      version: 18,
      pathmanVersion: "1.5",
      today: "2025-01-01",
      file: "a.sql",
      statement: handleAt(0),
      inTransaction: false,
      inFunction: false,
    };
    const routes = routeInsert(catalog, statement.statement.query, context);
    const shown = routes?.map((route) => {
      if (route.kind === "rejected") return route.rejection.message;
      return route.kind === "undecided" ? "undecided" : catalog.relations.get(route.relation)?.name;
    });
    expect(shown ?? null).toEqual(expected);
  });
});

test("a table keeps its identity through RENAME and SET SCHEMA", () => {
  const { catalog } = run(
    `create schema s; create table a (k int) partition by list (k); create table b partition of a for values in (1);
     alter table a rename to c; alter table c set schema s; alter table b rename column k to x;`,
    true,
  );
  const parent = findRelation(catalog, { schema: "s", name: "c" });
  const partition = findRelation(catalog, { schema: null, name: "b" });
  expect(partition?.partitionOf?.parent).toBe(parent?.id);
  expect(findRelation(catalog, { schema: null, name: "a" })).toBeNull();
});

test.each([
  "CREATE TABLE a (CHECK (k > 1)) INHERITS (a)",
  "CREATE TABLE b () INHERITS (a); CREATE TABLE a () INHERITS (b)",
  "CREATE TABLE a PARTITION OF a FOR VALUES FROM (1) TO (2)",
  "CREATE TABLE b PARTITION OF a FOR VALUES FROM (1) TO (2) PARTITION BY RANGE (k); CREATE TABLE a PARTITION OF b FOR VALUES FROM (1) TO (2)",
])("what PostgreSQL refuses for one reason or another makes no table one of those below itself: %s", (text) => {
  const { catalog } = run(`${text}; ALTER TABLE a ADD CHECK (k > 3); ALTER TABLE a ADD COLUMN v int;`, false);
  const own = findRelation(catalog, { schema: null, name: "a" });
  if (own !== null) expect(childrenOf(catalog, own).map(({ id }) => id)).not.toContain(own.id);
});
