/** What may not have happened: PostgreSQL may have refused it, so nothing is claimed of it, and nothing that rests on it. */

import { type Catalog, findRelation, nameKey, relationById, withRelation } from "../catalog/catalog.ts";
import { emptyPartitionSet } from "../catalog/partition-set.ts";
import type { Relation } from "../catalog/relation.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { Statement } from "../syntax/statement.ts";
import type { ErrorRule, Rejection } from "./scheme.ts";

/** Whether a rejection would not hold if the tables that are in doubt were not as they seem. */
export function restsOnDoubt(catalog: Catalog, statement: Statement, rejection: Rejection): boolean {
  if (certainRules.has(rejection.rule)) return false;
  const isDoubtful = (relation: Relation | null): boolean => relation?.knowledge === "tainted";
  return (
    rejection.related.some(({ relation }) => relation !== null && isDoubtful(relationById(catalog, relation))) ||
    relationsNamed(statement).some((name) => isDoubtful(findRelation(catalog, name)))
  );
}

/** Of these, neither the text nor what a table is from its creation on is in doubt. */
const certainRules: ReadonlySet<ErrorRule> = new Set([
  "syntax-error",
  "transaction-aborted",
  "version-unsupported",
  "bound-shape",
  "bound-value",
  "partition-key-invalid",
]);

/** The catalog after something that PostgreSQL may have refused as a whole: what it changed may be as before or as after. */
export function withDoubtfulChanges(before: Catalog, after: Catalog): Catalog {
  if (before.relations === after.relations) return after;
  let next = after;
  for (const [id, relation] of after.relations.entries()) {
    if (relation.knowledge === "full" && before.relations.get(id) !== relation) {
      next = withRelation(next, { ...relation, knowledge: "tainted" });
    }
  }
  for (const [id, relation] of before.relations.entries()) {
    if (after.relations.has(id) || next.names.has(nameKey(relation.schema, relation.name))) continue;
    next = withRelation(next, alone(relation));
  }
  return next;
}

/** A relation that may be gone, without its ties to others. */
function alone(relation: Relation): Relation {
  const { partitioning } = relation;
  return {
    ...relation,
    knowledge: "tainted",
    partitioning: partitioning === null ? null : { ...partitioning, partitions: emptyPartitionSet(partitioning.key) },
    partitionOf: null,
    inherits: [],
    children: [],
    indexes: [],
    constraints: [],
    dependsOn: [],
  };
}
