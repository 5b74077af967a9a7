/** The period in a partition's name is not the one of its bound. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { type NamedPeriod, namedPeriod } from "../catalog/named-period.ts";
import type { Partitioning, RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { civilMoment, type SeriesCalendar } from "../catalog/series.ts";
import { shortRange } from "../catalog/short-bound.ts";
import { dayNumber, microsPerDay } from "../catalog/values/calendar.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { partmanOf } from "./support/managed.ts";
import { boundInFile } from "./support/script-places.ts";

export const nameContradictsBound: Rule = {
  id: "name-contradicts-bound",
  severity: "warning",
  summary: "The period in a partition's name is not the one of its bound.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE",
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      // pg_partman names its partitions by the clocks of the session that makes them.
      if (partmanOf(context.final, table) !== null) continue;
      if (table.partitioning?.key.strategy === "range") yield* findingsOf(context, table, table.partitioning);
    }
  },
};

interface NamedRange {
  readonly partition: Relation;
  readonly entry: RangeEntry;
  readonly named: NamedPeriod;
  /** In days. */
  readonly start: number;
  readonly end: number;
}

function* findingsOf(context: ScriptContext, table: Relation, partitioning: Partitioning): Generator<RuleFinding> {
  const ranges = rangesOf(context, partitioning);
  // Some name partitions after the value that is no more in them: one that keeps to that is right.
  const afterEnd = ranges.filter(({ named, end }) => named.start === end).length;
  const isAfterEnd = afterEnd > 0 && ranges.every((range) => range.named.start === range.end || !meets(range));
  for (const range of ranges) {
    if (meets(range) || (range.named.start === range.end && (isAfterEnd || isLonger(range)))) continue;
    const place = boundInFile(context, range.partition);
    if (place === null) continue;
    const { lower, upper } = range.entry;
    const bound = shortRange(lower, upper, partitioning.key, context.final.settings);
    yield {
      statement: place.statement,
      range: place.placement?.partition.range ?? place.range,
      message: `The name "${range.partition.name}" tells of ${range.named.text}, and the partition of "${table.name}" takes ${bound}.`,
      advice: "Mend the one that is wrong: whoever drops partitions by their names drops the wrong rows.",
    };
  }
}

interface CachedRanges {
  /** Names change without the bounds. */
  readonly relations: Catalog["relations"];
  readonly ranges: readonly NamedRange[];
}

const rangesByPartitioning = new WeakMap<Partitioning, CachedRanges>();

/** The partitions whose names tell a period, kept with the partitioning. */
function rangesOf(context: ScriptContext, partitioning: Partitioning): readonly NamedRange[] {
  const { relations } = context.final;
  const cached = rangesByPartitioning.get(partitioning);
  if (cached?.relations === relations) return cached.ranges;
  const calendar = calendarOf(partitioning.key, context.final);
  const ranges = [...partitioning.partitions.ranges.values()].flatMap((entry): readonly NamedRange[] => {
    const partition = relationById(context.final, entry.partition);
    const named = partition === null ? null : periodNamedBy(partition);
    if (partition === null || named === null) return [];
    const [start, end] = [dayOf(entry.lower[0], calendar), dayOf(entry.upper[0], calendar)];
    return start === null || end === null ? [] : [{ partition, entry, named, start, end }];
  });
  rangesByPartitioning.set(partitioning, { relations, ranges });
  return ranges;
}

const periodByPartition = new WeakMap<Relation, NamedPeriod | null>();

function periodNamedBy(partition: Relation): NamedPeriod | null {
  let period = periodByPartition.get(partition);
  if (period === undefined) {
    period = namedPeriod(partition.name);
    periodByPartition.set(partition, period);
  }
  return period;
}

/** In days since 2000-01-01, with the time as a fraction; null for keys that are no dates, and for open ends. */
function dayOf(datum: RangeDatum | undefined, calendar: SeriesCalendar): number | null {
  if (datum?.kind !== "value") return null;
  if (datum.value.family === "date") return Number.isFinite(datum.value.days) ? datum.value.days : null;
  const moment = civilMoment(datum.value, calendar);
  if (moment === null) return null;
  return dayNumber(moment.year, moment.month, moment.day) + Number(moment.micros) / Number(microsPerDay);
}

/** Several periods in one range may well be named after the end. */
function isLonger({ named, start, end }: NamedRange): boolean {
  return end - start > named.end - named.start + 1;
}

/** Also across time zones: no offset is as long as a day. */
function meets({ named, start, end }: NamedRange): boolean {
  return named.start < end && start < named.end;
}
