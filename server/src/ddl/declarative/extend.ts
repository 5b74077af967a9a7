/** Appends and prepends range partitions by the series of the table, and fills gaps between them. */

import { type CoverageGap, gapsOf } from "../../catalog/coverage.ts";
import { inclusiveEndsOf } from "../../catalog/inclusive-ends.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { partitionName } from "../../catalog/partition-names.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { PartitionKey, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import {
  advance,
  cutIntoSteps,
  type SeriesCalendar,
  type Step,
  sameStep,
  stepOfEntry,
  stepsOf,
} from "../../catalog/series.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { truncateIdentifier } from "../../syntax/names.ts";
import { attachLocks, lock } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import { assembleScript, forValues } from "../print.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { boundAt, calendarOf, problem, rangePartitions, type WriterContext, writeName } from "../writer.ts";
import { sameColumnsAs } from "./carry-over.ts";
import { readKeyValue } from "./key-value.ts";

/** More partitions than this are not written at once: the reader would not read them. */
const fillLimit = 1000;

interface NewRange {
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
}

export function writeAppend(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  return writeNeighbour(request, table, context, "append");
}

export function writePrepend(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  return writeNeighbour(request, table, context, "prepend");
}

/** Fills the gap that begins at `from`, or every gap between two partitions; by the table's step where it comes out even. */
export function writeFill(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  const { catalog } = context;
  const { partitioning } = table;
  if (partitioning === null) return problem(`${writeName(catalog, table)} is not partitioned`, "table");
  const { key, partitions } = partitioning;
  const inner = gapsOf(key, partitions).filter(({ below, above }) => below !== null && above !== null);
  const gaps = request.from === null ? inner : gapsFrom(request.from, inner, table, key, context);
  if ("message" in gaps) return problem(gaps.message, "from");
  if (gaps.length === 0)
    return problem(`between the partitions of ${writeName(catalog, table)} there is no gap`, "table");
  const calendar = calendarOf(table, catalog);
  const ranges = gaps.flatMap((gap) => rangesOfGap(gap, table, key, calendar));
  if (ranges.length > fillLimit) {
    return problem(`the gaps would take ${ranges.length} partitions: fill them one at a time with \`from\``, "from");
  }
  const title = `Fill ${gaps.length === 1 ? "the gap" : `${gaps.length} gaps`} in ${writeName(catalog, table)}`;
  return script(title, ranges, request, table, key, context);
}

function writeNeighbour(
  request: OperationRequest,
  table: Relation,
  context: WriterContext,
  side: "append" | "prepend",
): OperationResult {
  const { catalog } = context;
  const name = writeName(catalog, table);
  const key = table.partitioning?.key;
  const all = rangePartitions(table, catalog);
  const last = side === "append" ? all.at(-1) : all[0];
  if (key === undefined || last === undefined) {
    return problem(
      `${name} has no range partition yet whose width the next one could take: create the first by hand`,
      "table",
    );
  }
  const calendar = calendarOf(table, catalog);
  // A series of months that end with their last day goes on with months.
  const meant = !isPartitioned(table) ? undefined : inclusiveEndsOf(table.partitioning, calendar).get(last.relation.id);
  const entry = meant === undefined ? last.entry : { ...last.entry, upper: meant.meant };
  const edge = side === "append" ? entry.upper : entry.lower;
  const [value] = edge;
  if (value?.kind !== "value") {
    return problem(
      `${writeName(catalog, last.relation)} is open (${spellDatum(value ?? { kind: "maxvalue" }, 0, key, catalog.settings)}) at this end, nothing can follow it: split it instead`,
      "table",
    );
  }
  const step = stepOfEntry(entry, calendar) ?? stepsOf(table, calendar).at(-1) ?? null;
  if (step === null) {
    return problem(
      `the ranges of ${name} have no width that can be counted: create the next partition by hand`,
      "table",
    );
  }
  const ranges: NewRange[] = [];
  for (let number = 0; number < request.count; number += 1) {
    const [near, far] = [number, number + 1].map((times) =>
      advance(value.value, step, side === "append" ? times : -times, calendar),
    );
    if (near === undefined || near === null || far === undefined || far === null) {
      return problem(`the series of ${name} leaves the range of its type`, "count");
    }
    const [a, b] = [boundAt({ kind: "value", value: near }, key), boundAt({ kind: "value", value: far }, key)];
    ranges.push(
      side === "append" ? { lower: number === 0 ? edge : a, upper: b } : { lower: b, upper: number === 0 ? edge : a },
    );
  }
  const title = `${side === "append" ? "Append the next" : "Prepend the previous"} ${ranges.length === 1 ? "partition" : `${ranges.length} partitions`} of ${name}`;
  return script(title, ranges, request, table, key, context);
}

/** CREATE TABLE … LIKE and ATTACH, which readers and writers of the parent do not notice; not PARTITION OF, which locks them out. */
function script(
  title: string,
  ranges: readonly NewRange[],
  request: OperationRequest,
  table: Relation,
  key: PartitionKey,
  context: WriterContext,
): OperationResult {
  const { catalog, version } = context;
  const parent = writeName(catalog, table);
  const sibling = rangePartitions(table, catalog).at(-1)?.relation ?? null;
  if (sibling !== null && isPartitioned(sibling)) {
    return problem(
      `the partitions of ${parent} are partitioned themselves: create the new one by hand, with the sub-partitions it needs`,
      "table",
    );
  }
  const taken = new Set<string>();
  const calendar = calendarOf(table, catalog);
  const schema = sibling?.schema ?? table.schema;
  const steps = ranges.flatMap((range, index): ScriptStep[] => {
    const name =
      index === 0 && request.name !== null
        ? truncateIdentifier(request.name)
        : partitionName(catalog, table, range, calendar, taken);
    taken.add(name);
    const created = { schema, name };
    const written = writeName(catalog, created);
    return [
      {
        sql: `CREATE TABLE ${written} (LIKE ${parent} ${sameColumnsAs()})`,
        locks: [lock(table, "ACCESS SHARE")],
        transaction: "inside",
      },
      {
        sql: `ALTER TABLE ${parent} ATTACH PARTITION ${written}\n  ${forValues(range.lower, range.upper, key, catalog.settings)}`,
        locks: attachLocks(table, created, catalog, version),
        transaction: "inside",
      },
    ];
  });
  const hasDefault = (table.partitioning?.partitions.defaultPartition ?? null) !== null;
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}.`,
          version >= 12
            ? `Readers and writers of ${parent} go on: ATTACH takes SHARE UPDATE EXCLUSIVE there, unlike CREATE TABLE … PARTITION OF.`
            : `ATTACH takes ACCESS EXCLUSIVE on ${parent} before PostgreSQL 12: its readers and writers wait for a moment.`,
          `Undo: DROP TABLE ${[...taken].map((name) => writeName(catalog, { schema, name })).join(", ")}.`,
        ],
        steps,
        notes: hasDefault
          ? [
              "The default partition is locked (ACCESS EXCLUSIVE) and searched for rows of the new range; if it holds any, ATTACH is refused and nothing changes.",
            ]
          : [],
      },
      context.inTransaction,
    ),
  };
}

function gapsFrom(
  text: string,
  gaps: readonly CoverageGap[],
  table: Relation,
  key: PartitionKey,
  context: WriterContext,
): readonly CoverageGap[] | { readonly message: string } {
  const from = readKeyValue(text, table, context);
  if ("message" in from) return from;
  const point = boundAt({ kind: "value", value: from.value }, key);
  const collations = collationsOf(key);
  const found = gaps.filter(({ lower, upper }) => {
    const [begins, ends] = [comparePoints(lower, point, collations), comparePoints(point, upper, collations)];
    return begins !== null && ends !== null && begins <= 0 && ends < 0;
  });
  return found.length > 0 ? found : { message: `no gap begins at or holds ${text}` };
}

function rangesOfGap(
  gap: CoverageGap,
  table: Relation,
  key: PartitionKey,
  calendar: SeriesCalendar,
): readonly NewRange[] {
  const [lower, upper] = [gap.lower[0], gap.upper[0]];
  const steps = stepsOf(table, calendar);
  const step = mostCommon(steps);
  if (step === null || lower?.kind !== "value" || upper?.kind !== "value") return [gap];
  const points = cutIntoSteps(lower.value, upper.value, step, calendar, fillLimit);
  if (points === null) return [gap];
  return points.slice(1).map((point, index) => ({
    lower: index === 0 ? gap.lower : boundAt({ kind: "value", value: points[index] ?? point }, key),
    upper: index + 2 === points.length ? gap.upper : boundAt({ kind: "value", value: point }, key),
  }));
}

function mostCommon(steps: readonly Step[]): Step | null {
  const counted: { readonly step: Step; count: number }[] = [];
  for (const step of steps) {
    const same = counted.find((entry) => sameStep(entry.step, step));
    if (same === undefined) counted.push({ step, count: 1 });
    else same.count += 1;
  }
  return counted.toSorted((a, b) => b.count - a.count)[0]?.step ?? null;
}
