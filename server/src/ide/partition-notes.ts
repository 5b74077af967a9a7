/** What is worth saying above a partition's statement because the line itself does not say it. */

import { type Catalog, findRelation, parentOf } from "../catalog/catalog.ts";
import { type Coverage, type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { hasParts, layoutOf, placeOf } from "../catalog/layout.ts";
import type { Overlap } from "../catalog/overlap.ts";
import type { KeyElement, PartitionKey } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { shortBound, shortRange, shortValue } from "../catalog/short-bound.ts";
import type { Value } from "../catalog/value.ts";
import type { Step } from "../replay/step.ts";
import { placementsOf } from "../rules/support/placements.ts";
import type { BoundSpecification } from "../syntax/statement.ts";
import type { TextRange } from "../text/range.ts";
import { shortName } from "./spelling.ts";

/** The statement that gives a relation its place below another, the relation as it is just after it, and its text. */
export interface PlacedPartition {
  readonly step: Step;
  readonly parent: Relation;
  readonly partition: Relation;
  /** The text of the statement. */
  readonly text: string;
}

/**
 * A gap in front of it, what it overlaps, a bound that is stored otherwise than it is written: true just after the statement, and
 * still at the end of the file, so that partitions that come later are not missed before their time.
 */
export function partitionNotes(placed: PlacedPartition, final: Catalog): readonly string[] {
  return [...storedOtherwise(placed), ...gapBefore(placed, final), ...overlaps(placed, final)];
}

/** Whether there is anything to say: a note, or partitions of its own at the end of the file. */
export function isNotable(placed: PlacedPartition, final: Catalog): boolean {
  const last = final.relations.get(placed.partition.id) ?? placed.partition;
  return hasParts(last) || partitionNotes(placed, final).length > 0;
}

function gapBefore({ step, parent, partition }: PlacedPartition, final: Catalog): readonly string[] {
  const last = final.relations.get(parent.id);
  const coverage = last === undefined ? null : coverageOf(last);
  const key = last === undefined ? undefined : layoutOf(last)?.key;
  if (coverage === null || key === undefined || key.strategy !== "range") return [];
  const gap = byPartition(coverage).gapBefore.get(partition.id);
  if (gap === undefined || gap.below === null) return [];
  const below = step.after.relations.get(gap.below);
  if (below === undefined || parentOf(step.after, below)?.id !== parent.id) return [];
  return [`gap before it: ${shortRange(gap.lower, gap.upper, key, final.settings)}`];
}

function overlaps({ step, parent, partition }: PlacedPartition, final: Catalog): readonly string[] {
  const last = final.relations.get(parent.id);
  const coverage = last === undefined ? null : coverageOf(last);
  if (coverage === null || coverage.overlaps.length === 0) return [];
  const others = (byPartition(coverage).overlaps.get(partition.id) ?? []).flatMap(({ first, second }) => {
    const other = step.after.relations.get(first === partition.id ? second : first);
    return other === undefined ? [] : [shortName(other)];
  });
  if (others.length === 0) return [];
  const more = others.length > 2 ? ` and ${others.length - 2} more` : "";
  return [`overlaps ${others.slice(0, 2).join(", ")}${more}`];
}

interface ByPartition {
  readonly gapBefore: ReadonlyMap<RelationId, CoverageGap>;
  readonly overlaps: ReadonlyMap<RelationId, readonly Overlap[]>;
}

const indexes = new WeakMap<Coverage, ByPartition>();

/** Every partition asks about itself: what is wrong with a table is looked through once. */
function byPartition(coverage: Coverage): ByPartition {
  const known = indexes.get(coverage);
  if (known !== undefined) return known;
  const gapBefore = new Map<RelationId, CoverageGap>();
  for (const gap of coverage.gaps) if (gap.above !== null) gapBefore.set(gap.above, gap);
  const shared = new Map<RelationId, Overlap[]>();
  for (const overlap of coverage.overlaps) {
    for (const id of [overlap.first, overlap.second]) {
      const list = shared.get(id);
      if (list === undefined) shared.set(id, [overlap]);
      else list.push(overlap);
    }
  }
  const index = { gapBefore, overlaps: shared };
  indexes.set(coverage, index);
  return index;
}

/** What follows from the statement alone stays with its step, which later versions of the document share. */
const storedNotes = new WeakMap<Step, readonly string[]>();

function storedOtherwise(placed: PlacedPartition): readonly string[] {
  const known = storedNotes.get(placed.step) ?? compareStored(placed);
  storedNotes.set(placed.step, known);
  return known;
}

function compareStored({ step, parent, partition, text }: PlacedPartition): readonly string[] {
  const placement = placementsOf(step.statement.statement).find(
    ({ partition: name }) => findRelation(step.after, name)?.id === partition.id,
  );
  const place = placeOf(step.after, partition);
  if (placement === undefined || place === null || place.parent.id !== parent.id) return [];
  const { bound } = place;
  const { key } = place.layout;
  const pairs = pairsOf(placement.bound, bound, key);
  const same = pairs.every(({ range, value, element }) =>
    readsAs(text.slice(range.start, range.end), value, element, step),
  );
  return same ? [] : [`stored as ${shortBound(bound, key, step.after.settings)}`];
}

interface WrittenValue {
  readonly range: TextRange;
  readonly value: Value;
  readonly element: KeyElement;
}

/** Longer lists are not looked through: nobody reads what they are stored as. */
const mostPairs = 2_000;

/** Each written value beside the one stored for it; none where it cannot be told which is whose. */
function pairsOf(
  written: BoundSpecification,
  stored: NonNullable<ReturnType<typeof placeOf>>["bound"],
  key: PartitionKey,
): readonly WrittenValue[] {
  const pairs: WrittenValue[] = [];
  if (written.kind === "range" && stored.kind === "range") {
    for (const [data, values] of [[written.from, stored.lower] as const, [written.to, stored.upper] as const]) {
      for (const [index, datum] of data.entries()) {
        const [value, element] = [values[index], key.elements[index]];
        if (datum.kind === "value" && value?.kind === "value" && element !== undefined)
          pairs.push({ range: datum.range, value: value.value, element });
      }
    }
  }
  const [element] = key.elements;
  if (written.kind !== "list" || stored.kind !== "list" || element === undefined) return pairs;
  // Duplicates are dropped when a list is stored; then it is not told which value is whose.
  if (written.values.length !== stored.values.length || written.values.length > mostPairs) return [];
  for (const [index, { range }] of written.values.entries()) {
    const value = stored.values[index];
    if (value !== null && value !== undefined) pairs.push({ range, value, element });
  }
  return pairs;
}

/** A constant in quotes, with a type in front of it or behind it. */
const quoted = /^(?:[a-z]\w*(?:\s+with(?:out)?\s+time\s+zone)?\s+)?'((?:[^']|'')*)'(?:\s*::[\w\s"().]+)?$/i;

