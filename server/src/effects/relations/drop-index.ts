/** DROP INDEX: what an index is needed for, and what goes along with it. */

import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Drop } from "../../syntax/statement.ts";
import { inDoubt } from "../doubt.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { taintRelations } from "../taint.ts";
import { foreignKeysUsing, removeIndex } from "./alter-constraints.ts";
import { constraintOfIndex } from "./constraint-shape.ts";
import { deleteAll } from "./dependencies.ts";
import { dependencyRefusal } from "./dependency-refusal.ts";
import { findTargets } from "./drop-targets.ts";
import { describeRelation, visibleName } from "./object-description.ts";
import { refuseInTransaction } from "./outside-transaction.ts";

/** DROP INDEX, with CONCURRENTLY in the cases in which PostgreSQL takes it. */
export function dropIndexes(catalog: Catalog, statement: Drop, context: ApplyContext): Outcome {
  const [first] = statement.names;
  const range = first?.range ?? { start: 0, end: 0 };
  if (statement.concurrently) {
    const refusal = refuseInTransaction("DROP INDEX CONCURRENTLY", range, context);
    if (refusal !== null) return refusal;
    if (statement.names.length > 1) {
      const message = "DROP INDEX CONCURRENTLY does not support dropping multiple objects";
      return rejected("statement-rejected", "0A000", message, range);
    }
    if (statement.cascade) {
      return rejected("statement-rejected", "0A000", "DROP INDEX CONCURRENTLY does not support CASCADE", range);
    }
  }
  const found = findTargets(catalog, statement, "index");
  if (found.kind === "rejected") return found;
  let next = found.catalog;
  let isSure = true;
  for (const index of found.targets) {
    // On temporary tables the word has no effect.
    if (statement.concurrently && index.kind === "partitioned-index" && index.persistence !== "temporary") {
      const message = `cannot drop partitioned index "${index.name}" concurrently`;
      return rejected("index-concurrently-partitioned", "0A000", message, range);
    }
    const refusal = indexRequired(catalog, index, statement);
    if (refusal !== null) return refusal;
    if (!statement.cascade && keysRestingOn(catalog, index) === null) isSure = false;
    next = withoutIndex(next, index, statement.cascade);
  }
  return isSure ? applied(next) : inDoubt(catalog, applied(next), "foreign keys may rest on the index, or on another");
}

function indexRequired(catalog: Catalog, index: Relation, statement: Drop): Refusal | null {
  const range = statement.names.find((name) => name.name === index.name)?.range ?? { start: 0, end: 0 };
  const name = visibleName(catalog, index);
  const cannot = (by: string): Refusal =>
    rejected("inherited-change", "2BP01", `cannot drop index ${name} because ${by} requires it`, range, {
      hint: `You can drop ${by} instead.`,
    });
  if (index.index === null) return null;
  if (index.index.attachedTo !== null) {
    const parent = relationById(catalog, index.index.attachedTo);
    if (parent !== null) return regarding(cannot(describeRelation(catalog, parent)), parent);
  }
  const table = relationById(catalog, index.index.table);
  if (table === null) return null;
  const constraint = constraintOfIndex(table, index.id);
  if (constraint !== null) {
    return regarding(cannot(`constraint ${constraint.name} on table ${visibleName(catalog, table)}`), table);
  }
  const users = statement.cascade ? [] : keysResting(catalog, table, index);
  if (users === null || users.length === 0) return null;
  const lines = users.map((user) => ({
    line: `constraint ${user.name} on table ${visibleName(catalog, user.relation)} depends on index ${name}`,
    relation: user.relation.id,
  }));
  return dependencyRefusal(`cannot drop index ${name} because other objects depend on it`, lines, statement);
}

function keysRestingOn(catalog: Catalog, index: Relation): ReturnType<typeof keysResting> {
  const table = index.index === null ? null : relationById(catalog, index.index.table);
  return table === null ? [] : keysResting(catalog, table, index);
}

/** The foreign keys that rest on a unique index; null where it is open whether they rest on another one. */
function keysResting(
  catalog: Catalog,
  table: Relation,
  { id, name, index, origin }: Relation,
): readonly { readonly relation: Relation; readonly name: string }[] | null {
  if (index === null || !index.unique) return [];
  const columns = index.columns.filter((column) => column !== null);
  const key = { ...keyOf(name, origin), columns, index: id };
  const users = foreignKeysUsing(catalog, table, key);
  const isOther = (each: RelationId | null, others: readonly (string | null)[]): boolean =>
    each !== id && others.length === columns.length && columns.every((column) => others.includes(column));
  const alternatives =
    table.constraints.some((other) => other.index !== null && isOther(other.index, other.columns)) ||
    table.indexes.some((other) => {
      const info = relationById(catalog, other)?.index;
      return info?.unique === true && isOther(other, info.columns);
    });
  return users.length > 0 && alternatives ? null : users;
}

function keyOf(name: string, origin: Relation["origin"]): TableConstraint {
  return {
    type: "unique",
    name,
    columns: [],
    expression: null,
    text: "",
    validated: true,
    enforced: true,
    noInherit: true,
    local: true,
    inheritedFrom: 0,
    index: null,
    references: null,
    origin,
  };
}

/** The catalog without an index, and with CASCADE without the foreign keys that rest on it. */
function withoutIndex(catalog: Catalog, index: Relation, cascade: boolean): Catalog {
  const table = index.index === null ? null : relationById(catalog, index.index.table);
  const users = cascade ? keysRestingOn(catalog, index) : [];
  const next = removeIndex(catalog, index.id);
  if (users === null)
    return taintRelations(
      next,
      dependentsOf(next, table?.id ?? 0).flatMap((id) => relationById(next, id) ?? []),
    );
  const foreignKeys = users.map(({ relation, name }) => ({ table: relation.id, constraint: name }));
  return deleteAll(next, { relations: new Set(), foreignKeys, defaults: [], blockers: [] });
}
