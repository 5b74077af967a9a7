/** An upper bound is the last day, second or number of a period, as if TO were inclusive. */

import { relationById } from "../catalog/catalog.ts";
import { comparePoints } from "../catalog/partition-set.ts";
import type { Partitioning, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { advance, type CivilMoment, civilMoment, type SeriesCalendar } from "../catalog/series.ts";
import type { Value } from "../catalog/value.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { replacement } from "./support/fixes.ts";
import { boundInFile } from "./support/script-places.ts";
import { spellPoint } from "./support/spelling.ts";

export const inclusiveEnd: Rule = {
  id: "inclusive-end",
  severity: "warning",
  summary: "An upper bound is the last day or second of a period, but TO is exclusive.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      if (table.partitioning === null) continue;
      for (const suspect of suspectsOf(table.partitioning, calendarOf(table.partitioning.key, context.final))) {
        yield* findingFor(context, table, suspect);
      }
    }
  },
};

interface Suspect {
  readonly partition: RelationId;
  readonly written: readonly RangeDatum[];
  /** The exclusive bound that was meant. */
  readonly meant: readonly RangeDatum[];
}

const suspectsByPartitioning = new WeakMap<Partitioning, readonly Suspect[]>();

function suspectsOf(partitioning: Partitioning, calendar: SeriesCalendar): readonly Suspect[] {
  const cached = suspectsByPartitioning.get(partitioning);
  if (cached !== undefined) return cached;
  const suspects = partitioning.key.elements.length === 1 ? [...findSuspects(partitioning, calendar)] : [];
  suspectsByPartitioning.set(partitioning, suspects);
  return suspects;
}

function* findSuspects({ key, partitions }: Partitioning, calendar: SeriesCalendar): Generator<Suspect> {
  const entries = [...partitions.ranges.values()];
  for (const [index, { lower, upper, partition }] of entries.entries()) {
    const next = entries[index + 1]?.lower ?? null;
    const [from, to] = [lower[0], upper[0]];
    if (to?.kind !== "value" || (next !== null && order(upper, next, key) === 0)) continue;
    const meant = meantEnd(from, to.value, calendar) ?? oneUnitShort(to.value, next, key);
    if (meant === null) continue;
    const point: readonly RangeDatum[] = [{ kind: "value", value: meant }];
    if (next === null || (order(point, next, key) ?? 1) <= 0) yield { partition, written: upper, meant: point };
  }
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
  if (start === null || start.day !== 1 || start.micros !== 0n || end.micros !== 0n || !isLastOfMonth(end)) return null;
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

function isLastOfMonth({ year, month, day }: CivilMoment): boolean {
  return day === new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function order(a: readonly RangeDatum[], b: readonly RangeDatum[], key: PartitionKey): number | null {
  return comparePoints(
    a,
    b,
    key.elements.map(({ collation }) => collation),
  );
}

function* findingFor(context: ScriptContext, table: Relation, suspect: Suspect): Generator<RuleFinding> {
  const partition = relationById(context.final, suspect.partition);
  const place = partition === null ? null : boundInFile(context, partition);
  const bound = place?.placement?.bound;
  if (partition === null || place === null || bound?.kind !== "range" || table.partitioning === null) return;
  const { key, partitions } = table.partitioning;
  const [written, meant] = [suspect.written, suspect.meant].map((point) =>
    spellPoint(point, key, context.final.settings),
  );
  const fate = partitions.defaultPartition === null ? "and are refused" : "but in the default partition";
  yield {
    statement: place.statement,
    range: bound.toRange,
    message: `TO is exclusive: rows from ${written} up to ${meant} are not in \`${partition.name}\`, ${fate}. Write TO ${meant}, where the next period begins.`,
    fixes: [replacement(`Change to TO ${meant}`, place.statement, bound.toRange, meant ?? "", { preferred: true })],
  };
}
