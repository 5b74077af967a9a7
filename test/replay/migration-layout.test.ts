/** The conventions by which migration tools name their files. */

import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { filesOfChain, migrationLayoutsOf, migrationToolOf } from "../../server/src/replay/migration-layout.ts";

describe("the chain of", () => {
  test.each([
    ["db/migration/V1_2__add.sql", "db/migration", ["V1__a.sql", "U1__a.sql", "R__views.sql"], ["notes.sql", "V1.sql"]],
    [
      "db/migration/postgresql/V1__a.sql",
      "db/migration",
      ["V2__a.sql", "common/V3__b.sql", "V2__a.sql.conf"],
      ["V1.sql"],
    ],
    ["sql/pg/V1__a.sql", "sql", ["mysql/V1__a.sql"], ["V1.sql"]],
    ["docker-entrypoint-initdb.d/1.sql", "docker-entrypoint-initdb.d", ["02_b.sql"], ["b.sql"]],
    ["x/000001_a.up.sql", "x", ["000001_a.up.sql", "2_b.down.sql"], ["3_c.sql", "old/1_a.up.sql"]],
    [
      "file:///w/supabase/migrations/20240101120000_a.sql",
      "file:///w/supabase/migrations",
      ["20240201120000_b.sql"],
      ["seed.sql"],
    ],
    ["migrations/2024-01-01-120000_a/up.sql", "migrations", ["2024-02-01-120000_b/down.sql"], ["lib/up.sql"]],
    ["drizzle/0000_lively_hulk.sql", "drizzle", ["0001_calm.sql"], ["meta/0001_snapshot.sql", "schema.sql"]],
    ["app/migrations/1-a.sql", "app/migrations", ["2-b.sql", "10.sql"], ["a.sql"]],
    ["db/migrate/postgres/v1.sql", "db/migrate/postgres", ["v2.sql", "V10_b.sql"], ["views.sql"]],
    [
      "prisma/migrations/20240101_a/migration.sql",
      "prisma/migrations",
      ["20240201_b/migration.sql"],
      ["x/migration.sql"],
    ],
    ["migrations/1-sales/up.sql", "migrations", ["2-more/up.sql", "1-sales/down.sql"], ["sales/up.sql"]],
    ["schema/00-base.sql", "schema", ["01-next.sql"], ["views.sql"]],
    ["db/patches/0001.sql", "db/patches", ["0002-x.sql"], ["x.sql"]],
    ["upgrade_scripts/1.2-x.sql", "upgrade_scripts", ["1.10-y.sql"], ["notes.sql"]],
    ["main/deltas/54/01_x.sql", "main/deltas", ["54/02_y.sql", "v55/01_z.sql"], ["x.sql"]],
    ["scripts/20260101-101500.sql", "scripts", ["20260102-101500.sql"], ["20260102.sql", "x.sql"]],
    ["app/alembic/versions/0001_x.sql", "app/alembic/versions", ["0002_y.sql"], ["x.sql"]],
    ["shop/migrations/sql/0003_x.sql", "shop/migrations/sql", ["0004_y.sql"], ["x.sql"]],
    ["p/deploy/app/a.sql", "p", ["sqitch.plan", "deploy/b.sql", "revert/app/a.sql", "verify/b.sql"], ["a.sql"]],
  ])("%s", (path, root, inside, outside) => {
    const layout = migrationLayoutsOf(path, "").find(({ companion }) => companion === undefined);
    expect(layout?.root).toBe(root);
    const matches = picomatch([...(layout?.globs ?? [])]);
    expect(matches(path.slice(root.length + 1))).toBe(true);
    expect(inside.filter((each) => !matches(each))).toEqual([]);
    expect(outside.filter((each) => matches(each))).toEqual([]);
  });
});

test.each([
  "db/migration/mysql/V1__a.sql",
  "queries/1_first.sql",
  "report.sql",
  "2024_report.sql",
  "20240101120000_dump.sql",
  "V1.sql",
  "a/migration.sql",
  "deploy.sql",
  "schema/16.sql",
  "scripts/20260101.sql",
  "R_x.sql",
])("%s belongs to none", (path) => {
  expect(migrationLayoutsOf(path, "").filter(({ companion }) => companion === undefined)).toEqual([]);
});

