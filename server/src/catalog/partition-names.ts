/** The pattern that the names of a table's partitions follow, and the name it gives the next one. */

import { truncateIdentifier } from "../syntax/names.ts";
import { greatest } from "../text/long-lists.ts";
import { type Catalog, nameKey, relationById } from "./catalog.ts";
import { layoutOf } from "./layout.ts";
import type { RangeDatum } from "./partitioning.ts";
import type { Relation } from "./relation.ts";
import { type CivilMoment, civilMoment, type SeriesCalendar, stepBetween } from "./series.ts";

/** The ends of a range, of which a name tells: the first column's. */
interface NamedRange {
  readonly name: string;
  readonly lower: RangeDatum | undefined;
  readonly upper: RangeDatum | undefined;
}

/** What a run of digits, or a month's name, stands for. `counter` is a number that only counts, `YY` a year's last two digits. */
type DigitMeaning =
  | "YYYYMMDDHH24MISS"
  | "YYYYMMDDHH24MI"
  | "YYYYMMDDHH24"
  | "YYYYMMDD"
  | "YYYYMM"
  | "HH24MISS"
  | "HH24MI"
  | "YYYY"
  | "YY"
  | "MONTH"
  | "MON"
  | "MM"
  | "DD"
  | "HH24"
  | "Q"
  | "IW"
  | "lower"
  | "upper"
  | "last"
  | "counter"
  | "constant";

/** Most telling first: a run that can be read as the month is not taken for the day. */
const dateMeanings = [
  "YYYYMMDDHH24MISS",
  "YYYYMMDDHH24MI",
  "YYYYMMDDHH24",
  "YYYYMMDD",
  "YYYYMM",
  "HH24MISS",
  "HH24MI",
  "YYYY",
  "Q",
  "IW",
  "MM",
  "DD",
  "HH24",
  "YY",
  "MONTH",
  "MON",
] as const;
const numberMeanings = ["lower", "upper", "last"] as const;

/** How many of the youngest partitions are asked for the pattern. */
const sample = 24;

/**
 * A name for a partition with this range, in the manner of its siblings: `sales_2024_01` is followed by `sales_2024_02`, `t_60`
 * by `t_61`. It is free in the catalog and in `taken`, and no longer than PostgreSQL keeps.
 */
export function partitionName(
  catalog: Catalog,
  table: Relation,
  range: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  calendar: SeriesCalendar,
  taken: ReadonlySet<string>,
): string {
  const wanted = { name: "", lower: range.lower[0], upper: range.upper[0] };
  const siblings = rangesOf(catalog, table);
  const isTakenName = (each: string): boolean =>
    taken.has(each) || tableNameTakenBy(catalog, table.schema, each) !== null;
  const pattern = patternName(siblings, wanted, calendar, taken, isTakenName);
  const name = pattern ?? plainName(table, wanted, calendar, siblings.length + taken.size + 1);
  const within = isTakenName(name) && pattern !== null ? startWithin(siblings, wanted, calendar) : null;
  return freshName(catalog, table.schema, within === null ? name : `${name}_${within}`, taken);
}

/** Where a range begins within the period that its siblings' names tell: `16` of a month, `07` of a year; null where it begins with it. */
function startWithin(siblings: readonly NamedRange[], { lower }: NamedRange, calendar: SeriesCalendar): string | null {
  const moment = lower?.kind === "value" ? civilMoment(lower.value, calendar) : null;
  const like = siblings.findLast((range) => range.lower?.kind === "value" && range.upper?.kind === "value");
  if (moment === null || like?.lower?.kind !== "value" || like.upper?.kind !== "value") return null;
  const step = stepBetween(like.lower.value, like.upper.value, calendar);
  if (step === null || step.kind === "number") return null;
  const months = step.kind === "months" ? step.months : 0;
  const [hasTime, hasDay] = [moment.micros !== 0n, months > 0 && moment.day !== 1];
  const parts = [
    ...(months > 1 && (moment.month !== 1 || hasDay || hasTime) ? (["MM"] as const) : []),
    ...(hasDay || (hasTime && months > 0) ? (["DD"] as const) : []),
    ...(hasTime ? (["HH24MI"] as const) : []),
  ];
  return parts.length === 0 ? null : parts.map((part) => printMoment(part, moment)).join("_");
}

/** What keeps a new table from having that name: a relation, or a type, for a table has a row type of its name; null where nothing does. */
export function tableNameTakenBy(catalog: Catalog, schema: string, name: string): "relation" | "type" | null {
  const key = nameKey(schema, name);
  if (catalog.names.has(key)) return "relation";
  return catalog.types.has(key) ? "type" : null;
}

