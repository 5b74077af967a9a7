/** What a new partition takes from an existing table, and who refers to the parent. */

import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
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

/** The tables whose own foreign keys refer to this one, single partitions of others among them. */
export function referencesTo(table: Relation, catalog: Catalog): readonly Relation[] {
  // A table that refers to itself is not among those that depend on it.
  const candidates = [table.id, ...dependentsOf(catalog, table.id)].sort((a, b) => a - b);
  return candidates.flatMap((id) => {
    const relation = relationById(catalog, id);
    const refers = relation?.constraints.some(
      ({ references, inheritedFrom }) => references?.relation === table.id && inheritedFrom === 0,
    );
    return relation !== null && refers === true ? [relation] : [];
  });
}

/** Whose table it is, where a statement has said so. */
export function ownerOf({ id, owner }: Relation, { givenTo }: Catalog): string | null {
  return givenTo?.get(id) ?? owner ?? null;
}

/** The views that read the table itself: they keep it from being dropped, and would follow it under another name. */
export function viewsOn(table: Relation, catalog: Catalog): readonly Relation[] {
  return dependentsOf(catalog, table.id).flatMap((id) => {
    const relation = relationById(catalog, id);
    return relation?.kind === "view" || relation?.kind === "materialized-view" ? [relation] : [];
  });
}

/** Constraints that rows of the table may violate, CHECK and (18 and later) NOT NULL: LIKE would copy them as if they did not. */
export function uncheckedRows({ constraints }: Relation): readonly TableConstraint[] {
  return constraints.filter(
    ({ type, validated, enforced }) => (type === "check" || type === "not-null") && !validated && enforced,
  );
}
