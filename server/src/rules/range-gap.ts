/** Between two range partitions of a table there are values that no partition takes. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { inclusiveEndsOf } from "../catalog/inclusive-ends.ts";
import { partitionName } from "../catalog/partition-names.ts";
import { collationsOf, comparePoints } from "../catalog/partition-set.ts";
import type { Partitioning, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { cutIntoSteps, stepOfEntry } from "../catalog/series.ts";
import { shortRange } from "../catalog/short-bound.ts";
import { spellPoint, spellRange } from "../catalog/written-bound.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { replacement } from "./support/fixes.ts";
import { type LostInGap, lostInGaps } from "./support/lost-in-gaps.ts";
import { gapFill, partmanOf } from "./support/managed.ts";
import { type BoundInFile, boundInFile, createSibling } from "./support/script-places.ts";
import { lastChange, lostBounds, refusedNames } from "./support/table-history.ts";
import { isKnownAtEnd, lastPlacement } from "./support/whole-tables.ts";

export const rangeGap: Rule = {
  id: "range-gap",
  severity: "warning",
  summary: "Between two range partitions there are values that no partition takes.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE",
  *checkScript(context) {
    for (const table of context.relations.partitioned) {
      if (table.partitioning?.key.strategy !== "range" || !isKnownAtEnd(context, table)) continue;
      const { partitioning } = table;
      const collations = collationsOf(partitioning.key);
      const gaps = gapsBetween(table, partitioning).flatMap((gap) => {
        if (isBetweenNames(context.final, gap, collations)) return [];
        const start = startOfGap(context, partitioning, gap.below);
        if (start === null) return [gap];
        return (comparePoints(start, gap.upper, collations) ?? -1) >= 0 ? [] : [{ ...gap, lower: start }];
      });
      const lost = gaps.length === 0 ? [] : lostBounds(context, table);
      const lostIn = lostInGaps(gaps, lost, table.partitioning.key);
      for (const [index, gap] of gaps.entries()) yield* findingFor(context, table, gap, lostIn(index));
    }
  },
};

const gapsByPartitioning = new WeakMap<Partitioning, readonly CoverageGap[]>();

/** The gaps with a partition on either side, kept with the partitioning: only a table that changed is looked at again. */
function gapsBetween(table: Relation, partitioning: Partitioning): readonly CoverageGap[] {
  let gaps = gapsByPartitioning.get(partitioning);
  if (gaps === undefined) {
    gaps = (coverageOf(table)?.gaps ?? []).filter(({ below, above }) => below !== null && above !== null);
    gapsByPartitioning.set(partitioning, gaps);
  }
  return gaps;
}

type Collations = ReturnType<typeof collationsOf>;

/**
 * Whether the gap lies between the periods of two tenants: in a key of a name and a moment each name has partitions of its own,
 * and what is between those of one and of the next is the future of the one, the past of the other, and names that nobody has.
 */
function isBetweenNames(catalog: Catalog, { below, above }: CoverageGap, collations: Collations): boolean {
  const [first = [], second = []] = [below, above].map((id) =>
    namesOf(id === null ? null : relationById(catalog, id), collations),
  );
  const length = Math.min(first.length, second.length);
  return length > 0 && comparePoints(first.slice(0, length), second.slice(0, length), collations) !== 0;
}

/** The first values of a bound over several columns, as far as they are names and the whole partition is about them. */
function namesOf(partition: Relation | null, collations: Collations): readonly RangeDatum[] {
  const bound = partition?.partitionOf?.bound;
  if (bound?.kind !== "range") return [];
  const { lower, upper } = bound;
  const end = lower.findIndex((datum, index) => {
    const [other, next] = [upper[index], lower[index + 1]];
    if (other === undefined || next === undefined || !isName(datum, next)) return true;
    return comparePoints([datum], [other], collations.slice(index)) !== 0;
  });
  return lower.slice(0, Math.max(end, 0));
}

/** Whole numbers are names where a moment stands behind them; in front of other numbers they may be years. */
function isName(datum: RangeDatum, next: RangeDatum): boolean {
  if (datum.kind !== "value") return false;
  const { family } = datum.value;
  return ["text", "uuid", "boolean", "enum"].includes(family) || (family === "integer" && isMoment(next));
}

function isMoment(datum: RangeDatum): boolean {
  return datum.kind === "value" && (datum.value.family === "date" || datum.value.family === "timestamp");
}

interface Gap {
  readonly table: Relation;
  readonly partitioning: Partitioning;
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
  readonly below: Relation;
  readonly above: Relation;
  readonly belowInFile: BoundInFile | null;
  readonly aboveInFile: BoundInFile | null;
}

function* findingFor(
  context: ScriptContext,
  table: Relation,
  { lower, upper, ...sides }: CoverageGap,
  lost: LostInGap,
): Generator<RuleFinding> {
  const [below, above] = [sides.below, sides.above].map((id) => (id === null ? null : relationById(context.final, id)));
  const { partitioning } = table;
  if (!below || !above || partitioning === null) return;
  const [belowInFile, aboveInFile] = [boundInFile(context, below), boundInFile(context, above)];
  const place = aboveInFile ?? belowInFile ?? lastPlacement(context, table);
  if (place === null) return;
  const gap: Gap = { table, partitioning, lower, upper, below, above, belowInFile, aboveInFile };
  // The statement that was to fill the gap has its error already.
  if (lost.refused) return;
  const hasRoom = !lost.any;
  const other = place === aboveInFile ? below : above;
  const bound = place.placement?.bound;
  const missing = shortRange(lower, upper, partitioning.key, context.final.settings);
  yield {
    statement: place.statement,
    range: bound?.kind !== "range" ? place.range : place === aboveInFile ? bound.fromRange : bound.toRange,
    message: `No partition of "${table.name}" takes the values ${missing}, between "${below.name}" and "${above.name}". Rows with them are refused.`,
    advice: "Create the missing partition, or let a neighbour reach to the other.",
    related:
      other.partitionOf === null
        ? []
        : [
            {
              origin: other.partitionOf.origin,
              message: `"${other.name}" is the partition on the other side of the gap`,
            },
          ],
    // A partition that stood in the gap for a while leaves the neighbours no room to grow.
    fixes: (script) => fixesFor(script, gap, place, hasRoom),
  };
}

