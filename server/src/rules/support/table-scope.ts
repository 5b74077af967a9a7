/** Names in expressions about one table, as pruning resolves them. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { ResolvedColumn, Scope } from "../../pruning/scope.ts";
import type { RuleOptions } from "../rule.ts";

/** The scope in which a table's own constraints and key are read. */
export function tableScope(relation: Relation, catalog: Catalog, { version, today }: RuleOptions): Scope {
  const resolve = (names: readonly string[]): ResolvedColumn => {
    const column = relation.columns.find(({ name }) => name === names.at(-1));
    if (column === undefined) return { kind: "unknown" };
    const { name, type, collation } = column;
    return { kind: "column", column: { reference: 0, relation: relation.id, name, type, collation } };
  };
  const columnType = (names: readonly string[]) =>
    relation.columns.find(({ name }) => name === names.at(-1))?.type ?? null;
  return { resolve, context: { catalog, settings: catalog.settings, version, today, columnType } };
}
