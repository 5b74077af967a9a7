/** The last range of a table ends soon, or has ended: then new rows are refused. */

import { relationById } from "../catalog/catalog.ts";
import { inclusiveEndsOf } from "../catalog/inclusive-ends.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { partitionName } from "../catalog/partition-names.ts";
import type { RangeDatum, RangeEntry } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { advance, civilMoment, type SeriesCalendar, type Step, stepOfEntry } from "../catalog/series.ts";
import { shortPoint } from "../catalog/short-bound.ts";
import { spellRange } from "../catalog/written-bound.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { isMaintained } from "./support/managed.ts";
import { type BoundInFile, boundInFile, createSibling } from "./support/script-places.ts";
import { lastChange, refusedNames } from "./support/table-history.ts";
import { isKnownAtEnd, lastPlacement } from "./support/whole-tables.ts";

export const coverageEnds: Rule = {
  id: "coverage-ends",
  severity: "warning",
  summary: "The last range partition ends soon, or has ended.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",
  *checkScript(context) {
    for (const table of context.relations.partitioned) yield* findingFor(context, table);
  },
};

const day = 86_400_000;
/** How long before the end to speak: three steps, but no more than a month. */
const stepsAhead = 3;
const longestHorizon = 31 * day;
/** A table that ended longer ago is history: worth knowing, no alarm. */
const recently = 366 * day;

function* findingFor(context: ScriptContext, table: Relation): Generator<RuleFinding> {
  const { partitioning } = table;
  if (partitioning === null || partitioning.key.elements.length !== 1 || table.partitionOf !== null) return;
  if (!isKnownAtEnd(context, table) || isMaintained(context.final, table)) return;
  const { ranges, defaultPartition, incomparable } = partitioning.partitions;
  const maximum = ranges.maxKey();
  const last = maximum === undefined ? undefined : ranges.get(maximum);
  if (last === undefined || defaultPartition !== null || incomparable.size > 0) return;
  const calendar = calendarOf(partitioning.key, context.final);
  // A series of months that end with their last day goes on with months.
  const upper = inclusiveEndsOf(partitioning, calendar).get(last.partition)?.meant ?? last.upper;
  const [step, end] = [stepOfEntry({ ...last, upper }, calendar), momentOf(last.upper, calendar)];
  const today = Date.parse(`${context.options.today.slice(0, 10)}T00:00:00Z`);
  if (step === null || end === null || Number.isNaN(today)) return;
  const horizon = today + Math.min(longestHorizon, stepsAhead * durationOf(step));
  if (end > horizon) return;
  const partition = relationById(context.final, last.partition);
  const place = partition === null ? null : (boundInFile(context, partition) ?? lastPlacement(context, table));
  const bound = place?.placement?.bound;
  if (partition === null || place === null || bound?.kind !== "range") return;
  const point = shortPoint(last.upper, partitioning.key, context.final.settings);
  yield {
    statement: place.statement,
    range: bound.toRange,
    severity: end < today - recently ? "information" : undefined,
    message: `The partitions of "${table.name}" end at ${point}${end <= today ? ", which is past: newer rows are refused" : ": from then on rows are refused"}.`,
    advice: "Create the next partition in time.",
    fixes: (script) => creation(script, { table, last: { ...last, upper }, step, calendar, horizon, place }),
  };
}

interface Ending {
  readonly table: Relation;
  readonly last: RangeEntry;
  readonly step: Step;
  readonly calendar: SeriesCalendar;
  /** Milliseconds since 1970. */
  readonly horizon: number;
  readonly place: BoundInFile;
}

/** At most so many partitions are created at once. */
const mostPartitions = 62;

/** As many partitions as bring the end beyond the horizon. */
function* creation(
  context: ScriptContext,
  { table, last, step, calendar, horizon, place }: Ending,
): Generator<RuleFix> {
  const { statement, placement } = place;
  if (placement === null || !isPartitioned(table)) return;
  const { key } = table.partitioning;
  const taken = refusedNames(context);
  const statements: string[] = [];
  let { upper } = last;
  for (let count = 0; (momentOf(upper, calendar) ?? horizon + 1) <= horizon; count += 1) {
    const [end] = upper;
    const next = end?.kind === "value" ? advance(end.value, step, 1, calendar) : null;
    if (next === null || count === mostPartitions) return;
    const range = { lower: upper, upper: [{ kind: "value" as const, value: next }] };
    const name = partitionName(context.final, table, range, calendar, taken);
    taken.add(name);
    const bound = `FOR VALUES ${spellRange(range, key, context.final.settings)}`;
    statements.push(createSibling(context, statement, placement, name, bound));
    upper = range.upper;
  }
  const behind = lastChange(context, table.id) ?? statement;
  const title =
    statements.length === 1 ? "Create the next partition" : `Create the ${statements.length} next partitions`;
  yield { title, edits: [{ kind: "insert-after", statement: behind, sql: statements.join(";\n") }], preferred: true };
}

/** Milliseconds since 1970; null for keys that are no dates. */
function momentOf([end]: readonly RangeDatum[], calendar: SeriesCalendar): number | null {
  const moment = end?.kind === "value" ? civilMoment(end.value, calendar) : null;
  return moment === null ? null : Date.UTC(moment.year, moment.month - 1, moment.day) + Number(moment.micros / 1000n);
}

function durationOf(step: Step): number {
  switch (step.kind) {
    case "months":
      return step.months * 30 * day;
    case "span":
      return Number(step.micros / 1000n);
    case "number":
      return 0;
  }
}
