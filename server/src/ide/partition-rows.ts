/** The rows of the partition tree: a table, a partition, and what is missing or shared between partitions. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import { type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { hasParts, isPartitioned, layoutOf } from "../catalog/layout.ts";
import type { PartitionKey } from "../catalog/partitioning.ts";
import type { Origin, Relation } from "../catalog/relation.ts";
import { shortPoint, shortRange, shortRemainder } from "../catalog/short-bound.ts";
import { isWritten } from "../ddl/generate.ts";
import { titleText } from "../text/foreign-text.ts";
import { nothingRefused, type RefusedPlaces } from "./refused-places.ts";
import { type SizeOf, sizesUnknown, sizeWithParts, sizeWords } from "./relation-sizes.ts";
import {
  boundLabel,
  boundText,
  counted,
  coverageProblems,
  fullName,
  gapsBetween,
  keyText,
  leavesText,
  partsText,
  quotedPointText,
  shortName,
} from "./spelling.ts";

export interface PartitionRow<Definition> {
  readonly kind: "table" | "partition" | "default" | "gap" | "missing-remainder" | "overlap";
  /** Unique among the rows of a catalog, and the same for the same thing in the next one. */
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly tooltip: string;
  /** `schema.name`, unquoted, of the partitioned table that the row is or belongs to. */
  readonly table: string;
  readonly partition?: string | undefined;
  readonly definition: Definition | null;
  readonly generate?: GapArguments | undefined;
}

/** What fills a gap: arguments of an operation. */
export interface GapArguments {
  readonly operation: "fill";
  readonly table: string;
  /** The lower end of the gap meant; absent for what has no ends. */
  readonly from?: string | undefined;
}

export interface RowContext<Definition> {
  readonly catalog: Catalog;
  readonly definitionOf: (origin: Origin) => Definition | null;
  readonly sizeOf?: SizeOf | undefined;
  /** Where statements that are to be mended belong; nowhere where nothing is said. */
  readonly refused?: RefusedPlaces | undefined;
}

export function tableRow<Definition>(
  { catalog, definitionOf, sizeOf }: RowContext<Definition>,
  relation: Relation,
): PartitionRow<Definition> {
  const [key = "", ...others] = tableParts(catalog, relation);
  const sizes = sizeParts(catalog, relation, sizeOf);
  return {
    kind: "table",
    id: fullName(relation),
    label: titleText(shortName(relation)),
    // A narrow view cuts the end: what is wrong comes first, the key last.
    description: joined([...coverageProblems(relation), partsText(relation), ...sizes, key]),
    tooltip: `${titleText(fullName(relation))}\n${joined([key, ...others, ...sizes])}`,
    table: fullName(relation),
    definition: definitionOf(relation.origin),
  };
}

/** `RANGE (dt) · 60 partitions · 1 gap`, as a title. */
export function tableDescription(catalog: Catalog, relation: Relation): string {
  return joined(tableParts(catalog, relation));
}

/** The same in parts, the key first; for no medium yet. */
export function tableParts(catalog: Catalog, relation: Relation): readonly string[] {
  return [
    keyText(relation) ?? "INHERITS",
    partsText(relation),
    ...leavesText(catalog, relation),
    ...coverageProblems(relation),
  ];
}

export function partitionRow<Definition>(
  { catalog, definitionOf, sizeOf }: RowContext<Definition>,
  parent: Relation,
  partition: Relation,
): PartitionRow<Definition> {
  const bound = boundLabel(catalog, partition);
  const own = hasParts(partition) ? tableParts(catalog, partition) : [];
  const size = sizeParts(catalog, partition, sizeOf);
  const belongs = `${isPartitioned(parent) ? "PARTITION OF" : "INHERITS"} ${fullName(parent)} ${boundText(catalog, partition) ?? bound}`;
  return {
    kind: partition.partitionOf?.bound.kind === "default" ? "default" : "partition",
    id: fullName(partition),
    label: titleText(siblingName(parent, partition)),
    description: joined([bound, ...own, ...size]),
    tooltip: `${titleText(fullName(partition))}\n${joined([belongs, ...own, ...size])}`,
    table: fullName(parent),
    partition: fullName(partition),
    definition: definitionOf(partition.partitionOf?.origin ?? partition.origin),
  };
}

/** Names up to this length are told whole: a narrow tree has room for them. */
const shortEnough = 20;

/** What tells a partition from its siblings, where the whole name would be cut before it: `…2024_01`. */
function siblingName(parent: Relation, partition: Relation): string {
  const whole = shortName(partition);
  if (whole.length <= shortEnough || partition.schema !== parent.schema) return whole;
  const prefix = `${parent.name}_`;
  return partition.name.startsWith(prefix) && partition.name.length > prefix.length
    ? `…${partition.name.slice(prefix.length)}`
    : whole;
}

/** Of each kind of problem, more are only counted. */
export const mostProblemRows = 50;