const moment = /^(\d{4,}-\d\d-\d\d)(?:[ T](\d\d:\d\d)(?::(\d\d(?:\.\d+)?))?)?\s*(?:(Z|[+-]\d\d)(?::?(\d\d))?)?$/i;

/** Whether a reader takes what is written for the value that is stored; an expression says less than its value. */
function readsAs(written: string, value: Value, { type }: KeyElement, { after }: Step): boolean {
  const literal = quoted.exec(written)?.[1]?.replaceAll("''", "'") ?? written.trim();
  const isQuoted = quoted.test(written);
  const shown = shortValue(value, type, after.settings);
  switch (value.family) {
    case "integer":
    case "numeric":
    case "float":
      return /^\s*[+-]?[\d._]+(?:e[+-]?\d+)?\s*$/i.test(literal)
        ? Number(literal.replaceAll("_", "")) === Number(shown)
        : isQuoted;
    case "date":
    case "timestamp": {
      const parts = moment.exec(literal.trim());
      if (parts === null) return isQuoted && /^-?infinity$/i.test(literal.trim());
      const [, date = "", minutes = "00:00", seconds = "00", zone, zoneMinutes = "00"] = parts;
      const clock = /^00(?:\.0*)?$/.test(seconds) ? minutes : `${minutes}:${seconds.replace(/\.?0*$/, "")}`;
      const offset = zone === undefined ? null : zone.toUpperCase() === "Z" ? "+00" : zone;
      const fullOffset = offset === null ? "" : ` ${offset}${zoneMinutes === "00" ? "" : `:${zoneMinutes}`}`;
      const local = `${date}${clock === "00:00" ? "" : ` ${clock}`}`;
      return offset === null ? shown.replace(/ [+-]\d\d(?::\d\d)*$/, "") === local : shown === `${local}${fullOffset}`;
    }
    case "text":
      return isQuoted ? literal.trimEnd() === value.value.trimEnd() : /^\d/.test(literal) && literal === value.value;
    default:
      return isQuoted || /^\w+$/.test(literal);
  }
}
