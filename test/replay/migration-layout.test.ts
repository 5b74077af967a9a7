/** The conventions by which migration tools name their files. */

import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { migrationLayoutOf, migrationToolOf } from "../../server/src/replay/migration-layout.ts";

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
    ["p/deploy/app/a.sql", "p", ["sqitch.plan", "deploy/b.sql", "revert/app/a.sql", "verify/b.sql"], ["a.sql"]],
  ])("%s", (path, root, inside, outside) => {
    const layout = migrationLayoutOf(path);
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
  "R_x.sql",
])("%s belongs to none", (path) => {
  expect(migrationLayoutOf(path)).toBeNull();
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
