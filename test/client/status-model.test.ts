/** The status bar: one text for each source and state, and no Markdown from outside. */

import { describe, expect, it } from "vitest";
import { statusModel } from "../../client/src/status/status-model.ts";
import type { StatusParams } from "../../server/src/lsp/protocol.ts";

describe("the status bar", () => {
  it.each<[StatusParams | null, string, "normal" | "error"]>([
    [null, "$(sync~spin) Partition Lens", "normal"],
    [{ source: "file", state: "ready", label: "this file", message: null }, "$(file-code) this file", "normal"],
    [
      { source: "embedded", state: "starting", label: "embedded PostgreSQL 18", message: null },
      "$(sync~spin) embedded PostgreSQL 18",
      "normal",
    ],
    [{ source: "connected", state: "ready", label: "me@db/shop", message: null }, "$(database) me@db/shop", "normal"],
    [
      { source: "connected", state: "failed", label: "me@db/shop", message: "the server closed the connection" },
      "$(warning) me@db/shop",
      "error",
    ],
  ])("says %j as %s", (status, text, severity) => {
    expect(statusModel(status)).toMatchObject({ text, severity });
  });

  const chain = { label: "24 migrations in db/migrate", unknown: [], choices: [] };

  it.each([
    [chain, "schema from 24 migrations in db/migrate"],
    [{ ...chain, unknown: ["orders"] }, "schema from 24 migrations in db/migrate · unknown: orders"],
    [{ label: null, unknown: ["a", "b", "c", "d", "e"], choices: [] }, "this file · unknown: a, b, c and 2 more"],
    [
      { label: null, unknown: ["orders"], choices: [{ key: "k", label: "x", chosen: false }] },
      "this file · which schema? · unknown: orders",
    ],
  ])("says whose schema the file has, in place of a source that is no database: %j", (schema, words) => {
    const status: StatusParams = { source: "file", state: "ready", label: "this file", message: null };
    expect(statusModel(status, schema).text).toBe(`$(file-code) ${words}`);
    expect(statusModel(status, schema).tooltip).toContain("predicted from the SQL files alone");
  });

  it("names the database first, and what goes wrong with it", () => {
    const shop: StatusParams = { source: "connected", state: "ready", label: "me@db/shop", message: null };
    expect(statusModel(shop, chain).text).toBe("$(database) me@db/shop · 24 migrations in db/migrate");
    const failed: StatusParams = { source: "embedded", state: "failed", label: "embedded PostgreSQL 18", message: "x" };
    expect(statusModel(failed, chain).text).toMatch(/^\$\(warning\) embedded PostgreSQL 18 · schema from 24/);
  });

  it("names the way out where a table is unknown", () => {
    const status: StatusParams = { source: "file", state: "ready", label: "this file", message: null };
    const choice = { key: "k", label: "x", chosen: false };
    const tooltip = (choices: readonly (typeof choice)[]) =>
      statusModel(status, { label: null, unknown: ["orders"], choices }).tooltip;
    expect(tooltip([])).toMatch(/schema.*files/);
    expect(tooltip([choice])).toContain("Select to pick the schema");
  });

  it("shows what went wrong in the tooltip, with nothing in it that Markdown would read", () => {
    const { tooltip } = statusModel({
      source: "connected",
      state: "failed",
      label: "a_b",
      message: "no [link](command:x) here",
    });
    expect(tooltip).toContain("no \\[link\\]\\(command\\:x\\) here");
    expect(tooltip).toContain("a\\_b");
  });
});
