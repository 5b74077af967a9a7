/** The text of a preview: what changes stands with its neighbours, long series are counted, foreign names stay in their line. */

import { describe, expect, it } from "vitest";
import { noPreview, previewText } from "../../client/src/views/preview-text.ts";
import type { GuidePreview } from "../../server/src/lsp/protocol.ts";

type Parts = NonNullable<GuidePreview["parts"]>;

const stays = (count: number, from = 1): Parts =>
  Array.from({ length: count }, (_, n) => ({ change: "stays" as const, name: `p${n + from}`, bound: `${n + from}` }));

describe("the partitions", () => {
  it("that change stand with a neighbour on both sides, with their lines for colours", () => {
    const parts: Parts = [
      ...stays(5),
      { change: "goes", name: "p6", bound: "6 … 10" },
      { change: "comes", name: "p6", bound: "6 … 8" },
      { change: "comes", name: "p6_long_name", bound: "8 … 10" },
      ...stays(3, 7),
    ];
    const { text, goes, comes } = previewText({ sql: "SELECT 1;\n", parts });
    expect(text.split("\n")).toEqual([
      "-- A preview: nothing is written yet.",
      "--",
      "--     … 4 more",
      "--     p5             5",
      "--   - p6             6 … 10",
      "--   + p6             6 … 8",
      "--   + p6_long_name   8 … 10",
      "--     p7             7",
      "--     … 2 more",
      "",
      "SELECT 1;",
      "",
    ]);
    expect([goes, comes]).toEqual([[4], [5, 6]]);
  });

  it("are counted where there are many", () => {
    const parts: Parts = Array.from({ length: 300 }, (_, n) => ({ change: "comes", name: `p${n}`, bound: "" }));
    const { text, comes } = previewText({ sql: "", parts });
    expect(comes).toHaveLength(40);
    expect(text).toContain("\n--     … 260 more\n");
  });

  it("are said to stay, or not to be known", () => {
    expect(previewText({ sql: "", parts: stays(3) }).text).toContain("-- The partitions stay as they are.\n");
    expect(previewText({ sql: "", parts: null }).text).toContain("-- The partitions afterwards are not known here.\n");
  });

  it("have names that end no comment", () => {
    const parts: Parts = [{ change: "comes", name: "a\nDROP TABLE t;", bound: "1\u2028x" }];
    expect(
      previewText({ sql: "", parts })
        .text.split(/[\n\u2028]/)
        .filter((line) => !/^(--.*)?$/.test(line)),
    ).toEqual([]);
  });
});

it("where there is nothing to show it says why, in one line", () => {
  expect(noPreview("a\nb").text).toBe("-- A preview: nothing is written yet.\n--\n-- a b\n");
  expect(noPreview(null).text).toContain("-- More is to be said first.\n");
});
