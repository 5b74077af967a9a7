/** How a node of the server's partition tree looks in the view; runs of many partitions become folders. */

import type { PartitionTreeNode } from "../../../server/src/lsp/protocol.ts";

/** A folder of neighbouring partitions, so that thousands of them stay legible. */
export interface RunNode {
  readonly kind: "run";
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly children: readonly PartitionTreeNode[];
  readonly problems: number;
}

export type ViewNode = PartitionTreeNode | RunNode;

/** Children beyond this number are gathered into runs of this size. */
export const runLength = 100;

export function childrenOf(node: ViewNode): readonly ViewNode[] {
  return node.kind === "run" ? node.children : inRuns(node.id, node.children);
}

/** Gaps and overlaps keep their place in the order, at the head of no run: they are what a reader looks for. */
function inRuns(id: string, nodes: readonly PartitionTreeNode[]): readonly ViewNode[] {
  if (nodes.length <= runLength) return nodes;
  const result: ViewNode[] = [];
  let run: PartitionTreeNode[] = [];
  const close = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first === undefined || last === undefined) return;
    result.push({
      kind: "run",
      id: `${id} run ${first.id}`,
      label: `${first.label} … ${last.label}`,
      description: `${run.length} partitions`,
      children: run,
      problems: run.reduce((sum, { problems }) => sum + problems, 0),
    });
    run = [];
  };
  for (const node of nodes) {
    if (node.kind === "partition") {
      run.push(node);
      if (run.length === runLength) close();
    } else {
      close();
      result.push(node);
    }
  }
  close();
  return result;
}

/** A codicon's id. */
export function iconOf(node: ViewNode): string {
  switch (node.kind) {
    case "table":
      return "list-tree";
    case "partition":
      return "table";
    case "default":
      return "inbox";
    case "gap":
    case "missing-remainder":
    case "overlap":
      return "warning";
    case "run":
      return "folder";
  }
}
