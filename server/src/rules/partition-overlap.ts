/** Two partitions of a table would take the same rows. */

import { relationById } from "../catalog/catalog.ts";
import type { Bound, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellPoint } from "../catalog/written-bound.ts";
import type { BoundSpecification } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { type PlacedBound, placedBound, wouldConflict } from "./support/bounds.ts";
import { carveOut } from "./support/carve-out.ts";
import { replace, replacement } from "./support/fixes.ts";
import { otherZone } from "./support/other-zone.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const partitionOverlap: Rule = {
  id: "partition-overlap",
  severity: "error",
  summary: "The bound of a new partition overlaps the bound of another one.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) => presentRejection(context, { advice: adviceFor(context), fixes: [...fixesFor(context)] }),
};

function adviceFor(context: RejectionContext): string {
  const { step } = context;
  const [placement] = placementsOf(step.statement.statement);
  const kind = placement?.bound.kind;
  const catchAll = catchAllOf(context);
  if (catchAll !== null)
    return `"${catchAll.name}" takes everything ${isOpenAbove(catchAll) ? "from there on" : "up to there"}: split it, so that it keeps the rest and this one gets its rows.`;
  const zone = placement === undefined ? null : otherZone(context, placement);
  if (zone !== null) return zone;
  switch (kind) {
    case "range":
      return "FROM is inclusive and TO is exclusive: let this one begin where the other ends, or end where it begins.";
    case "list":
      return "Each value belongs to one partition: leave it out here or there.";
    case "hash":
      return "Rows with this remainder have their partition already: choose one that is free.";
    default:
      return "";
  }
}

function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  for (const placement of placementsOf(context.step.statement.statement)) {
    const placed = placedBound(context, placement);
    if (placed === null) continue;
    if (placement.bound.kind === "range") yield* moveEnds(context, placement.bound, placed);
    if (placement.bound.kind === "list") yield* withoutSharedValues(context, placement.bound, placed);
    if (placement.bound.kind === "hash") yield* freeRemainder(context, placement.bound, placed);
  }
}

type Written<Kind extends BoundSpecification["kind"]> = Extract<BoundSpecification, { kind: Kind }>;

/** The sibling, where it has an open end that the new range lies in. */
function catchAllOf(context: RejectionContext): Relation | null {
  const sibling = siblingOf(context);
  const bound = sibling?.partitionOf?.bound;
  if (sibling === null || bound?.kind !== "range") return null;
  const [placement] = placementsOf(context.step.statement.statement);
  const placed = placement === undefined ? null : placedBound(context, placement);
  if (placed?.bound.kind !== "range" || placed.bound.upper[0]?.kind === "maxvalue") return null;
  if (placed.bound.lower[0]?.kind === "minvalue") return null;
  return isOpenAbove(sibling) || bound.lower[0]?.kind === "minvalue" ? sibling : null;
}

function isOpenAbove({ partitionOf }: Relation): boolean {
  return partitionOf?.bound.kind === "range" && partitionOf.bound.upper[0]?.kind === "maxvalue";
}

function* splitCatchAll(context: RejectionContext, placed: PlacedBound): Generator<RuleFix> {
  const catchAll = catchAllOf(context);
  const edits = catchAll === null ? null : carveOut(context.step, placed, catchAll);
  if (catchAll === null || edits === null) return;
  yield { title: `Split "${catchAll.name}", which keeps the rest`, edits, preferred: true };
}

function* moveEnds(context: RejectionContext, written: Written<"range">, placed: PlacedBound): Generator<RuleFix> {
  const split = [...splitCatchAll(context, placed)];
  yield* split;
  const { bound } = placed;
  const partition = siblingOf(context);
  const sibling = partition?.partitionOf?.bound;
  if (bound.kind !== "range" || partition === null || sibling?.kind !== "range") return;
  const moves: readonly (readonly ["FROM" | "TO", Bound, readonly RangeDatum[], TextRange])[] = [
    ["FROM", { ...bound, lower: sibling.upper }, sibling.upper, written.fromRange],
    ["TO", { ...bound, upper: sibling.lower }, sibling.lower, written.toRange],
  ];
  let preferred = split.length === 0;
  for (const [side, moved, point, range] of moves) {
    if (wouldConflict(placed, moved)) continue;
    const newText = spellPoint(point, placed.partitioning.key, context.step.before.settings);
    const title =
      side === "FROM"
        ? `Begin where ${partition.name} ends: FROM ${newText}`
        : `End where ${partition.name} begins: TO ${newText}`;
    yield replacement(title, context.step.handle, range, newText, { preferred });
    preferred = false;
  }
}

function* withoutSharedValues(
  { step, text }: RejectionContext,
  written: Written<"list">,
  placed: PlacedBound,
): Generator<RuleFix> {
  const { bound, partitioning } = placed;
  if (bound.kind !== "list" || bound.values.length !== written.values.length) return;
  const free = written.values.filter(
    (_, index) => !wouldConflict({ ...placed, partitioning }, { kind: "list", values: [bound.values[index] ?? null] }),
  );
  if (free.length === 0) return;
  const newText = `(${free.map(({ range }) => text.slice(range.start, range.end)).join(", ")})`;
  yield {
    title: "Remove the values that are taken",
    edits: [replace(step.handle, written.valuesRange, newText)],
    preferred: true,
  };
}

function* freeRemainder({ step }: RejectionContext, written: Written<"hash">, placed: PlacedBound): Generator<RuleFix> {
  const { modulus } = written;
  for (let remainder = 0; remainder < Math.min(modulus, 1024); remainder += 1) {
    if (wouldConflict(placed, { kind: "hash", modulus, remainder })) continue;
    const title = `Change to REMAINDER ${remainder}, which is free`;
    yield replacement(title, step.handle, written.remainderRange, `${remainder}`, { preferred: true });
    return;
  }
}

function siblingOf({ step, rejection }: RejectionContext): Relation | null {
  const id = rejection.related[0]?.relation;
  return id === null || id === undefined ? null : relationById(step.before, id);
}
