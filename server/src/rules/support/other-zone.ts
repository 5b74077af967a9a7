/** Bounds of timestamptz keys that meet because they were read in different time zones. */

import { relationById } from "../../catalog/catalog.ts";
import type { RangeDatum } from "../../catalog/partitioning.ts";
import { civilMoment, type SeriesCalendar } from "../../catalog/series.ts";
import type { RejectionContext } from "../rule.ts";
import { placedBound } from "./bounds.ts";
import { calendarOf } from "./calendar.ts";
import type { Placement } from "./placements.ts";

/** What to do where the new bound is midnight in the session's zone, and the sibling's is midnight in another; else null. */
export function otherZone(context: RejectionContext, placement: Placement): string | null {
  const { step, rejection } = context;
  const placed = placedBound(context, placement);
  const id = rejection.related[0]?.relation ?? null;
  const sibling = id === null ? null : relationById(step.before, id);
  const bound = sibling?.partitionOf?.bound;
  if (sibling === null || placed?.bound.kind !== "range" || bound?.kind !== "range") return null;
  const calendar = calendarOf(placed.partitioning.key, step.before);
  if (calendar.zone === null) return null;
  const own = [placed.bound.lower[0], placed.bound.upper[0]];
  const others = [bound.lower[0], bound.upper[0]];
  if (!own.every((datum) => isMidnight(datum, calendar)) || others.some((datum) => isMidnight(datum, calendar)))
    return null;
  return `The bounds of "${sibling.name}" are no midnights in ${calendar.zone}, in which this one is read: they were read in another time zone; write all bounds with their offset, or set the same TimeZone in front of each.`;
}

function isMidnight(datum: RangeDatum | undefined, calendar: SeriesCalendar): boolean {
  const moment = datum?.kind === "value" ? civilMoment(datum.value, calendar) : null;
  return moment !== null && moment.micros === 0n;
}
