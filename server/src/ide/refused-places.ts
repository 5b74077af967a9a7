/** Where refused and broken statements were to put partitions: mending them is what is wanted there, and no statement beside them. */

import { findRelation } from "../catalog/catalog.ts";
import { type CoverageGap, gapsOf } from "../catalog/coverage.ts";
import { layoutOf } from "../catalog/layout.ts";
import type { Bound, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { advance } from "../catalog/series.ts";
import { divisionOf } from "../ddl/division.ts";
import type { Operation } from "../ddl/operation.ts";
import { edgeOf } from "../ddl/operations/extend.ts";
import { boundAt, calendarOf, type WriterContext } from "../ddl/writer.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import type { Step } from "../replay/step.ts";
import { placedBound } from "../rules/support/bounds.ts";
import { placementsOf } from "../rules/support/placements.ts";
import { rangesMeet } from "../rules/support/table-history.ts";
import { atOnce, type Turns } from "../text/turns.ts";

interface Range {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
}

export interface RefusedPlaces {
  /** Whether a refused statement was to put a partition into the range, or at a place that nobody can tell; null for any place. */
  readonly holds: (table: Relation, range: Range | null) => boolean;
}

export const nothingRefused: RefusedPlaces = { holds: () => false };

/** Those of the steps of a script, or of all scripts of a chain. */
export function refusedPlaces(steps: readonly Step[], version: PostgresVersion): RefusedPlaces {
  return atOnce(refusedPlacesInTurns(steps, version));
}

/** The same, pausing after each of them and now and then in between. Kept with the steps: each move of the cursor asks for them. */
export function* refusedPlacesInTurns(steps: readonly Step[], version: PostgresVersion): Turns<RefusedPlaces> {
  const known = placesOf.get(steps);
  if (known?.version === version) return known.places;
  const places = yield* placesIn(steps, version);
  placesOf.set(steps, { version, places });
  return places;
}

const placesOf = new WeakMap<readonly Step[], { readonly version: PostgresVersion; readonly places: RefusedPlaces }>();

/** So many steps are looked at between two pauses. */
const stepsBetweenPauses = 256;

function* placesIn(steps: readonly Step[], version: PostgresVersion): Turns<RefusedPlaces> {
  const places = new Map<RelationId, (Bound | null)[]>();
  const add = (table: Relation | null, bound: Bound | null): void => {
    if (table === null) return;
    const known = places.get(table.id);
    if (known === undefined) places.set(table.id, [bound]);
    else if (known.length < mostPlaces) known.push(bound);
    else known[0] = null;
  };
  for (const [index, step] of steps.entries()) {
    const { statement } = step.statement;
    if (step.rejection !== null || index % stepsBetweenPauses === 0) yield;
    if (statement.kind === "invalid") {
      if (statement.beginning === "query") continue;
      for (const name of statement.relations) add(findRelation(step.before, name), null);
    } else if (step.rejection !== null) {
      for (const placement of placementsOf(statement)) {
        const bound = placedBound({ step, options: { version } }, placement)?.bound ?? null;
        add(findRelation(step.before, placement.parent), bound);
      }
    }
  }
  return {
    holds: (table, range) => {
      const key = layoutOf(table)?.key;
      return (places.get(table.id) ?? []).some(
        (bound) =>
          range === null ||
          key === undefined ||
          // A default partition lies in no range.
          (bound?.kind === "range" ? rangesMeet(range, bound, key) : bound?.kind !== "default"),
      );
    },
  };
}

/** Of more places in one table it is only known that there are many. */
const mostPlaces = 1_000;

/** Whether what the operation makes would lie where a refused statement was to put a partition. */
export function isPlaceRefused(
  operation: Operation,
  table: Relation,
  context: WriterContext,
  refused: RefusedPlaces,
): boolean {
  switch (operation) {
    case "append":
    case "prepend":
      return isEndRefused(table, operation, context, refused);
    case "fill": {
      const layout = layoutOf(table);
      if (layout?.key.strategy !== "range") return refused.holds(table, null);
      return gapsOf(layout.key, layout.partitions).some((gap) => isBetween(gap) && refused.holds(table, gap));
    }
    default:
      return false;
  }
}

function isBetween({ below, above }: CoverageGap): boolean {
  return below !== null && above !== null;
}

/** Whether the next partition at an end of the table's series would lie where a refused one was to lie. */
function isEndRefused(
  table: Relation,
  side: "append" | "prepend",
  context: WriterContext,
  refused: RefusedPlaces,
): boolean {
  if (!refused.holds(table, null)) return false;
  const division = divisionOf(table, context);
  const edge = "message" in division ? division : edgeOf(division, context, side);
  if ("message" in division || "message" in edge) return true;
  const [from] = edge.point;
  const calendar = calendarOf(table, context.catalog);
  const next = from?.kind === "value" ? advance(from.value, edge.step, side === "append" ? 1 : -1, calendar) : null;
  if (next === null) return true;
  const far = boundAt({ kind: "value", value: next }, division.key);
  const [lower, upper] = side === "append" ? [edge.point, far] : [far, edge.point];
  return refused.holds(table, { lower, upper });
}
