// A new migration: its name goes on in the pattern of the others, and its parts are those that the tool wants.
import { describe, expect, it } from "vitest";
import { newMigration } from "../../server/src/ide/new-migration.ts";
import { migrationToolOf } from "../../server/src/replay/migration-layout.ts";

function written(newest: string, newestText = "", others: readonly string[] = []) {
  const paths = [newest, ...others];
  return newMigration({
    tool: migrationToolOf(`/w/migrations/${newest}`, newestText, paths),
    newest,
    newestText,
    paths,
    title: "append Sales 2024",
    now: "2026-11-29T17:05:09.123Z",
    up: "CREATE TABLE a ();\n",
    down: "DROP TABLE a;\n",
  });
}

describe("the name", () => {
  it.each([
    ["V9__sales.sql", "V10__append_sales_2024.sql"],
    ["V1_9__sales.sql", "V1_10__append_sales_2024.sql"],
    ["V2.0.09__sales.sql", "V2.0.10__append_sales_2024.sql"],
    ["sub/V20240101120000__sales.sql", "sub/V20261129170509__append_sales_2024.sql"],
    ["0009_sales.sql", "0010_append_sales_2024.sql"],
    ["9-sales.sql", "10-append_sales_2024.sql"],
    ["20240101120000_sales.sql", "20261129170509_append_sales_2024.sql"],
    ["202401011200_sales.sql", "202611291705_append_sales_2024.sql"],
    ["20240101-120000.sql", "20261129-170509.sql"],
    ["2024-01-01-120000_sales.sql", "2026-11-29-170509_append_sales_2024.sql"],
    ["20270101120000_sales.sql", "20270101120001_append_sales_2024.sql"],
    ["1700000001_sales.sql", "1795971909_append_sales_2024.sql"],
    ["20240101_sales/migration.sql", "20261129_append_sales_2024/migration.sql"],
  ])("after %s is %s", (newest, name) => {
    expect(written(newest)?.files.map(({ path }) => path)).toEqual([name]);
  });

  it("of a change that names do not order is none", () => {
    expect(written("sales.sql")).toBeNull();
  });

  it.each([
    [
      "000009_sales.up.sql",
      "000009_sales.down.sql",
      ["000010_append_sales_2024.up.sql", "000010_append_sales_2024.down.sql"],
    ],
    ["000009_sales.up.sql", "000008_more.up.sql", ["000010_append_sales_2024.up.sql"]],
    ["9-sales/up.sql", "9-sales/down.sql", ["10-append_sales_2024/up.sql", "10-append_sales_2024/down.sql"]],
    [
      "2024-01-01-120000_sales/up.sql",
      "2024-01-01-120000_sales/down.sql",
      ["2026-11-29-170509_append_sales_2024/up.sql", "2026-11-29-170509_append_sales_2024/down.sql"],
    ],
    ["deploy/sales.sql", "sqitch.plan", ["deploy/append_sales_2024.sql", "revert/append_sales_2024.sql"]],
  ])("of %s beside %s has its counterpart, where others have one", (newest, other, paths) => {
    expect(written(newest, "", [other])?.files.map(({ path }) => path)).toEqual(paths);
  });
});

describe("the text", () => {
  it.each([
    ["-- +goose Up\n", "-- +goose Up\nCREATE TABLE a ();\n\n-- +goose Down\nDROP TABLE a;\n"],
    ["-- migrate:up\n", "-- migrate:up\nCREATE TABLE a ();\n\n-- migrate:down\nDROP TABLE a;\n"],
    ["-- +migrate Up\n", "-- +migrate Up\nCREATE TABLE a ();\n\n-- +migrate Down\nDROP TABLE a;\n"],
    ["-- Up Migration\n", "-- Up Migration\nCREATE TABLE a ();\n\n-- Down Migration\nDROP TABLE a;\n"],
    [
      "SELECT 1;\n---- create above / drop below ----\n",
      "CREATE TABLE a ();\n\n---- create above / drop below ----\nDROP TABLE a;\n",
    ],
    ["SELECT 1;\n-- //@UNDO\n", "-- // append Sales 2024\nCREATE TABLE a ();\n\n-- //@UNDO\nDROP TABLE a;\n"],
    [
      "--liquibase formatted sql\n--changeset ann:7\n",
      "--liquibase formatted sql\n--changeset ann:append_sales_2024\nCREATE TABLE a ();\n--rollback DROP TABLE a;\n",
    ],
    ["SELECT 1;\n", "CREATE TABLE a ();\n"],
  ])("behind %j", (newestText, text) => {
    expect(written("0001_a.sql", newestText)?.files[0]?.text).toBe(text);
  });

  it("of Sqitch is a transaction, and the plan is the person's", () => {
    const change = written("deploy/sales.sql", "", ["sqitch.plan"]);
    expect(change?.files[0]?.text).toBe("BEGIN;\n\nCREATE TABLE a ();\n\nCOMMIT;\n");
    expect(change?.note).toBe('"sqitch add append_sales_2024" takes it into the plan');
  });
});