function fixesFor(context: ScriptContext, gap: Gap, place: BoundInFile, hasRoom: boolean): readonly RuleFix[] {
  const manager = partmanOf(context.final, gap.table);
  const last = lastChange(context, gap.table.id) ?? place.statement;
  if (manager !== null) return [gapFill(context.final, manager, last)];
  return isSliver(gap)
    ? [...extensions(context, gap)]
    : [...creations(context, gap, place), ...(hasRoom ? extensions(context, gap) : [])];
}

/** What an end that was meant to be included leaves out is said where that end is written, by inclusive-end. */
function startOfGap(
  context: ScriptContext,
  partitioning: Partitioning,
  below: CoverageGap["below"],
): readonly RangeDatum[] | null {
  if (below === null) return null;
  const end = inclusiveEndsOf(partitioning, calendarOf(partitioning.key, context.final)).get(below);
  if (end === undefined) return null;
  if (end.shownBy === "itself") return end.meant;
  const relation = relationById(context.final, below);
  const written = relation === null ? null : boundInFile(context, relation);
  return written?.placement?.bound.kind === "range" ? end.meant : null;
}

/** One day, number or minute, left out by an inclusive end: nobody wants a partition for it. */
function isSliver({ lower: [from], upper: [to] }: Gap): boolean {
  if (from?.kind !== "value" || to?.kind !== "value") return false;
  const [a, b] = [from.value, to.value];
  if (a.family === "integer" && b.family === "integer") return b.value - a.value === 1n;
  if (a.family === "date" && b.family === "date") return b.days - a.days === 1;
  if (a.family !== "timestamp" || b.family !== "timestamp") return false;
  return typeof a.micros === "bigint" && typeof b.micros === "bigint" && b.micros - a.micros <= 60_000_000n;
}

/** At most so many partitions are created for one gap. */
const mostPartitions = 24;

function* creations(context: ScriptContext, gap: Gap, { statement, placement }: BoundInFile): Generator<RuleFix> {
  if (placement === null) return;
  const { table, partitioning } = gap;
  const behind = lastChange(context, table.id) ?? statement;
  const refused = refusedNames(context);
  const taken: string[] = [];
  const calendar = calendarOf(partitioning.key, context.final);
  const statements = pieces(context, gap).map((range) => {
    const name = partitionName(context.final, table, range, calendar, new Set([...refused, ...taken]));
    taken.push(name);
    const bound = spellRange(range, partitioning.key, context.final.settings);
    return createSibling(context, statement, placement, name, `FOR VALUES ${bound}`);
  });
  const title =
    statements.length === 1 ? `Create "${taken[0]}" for the gap` : `Create the ${statements.length} missing partitions`;
  yield { title, edits: [{ kind: "insert-after", statement: behind, sql: statements.join(";\n") }], preferred: true };
}

/** The gap cut into ranges as wide as its neighbour's, where that comes out even; else the gap as a whole. */
function pieces(
  context: ScriptContext,
  { partitioning, lower, upper, below }: Gap,
): readonly Pick<Gap, "lower" | "upper">[] {
  const calendar = calendarOf(partitioning.key, context.final);
  const bound = below.partitionOf?.bound;
  const step = bound?.kind === "range" ? stepOfEntry(bound, calendar) : null;
  const [from, to] = [lower[0], upper[0]];
  if (step === null || lower.length > 1 || from?.kind !== "value" || to?.kind !== "value") return [{ lower, upper }];
  const points = cutIntoSteps(from.value, to.value, step, calendar, mostPartitions) ?? [];
  const data = points.map((value): readonly RangeDatum[] => [{ kind: "value", value }]);
  return data.length < 2
    ? [{ lower, upper }]
    : data.slice(1).map((end, index) => ({ lower: data[index] ?? end, upper: end }));
}

function* extensions(context: ScriptContext, gap: Gap): Generator<RuleFix> {
  const { key } = gap.partitioning;
  const [earlier, later] = [gap.belowInFile?.placement?.bound, gap.aboveInFile?.placement?.bound];
  if (earlier?.kind === "range" && gap.belowInFile !== null) {
    const newText = spellPoint(gap.upper, key, context.final.settings);
    const title = `Extend "${gap.below.name}" to ${newText}`;
    yield replacement(title, gap.belowInFile.statement, earlier.toRange, newText, { preferred: isSliver(gap) });
  }
  if (later?.kind === "range" && gap.aboveInFile !== null) {
    const newText = spellPoint(gap.lower, key, context.final.settings);
    const title = `Let "${gap.above.name}" begin at ${newText}`;
    yield replacement(title, gap.aboveInFile.statement, later.fromRange, newText, { preferred: false });
  }
}
