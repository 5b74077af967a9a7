/** Inheritance children that are told apart by the CHECK constraints on one column of their parent. */

import { relationById } from "../../catalog/catalog.ts";
import { type CheckProblem, type ChildBounds, childBounds } from "../../catalog/check-bounds.ts";
import type { Column, Relation, TableConstraint } from "../../catalog/relation.ts";
import type { ScriptContext } from "../rule.ts";

export interface PartitionedByChecks {
  readonly parent: Relation;
  /** The column by which most of the children are told apart. */
  readonly column: Column;
  readonly children: readonly ChildPart[];
}

export interface ChildPart extends ChildBounds {
  readonly child: Relation;
}

/** Reads the children of a parent; null where no CHECK of theirs is on a column of it. Read once for a script. */
export function partitionedByChecks(context: ScriptContext, parent: Relation): PartitionedByChecks | null {
  const known = readParents.get(context) ?? new Map<Relation, PartitionedByChecks | null>();
  readParents.set(context, known);
  const cached = known.get(parent);
  if (cached !== undefined) return cached;
  const parts = readChildren(context, parent);
  known.set(parent, parts);
  return parts;
}

/** What stands in the way of exclusion: an expression, a type, a lack of validity; not that a constraint is about other things. */
export function culpritOf({ bounds, problems }: ChildBounds): CheckProblem | null {
  if (bounds !== null) return null;
  return (
    problems.find(({ reason }) => reason !== "missing" && reason !== "other-column" && reason !== "unreadable") ?? null
  );
}

/** The constraint that says most of the child's bounds. */
export function boundingConstraint({ constraints }: ChildBounds): TableConstraint | null {
  return constraints[0] ?? null;
}

const readParents = new WeakMap<ScriptContext, Map<Relation, PartitionedByChecks | null>>();

function readChildren(context: ScriptContext, parent: Relation): PartitionedByChecks | null {
  const children = [...parent.children.keys()].flatMap((id) => {
    const child = relationById(context.final, id);
    return child === null || child.knowledge !== "full" ? [] : [child];
  });
  const column = keyColumn(context, parent, children);
  if (column === null) return null;
  return { parent, column, children: children.map((child) => ({ child, ...boundsOf(context, child, column.name) })) };
}

/** The column that the children's CHECKs bound most often; where none does, that they mention most often. */
function keyColumn(context: ScriptContext, parent: Relation, children: readonly Relation[]): Column | null {
  const votes = new Map<Column, number>();
  for (const child of children) {
    const checked = new Set(ownChecks(child).flatMap(({ columns }) => columns));
    for (const column of parent.columns) {
      if (!checked.has(column.name)) continue;
      const weight = boundsOf(context, child, column.name).bounds === null ? 1 : 2;
      votes.set(column, (votes.get(column) ?? 0) + weight);
    }
  }
  return [...votes].toSorted((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}

/** What a child has from its parent holds for all children, and tells none of them apart. */
function ownChecks({ constraints }: Relation): readonly TableConstraint[] {
  return constraints.filter(({ type, inheritedFrom }) => type === "check" && inheritedFrom === 0);
}

interface CachedBounds {
  readonly settings: ScriptContext["final"]["settings"];
  readonly version: number;
  readonly byColumn: Map<string, ChildBounds>;
}

/** What the CHECKs of a child say depends on nothing else of the catalog, but for types that users define. */
const boundsByChild = new WeakMap<Relation, CachedBounds>();

/** What the CHECKs of a child say of one of its columns. */
export function boundsOf({ final, options, file }: ScriptContext, child: Relation, column: string): ChildBounds {
  const { settings } = final;
  const { version } = options;
  const cached = boundsByChild.get(child);
  const isCurrent = cached?.settings === settings && cached.version === version;
  const byColumn = isCurrent ? cached.byColumn : new Map<string, ChildBounds>();
  if (!isCurrent) boundsByChild.set(child, { settings, version, byColumn });
  const context = { ...options, file, statement: 0, inTransaction: false, inFunction: false };
  const bounds =
    byColumn.get(column) ?? childBounds(final, { ...child, constraints: ownChecks(child) }, column, context);
  byColumn.set(column, bounds);
  return bounds;
}
