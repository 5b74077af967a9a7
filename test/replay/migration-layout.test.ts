/** The conventions by which migration tools name their files. */

import picomatch from "picomatch";
import { describe, expect, test } from "vitest";
import { migrationLayoutOf } from "../../server/src/replay/migration-layout.ts";

describe("the chain of", () => {
  test.each([
    ["db/migration/V1_2__add.sql", "db/migration", ["V1__a.sql", "U1__a.sql", "R__views.sql"], ["notes.sql", "V1.sql"]],
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
