/** INSERT: the leaves that the rows go to, where the statement spells the rows out. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { ApplyContext } from "../effects/outcome.ts";
import { routeInsert } from "../effects/queries/insert.ts";
import type { InsertQuery } from "../syntax/query.ts";
import type { PruningReason } from "./verdict.ts";

export interface InsertPrediction {
  /** null where the rows, or where they go, are not known. */
  readonly leaves: readonly RelationId[] | null;
  readonly reasons: readonly PruningReason[];
}

/** A row that no partition takes goes nowhere, and takes the whole statement with it; one that a constraint refuses is routed. */
export function predictInsert(insert: InsertQuery, catalog: Catalog, context: ApplyContext): InsertPrediction {
  const routes = routeInsert(catalog, insert, context);
  const target = findRelation(catalog, insert.target);
  if (target !== null && mayMoveRows(target))
    return unknown("a trigger or rule of the table may change the rows, or put them elsewhere", insert);
  if (routes === null) return unknown("the rows come from a query", insert);
  const leaves = new Set<RelationId>();
  for (const route of routes) {
    if (route.kind === "undecided") return unknown(route.reason, insert);
    const leaf = route.kind === "leaf" ? route.relation : route.leaf;
    if (leaf === undefined) return { leaves: [], reasons: [] };
    const table = relationById(catalog, leaf);
    if (table !== null && mayMoveRows(table))
      return unknown("a trigger of the partition may change the row, or drop it", insert);
    leaves.add(leaf);
    // Rows behind one that is refused are not reached.
    if (route.kind === "rejected") break;
  }
  return { leaves: [...leaves], reasons: [] };
}

/** A row trigger that fires before the row is stored, or one in its stead; what a rule does instead is not followed. */
function mayMoveRows({ triggers, rules }: Relation): boolean {
  return (
    rules.length > 0 ||
    triggers.some(({ row, timing, events }) => row && timing !== "after" && events.includes("insert"))
  );
}

function unknown(message: string, insert: InsertQuery): InsertPrediction {
  const range = insert.source?.range ?? null;
  return { leaves: null, reasons: [{ kind: "not-modelled", message, range }] };
}
