/** The order of migration files by the conventions of the tools that run them. */

import { describe, expect, test } from "vitest";
import { compareNaturally, orderMigrations } from "../../server/src/replay/migration-order.ts";

function forward(...paths: readonly string[]): readonly string[] {
  return orderMigrations(paths.map((path) => ({ path }))).forward;
}

describe("forward order", () => {
  test("Flyway: versions by their parts, repeatable migrations last", () => {
    expect(forward("R__views.sql", "V1_10__c.sql", "V1_2__b.sql", "V2__d.sql", "V1__a.sql")).toEqual([
      "V1__a.sql",
      "V1_2__b.sql",
      "V1_10__c.sql",
      "V2__d.sql",
      "R__views.sql",
    ]);
  });

  test("plain numbers and timestamps by number", () => {
    expect(forward("10_c.sql", "9_b.sql", "001_a.sql")).toEqual(["001_a.sql", "9_b.sql", "10_c.sql"]);
    expect(forward("db/20240301120000_b.sql", "db/20231231235959_a.sql")).toEqual([
      "db/20231231235959_a.sql",
      "db/20240301120000_b.sql",
    ]);
  });

  test("Prisma: by the folder", () => {
    expect(forward("migrations/20240201_b/migration.sql", "migrations/20240101_a/migration.sql")).toEqual([
      "migrations/20240101_a/migration.sql",
      "migrations/20240201_b/migration.sql",
    ]);
  });

  test("Diesel: by the folder, with the down files apart", () => {
    const files = ["2024-01-02-080000_b/up.sql", "2024-01-02-080000_b/down.sql", "2024-01-01-090000_a/up.sql"];
    expect(orderMigrations(files.map((path) => ({ path })))).toEqual({
      forward: ["2024-01-01-090000_a/up.sql", "2024-01-02-080000_b/up.sql"],
      replaced: [],
      apart: [{ path: "2024-01-02-080000_b/down.sql", after: "2024-01-02-080000_b/up.sql" }],
    });
  });

  test("names without a number in natural order", () => {
    expect(forward("part10.sql", "part2.sql", "a.sql")).toEqual(["a.sql", "part2.sql", "part10.sql"]);
  });
});

describe("files apart", () => {
  test("golang-migrate's down files follow on their up files", () => {
    const order = orderMigrations(
      ["2_b.up.sql", "1_a.down.sql", "1_a.up.sql", "2_b.down.sql"].map((path) => ({ path })),
    );
    expect(order.forward).toEqual(["1_a.up.sql", "2_b.up.sql"]);
    expect(order.apart).toEqual([
      { path: "1_a.down.sql", after: "1_a.up.sql" },
      { path: "2_b.down.sql", after: "2_b.up.sql" },
    ]);
  });

  test("Flyway's undo migrations", () => {
    const order = orderMigrations([{ path: "V1__a.sql" }, { path: "U1__a.sql" }]);
    expect(order).toEqual({ forward: ["V1__a.sql"], replaced: [], apart: [{ path: "U1__a.sql", after: "V1__a.sql" }] });
  });

  test("Sqitch: the plan's order, revert and verify apart", () => {
    const text = "%project=x\n\nusers 2024-01-01T00:00:00Z A <a@b> # users\n@v1 …\naccounts [users] 2024-01-02 …\n";
    const order = orderMigrations([
      { path: "sqitch.plan", text },
      { path: "deploy/accounts.sql" },
      { path: "deploy/users.sql" },
      { path: "revert/users.sql" },
    ]);
    expect(order.forward).toEqual(["deploy/users.sql", "deploy/accounts.sql"]);
    expect(order.apart).toEqual([{ path: "revert/users.sql", after: "deploy/users.sql" }]);
  });
});

describe("lists", () => {
  test("Sqitch: what the plan does not name is not run, and what is reworked has scripts called after the tag", () => {
    const text = `%syntax-version=1.0.0
%project=x

users 2024-01-01T00:00:00Z A <a@b> # users
accounts [users] 2024-01-02T00:00:00Z A <a@b>
@v1 2024-01-03T00:00:00Z A <a@b> # first
@v1.1 2024-01-03T00:00:00Z A <a@b>

+users [users@v1] 2024-01-04T00:00:00Z A <a@b> # more
@v2 2024-01-05T00:00:00Z A <a@b>
users [users@v2] 2024-01-06T00:00:00Z A <a@b>
`;
    const names = ["accounts", "other", "users", "users@v1", "users@v1.1", "users@v2"];
    const order = orderMigrations([
      { path: "sqitch.plan", text },
      ...["deploy", "revert", "verify"].flatMap((kind) => names.map((name) => ({ path: `${kind}/${name}.sql` }))),
    ]);
    const run = ["users@v1", "accounts", "users@v2", "users"];
    expect(order.forward).toEqual(run.map((name) => `deploy/${name}.sql`));
    expect(order.apart).toEqual(
      ["revert", "verify"].flatMap((kind) =>
        run.map((name) => ({ path: `${kind}/${name}.sql`, after: `deploy/${name}.sql` })),
      ),
    );
  });

  test("Drizzle: what the journal names, in its order", () => {
    const paths = ["d/0000_a.sql", "d/0001_b.sql", "d/0001_c.sql"].map((path) => ({ path }));
    const journal = (text: string) => orderMigrations([...paths, { path: "d/meta/_journal.json", text }]).forward;
    expect(journal('{"entries":[{"idx":0,"tag":"0001_c"},{"tag":"0000_a"},{"tag":"0002_d"},7]}')).toEqual([
      "d/0001_c.sql",
      "d/0000_a.sql",
    ]);
    expect(journal("{")).toEqual(paths.map(({ path }) => path));
  });
});

test("Flyway: a baseline stands for what comes up to its version, which was a run of its own", () => {
  const paths = ["V1__a.sql", "V2__b.sql", "B2__base.sql", "V3__c.sql", "R__r.sql", "U2__b.sql", "B1__old.sql"];
  expect(orderMigrations(paths.map((path) => ({ path })))).toEqual({
    forward: ["B2__base.sql", "V3__c.sql", "R__r.sql"],
    replaced: ["V1__a.sql", "V2__b.sql"],
    apart: [{ path: "U2__b.sql", after: "V2__b.sql" }],
  });
});

test("folders of other databases are left out", () => {
  expect(forward("postgresql/V2__b.sql", "mysql/V2__b.sql", "common/V1__a.sql", "h2/V1__a.sql")).toEqual([
    "common/V1__a.sql",
    "postgresql/V2__b.sql",
  ]);
});

test("natural order takes digits by their number, of any length", () => {
  expect(compareNaturally("a9", "a10")).toBeLessThan(0);
  expect(compareNaturally("a99999999999999999998", "a99999999999999999999")).toBeLessThan(0);
});
