/** An INSERT of constants, or an UPDATE of a row that is known, makes a row that no partition takes. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { gapsOf } from "../catalog/coverage.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { freshName, partitionName } from "../catalog/partition-names.ts";
import { comparePoints } from "../catalog/partition-set.ts";
import type { Partitioning, PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { advance, type SeriesCalendar, stepOfEntry } from "../catalog/series.ts";
import type { Value } from "../catalog/value.ts";
import { spellBound } from "../catalog/written-bound.ts";
import { quoteQualifiedName } from "../syntax/names.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { presentRejection } from "./support/present.ts";
import { wrongPartition } from "./support/wrong-partition.ts";

export const insertWithoutPartition: Rule = {
  id: "insert-without-partition",
  severity: "error",
  summary: "An INSERT of constants, or an UPDATE of a row that is known, makes a row that no partition takes.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE",
  present: (context) => {
    const elsewhere = wrongPartition(context);
    return presentRejection(context, {
      advice: elsewhere?.advice ?? "The whole statement fails: create the partition before, or a default partition.",
      fixes: elsewhere?.fixes ?? [...fixesFor(context)],
    });
  },
};

function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  const { step, rejection } = context;
  const table = rejection.unrouted === undefined ? null : relationById(step.before, rejection.unrouted.table);
  const [value, ...more] = rejection.unrouted?.key ?? [];
  if (step.statement.statement.kind !== "query" || table === null || value == null || more.length > 0) return;
  const { settings } = step.before;
  const created = partitionFor(step.before, table, value);
  if (created === null) return;
  const schema = table.schema === settings.searchPath[0] ? null : table.schema;
  const sql = `CREATE TABLE ${quoteQualifiedName(schema, created.name)} PARTITION OF ${quoteQualifiedName(schema, table.name)} ${created.bound}`;
  const edits = [{ kind: "insert-before" as const, statement: step.handle, sql }];
  yield { title: `Create "${created.name}" before`, edits, preferred: true };
}

interface NewPartition {
  readonly name: string;
  readonly bound: string;
}

function partitionFor(catalog: Catalog, table: Relation, value: Value): NewPartition | null {
  if (!isPartitioned(table)) return null;
  const { key } = table.partitioning;
  if (key.strategy === "list") {
    const bound = spellBound({ kind: "list", values: [value] }, key, catalog.settings);
    const wanted = value.family === "text" && /^\w{1,20}$/.test(value.value) ? value.value.toLowerCase() : "new";
    return { name: freshName(catalog, table.schema, `${table.name}_${wanted}`, new Set()), bound };
  }
  const range = key.strategy === "range" ? rangeAround(catalog, table.partitioning, value) : null;
  if (range === null) return null;
  return {
    name: partitionName(catalog, table, range, calendarOf(key, catalog), new Set()),
    bound: spellBound({ kind: "range", ...range }, key, catalog.settings),
  };
}

interface Range {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
}

/** How many steps a value may be away from the nearest partition. */
const mostSteps = 400;

/** The range of the neighbour's width that holds the value, counted from the neighbour and cut off at the other one. */
function rangeAround(catalog: Catalog, { key, partitions }: Partitioning, value: Value): Range | null {
  const point: readonly RangeDatum[] = [{ kind: "value", value }];
  const gap = gapsOf(key, partitions).find(
    ({ lower, upper }) => atOrBefore(lower, point, key) && !atOrBefore(upper, point, key),
  );
  if (gap === undefined) return null;
  const neighbour = gap.below ?? gap.above;
  const bound = neighbour === null ? undefined : relationById(catalog, neighbour)?.partitionOf?.bound;
  const calendar = calendarOf(key, catalog);
  const step = bound?.kind === "range" ? stepOfEntry(bound, calendar) : null;
  const start = gap.below === null ? gap.upper[0] : gap.lower[0];
  if (step === null || start?.kind !== "value") return null;
  const direction = gap.below === null ? -1 : 1;
  const moved = (times: number): readonly RangeDatum[] | null => pointAt(start.value, step, times, calendar);
  for (let times = 0; times < mostSteps; times += 1) {
    const [a, b] = [moved(direction * times), moved(direction * (times + 1))];
    if (a === null || b === null) return null;
    const range = direction > 0 ? { lower: a, upper: b } : { lower: b, upper: a };
    if (!atOrBefore(range.lower, point, key) || atOrBefore(range.upper, point, key)) continue;
    return {
      lower: atOrBefore(range.lower, gap.lower, key) ? gap.lower : range.lower,
      upper: atOrBefore(gap.upper, range.upper, key) ? gap.upper : range.upper,
    };
  }
  return null;
}

function pointAt(
  start: Value,
  step: Parameters<typeof advance>[1],
  times: number,
  calendar: SeriesCalendar,
): readonly RangeDatum[] | null {
  const value = times === 0 ? start : advance(start, step, times, calendar);
  return value === null ? null : [{ kind: "value", value }];
}

function atOrBefore(a: readonly RangeDatum[], b: readonly RangeDatum[], key: PartitionKey): boolean {
  const order = comparePoints(
    a,
    b,
    key.elements.map(({ collation }) => collation),
  );
  return order !== null && order <= 0;
}
