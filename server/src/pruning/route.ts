/** INSERT: the leaves that the rows go to, where the statement spells the rows out. */

import type { Catalog } from "../catalog/catalog.ts";
import type { RelationId } from "../catalog/relation.ts";
import { routeInsert } from "../schemes/queries/insert.ts";
import type { ApplyContext } from "../schemes/scheme.ts";
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
  if (routes === null) return unknown("the rows come from a query", insert);
  const leaves = new Set<RelationId>();
  for (const route of routes) {
    if (route.kind === "undecided") return unknown(route.reason, insert);
    const leaf = route.kind === "leaf" ? route.relation : route.leaf;
    if (leaf === undefined) return { leaves: [], reasons: [] };
    leaves.add(leaf);
    // Rows behind one that is refused are not reached.
    if (route.kind === "rejected") break;
  }
  return { leaves: [...leaves], reasons: [] };
}

function unknown(message: string, insert: InsertQuery): InsertPrediction {
  const range = insert.source?.range ?? null;
  return { leaves: null, reasons: [{ kind: "not-modelled", message, range }] };
}
