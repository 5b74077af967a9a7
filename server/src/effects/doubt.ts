/** What may not have happened: PostgreSQL may have refused it, so nothing is claimed of it, and nothing that rests on it. */

import { spaces } from "../catalog/access.ts";
import { type Catalog, findRelation, nameKey, relationById, withRelation } from "../catalog/catalog.ts";
import { asTainted, mayBeOther } from "../catalog/doubt.ts";
import { IdMap } from "../catalog/id-map.ts";
import { NamedList } from "../catalog/named-list.ts";
import { emptyPartitionSet } from "../catalog/partition-set.ts";
import { sameRelation } from "../catalog/patch.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import { withDoubtfulObjects } from "./doubtful-objects.ts";
import { keepLayouts } from "./inheritance/keep-layouts.ts";
import type { ErrorRule, Outcome, Rejection } from "./outcome.ts";
import { childrenOf } from "./relations/descendants.ts";

/** Whether a rejection would not hold if the tables that are in doubt were not as they seem. */
export function restsOnDoubt(catalog: Catalog, statement: Statement, rejection: Rejection): boolean {
  const named = namesThatMatter(statement, rejection);
  const [target] = named;
  // With IF EXISTS a relation that may not be there is no error either way.
  const isOptional = "ifExists" in statement && statement.ifExists === true;
  if (isOptional && target !== undefined && findRelation(catalog, target)?.doubtful === true) return true;
  if (catalog.settings.inDoubt !== undefined && !textualRules.has(rejection.rule)) return true;
  if (certainRules.has(rejection.rule)) return false;
  const restsOnOutputs = !(ofNamesAndKinds.has(rejection.sqlstate) || isOfOutputNames(statement, rejection));
  const isDoubtful = (relation: Relation | null): boolean =>
    relation !== null && (mayBeOther(relation) || (restsOnOutputs && relation.knowledge === "tainted"));
  return (
    rejection.related.some(({ relation }) => relation !== null && isDoubtful(relationById(catalog, relation))) ||
    named.some((name) => isDoubtful(findRelation(catalog, name))) ||
    (rejection.rule === "inherited-change" && named.some((name) => hasDoubtfulChildren(catalog, name))) ||
    rejection.about?.some((id) => isDoubtful(relationById(catalog, id))) === true ||
    isBlockedByDoubt(catalog, rejection)
  );
}

/** Whether all that stands in the way of a DROP may not be there. */
function isBlockedByDoubt(catalog: Catalog, { blockedBy }: Rejection): boolean {
  if (blockedBy === undefined || blockedBy.length === 0) return false;
  return blockedBy.every((id) => {
    const relation = relationById(catalog, id);
    return relation !== null && (mayBeOther(relation) || relation.doubtful === true);
  });
}

/** Whatever has the name of what is to be created matters only where the name is what PostgreSQL refuses. */
function namesThatMatter(statement: Statement, { sqlstate }: Rejection): readonly RelationName[] {
  const named = relationsNamed(statement);
  const creates = ["create-table", "create-table-as", "create-view"].includes(statement.kind);
  return creates && !["42P07", "42710", "42809", "42P16"].includes(sqlstate) ? named.slice(1) : named;
}

/** Whether it is not certain of any partition or child of a table that it is one. */
function hasDoubtfulChildren(catalog: Catalog, name: RelationName): boolean {
  const table = findRelation(catalog, name);
  const children = table === null ? [] : childrenOf(catalog, table);
  return children.length > 0 && children.every(({ knowledge }) => knowledge === "tainted");
}

/** Of these, no setting is a part. */
const textualRules: ReadonlySet<ErrorRule> = new Set(["syntax-error", "transaction-aborted", "version-unsupported"]);

/** Of these, neither the text nor what a table is from its creation on is in doubt. */
const certainRules: ReadonlySet<ErrorRule> = new Set([
  "syntax-error",
  "transaction-aborted",
  "version-unsupported",
  "bound-shape",
  "bound-value",
  "partition-key-invalid",
]);

/** Of the outputs of a view whose types are not told only the names are compared: by OR REPLACE, and in queries. */
function isOfOutputNames({ kind }: Statement, { sqlstate }: Rejection): boolean {
  if (kind === "create-view" && sqlstate === "42P16") return true;
  return sqlstate === "42703" && (kind === "query" || kind === "create-view" || kind === "create-table-as");
}

/** What is refused so is refused whatever columns there are: names that are taken, another kind of relation, what depends on it. */
const ofNamesAndKinds: ReadonlySet<string> = new Set(["42P07", "42809", "2BP01"]);

/** The outcome of a statement that PostgreSQL may have refused, for the reason given. */
export function inDoubt(before: Catalog, outcome: Outcome, reason: string): Outcome {
  if (outcome.kind === "rejected") return outcome;
  const catalog = withDoubtfulChanges(before, outcome.catalog);
  return { kind: "applied", catalog, declined: [...outcome.declined, reason] };
}

/** The catalog after a DROP has taken along relations that may not have belonged to what was dropped: they may be there. */
export function withPerhapsKept(before: Catalog, after: Catalog, kept: Iterable<RelationId>): Catalog {
  let next = after;
  for (const id of kept) {
    const relation = relationById(before, id);
    if (relation !== null && !next.relations.has(id)) next = withRelation(next, alone(relation, id));
  }
  return next;
}

/**
 * The catalog after something that PostgreSQL may have refused as a whole: all that it changed, of relations, other objects, rows and
 * the session, may be as before or as after.
 */
export function withDoubtfulChanges(before: Catalog, after: Catalog): Catalog {
  return withDoubtfulObjects(before, withDoubtfulRelations(before, after));
}

function withDoubtfulRelations(before: Catalog, after: Catalog): Catalog {
  if (before.relations === after.relations) return after;
  let next = after;
  for (const [id, relation] of after.relations.entries()) {
    const isSure = relation.knowledge === "full" || relation.outputsUnknown === true;
    if (isSure && !sameRelation(before, after, id)) {
      next = withRelation(next, asTainted(relation));
    }
  }
  for (const [id, relation] of before.relations.entries()) {
    const now = after.relations.get(id);
    if (now === relation || next.names.has(nameKey(relation.schema, relation.name))) continue;
    // Under its old name stands one of its own: which of the two there is cannot be told.
    next = withRelation(next, alone(relation, now === undefined ? relation.id : next.nextId));
  }
  return keepLayouts(after, next, null);
}

/** A relation that may be gone, without its ties to others. */
function alone(relation: Relation, id: RelationId): Relation {
  const { partitioning } = relation;
  return {
    ...asTainted(relation),
    id,
    partitioning: partitioning === null ? null : { ...partitioning, partitions: emptyPartitionSet(partitioning.key) },
    partitionOf: null,
    inherits: [],
    children: IdMap.empty(spaces.children, id),
    childLayout: undefined,
    indexes: [],
    constraints: NamedList.of([]),
    dependsOn: [],
  };
}