/** The name itself where it is free, else with a number behind it. */
export function freshName(catalog: Catalog, schema: string, wanted: string, taken: ReadonlySet<string>): string {
  const isFree = (name: string): boolean => !taken.has(name) && tableNameTakenBy(catalog, schema, name) === null;
  const base = truncateIdentifier(wanted);
  if (isFree(base)) return base;
  for (let number = 2; ; number += 1) {
    const suffix = `_${number}`;
    let stem = base;
    while (truncateIdentifier(stem + suffix) !== stem + suffix) stem = stem.slice(0, -1);
    if (isFree(stem + suffix)) return stem + suffix;
  }
}

function patternName(
  siblings: readonly NamedRange[],
  wanted: NamedRange,
  calendar: SeriesCalendar,
  taken: ReadonlySet<string>,
  isTaken: (name: string) => boolean,
): string | null {
  // A catch-all at an end of the series is named otherwise.
  const finite = siblings.filter(({ lower, upper }) => lower?.kind === "value" && upper?.kind === "value");
  const last = finite.at(-1);
  if (last === undefined) return null;
  const skeleton = skeletonOf(last.name);
  const alike = finite.filter(({ name }) => skeletonOf(name) === skeleton);
  const runs = runsOf(last.name);
  if (runs.length === 0) return null;
  // Names that are given but not in the catalog yet have been counted, too.
  const counted = [...alike.map(({ name }) => name), ...taken].filter((name) => skeletonOf(name) === skeleton);
  const counters = counted.map(runsOf);
  const meanings = meaningsOf(alike, calendar);
  const counts = (further: number): string | null => {
    const parts = runs.map((run, index) => {
      const meaning = meanings[index] ?? "constant";
      if (meaning === "constant") return run;
      if (meaning !== "counter") return printMeaning(meaning, wanted, run, calendar);
      const highest = greatest(counters.map((own) => Number(own[index] ?? 0)));
      return String(highest + further).padStart(run.startsWith("0") ? run.length : 1, "0");
    });
    if (parts.some((part) => part === null)) return null;
    let next = 0;
    return last.name.replace(runPattern, () => parts[next++] ?? "");
  };
  const name = counts(1);
  if (name === null || !meanings.includes("counter")) return name;
  // Others than the youngest may count higher: a partition made by a split stands among the older ones, an open one at the end.
  for (let further = 1; further <= mostCounted; further += 1) {
    const next = counts(further);
    if (next !== null && !isTaken(next)) return next;
  }
  return name;
}

/** So many names are tried before one gets a number behind it. */
const mostCounted = 10_000;

/** One meaning for each run of digits. A lone name cannot show what counts: then at most its last run does. */
function meaningsOf(alike: readonly NamedRange[], calendar: SeriesCalendar): readonly DigitMeaning[] {
  const used = new Set<DigitMeaning>();
  const count = runsOf(alike[0]?.name ?? "").length;
  const meanings = Array.from({ length: count }, (_, index) => {
    const meaning = meaningOf(alike, index, used, calendar);
    used.add(meaning);
    return meaning;
  });
  if (alike.length > 1) return meanings;
  const told = meanings.some((meaning) => meaning !== "counter");
  return meanings.map((meaning, index) =>
    meaning === "counter" && (told || index + 1 < count) ? "constant" : meaning,
  );
}

function meaningOf(
  alike: readonly NamedRange[],
  index: number,
  used: ReadonlySet<DigitMeaning>,
  calendar: SeriesCalendar,
): DigitMeaning {
  const runs = alike.map(({ name }) => runsOf(name)[index] ?? "");
  const explains = (meaning: DigitMeaning): boolean =>
    !used.has(meaning) &&
    alike.every((range) => tells(meaning, range, calendar)) &&
    alike.every((range, at) => printMeaning(meaning, range, runs[at] ?? "", calendar) === runs[at]) &&
    (meaning !== "Q" || alike.every(({ name }) => letterBefore(name, index).toLowerCase() === "q"));
  const found = [...dateMeanings, ...numberMeanings].find(explains);
  if (found !== undefined) return found;
  const counts = new Set(runs).size === runs.length && runs.every((run) => /^\d+$/.test(run));
  return counts ? "counter" : "constant";
}

/** The `01` of a year's partition is not the month with which every year begins. */
function tells(meaning: DigitMeaning, range: NamedRange, calendar: SeriesCalendar): boolean {
  if (!["Q", "IW", "MM", "MON", "MONTH", "DD", "HH24"].includes(meaning)) return true;
  if (range.lower?.kind !== "value" || range.upper?.kind !== "value") return true;
  const step = stepBetween(range.lower.value, range.upper.value, calendar);
  // The first week is not what January is called for.
  return step?.kind !== "months" || (step.months < 12 && meaning !== "IW");
}

function letterBefore(name: string, index: number): string {
  const run = [...name.matchAll(runPattern)][index];
  return run === undefined ? "" : name.slice(0, run.index).slice(-1);
}