/** What the parts of a table leave out or share, gaps first; of many only the first ones. */
export function problemRows<Definition>(
  context: RowContext<Definition>,
  parent: Relation,
): readonly PartitionRow<Definition>[] {
  const key = layoutOf(parent)?.key ?? null;
  const coverage = coverageOf(parent);
  if (key === null || coverage === null) return [];
  const gaps = gapsBetween(parent, coverage);
  const { missingRemainders, overlaps } = coverage;
  return [
    ...gaps.slice(0, mostProblemRows).map((gap) => gapRow(context, parent, key, gap)),
    ...moreRows<Definition>(parent, "gap", gaps.length),
    ...missingRemainders.slice(0, mostProblemRows).map((missing) => remainderRow<Definition>(context, parent, missing)),
    ...moreRows<Definition>(parent, "missing-remainder", missingRemainders.length),
    ...overlaps.slice(0, mostProblemRows).map(({ first, second, lower, upper }) => {
      const pair = [first, second].map((id) => relationById(context.catalog, id)).filter((one) => one !== null);
      const names = pair.map(shortName).join(" and ");
      const { settings } = context.catalog;
      const shared = lower.length === 0 ? "" : shortRange(lower, upper, key, settings);
      return overlapRow<Definition>(parent, names, shared);
    }),
    ...moreRows<Definition>(parent, "overlap", overlaps.length),
  ];
}

export function gapRow<Definition>(
  { catalog, refused = nothingRefused }: RowContext<Definition>,
  parent: Relation,
  key: PartitionKey,
  gap: CoverageGap,
): PartitionRow<Definition> {
  const from = shortPoint(gap.lower, key, catalog.settings);
  const to = shortPoint(gap.upper, key, catalog.settings);
  const neighbours = [gap.below, gap.above]
    .map((id) => (id === null ? null : relationById(catalog, id)))
    .filter((relation) => relation !== null)
    .map(shortName);
  return {
    kind: "gap",
    id: `${fullName(parent)} gap ${from}`,
    label: "gap",
    description: titleText(shortRange(gap.lower, gap.upper, key, catalog.settings)),
    tooltip: titleText(
      `No partition of ${fullName(parent)} takes the values from ${from} up to ${to}, between ${neighbours.join(" and ")}.`,
    ),
    table: fullName(parent),
    definition: null,
    ...(isWritten(catalog, parent, "fill") && !refused.holds(parent, gap)
      ? {
          generate: {
            operation: "fill",
            table: fullName(parent),
            from: quotedPointText(gap.lower, key, catalog.settings),
          },
        }
      : {}),
  };
}

export function remainderRow<Definition>(
  { catalog, refused = nothingRefused }: RowContext<Definition>,
  parent: Relation,
  { modulus, remainder }: { readonly modulus: number; readonly remainder: number },
): PartitionRow<Definition> {
  const bound = shortRemainder({ modulus, remainder });
  return {
    kind: "missing-remainder",
    id: `${fullName(parent)} missing ${bound}`,
    label: "missing",
    description: bound,
    tooltip: titleText(
      `No partition of ${fullName(parent)} takes the rows of modulus ${modulus}, remainder ${remainder}.`,
    ),
    table: fullName(parent),
    definition: null,
    // All that are missing, for one alone leaves the table as little whole as before.
    ...(isWritten(catalog, parent, "fill") && !refused.holds(parent, null)
      ? { generate: { operation: "fill", table: fullName(parent) } }
      : {}),
  };
}

function overlapRow<Definition>(parent: Relation, names: string, shared: string): PartitionRow<Definition> {
  return {
    kind: "overlap",
    id: `${fullName(parent)} overlap ${names} ${shared}`,
    label: "overlap",
    description: titleText(shared === "" ? names : `${shared} · ${names}`),
    tooltip: titleText(`${names} of ${fullName(parent)} take the same values${shared === "" ? "" : `: ${shared}`}.`),
    table: fullName(parent),
    definition: null,
  };
}

function moreRows<Definition>(
  parent: Relation,
  kind: "gap" | "missing-remainder" | "overlap",
  count: number,
): readonly PartitionRow<Definition>[] {
  const more = count - mostProblemRows;
  if (more <= 0) return [];
  const what = counted(
    more,
    { gap: "more gap", "missing-remainder": "more missing remainder", overlap: "more overlap" }[kind],
  );
  return [
    {
      kind,
      id: `${fullName(parent)} more ${kind}`,
      label: what,
      description: "",
      tooltip: titleText(`${fullName(parent)} has ${what} than are listed.`),
      table: fullName(parent),
      definition: null,
    },
  ];
}

function sizeParts(catalog: Catalog, relation: Relation, sizeOf: SizeOf = sizesUnknown): readonly string[] {
  const size = sizeWithParts(catalog, relation, sizeOf);
  return size === null ? [] : [sizeWords(size)];
}

function joined(parts: readonly string[]): string {
  return titleText(parts.filter((part) => part !== "").join(" · "));
}
