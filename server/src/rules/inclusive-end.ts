/** An upper bound is the last day, second or number of a period, as if TO were inclusive. */

import { findRelation, relationById } from "../catalog/catalog.ts";
import { type InclusiveEnd, inclusiveEndsOf } from "../catalog/inclusive-ends.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { comparePoints } from "../catalog/partition-set.ts";
import type { Partitioning, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { advance } from "../catalog/series.ts";
import { shortPoint } from "../catalog/short-bound.ts";
import { microsPerDay } from "../catalog/values/calendar.ts";
import { spellPoint } from "../catalog/written-bound.ts";
import type { Rule, RuleFinding, ScriptContext, StepMark } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { endsWithDay, isDateKey } from "./support/cut-dates.ts";
import { replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";
import { boundInFile } from "./support/script-places.ts";

/** The partitions to which a statement gives a bound whose end is written with the last minute of a day. */
const endOfDay: StepMark<readonly RelationId[]> = {
  statements: ["create-table", "alter-table"],
  of: (step) => {
    if (step.rejection !== null) return null;
    const found = placementsOf(step.statement.statement).flatMap(({ bound, partition }) => {
      const [end] = bound.kind === "range" ? bound.to : [];
      const relation =
        end?.kind === "value" && endsWithDay(end.expression) ? findRelation(step.after, partition) : null;
      return relation === null ? [] : [relation.id];
    });
    return found.length === 0 ? null : found;
  },
};

export const inclusiveEnd: Rule = {
  id: "inclusive-end",
  severity: "warning",
  summary: "An upper bound is the last day or second of a period, but TO is exclusive.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  marks: [endOfDay],
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      if (!isPartitioned(table) || table.partitioning.key.strategy !== "range") continue;
      const calendar = calendarOf(table.partitioning.key, context.final);
      for (const end of inclusiveEndsOf(table.partitioning, calendar).values()) yield* findingFor(context, table, end);
      for (const end of writtenEnds(context, table)) yield* findingFor(context, table, end);
    }
  },
};

/** A date key drops the time of `2024-02-10 23:59:59`: what is written shows that the day was to be included. */
function* writtenEnds(
  context: ScriptContext,
  table: Relation & { partitioning: Partitioning },
): Generator<InclusiveEnd> {
  const { key, partitions } = table.partitioning;
  const written = isDateKey(key) ? context.marked(endOfDay) : [];
  if (written.length === 0) return;
  const calendar = calendarOf(key, context.final);
  const known = inclusiveEndsOf(table.partitioning, calendar);
  for (const { step, value } of written) {
    for (const partition of value) {
      const link = relationById(context.final, partition)?.partitionOf;
      if (link?.parent !== table.id || link.bound.kind !== "range" || known.has(partition)) continue;
      if (partitions.ranges.get(link.bound.lower)?.partition !== partition) continue;
      if (link.origin.kind !== "statement" || link.origin.statement !== step.handle) continue;
      const [stored] = link.bound.upper;
      if (stored?.kind !== "value") continue;
      const end = advance(stored.value, { kind: "span", micros: microsPerDay }, 1, calendar);
      const next = partitions.ranges.nextHigherPair(link.bound.lower)?.[1].lower;
      const meant: readonly RangeDatum[] = end === null ? [] : [{ kind: "value", value: end }];
      if (end !== null && (next === undefined || (comparePoints(meant, next, [null]) ?? 1) <= 0))
        yield { partition, written: link.bound.upper, meant, shownBy: "itself" };
    }
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
