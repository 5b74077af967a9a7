/** A partition whose name belongs to a table that exists: how that one differs, and which name is free. */

import { readBound } from "../../catalog/bound.ts";
import { findRelation, relationById } from "../../catalog/catalog.ts";
import { partitionName } from "../../catalog/partition-names.ts";
import type { Bound } from "../../catalog/partitioning.ts";
import { printBound } from "../../catalog/print.ts";
import type { Relation } from "../../catalog/relation.ts";
import { shortBound } from "../../catalog/short-bound.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { RuleFix, StepContext } from "../rule.ts";
import { type PlacedBound, wouldConflict } from "./bounds.ts";
import { calendarOf } from "./calendar.ts";
import { replacement } from "./fixes.ts";
import type { Placement } from "./placements.ts";

/** The bound as it would be stored, and the table whose partition it is to be. */
export function wantedBound({ step, options }: StepContext, { parent: name, bound }: Placement): PlacedBound | null {
  const parent = findRelation(step.before, name);
  if (parent?.partitioning == null) return null;
  const reading = readBound(bound, parent.partitioning.key, { catalog: step.before, version: options.version });
  if (reading.kind !== "bound" || reading.bound.kind === "unknown") return null;
  return { parent, partitioning: parent.partitioning, bound: reading.bound };
}

/** What the existing table is instead, null where it is what was wanted, or may be. */
export function differenceOf(
  { step }: StepContext,
  existing: Relation,
  { parent, partitioning, bound }: PlacedBound,
): string | null {
  const link = existing.partitionOf;
  if (link === null) return `is no partition of "${parent.name}"`;
  if (link.parent !== parent.id) {
    const other = relationById(step.before, link.parent);
    return other === null ? null : `is a partition of "${other.name}"`;
  }
  if (link.bound.kind === "unknown") return null;
  const print = (one: Bound): string => printBound(one, partitioning.key, step.before.settings);
  if (isSame(link.bound, bound, print)) return null;
  return `has the bound ${shortBound(link.bound, partitioning.key, step.before.settings)}`;
}

/** The values of a list have no order. */
function isSame(a: Bound, b: Bound, print: (bound: Bound) => string): boolean {
  if (a.kind !== "list" || b.kind !== "list") return print(a) === print(b);
  const [values, others] = [a, b].map(
    (bound) => new Set(bound.values.map((one) => print({ kind: "list", values: [one] }))),
  );
  return values?.size === others?.size && [...(values ?? [])].every((value) => others?.has(value));
}

/** Under the name that the series gives to the range, if the table has room for it. */
export function* underFreeName(
  { step }: StepContext,
  { partition }: Placement,
  placed: PlacedBound,
): Generator<RuleFix> {
  const { parent, partitioning, bound } = placed;
  if (bound.kind !== "range" || wouldConflict(placed, bound)) return;
  const name = partitionName(step.before, parent, bound, calendarOf(partitioning.key, step.before), new Set());
  const newText = quoteQualifiedName(partition.schema, name);
  yield replacement(`Create it as "${name}"`, step.handle, partition.range, newText, { preferred: false });
}