/** What the range's own part of a name would be, in the manner of another one's part; null where the range has no such part. */
function printMeaning(
  meaning: DigitMeaning,
  { lower, upper }: NamedRange,
  like: string,
  calendar: SeriesCalendar,
): string | null {
  const width = like.length;
  switch (meaning) {
    case "lower":
      return printNumber(lower, 0n, width);
    case "upper":
      return printNumber(upper, 0n, width);
    case "last":
      return printNumber(upper, -1n, width);
    case "counter":
    case "constant":
      return null;
    default: {
      const moment = lower?.kind === "value" ? civilMoment(lower.value, calendar) : null;
      return moment === null ? null : inCaseOf(like, printMoment(meaning, moment));
    }
  }
}

function inCaseOf(like: string, text: string): string {
  if (like === like.toUpperCase()) return text.toUpperCase();
  return like === like.toLowerCase() ? text : text.slice(0, 1).toUpperCase() + text.slice(1);
}

function printMoment(meaning: (typeof dateMeanings)[number], moment: CivilMoment): string {
  const seconds = Number(moment.micros / 1_000_000n);
  const two = (number: number): string => String(Math.floor(number)).padStart(2, "0");
  const parts = {
    YYYY: String(moment.year).padStart(4, "0"),
    YY: two(moment.year % 100),
    MONTH: monthNames[moment.month - 1] ?? "",
    MON: (monthNames[moment.month - 1] ?? "").slice(0, 3),
    MM: two(moment.month),
    DD: two(moment.day),
    HH24: two(seconds / 3600),
    MI: two((seconds % 3600) / 60),
    SS: two(seconds % 60),
    Q: String(Math.ceil(moment.month / 3)),
    IW: two(isoWeek(moment)),
  };
  return meaning.replace(/YYYY|YY|MONTH|MON|MM|DD|HH24|MI|SS|IW|Q/g, (part) => parts[part as keyof typeof parts]);
}

function printNumber(datum: RangeDatum | undefined, offset: bigint, width: number): string | null {
  if (datum?.kind !== "value" || datum.value.family !== "integer") return null;
  const number = datum.value.value + offset;
  return number < 0n ? null : String(number).padStart(width, "0");
}

/** `sales_202401` for dates, `sales_100` for numbers, `sales_p3` for the third of anything else. */
function plainName(table: Relation, wanted: NamedRange, calendar: SeriesCalendar, number: number): string {
  const { lower, upper } = wanted;
  const moment = lower?.kind === "value" ? civilMoment(lower.value, calendar) : null;
  if (moment !== null) {
    const end = upper?.kind === "value" ? civilMoment(upper.value, calendar) : null;
    // Both ends: a January is no year.
    const ends = end === null ? [moment] : [moment, end];
    const meaning = ends.some(({ micros }) => micros !== 0n)
      ? "YYYYMMDDHH24MI"
      : ends.some(({ day }) => day !== 1)
        ? "YYYYMMDD"
        : ends.some(({ month }) => month !== 1)
          ? "YYYYMM"
          : "YYYY";
    const text = printMoment(meaning, moment);
    return `${table.name}_${text.length > 4 ? `${text.slice(0, 4)}_${text.slice(4)}` : text}`;
  }
  return `${table.name}_${printNumber(lower, 0n, 1) ?? `p${number}`}`;
}

/** The youngest of a table's ranges, in bound order. */
function rangesOf(catalog: Catalog, table: Relation): readonly NamedRange[] {
  const ranges: NamedRange[] = [];
  for (const [, { lower, upper, partition }] of layoutOf(table)?.partitions.ranges.entriesReversed() ?? []) {
    const relation = relationById(catalog, partition);
    if (relation !== null) ranges.push({ name: relation.name, lower: lower[0], upper: upper[0] });
    if (ranges.length === sample) break;
  }
  return ranges.reverse();
}

const monthNames = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

/** What may tell of a range: digits, and the names of months, long or short, that are words of their own. */
const runPattern = new RegExp(
  `\\d+|(?<![a-z])(?:${monthNames.map((name) => `${name}|${name.slice(0, 3)}`).join("|")})(?![a-z])`,
  "gi",
);

function runsOf(name: string): readonly string[] {
  return name.match(runPattern) ?? [];
}

function skeletonOf(name: string): string {
  return name.replace(runPattern, (run) => (/^\d/.test(run) ? "0" : "jan"));
}

function isoWeek({ year, month, day }: CivilMoment): number {
  const date = new Date(Date.UTC(year, month - 1, day));
  const weekday = (date.getUTCDay() + 6) % 7;
  const thursday = new Date(date.getTime() + (3 - weekday) * 86_400_000);
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return 1 + Math.floor((thursday.getTime() - first) / (7 * 86_400_000));
}
