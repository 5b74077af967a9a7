/** What one catalog has otherwise than another of a table's inheritance children: found, put together, and made in a third. */

import type { Catalog } from "./catalog.ts";
import { mostColumns, withCheckedChild } from "./child-layout.ts";
import type { CheckedChild, ChildLayout } from "./child-parts.ts";
import { IdMap } from "./id-map.ts";
import type { Relation, RelationId } from "./relation.ts";
import { sameBut, sameValue } from "./same-value.ts";

/** By child, where it was and is among the children of one table; null where it is none of them. */
export type ChangedChildren = ReadonlyMap<RelationId, ChangedChild>;

interface ChangedChild {
  readonly from: ChildPlace | null;
  readonly to: ChildPlace | null;
}

interface ChildPlace {
  readonly isListed: boolean;
  /** What its CHECK constraints say. */
  readonly checked: CheckedChild | null;
}

/**
 * Which children of a table are others, where nothing else about it is; null where more is, or many are, or where what is kept of a
 * child hangs on which others there are.
 */
export function changedChildren(old: Relation, now: Relation, most: number): ChangedChildren | null {
  if (old.children === now.children && old.childLayout === now.childLayout) return null;
  if (!sameBut(old, now, "children", "childLayout") || [old, now].some(({ childLayout }) => hangsTogether(childLayout)))
    return null;
  const listed = now.children.differences(old.children, most);
  const checked = checkedIn(now).differences(checkedIn(old), most);
  if (listed === null || checked === null) return null;
  const changes = new Map<RelationId, ChangedChild>();
  for (const id of new Set([...listed, ...checked])) {
    const [from, to] = [placeIn(old, id), placeIn(now, id)];
    if (!sameValue(from, to)) changes.set(id, { from, to });
  }
  return changes;
}

/** So many children without comparable bounds are looked at. */
const mostAside = 64;

/** Whether the order in which children came may have left its mark: among too many columns, or values that cannot be compared. */
function hangsTogether(layout: ChildLayout | undefined): boolean {
  if (layout === undefined) return false;
  if (layout.columns.size >= mostColumns) return true;
  for (const [name, { partitions }] of layout.columns) {
    const { incomparable } = partitions;
    if (incomparable.size > mostAside) return true;
    for (const id of incomparable.keys())
      if ((layout.children.get(id)?.columns.get(name)?.entries ?? null) !== null) return true;
  }
  return false;
}

const none: IdMap<CheckedChild> = IdMap.empty();

function checkedIn({ childLayout }: Relation): IdMap<CheckedChild> {
  return childLayout?.children ?? none;
}

function placeIn(table: Relation, id: RelationId): ChildPlace | null {
  const [isListed, checked] = [table.children.has(id), checkedIn(table).get(id) ?? null];
  return isListed || checked !== null ? { isListed, checked } : null;
}

/** The table of the catalog with children that are others. */
export function withChangedChildren(catalog: Catalog, table: Relation, changes: ChangedChildren): Relation {
  let { children } = table;
  let layout = table.childLayout ?? null;
  for (const [id, { from, to }] of changes) {
    children = to?.isListed === true ? children.with(id, true) : children.without(id);
    const checked = to?.checked ?? null;
    if (checked !== null || (from?.checked ?? null) !== null)
      layout = withCheckedChild(layout, catalog, table, id, checked);
  }
  return { ...table, children, childLayout: layout === null || layout.children.size === 0 ? undefined : layout };
}

/** What both do, one after the other. */
export function composedChildren(first: ChangedChildren | undefined, second: ChangedChildren): ChangedChildren {
  const changes = new Map(first);
  for (const [id, { from, to }] of second) {
    const known = changes.get(id);
    const origin = known === undefined ? from : known.from;
    if (sameValue(origin, to)) changes.delete(id);
    else changes.set(id, { from: origin, to });
  }
  return changes;
}
