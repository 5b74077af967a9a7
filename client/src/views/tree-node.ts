/** How a row of the server's tree looks in the view. */

import type { SchemaTreeRow } from "../../../server/src/lsp/protocol.ts";

/** So many rows at the top stand open: more would not be seen together. */
const mostOpen = 3;

/** Whether a row can be opened, and is at first; `siblings` are the rows at the top of the tree, where it is one of them. */
export function stateOf(row: SchemaTreeRow, siblings: number | null): "leaf" | "open" | "closed" {
  if (row.children === null) return "leaf";
  return siblings !== null && siblings <= mostOpen ? "open" : "closed";
}

/** What menus are shown by: the kind, and what can be done with it. */
export function contextOf(row: SchemaTreeRow): string {
  return [
    row.kind,
    ...(row.definition === null ? [] : ["defined"]),
    ...(row.generate === undefined ? [] : ["generate"]),
  ].join(" ");
}

/** Whether it is something to look after. */
export function isProblem({ kind }: Pick<SchemaTreeRow, "kind">): boolean {
  return kind === "gap" || kind === "missing-remainder" || kind === "overlap";
}

/** A codicon's id. */
export function iconOf({ kind }: Pick<SchemaTreeRow, "kind">): string {
  switch (kind) {
    case "source":
      return "files";
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
