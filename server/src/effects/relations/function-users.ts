/** What calls a function of the script, and goes along where it is dropped with CASCADE: triggers, defaults, constraints, views. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { taintRelations } from "../taint.ts";
import { withoutColumn } from "./alter-columns.ts";
import { removeIndex } from "./alter-constraints.ts";
import { withoutDefault } from "./constraint-shape.ts";
import { deleteAll, deletionOf } from "./dependencies.ts";
import { visibleName } from "./object-description.ts";

/** Whether a default, constraint, key, index, trigger or view calls a function of that name. */
export function isCalled(catalog: Catalog, name: string): boolean {
  for (const relation of catalog.relations.values()) {
    if (isView(relation) && readsFrom(relation, name)) return true;
    if (relation.triggers.some((trigger) => trigger.function === name)) return true;
    if (ownParts(relation).some((part) => mentionsCall(part, name))) return true;
  }
  return false;
}

/** The triggers as `trigger a on table t`, where nothing but triggers calls the function; null where anything else does. */
export function triggersCalling(
  catalog: Catalog,
  name: string,
): readonly { readonly described: string; readonly table: RelationId }[] | null {
  const found: { readonly described: string; readonly table: RelationId }[] = [];
  for (const relation of catalog.relations.values()) {
    if (isView(relation) && readsFrom(relation, name)) return null;
    if (ownParts(relation).some((part) => mentionsCall(part, name))) return null;
    const parent = relation.partitionOf === null ? null : relationById(catalog, relation.partitionOf.parent);
    for (const trigger of relation.triggers) {
      if (trigger.function !== name) continue;
      // A partition has its parent's triggers as copies.
      if (parent?.triggers.some((other) => other.name === trigger.name && other.row) === true) continue;
      const described = `trigger ${trigger.name} on table ${visibleName(catalog, relation)}`;
      found.push({ described, table: relation.id });
    }
  }
  return found;
}

/**
 * The catalog without what calls the function. Tables divided by it, views and indexes go as a whole; of other tables the
 * triggers, defaults and constraints that call it, and the columns that are computed by it.
 */
export function withoutUsers(catalog: Catalog, name: string): Catalog {
  let next = catalog;
  const gone: Relation[] = [];
  for (const relation of catalog.relations.values()) {
    if (relation.index !== null) {
      if (mentionsCall(relation.index.definition, name)) next = removeIndex(next, relation.id);
      continue;
    }
    const key = relation.partitioning?.key.elements.map(({ expression }) => expression);
    if (mentionsCall(key, name) || (isView(relation) && relation.view !== undefined && readsFrom(relation, name))) {
      gone.push(relation);
      continue;
    }
    // Of a view whose query is not kept nobody knows whether it calls the function.
    if (isView(relation) && relation.view === undefined) next = taintRelations(next, [relation]);
    for (const column of relation.columns) {
      const holder = relationById(next, relation.id);
      if (holder === null || column.generated === null || !mentionsCall(column.default, name)) continue;
      next = withoutColumn(next, holder, column.name);
    }
    const current = relationById(next, relation.id);
    const changed = current === null ? null : withoutCalls(current, name);
    if (changed !== null && changed !== current) next = withRelation(next, changed);
  }
  return gone.length === 0 ? next : deleteAll(next, deletionOf(next, gone));
}

function withoutCalls(relation: Relation, name: string): Relation {
  const triggers = relation.triggers.filter((trigger) => trigger.function !== name);
  const constraints = relation.constraints.kept(({ expression }) => !mentionsCall(expression, name));
  const callers = relation.columns.filter((column) => mentionsCall(column.default, name));
  if (
    triggers.length === relation.triggers.length &&
    constraints.length === relation.constraints.length &&
    callers.length === 0
  )
    return relation;
  const columns = relation.columns.map((column) => {
    return callers.includes(column) ? withoutDefault(column) : column;
  });
  return { ...relation, triggers, constraints, columns: callers.length === 0 ? relation.columns : columns };
}

function isView({ kind }: Relation): boolean {
  return kind === "view" || kind === "materialized-view";
}

/** Whether a view calls the function, as far as anybody knows. */
function readsFrom({ view }: Relation, name: string): boolean {
  return view === undefined || mentionsCall(view.query, name);
}

function ownParts({ columns, constraints, partitioning, index }: Relation): readonly unknown[] {
  return [
    ...columns.map((column) => column.default),
    ...constraints.map(({ expression }) => expression),
    ...(partitioning?.key.elements.map(({ expression }) => expression) ?? []),
    index?.definition,
  ];
}

/** Whether plain data holds a call of a function of that name, however deep. */
function mentionsCall(data: unknown, name: string): boolean {
  if (Array.isArray(data)) return data.some((item) => mentionsCall(item, name));
  if (typeof data !== "object" || data === null) return false;
  const { kind, name: called } = data as { readonly kind?: unknown; readonly name?: unknown };
  if (kind === "call" && Array.isArray(called) && called.at(-1) === name) return true;
  return Object.values(data).some((part) => mentionsCall(part, name));
}
