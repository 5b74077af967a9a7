/** The period in a partition's name is not the one of its bound. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { type NamedPeriod, namedPeriod } from "../catalog/named-period.ts";
import type { Partitioning, PartitionKey, PartitionSet, RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import { createPartitionFinder } from "../catalog/range-finder.ts";
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
  readonly entry: RangeEntry;
  readonly named: NamedPeriod;
  /** The partition's name without the digits at its end, which are all that tells the period; null where more does. */
  readonly stem: string | null;
  /** In days. */
  readonly start: number;
  readonly end: number;
}

function* findingsOf(
  context: ScriptContext,
  table: Relation,
  { key, partitions }: Partitioning,
): Generator<RuleFinding> {
  const { zone } = calendarOf(key, context.final);
  const named = [...findApart(context.final, table, partitions, zone)];
  const apart = named.length === 0 ? named : withoutNumbers(named, findNumbered(context.final, table, partitions));
  if (apart.length === 0) return;
  // Some name partitions after the value that is no more in them: one that keeps to that is right.
  const isAfterEnd = apart.some(isNamedAfterEnd) && !meetsAnywhere(context, partitions, zone);
  for (const range of apart) {
    if (isNamedAfterEnd(range) && (isAfterEnd || isLonger(range))) continue;
    const partition = relationById(context.final, range.entry.partition);
    const place = partition === null ? null : boundInFile(context, partition);
    if (partition === null || place === null) continue;
    yield {
      statement: place.statement,
      range: place.placement?.partition.range ?? place.range,
      message: messageFor(range, partition, table, key, context.final),
      advice: "Mend the one that is wrong: whoever drops partitions by their names drops the wrong rows.",
    };
  }
}

interface Told {
  readonly table: string;
  readonly key: PartitionKey;
  readonly settings: Catalog["settings"];
  readonly message: string;
}

/** What was said of ranges that are kept from one version of the table to the next: a hundred of them are not put into words for each key. */
const told = new WeakMap<NamedRange, Told>();

function messageFor(
  range: NamedRange,
  partition: Relation,
  { name: table }: Relation,
  key: PartitionKey,
  { settings }: Catalog,
): string {
  const before = told.get(range);
  if (before?.table === table && before.key === key && before.settings === settings) return before.message;
  const { entry, named } = range;
  const bound = shortRange(entry.lower, entry.upper, key, settings);
  const message = `The name "${partition.name}" tells of ${named.text}, and the partition of "${table}" takes ${bound}.`;
  told.set(range, { table, key, settings, message });
  return message;
}

type Zone = SeriesCalendar["zone"];

/** The partitions whose names tell a period of which they hold nothing. */
const findApart = createPartitionFinder((entry, partition, zone: Zone): NamedRange | null => {
  const range = namedRange(entry, partition, zone);
  return range === null || meets(range) ? null : range;
});

/** What a partition is called before its number, where that number tells no period: of `ev_1`, `ev_1899` or `ev_2150`. */
const findNumbered = createPartitionFinder((_, { name }): string | null =>
  namedPeriod(name) === null ? stemOf(name) : null,
);

/**
 * Without those whose digits are a number and no period, as of `ev_1985` between `ev_0` and `ev_4999`: where more partitions of the same stem
 * have numbers that are no periods. One or two of them may be mistyped, or stand for all that is older.
 */
function withoutNumbers(apart: readonly NamedRange[], numbered: Iterable<string>): readonly NamedRange[] {
  const counts = new Map<string, { readonly apart: number; numbered: number }>();
  for (const { stem } of apart)
    if (stem !== null) counts.set(stem, { apart: (counts.get(stem)?.apart ?? 0) + 1, numbered: 0 });
  if (counts.size === 0) return apart;
  for (const stem of numbered) {
    const count = counts.get(stem);
    if (count !== undefined) count.numbered += 1;
  }
  return apart.filter(({ stem }) => {
    const count = stem === null ? undefined : counts.get(stem);
    return count === undefined || count.numbered < fewestNumbers || count.numbered <= count.apart;
  });
}

const fewestNumbers = 3;

/** null where the name does not end with digits. */
function stemOf(name: string): string | null {
  const [digits] = /[0-9]+$/.exec(name) ?? [];
  return digits === undefined ? null : name.slice(0, -digits.length);
}

function meetsAnywhere({ final }: ScriptContext, { ranges }: PartitionSet, zone: Zone): boolean {
  for (const entry of ranges.values()) {
    const partition = relationById(final, entry.partition);
    const range = partition === null ? null : namedRange(entry, partition, zone);
    if (range !== null && meets(range)) return true;
  }
  return false;
}

/** null where the name tells no period, or the bounds are no dates. */
function namedRange(entry: RangeEntry, partition: Relation, zone: Zone): NamedRange | null {
  const named = namedPeriod(partition.name);
  if (named === null) return null;
  const [start, end] = [dayOf(entry.lower[0], { zone }), dayOf(entry.upper[0], { zone })];
  if (start === null || end === null) return null;
  const stem = stemOf(partition.name);
  return { entry, named, stem: stem === null || /(?:19|20)[0-9]{2}/.test(stem) ? null : stem, start, end };
}

function isNamedAfterEnd({ named, end }: NamedRange): boolean {
  return named.start === end;
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
