/** The order of migration files by the conventions of the tools that run them. */

import { describe, expect, test } from "vitest";
import { compareNaturally, downSection, orderMigrations } from "../../server/src/replay/migration-order.ts";

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
    expect(order).toEqual({ forward: ["V1__a.sql"], apart: [{ path: "U1__a.sql", after: "V1__a.sql" }] });
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

test.each(["-- migrate:down", "  -- +goose Down", "-- +migrate Down notransaction"])(
  "%s begins the undoing part",
  (line) => {
    const up = "-- migrate:up\nCREATE TABLE t (a int);\n";
    expect(downSection(`${up}${line}\nDROP TABLE t;\n`)).toBe(up.length);
    expect(downSection(up)).toBeNull();
  },
);

test("natural order takes digits by their number, of any length", () => {
  expect(compareNaturally("a9", "a10")).toBeLessThan(0);
  expect(compareNaturally("a99999999999999999998", "a99999999999999999999")).toBeLessThan(0);
});
