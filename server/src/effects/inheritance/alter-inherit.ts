/** ALTER TABLE … INHERIT and NO INHERIT. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { pluralOf } from "../declarative/plain-table.ts";
import { type ApplyContext, andThen, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import type { AlterSetting } from "../relations/alter-setting.ts";
import { leaveParent, mergeIntoParent } from "../relations/child-mismatch.ts";
import { isSelfOrBelow } from "../relations/descendants.ts";
import { assumeRelation, lookUpRelation, relationMissing } from "../relations/lookup.ts";

type Inherit = Extract<AlterAction, { kind: "inherit" }>;
type NoInherit = Extract<AlterAction, { kind: "no-inherit" }>;

/** `ATPrepAddInherit`; NO INHERIT looks at the table only when it runs. */
export function prepareInheritance(action: Inherit | NoInherit, { table }: AlterSetting): Refusal | null {
  if (action.kind === "no-inherit") return null;
  if (table.ofType) return refuse("42809", "cannot change inheritance of typed table", action);
  if (table.partitionOf !== null) return refuse("42809", "cannot change inheritance of a partition", action);
  if (isPartitioned(table)) return refuse("42809", "cannot change inheritance of partitioned table", action);
  return null;
}

/** `ATExecAddInherit` */
export function addInheritance(catalog: Catalog, action: Inherit, { table, context }: AlterSetting): Outcome {
  const found = lookUpRelation(catalog, action.parent);
  if (found.kind === "absent") return relationMissing(catalog, action.parent);
  let next = catalog;
  let parent = found.kind === "found" ? found.relation : null;
  if (parent === null) {
    const assumed = assumeRelation(catalog, action.parent, "table");
    next = assumed.catalog;
    parent = assumed.relation;
  }
  const unsuitable = unsuitableParent(next, table, parent, action, context);
  if (unsuitable !== null) return unsuitable;
  const parentId = parent.id;
  const merged = mergeIntoParent(next, table, parent, "inheritance-child", action.range, context);
  return andThen(merged, (current) => applied(link(current, table.id, parentId)));
}

/** `ATExecDropInherit` */
export function removeInheritance(catalog: Catalog, action: NoInherit, { table }: AlterSetting): Outcome {
  if (table.partitionOf !== null) return refuse("42809", "cannot change inheritance of a partition", action);
  const found = lookUpRelation(catalog, action.parent);
  if (found.kind === "absent") return relationMissing(catalog, action.parent);
  const parent = found.kind === "found" ? found.relation : null;
  if (parent === null || !table.inherits.includes(parent.id)) {
    if (parent === null || table.knowledge !== "full" || parent.knowledge === "assumed") return applied(catalog);
    const message = !isPartitioned(parent)
      ? `relation "${parent.name}" is not a parent of relation "${table.name}"`
      : `relation "${table.name}" is not a partition of relation "${parent.name}"`;
    return rejected("statement-rejected", "42P01", message, action.range);
  }
  const left = leaveParent(catalog, table.id, parent);
  const child = relationById(left, table.id) ?? table;
  const next = withRelation(left, { ...child, inherits: child.inherits.filter((id) => id !== parent.id) });
  const current = relationById(next, parent.id) ?? parent;
  return applied(withRelation(next, { ...current, children: current.children.without(table.id) }));
}

function unsuitableParent(
  catalog: Catalog,
  table: Relation,
  parent: Relation,
  action: Inherit,
  context: ApplyContext,
): Refusal | null {
  if (parent.knowledge !== "assumed" && !["table", "foreign-table", "partitioned-table"].includes(parent.kind)) {
    if (context.version < 15) return refuse("42809", `"${parent.name}" is not a table or foreign table`, action);
    const message = `ALTER action INHERIT cannot be performed on relation "${parent.name}"`;
    return rejected("inherited-change", "42809", message, action.range, {
      detail: `This operation is not supported for ${pluralOf(parent.kind)}.`,
    });
  }
  if (parent.persistence === "temporary" && table.persistence !== "temporary") {
    return refuse("42809", `cannot inherit from temporary relation "${parent.name}"`, action);
  }
  if (isPartitioned(parent)) {
    return refuse("42809", `cannot inherit from partitioned table "${parent.name}"`, action);
  }
  if (parent.partitionOf !== null) return refuse("42809", "cannot inherit from a partition", action);
  if (table.inherits.includes(parent.id)) {
    const message = `relation "${parent.name}" would be inherited from more than once`;
    return rejected("attach-mismatch", "42P07", message, action.range);
  }
  if (isSelfOrBelow(catalog, parent, table)) {
    return rejected("attach-mismatch", "42P07", "circular inheritance not allowed", action.range, {
      detail: `"${parent.name}" is already a child of "${table.name}".`,
    });
  }
  const trigger = table.triggers.find((candidate) => candidate.row && candidate.transitionTables);
  if (trigger !== undefined) {
    const message = `trigger "${trigger.name}" prevents table "${table.name}" from becoming an inheritance child`;
    return refuse("55000", message, action);
  }
  return null;
}

function link(catalog: Catalog, childId: number, parentId: number): Catalog {
  const child = relationById(catalog, childId);
  const parent = relationById(catalog, parentId);
  if (child === null || parent === null) return catalog;
  const next = withRelation(catalog, {
    ...parent,
    children: parent.children.with(childId, true),
  });
  return withRelation(next, { ...child, inherits: [...child.inherits, parentId] });
}

function refuse(sqlstate: string, message: string, action: Inherit | NoInherit): Refusal {
  return rejected("inherited-change", sqlstate, message, action.range);
}
