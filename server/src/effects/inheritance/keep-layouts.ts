/** Keeps what tells inheritance children apart (`Relation.childLayout`) as children come, go and change. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { CheckContext } from "../../catalog/check-bounds.ts";
import { checkedChild, unsureChild, withCheckedChild } from "../../catalog/child-layout.ts";
import type { ChildLayout } from "../../catalog/child-parts.ts";
import { withRegistration } from "../../catalog/pathman-config.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { sameType } from "../../catalog/values/types.ts";

/**
 * `after` with the layouts of the inheritance parents of which a child is new, gone or another than in `before`. Costs
 * nothing but for these children; only where a parent's own column becomes another are all its children read again.
 *
 * @param context null where nothing has happened but that less is known: then of no child is more known than before
 */
export function keepLayouts(before: Catalog, after: Catalog, context: CheckContext | null): Catalog {
  if (before.relations === after.relations) return after;
  const touched = new Map<RelationId, Set<RelationId>>();
  const anew = new Set<RelationId>();
  const touch = (parent: RelationId, child: RelationId): void => {
    touched.set(parent, (touched.get(parent) ?? new Set()).add(child));
  };
  for (const now of after.relations.changedFrom(before.relations)) {
    const previous = relationById(before, now.id);
    if (previous !== null && saysTheSame(previous, now)) continue;
    for (const parent of [...(previous?.inherits ?? []), ...now.inherits]) touch(parent, now.id);
    if (previous !== null && !hasSameColumns(previous, now)) anew.add(now.id);
  }
  for (const gone of before.relations.changedFrom(after.relations))
    if (relationById(after, gone.id) === null) for (const parent of gone.inherits) touch(parent, gone.id);
  let next = after;
  for (const [parent, children] of touched) if (!anew.has(parent)) next = withLayout(next, parent, children, context);
  for (const parent of anew) next = withLayoutAnew(next, parent, context);
  if (next.pathman !== undefined)
    for (const { id } of after.relations.changedFrom(before.relations)) next = withRegistration(next, id);
  return next;
}

/** Whether a relation's layout under its parents cannot have changed. */
function saysTheSame(previous: Relation, now: Relation): boolean {
  return (
    previous.constraints === now.constraints &&
    previous.columns === now.columns &&
    previous.inherits === now.inherits &&
    previous.knowledge === now.knowledge
  );
}

/** New columns of a parent change nothing for the children that are there. */
function hasSameColumns(previous: Relation, now: Relation): boolean {
  if (previous.columns === now.columns || now.childLayout === undefined) return true;
  return previous.columns.every(({ name, type, collation }, index) => {
    const column = now.columns[index];
    return column?.name === name && sameType(column.type, type) && column.collation === collation;
  });
}

/** What constraints say is read under other types. */
function withLayoutAnew(catalog: Catalog, id: RelationId, context: CheckContext | null): Catalog {
  const parent = relationById(catalog, id);
  if (parent?.childLayout === undefined) return catalog;
  const cleared = withRelation(catalog, { ...parent, childLayout: undefined });
  return withLayout(cleared, id, new Set(parent.children.keys()), context);
}

function withLayout(
  catalog: Catalog,
  id: RelationId,
  children: ReadonlySet<RelationId>,
  context: CheckContext | null,
): Catalog {
  const parent = relationById(catalog, id);
  if (parent === null) return catalog;
  let layout: ChildLayout | undefined = parent.childLayout;
  for (const child of children) layout = withChild(layout, catalog, parent, child, context);
  const isEmpty = layout?.children.size === 0;
  return withRelation(catalog, { ...parent, childLayout: isEmpty ? undefined : layout });
}

function withChild(
  layout: ChildLayout | undefined,
  catalog: Catalog,
  parent: Relation,
  id: RelationId,
  context: CheckContext | null,
): ChildLayout | undefined {
  const child = parent.children.has(id) ? relationById(catalog, id) : null;
  if (context === null && child?.knowledge === "full") return layout;
  const checked =
    child === null
      ? null
      : context === null
        ? unsureChild(layout?.children.get(id))
        : checkedChild(catalog, parent, child, context);
  return withCheckedChild(layout ?? null, catalog, parent, id, checked);
}
