/** The view's rows: what stands open, what menus go by, and what is a problem. */

import { expect, it } from "vitest";
import { contextOf, iconOf, isProblem, stateOf } from "../../client/src/views/tree-node.ts";
import type { SchemaTreeRow } from "../../server/src/lsp/protocol.ts";

function row(kind: SchemaTreeRow["kind"], more: Partial<SchemaTreeRow> = {}): SchemaTreeRow {
  return {
    kind,
    source: "s",
    id: "id",
    label: "t",
    description: "",
    tooltip: "",
    table: "public.t",
    definition: null,
    problems: 0,
    children: null,
    ...more,
  };
}

const below = { source: "s", table: { schema: "public", name: "t" } };

it("opens the tables at the top while they are few, and nothing below them", () => {
  expect(stateOf(row("table", { children: below }), 1)).toBe("open");
  expect(stateOf(row("table", { children: below }), 40)).toBe("closed");
  expect(stateOf(row("partition", { children: below }), null)).toBe("closed");
  expect(stateOf(row("partition"), null)).toBe("leaf");
});

it("tells menus what can be done with a row", () => {
  const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };
  expect(contextOf(row("run", { children: below }))).toBe("run");
  expect(contextOf(row("partition", { definition: { uri: "file:///a.sql", range } }))).toBe("partition defined");
  expect(contextOf(row("gap", { generate: { operation: "fill", table: "t" } }))).toBe("gap generate");
});

it("has an icon for each kind, and one for all problems", () => {
  const kinds = ["source", "table", "partition", "default", "gap", "missing-remainder", "overlap", "run"] as const;
  expect(kinds.map((kind) => [iconOf({ kind }), isProblem({ kind })])).toEqual([
    ["files", false],
    ["list-tree", false],
    ["table", false],
    ["inbox", false],
    ["warning", true],
    ["warning", true],
    ["warning", true],
    ["folder", false],
  ]);
});
