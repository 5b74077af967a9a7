/** Reading the parser's nodes: their names, their lists, their places. */

import type { A_Const, Node } from "@pgsql/types";
import type { SortDirection } from "../query.ts";

type KeyOfUnion<Union> = Union extends unknown ? keyof Union : never;

/** The name of a node type, such as `ColumnRef`. */
export type NodeKind = KeyOfUnion<Node>;
export type NodeOf<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind];

/** One function for each kind of node that somebody cares about. */
export type Dispatch<Context, Result> = {
  readonly [Kind in NodeKind]?: (node: NodeOf<Kind>, context: Context) => Result;
};

/** The kind of a node; every node is an object with its kind as the only key. */
export function kindOf(node: Node): NodeKind {
  for (const kind in node) return kind as NodeKind;
  throw new Error("a parse node without a kind");
}

/** The content of a node that is of the kind asked for, else undefined. */
export function as<Kind extends NodeKind>(node: Node | undefined, kind: Kind): NodeOf<Kind> | undefined {
  return (node as Partial<Record<NodeKind, unknown>> | undefined)?.[kind] as NodeOf<Kind> | undefined;
}

/** The contents of those nodes of a list that are of the kind. */
export function allOf<Kind extends NodeKind>(nodes: readonly Node[] | undefined, kind: Kind): readonly NodeOf<Kind>[] {
  return (nodes ?? []).flatMap((node) => as(node, kind) ?? []);
}

/** Calls the function for the node's kind; `otherwise` when there is none. */
export function dispatch<Context, Result>(
  table: Dispatch<Context, Result>,
  node: Node,
  context: Context,
  otherwise: (kind: NodeKind) => Result,
): Result {
  const kind = kindOf(node);
  const handle = table[kind] as ((content: unknown, context: Context) => Result) | undefined;
  return handle === undefined ? otherwise(kind) : handle(as(node, kind), context);
}

/** The strings of a list of String nodes: a qualified name, a list of columns. */
export function strings(nodes: readonly Node[] | undefined): readonly string[] {
  return allOf(nodes, "String").map(({ sval }) => sval ?? "");
}

/** The items of a List node. */
export function items(node: Node | undefined): readonly Node[] {
  return as(node, "List")?.items ?? [];
}

/** A place that a node gives; the parser's JSON leaves out zeros, and marks nodes without a place by -1. */
export function location(node: { readonly location?: number }): number {
  return node.location ?? 0;
}

/** The smallest place of anything in a node; -1 where nothing in it has one. */
export function firstLocation(value: unknown): number {
  if (typeof value !== "object" || value === null) return -1;
  let first = -1;
  for (const [key, inner] of Object.entries(value)) {
    const found = key === "location" && typeof inner === "number" ? inner : firstLocation(inner);
    if (found >= 0 && (first < 0 || found < first)) first = found;
  }
  return first;
}

/** The options of a `WITH (…)` or of a command, by name; later ones win. */
export function options(nodes: readonly Node[] | undefined): ReadonlyMap<string, Node | undefined> {
  return new Map(allOf(nodes, "DefElem").map(({ defname = "", arg }) => [defname, arg]));
}

/** What an option says as text: `true` where it is only named. */
export function optionText(node: Node | undefined): string {
  if (node === undefined) return "true";
  const string = as(node, "String");
  if (string !== undefined) return string.sval ?? "";
  const integer = as(node, "Integer");
  if (integer !== undefined) return String(integer.ival ?? 0);
  const float = as(node, "Float");
  if (float !== undefined) return float.fval ?? "";
  const boolean = as(node, "Boolean");
  if (boolean !== undefined) return boolean.boolval === true ? "true" : "false";
  const constant = as(node, "A_Const");
  if (constant !== undefined) return constantText(constant);
  return strings(as(node, "TypeName")?.names).join(".");
}

/** Whether an option such as `CONCURRENTLY` or `ANALYZE` is on. */
export function isOn(node: Node | undefined): boolean {
  return !["false", "off", "0", "no"].includes(optionText(node).toLowerCase());
}

/** The text of a constant: strings decoded, numbers with all their digits. */
export function constantText(constant: A_Const): string {
  if (constant.sval !== undefined) return constant.sval.sval ?? "";
  if (constant.ival !== undefined) return String(constant.ival.ival ?? 0);
  if (constant.fval !== undefined) return constant.fval.fval ?? "";
  if (constant.boolval !== undefined) return constant.boolval.boolval === true ? "true" : "false";
  return constant.bsval?.bsval ?? "";
}

/** Of the sort keys that an ORDER BY lists. */
export function sortDirections(nodes: readonly Node[] | undefined): readonly SortDirection[] {
  return allOf(nodes, "SortBy").map(({ sortby_dir, sortby_nulls }) => {
    const descending = sortby_dir === "SORTBY_DESC";
    const isWritten = sortby_nulls === "SORTBY_NULLS_FIRST" || sortby_nulls === "SORTBY_NULLS_LAST";
    return { descending, nullsFirst: isWritten ? sortby_nulls === "SORTBY_NULLS_FIRST" : descending };
  });
}
