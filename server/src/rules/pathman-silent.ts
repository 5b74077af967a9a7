/** Partitions of pg_pathman that it accepts without a word and that are hardly meant: empty, or on drifting days. */

import { pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Value } from "../catalog/value.ts";
import { civilDate, floorDivide, microsPerDay } from "../catalog/values/calendar.ts";
import { printDate } from "../catalog/values/datetime.ts";
import { type PathmanRange, pathmanRanges } from "../schemes/pathman/division.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { type PlaceInFile, placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const pathmanSilent: Rule = {
  id: "pathman-silent",
  severity: "warning",
  summary: "Partitions that pg_pathman accepts without a word take no row, or drift through the month.",
  source: "https://github.com/postgrespro/pg_pathman#range",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      if (pathmanTableOf(context.final, parent) === null || !isKnownAtEnd(context, parent)) continue;
      const ranges = pathmanRanges(context.final, parent, context.options.version);
      if (ranges !== null) yield* findingsFor(context, ranges);
    }
  },
};

function* findingsFor(context: ScriptContext, ranges: readonly PathmanRange[]): Generator<RuleFinding> {
  for (const { place, made } of byPlace(context, ranges)) {
    const empty = made.filter(({ isEmpty }) => isEmpty);
    if (empty.length > 0) yield { ...place, ...emptyWords(empty) };
    const drift = driftOf(made);
    if (drift !== null) yield { ...place, ...drift };
  }
}

interface Made {
  readonly place: PlaceInFile;
  /** In the order of the ranges. */
  readonly made: PathmanRange[];
}

/** The partitions by the place in the file that makes them: a call makes many. */
function byPlace(context: ScriptContext, ranges: readonly PathmanRange[]): Iterable<Made> {
  const places = new Map<string, Made>();
  for (const range of ranges) {
    const place = placeInFile(context, range.relation.origin);
    if (place === null) continue;
    const key = `${place.statement} ${place.range.start}`;
    const known = places.get(key) ?? { place, made: [] };
    known.made.push(range);
    places.set(key, known);
  }
  return places.values();
}

type Words = Pick<RuleFinding, "message" | "advice">;

function emptyWords(empty: readonly PathmanRange[]): Words {
  const name = `"${empty[0]?.relation.name ?? ""}"`;
  const which =
    empty.length === 1
      ? `${name} takes no row: its range ends where it begins`
      : `${name} and ${empty.length - 1} more take no row: their ranges end where they begin`;
  return {
    message: `${which}, and pg_pathman accepts that.`,
    advice: "Let each end lie beyond its start by at least one step of the key's type.",
  };
}

/** Months counted from a day that the next one does not have: each later partition begins on the last day of that one. */
function driftOf(made: readonly PathmanRange[]): Words | null {
  const [first, second, third] = made.map(({ min }) => dayOf(min));
  if (first == null || second == null || third == null) return null;
  const [from, next, then] = [first, second, third].map(civilDate);
  if (from === undefined || next === undefined || then === undefined) return null;
  const isMonthEnd = civilDate(second + 1).day === 1;
  if (from.day <= 28 || next.day >= from.day || !isMonthEnd || then.day !== next.day) return null;
  return {
    message: `The partitions begin on ${printDate(first)}, then on ${printDate(second)} and ${printDate(third)}: pg_pathman adds the interval to the bound before, and stays on the day of the shortest month.`,
    advice: "Begin on a day that every month has.",
  };
}

function dayOf(value: Value | null): number | null {
  if (value?.family === "date") return Number.isFinite(value.days) ? value.days : null;
  if (value?.family !== "timestamp" || typeof value.micros !== "bigint") return null;
  return Number(floorDivide(value.micros, microsPerDay));
}