describe("what stands in a file tells where its chain lies", () => {
  test.each([
    ["sql/1700000001.sql", "-- +migrate Up\n", [["sql", false]]],
    ["sql/first.sql", "-- +goose Up\n", [["sql", false]]],
    [
      "res/db/changelog/changes/a.sql",
      "--liquibase formatted sql\n",
      [
        ["res/db/changelog", false],
        ["res/db", true],
        ["res/db/changelog", true],
        ["res/db/changelog/changes", false],
      ],
    ],
    ["sql/first.sql", "SELECT 1;", []],
  ])("%s", (path, text, roots) => {
    const layouts = migrationLayoutsOf(path, text).filter(({ companion }) => companion === undefined);
    expect(layouts.map(({ root, listed }) => [root, listed])).toEqual(roots);
  });

  test("and files without it do not run with them", () => {
    const layout = migrationLayoutsOf("sql/1.sql", "-- +migrate Up\n").at(-1);
    const files = [
      { path: "1.sql", text: "-- +migrate Up\n" },
      { path: "2.sql", text: "-- +migrate Up\n" },
      { path: "report.sql", text: "SELECT 1;" },
    ];
    expect(layout === undefined ? [] : filesOfChain(layout, files).map(({ path }) => path)).toEqual(["1.sql", "2.sql"]);
  });

  test("a companion that is not there leaves no chain", () => {
    const [layout] = migrationLayoutsOf("out/0001_a.sql", "");
    const files = [{ path: "0001_a.sql" }, { path: "0002_b.sql" }];
    expect(layout?.companion).toBe("meta/_journal.json");
    expect(layout === undefined ? null : filesOfChain(layout, files)).toEqual([]);
  });
});

describe("the tool of", () => {
  test.each([
    ["x.sql", "-- +goose Up\n", [], "goose"],
    ["db/migrations/1_x.sql", "-- comment\n-- migrate:up transaction:false\n", [], "dbmate"],
    // Not where a line begins, so dbmate does not see it.
    ["db/migrations/1_x.sql", " -- migrate:up\n", [], "numbered files"],
    ["migrations/1_x.sql", "-- +migrate Up\n", [], "sql-migrate"],
    ["x.sql", "--liquibase formatted sql\n", [], "Liquibase"],
    ["drizzle/0001_x.sql", "SELECT 1;", ["drizzle/meta/_journal.json"], "Drizzle"],
    ["migrations/1_x.sql", "SELECT 1;", ["atlas.sum"], "Atlas"],
    ["V1__x.sql", "SELECT 1;", [], "Flyway"],
    ["p/deploy/x.sql", "SELECT 1;", ["sqitch.plan"], "Sqitch"],
    ["migrations/1_x.sql", "SELECT 1;\n---- create above / drop below ----\nSELECT 2;", [], "tern"],
    ["scripts/1_x.sql", "SELECT 1;\n-- //@UNDO\nSELECT 2;", [], "MyBatis Migrations"],
    ["scripts/20260101-101500.sql", "SELECT 1;", [], "Schema Evolution Manager"],
    ["1_x.up.sql", "SELECT 1;", [], "golang-migrate"],
    ["2024-01-01-000000_x/up.sql", "SELECT 1;", [], "Diesel"],
    ["20240101000000_x/migration.sql", "SELECT 1;", [], "Prisma"],
    ["migrations/1_x.sql", "SELECT 1;", [], "numbered files"],
  ])("%s", (path, text, others, name) => {
    expect(migrationToolOf(path, text, others)?.name).toBe(name);
  });

  test.each(["p/deploy/x.sql", "x.sql", "reports/1_x.sql"])("%s is not known", (path) => {
    expect(migrationToolOf(path, "SELECT 1;", [])).toBeNull();
  });
});
