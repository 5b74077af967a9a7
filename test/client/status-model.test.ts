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
