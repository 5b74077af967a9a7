/** Calls that none of the script's functions takes, where others may that the files do not show: no error rests on what they made. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const functions = `create function f(a int) returns int language sql immutable as $$ select a $$;
  create table u (d int primary key);
  insert into u values (1);`;

/** PostgreSQL refuses the first statement, and takes what comes behind. */
const scripts: readonly (readonly [string, ...string[]])[] = [
  ["create table t (d int) partition by range (f(d, d))", "create table t (d int) partition by range (d)"],
  ["create table t (d int check (f(d, d) > 0))", "create table t (d int)"],
  ["create table t (d int, check (f(d::text) > 0))", "create table t (d int)"],
  ["create table t (d int check (nobodys(d) > 0))", "create table t (d int)"],
  ["create table t (d text check (f(d) > 0))", "create table t (d int)"],
  ["create table t (d int default f(1, 2))", "create table t (d int)"],
  ["create table t (d int, g int generated always as (f(d, d)) stored)", "create table t (d int)"],
  ["create table t (d int, exclude using btree (f(d, d) with =))", "create table t (d int)"],
  ["create table t as select f(d, d) from u", "create table t as select d from u"],
  ["create view t as select f(d, d) from u", "create view t as select d from u"],
  ["create materialized view t as select f(d, d) from u", "create view t as select d from u"],
  ["create domain t as int check (f(value, value) > 0)", "create domain t as int"],
  ["create index i on u (f(d, d))", "create index i on u (d)"],
  ["create index i on u (d) where f(d, d) > 0", "create index i on u (d)"],
  ["alter table u add constraint c check (f(d, d) > 0)", "alter table u add constraint c check (d > 0)"],
  ["alter table u add column e int default f(1, 2)", "alter table u add column e int"],
  ["alter table u alter column d type text using f(d, d)", "alter table u alter column d set default 5"],
  ["create schema s create table t (d int check (f(d, d) > 0))", "create schema s", "create table s.t (d int)"],
  [
    "create or replace view u2 as select d, f(d, d) as e from u",
    "create view u2 as select d from u",
    "create or replace view u2 as select d, d as e2 from u",
  ],
  ["insert into u values (f(2, 2))", "alter table u add check (d = 1)"],
  ["with x as (insert into u values (f(2, 2)) returning d) select * from x", "alter table u add check (d = 1)"],
  ["delete from u where d = 1 or f(1, 2) = 1", "create table c (d int references u)", "insert into c values (1)"],
  ["update u set d = case d when 1 then 2 else f(1, 2) end", "alter table u add check (d = 1)"],
  ["begin; create table t (d int); select f(1, 2); commit", "create table t (d int)"],
  ["begin; create table t (d int); insert into u values (f(1, 2)); commit", "create table t (d int)"],
  ["begin; create table t (d int); create view v as select f(d, d) from u; commit", "create table t (d int)"],
  ["begin; create table t (d int); alter table u add check (f(d, d) > 0); commit", "create table t (d int)"],
];

describe.each([false, true])("the files are all there is: %s", (complete) => {
  test.each(scripts)("%s", async (first, ...others) => {
    const database = await createDatabase(18);
    try {
      await database.client.query(functions);
      await expect(database.client.query(first)).rejects.toThrow(/does not exist/);
      if (first.startsWith("begin")) await database.client.query("commit");
      for (const each of others) await database.client.query(each);
      const text = [functions, first, ...others].join(";\n");
      const refused = steps(text, complete).filter(({ rejection }) => rejection !== null);
      const places = refused.map(({ statement }) => statement.offset);
      expect(places.filter((place) => place >= text.lastIndexOf(others[0] ?? ""))).toEqual([]);
    } finally {
      await database.close();
    }
  });
});

test("the functions that there are leave no doubt", () => {
  const taken = ["create table t (d int check (f(d) > 0))", "create view v as select f(d) from u"];
  const again = ["create table t (d int)", "create view v as select 1"];
  const refused = steps([functions, ...taken, ...again].join(";\n"), false).flatMap(({ rejection }) => rejection ?? []);
  expect(refused.map(({ sqlstate }) => sqlstate)).toEqual(["42P07", "42P07"]);
});

function steps(text: string, complete: boolean) {
  return replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete, timeZone: "UTC", databaseCollation: "C" }),
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}
