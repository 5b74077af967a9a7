/** What a new partition takes from an existing table, and who refers to the parent. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";

/**
 * The options of LIKE that give a table which ATTACH accepts: everything but identity, which a table that is attached must
 * not have (17 and later refuse it); the partition takes the parent's.
 */
export function sameColumnsAs(): string {
  return "INCLUDING ALL EXCLUDING IDENTITY";
}

/** The columns in which rows are copied, generated ones left out; `*` where the columns are not known. */
export function rowColumns(relation: Relation): string {
  const stored = relation.columns.filter(({ generated }) => generated === null);
  return stored.length === 0 || relation.knowledge !== "full"
    ? "*"
    : stored.map(({ name }) => quoteIdentifier(name)).join(", ");
}

/** The tables whose foreign keys refer to this one. */
export function referencesTo(table: Relation, catalog: Catalog): readonly Relation[] {
  const referring: Relation[] = [];
  for (const relation of catalog.relations.values()) {
    const refers = relation.constraints.some(({ references }) => references?.relation === table.id);
    if (refers && relation.partitionOf === null) referring.push(relation);
  }
  return referring;
}
