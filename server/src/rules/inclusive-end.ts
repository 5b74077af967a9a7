/** An upper bound is the last day, second or number of a period, as if TO were inclusive. */

import { relationById } from "../catalog/catalog.ts";
import { type InclusiveEnd, inclusiveEndsOf } from "../catalog/inclusive-ends.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { comparePoints } from "../catalog/partition-set.ts";
import type { Partitioning, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { advance } from "../catalog/series.ts";
import { shortPoint } from "../catalog/short-bound.ts";
import { microsPerDay } from "../catalog/values/calendar.ts";
import { spellPoint } from "../catalog/written-bound.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { endsWithDay, isDateKey } from "./support/cut-dates.ts";
import { replacement } from "./support/fixes.ts";
import { boundInFile } from "./support/script-places.ts";

export const inclusiveEnd: Rule = {
  id: "inclusive-end",
  severity: "warning",
  summary: "An upper bound is the last day or second of a period, but TO is exclusive.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      if (table.partitioning?.key.strategy !== "range") continue;
      const calendar = calendarOf(table.partitioning.key, context.final);
      for (const end of inclusiveEndsOf(table.partitioning, calendar).values()) yield* findingFor(context, table, end);
      for (const end of writtenEnds(context, table.partitioning)) yield* findingFor(context, table, end);
    }
  },
};

const writtenByPartitioning = new WeakMap<Partitioning, readonly InclusiveEnd[]>();

/** Kept with the partitioning, which is another one as soon as a statement that makes it is. */
function writtenEnds(context: ScriptContext, partitioning: Partitioning): readonly InclusiveEnd[] {
  const cached = writtenByPartitioning.get(partitioning);
  if (cached !== undefined) return cached;
  const ends = isDateKey(partitioning.key) ? [...findWrittenEnds(context, partitioning)] : [];
  writtenByPartitioning.set(partitioning, ends);
  return ends;
}

/** A date key drops the time of `2024-02-10 23:59:59`: what is written shows that the day was to be included. */
function* findWrittenEnds(context: ScriptContext, partitioning: Partitioning): Generator<InclusiveEnd> {
  const calendar = calendarOf(partitioning.key, context.final);
  const known = inclusiveEndsOf(partitioning, calendar);
  const entries = [...partitioning.partitions.ranges.values()];
  for (const [index, { upper, partition }] of entries.entries()) {
    const relation = known.has(partition) ? null : relationById(context.final, partition);
    const bound = relation === null ? undefined : boundInFile(context, relation)?.placement?.bound;
    const [written, stored] = [bound?.kind === "range" ? bound.to[0] : undefined, upper[0]];
    if (written?.kind !== "value" || stored?.kind !== "value" || !endsWithDay(written.expression)) continue;
    const value = advance(stored.value, { kind: "span", micros: microsPerDay }, 1, calendar);
    const next = entries[index + 1]?.lower;
    const meant: readonly RangeDatum[] = value === null ? [] : [{ kind: "value", value }];
    if (value !== null && (next === undefined || (comparePoints(meant, next, [null]) ?? 1) <= 0))
      yield { partition, written: upper, meant, shownBy: "itself" };
  }
}

function* findingFor(context: ScriptContext, table: Relation, suspect: InclusiveEnd): Generator<RuleFinding> {
  const partition = relationById(context.final, suspect.partition);
  const place = partition === null ? null : boundInFile(context, partition);
  const bound = place?.placement?.bound;
  if (partition === null || place === null || bound?.kind !== "range" || !isPartitioned(table)) return;
  const { key, partitions } = table.partitioning;
  const { settings } = context.final;
  const meant = spellPoint(suspect.meant, key, settings);
  const [from, to] = [suspect.written, suspect.meant].map((point) => shortPoint(point, key, settings));
  const fate = partitions.defaultPartition === null ? "and are refused" : "but in the default partition";
  yield {
    statement: place.statement,
    range: bound.toRange,
    message: `TO is exclusive: rows from ${from} up to ${to} are not in "${partition.name}", ${fate}.`,
    advice: `Write TO ${meant}, where the next period begins.`,
    fixes: [replacement(`Change to TO ${meant}`, place.statement, bound.toRange, meant, { preferred: true })],
  };
}
