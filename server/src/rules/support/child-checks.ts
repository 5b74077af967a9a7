/** What the CHECK constraints of inheritance children say, as they are written: what bounds a child, and what excludes nothing. */

import { relationById } from "../../catalog/catalog.ts";
import { type CheckProblem, type ChildBounds, childBounds } from "../../catalog/check-bounds.ts";
import type { End } from "../../catalog/check-intervals.ts";
import { ownChecks } from "../../catalog/child-layout.ts";
import { layoutOf } from "../../catalog/layout.ts";
import { NamedList } from "../../catalog/named-list.ts";
import type { RangeDatum } from "../../catalog/partitioning.ts";
import type { Column, Relation, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import { firstOfType } from "../../catalog/values/grain.ts";
import type { ScriptContext } from "../rule.ts";

export interface PartitionedByChecks {
  readonly parent: Relation;
  /** The column by which most of the children are told apart. */
  readonly column: Column;
}

export interface ChildPart extends ChildBounds {
  readonly child: Relation;
}

/** The column by which CHECKs tell the children of a parent apart; null where none of them is on a column of it. */
export function partitionedByChecks(parent: Relation): PartitionedByChecks | null {
  const layout = layoutOf(parent);
  const name = layout === null || layout.by === "declarative" ? null : layout.key.elements[0]?.column;
  const column = parent.columns.find((candidate) => candidate.name === name);
  return column === undefined ? null : { parent, column };
}

/** Each child of which all is known, with what its constraints say of the column, in order of creation. */
export function childParts(context: ScriptContext, { parent, column }: PartitionedByChecks): readonly ChildPart[] {
  return [...parent.children.keys()].flatMap((id) => {
    const child = relationById(context.final, id);
    return child === null || child.knowledge !== "full" ? [] : [{ child, ...boundsOf(context, child, column.name) }];
  });
}

/** What stands in the way of exclusion: an expression, a type, a lack of validity; not that a constraint is about other things. */
export function culpritOf({ bounds, problems }: ChildBounds): CheckProblem | null {
  if (bounds !== null) return null;
  return (
    problems.find(({ reason }) => reason !== "missing" && reason !== "other-column" && reason !== "unreadable") ?? null
  );
}

/** The constraint that says most of the child's bounds. */
export function boundingConstraint(context: ScriptContext, child: Relation, { name }: Column): TableConstraint | null {
  return boundsOf(context, child, name).constraints[0] ?? null;
}

/**
 * The end that a child's CHECK writes for a place on the key, as `<= 23:59:59` for the microsecond behind; null where it
 * writes none that means that place.
 */
export function writtenEnd(
  context: ScriptContext,
  child: Relation,
  column: Column,
  side: "lower" | "upper",
  place: RangeDatum,
): End | null {
  const { bounds } = boundsOf(context, child, column.name);
  if (bounds?.kind !== "intervals" || place.kind !== "value") return null;
  for (const interval of bounds.intervals) {
    const end = interval[side];
    if (end !== null && means(end, side, place, column)) return end;
  }
  return null;
}

function means(end: End, side: "lower" | "upper", place: RangeDatum & { kind: "value" }, column: Column): boolean {
  const after = (side === "upper") === end.inclusive;
  const first: Value | null = firstOfType(column.type, end.value, after);
  const isSame = (value: Value): boolean => compareValues(value, place.value, column.collation) === 0;
  return first === null ? isSame(end.value) && (place.after === true) === after : isSame(first);
}

interface CachedBounds {
  readonly settings: ScriptContext["final"]["settings"];
  readonly version: number;
  readonly byColumn: Map<string, ChildBounds>;
}

/** What the CHECKs of a child say depends on nothing else of the catalog, but for types that users define. */
const boundsByChild = new WeakMap<Relation, CachedBounds>();

/** What the CHECKs of a child say of one of its columns. */
export function boundsOf({ final, options }: ScriptContext, child: Relation, column: string): ChildBounds {
  const { settings } = final;
  const { version } = options;
  const cached = boundsByChild.get(child);
  const isCurrent = cached?.settings === settings && cached.version === version;
  const byColumn = isCurrent ? cached.byColumn : new Map<string, ChildBounds>();
  if (!isCurrent) boundsByChild.set(child, { settings, version, byColumn });
  const bounds =
    byColumn.get(column) ??
    childBounds(final, { ...child, constraints: NamedList.of(ownChecks(child)) }, column, { version });
  byColumn.set(column, bounds);
  return bounds;
}
