/** Upper bounds of ranges that are the last day, minute or number of a period, as if TO were inclusive. */

import { noteMembers } from "./member-questions.ts";
import { comparePoints } from "./partition-set.ts";
import type { Partitioning, PartitionKey, PartitionSet, RangeDatum, RangeEntry } from "./partitioning.ts";
import { createRangeFinder } from "./range-finder.ts";
import type { RelationId } from "./relation.ts";
import { advance, civilMoment, daysInMonth, type SeriesCalendar } from "./series.ts";
import type { Value } from "./value.ts";

export interface InclusiveEnd {
  readonly partition: RelationId;
  readonly written: readonly RangeDatum[];
  /** The exclusive bound that was meant; never beyond the next partition. */
  readonly meant: readonly RangeDatum[];
  /** Whether the range itself shows it, or only what the next partition begins with. */
  readonly shownBy: "itself" | "next";
}

type InclusiveEnds = ReadonlyMap<RelationId, InclusiveEnd>;

/**
 * By partition, in bound order; of keys of one column only. Another version of a table costs what is other in it, and the same one
 * nothing: rules ask for one partition after the other.
 */
export function inclusiveEndsOf({ key, partitions }: Partitioning, { zone }: SeriesCalendar): InclusiveEnds {
  if (key.elements.length !== 1) return noEnds;
  const known = endsKnown.get(partitions);
  if (known !== undefined && known.key === key && known.zone === zone) {
    noteMembers(partitions, "all");
    return known.ends;
  }
  const ends = new Map<RelationId, InclusiveEnd>();
  for (const end of findEnds(partitions, key, zone)) ends.set(end.partition, end);
  endsKnown.set(partitions, { key, zone, ends });
  return ends;
}

const noEnds: InclusiveEnds = new Map();

const endsKnown = new WeakMap<
  PartitionSet,
  { readonly key: PartitionKey; readonly zone: SeriesCalendar["zone"]; readonly ends: InclusiveEnds }
>();

const findEnds = createRangeFinder(endOf);

function endOf(
  { lower, upper, partition }: RangeEntry,
  following: RangeEntry | null,
  key: PartitionKey,
  zone: SeriesCalendar["zone"],
): InclusiveEnd | null {
  const next = following?.lower ?? null;
  const [from, to] = [lower[0], upper[0]];
  if (to?.kind !== "value" || (next !== null && order(upper, next, key) === 0)) return null;
  const own = meantEnd(from, to.value, { zone });
  const meant = own ?? oneUnitShort(to.value, next, key);
  if (meant === null) return null;
  const point: readonly RangeDatum[] = [{ kind: "value", value: meant }];
  if (next !== null && (order(point, next, key) ?? 1) > 0) return null;
  return { partition, written: upper, meant: point, shownBy: own === null ? "next" : "itself" };
}

/** Where the end is the last day of a month that the range begins, or the last minute of an hour: the moment after it. */
function meantEnd(from: RangeDatum | undefined, to: Value, calendar: SeriesCalendar): Value | null {
  const end = civilMoment(to, calendar);
  if (end === null) return null;
  const sinceHour = end.micros % hour;
  if (sinceHour >= hour - minute) {
    return advance(to, { kind: "span", micros: hour - sinceHour }, 1, calendar);
  }
  const start = from?.kind === "value" ? civilMoment(from.value, calendar) : null;
  if (start === null || start.day !== 1 || start.micros !== 0n) return null;
  if (end.micros !== 0n || end.day !== daysInMonth(end)) return null;
  return advance(to, { kind: "span", micros: 24n * hour }, 1, calendar);
}

/** Where the next partition begins one whole step later, nothing but that step was left out. */
function oneUnitShort(to: Value, next: readonly RangeDatum[] | null, key: PartitionKey): Value | null {
  if (next === null || (to.family !== "integer" && to.family !== "date")) return null;
  const after: Value =
    to.family === "integer" ? { family: "integer", value: to.value + 1n } : { family: "date", days: to.days + 1 };
  return order([{ kind: "value", value: after }], next, key) === 0 ? after : null;
}

const minute = 60_000_000n;
const hour = 60n * minute;

function order(a: readonly RangeDatum[], b: readonly RangeDatum[], key: PartitionKey): number | null {
  return comparePoints(
    a,
    b,
    key.elements.map(({ collation }) => collation),
  );
}
