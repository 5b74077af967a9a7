/** Names in expressions about one table, as pruning resolves them. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Scope } from "../../pruning/operand.ts";
import { scopeOfTable } from "../../pruning/query-level.ts";
import type { RuleOptions } from "../rule.ts";

/** The scope in which a table's own constraints are read. */
export function tableScope(relation: Relation, catalog: Catalog, { version, today }: RuleOptions): Scope {
  const mention = {
    reference: 0,
    relation,
    only: false,
    access: "select",
    range: { start: 0, end: 0 },
    throughView: false,
  } as const;
  const context = { catalog, settings: catalog.settings, version, today };
  return scopeOfTable(mention, { catalog, context, commonTables: new Map(), outer: null });
}
