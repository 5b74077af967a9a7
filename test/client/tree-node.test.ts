/** The view's nodes: thousands of partitions become folders, and gaps stay in sight. */

import { describe, expect, it } from "vitest";
import { childrenOf, iconOf, runLength, type ViewNode } from "../../client/src/views/tree-node.ts";
import type { PartitionTreeNode } from "../../server/src/lsp/protocol.ts";

function node(kind: PartitionTreeNode["kind"], label: string, children: PartitionTreeNode[] = []): PartitionTreeNode {
  const problems = kind === "gap" ? 1 : 0;
  return {
    kind,
    id: label,
    label,
    description: "",
    tooltip: "",
    table: "public.t",
    definition: null,
    children,
    problems,
  };
}

function table(count: number, gapAt: number | null): PartitionTreeNode {
  const children = Array.from({ length: count }, (_, index) => node("partition", `t_${index}`));
  if (gapAt !== null) children.splice(gapAt, 0, node("gap", "gap"));
  return node("table", "t", children);
}

function partitionsBelow(nodes: readonly ViewNode[]): number {
  return nodes.reduce((sum, child) => sum + (child.kind === "run" ? child.children.length : 1), 0);
}

describe("children of a table in the view", () => {
  it("stand by themselves while they are few", () => {
    expect(childrenOf(table(runLength, null))).toHaveLength(runLength);
  });

  it("are gathered into runs, none lost, when they are many", () => {
    const children = childrenOf(table(10_000, null));
    expect(children).toHaveLength(10_000 / runLength);
    expect(partitionsBelow(children)).toBe(10_000);
    expect(children[1]).toMatchObject({ kind: "run", label: "t_100 … t_199", description: "100 partitions" });
  });

  it("show a gap between runs, not inside one", () => {
    const children = childrenOf(table(250, 120));
    expect(children.map(({ kind }) => kind)).toEqual(["run", "run", "gap", "run", "run"]);
    expect(children.map(iconOf)).toEqual(["folder", "folder", "warning", "folder", "folder"]);
    expect(new Set(children.map(({ id }) => id)).size).toBe(children.length);
  });
});
