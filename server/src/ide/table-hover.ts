/** What a hover says of tables: the map of a partitioned table, a partition among its siblings, the stored value of a bound. */

import { type Catalog, parentOf } from "../catalog/catalog.ts";
import type { CoverageGap } from "../catalog/coverage.ts";
import { coverageOf } from "../catalog/coverage.ts";
import { hasParts, isPartitioned, layoutOf, partsOf } from "../catalog/layout.ts";
import type { RangeEntry } from "../catalog/partitioning.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { shortRange, shortRemainder } from "../catalog/short-bound.ts";
import type { Value } from "../catalog/value.ts";
import { greatest } from "../text/long-lists.ts";
import { bar, code, icon, type MarkdownOptions, strong, table, words } from "./markdown.ts";
import { tableParts } from "./partition-rows.ts";
import { type SizeOf, sizesUnknown, sizeWithParts, sizeWords } from "./relation-sizes.ts";
import { boundLabel, gapsBetween, shortName } from "./spelling.ts";

export interface TableHoverOptions extends MarkdownOptions {
  readonly maxPartitions: number;
  /** Rows and sizes in a connected database. */
  readonly sizeOf?: SizeOf | undefined;
}

/** Of which moment a hover speaks, where it is not the end of the chain: a few words behind its first line. */
export type Moment = "after this statement" | "before this statement" | "dropped later" | null;

/** The cells of a row, written when it is shown. */
type Row = () => readonly string[];

/** The characters of the widest bar. */
const widestBar = 16;

/** The whole map of a partitioned table: a row for each partition, with a bar as wide as its share, and the gaps. */
export function mapMarkdown(
  catalog: Catalog,
  relation: Relation,
  options: TableHoverOptions,
  moment: Moment = null,
): string {
  const size = options.sizeOf === undefined ? null : sizeWithParts(catalog, relation, options.sizeOf);
  const sized = size === null ? "" : ` · ${words(sizeWords(size), options)}`;
  const told = moment === null ? "" : ` · ${moment}`;
  const head = `${strong(code(shortName(relation), options), options)} ${description(catalog, relation, options)}${sized}${told}`;
  const partitions = partsOf(catalog, relation);
  if (partitions.length === 0) return head;
  const widths = barWidths(relation);
  const gaps = new Map(gapsBetween(relation).map((gap) => [gap.above, gap]));
  // Of thousands a few are shown, and no others are written.
  const rows: Row[] = [];
  const gapRow = (gap: CoverageGap | undefined): void => {
    const key = layoutOf(relation)?.key;
    if (gap === undefined || key === undefined) return;
    rows.push(() => {
      const range = shortRange(gap.lower, gap.upper, key, catalog.settings);
      return [bar("gap", 3, options), `${icon("warning", "⚠", options)} gap`, code(range, options)];
    });
  };
  for (const partition of partitions) {
    gapRow(gaps.get(partition.id));
    const tone = partition.partitionOf?.bound.kind === "default" ? "default" : "partition";
    rows.push(() => [
      bar(tone, widths.get(partition.id) ?? 1, options),
      code(shortName(partition), options),
      `${code(boundLabel(catalog, partition), options)}${hasParts(partition) ? ` · ${description(catalog, partition, options)}` : ""}`,
      ...sizeCell(catalog, partition, options),
    ]);
  }
  gapRow(gaps.get(null));
  for (const { modulus, remainder } of coverageOf(relation)?.missingRemainders ?? [])
    rows.push(() => [
      bar("gap", 3, options),
      `${icon("warning", "⚠", options)} missing`,
      code(shortRemainder({ modulus, remainder }), options),
    ]);
  return `${head}\n\n${table(headerOf(options), shortened(rows, options.maxPartitions), options)}`;
}

function headerOf({ sizeOf = sizesUnknown }: TableHoverOptions): readonly string[] {
  return ["", "partition", "bound", ...(sizeOf === sizesUnknown ? [] : ["rows · size"])];
}

function sizeCell(catalog: Catalog, relation: Relation, options: TableHoverOptions): readonly string[] {
  const { sizeOf = sizesUnknown } = options;
  if (sizeOf === sizesUnknown) return [];
  const size = sizeWithParts(catalog, relation, sizeOf);
  return [size === null ? "" : words(sizeWords(size), options)];
}

/**
 * A partition: its bound, its place among its siblings, and the neighbours on both sides. `told` is what the statement makes of
 * it, and then the catalog is the one before it; or of which moment it is told.
 */
export function partitionMarkdown(
  catalog: Catalog,
  partition: Relation,
  options: TableHoverOptions,
  told: "dropped" | "detached" | Moment = null,
): string {
  const parent = parentOf(catalog, partition);
  if (parent === null) return strong(code(shortName(partition), options), options);
  const siblings = partsOf(catalog, parent);
  const place = siblings.findIndex(({ id }) => id === partition.id);
  const rows = [siblings[place - 1], partition, siblings[place + 1]]
    .filter((relation) => relation !== undefined)
    .map((relation) => [
      relation === partition ? icon("arrow-right", "→", options) : "",
      code(shortName(relation), options),
      code(boundLabel(catalog, relation), options),
      ...sizeCell(catalog, relation, options),
    ]);
  const where = `${isPartitioned(parent) ? "partition" : "child"} ${place + 1} of ${siblings.length} of ${code(shortName(parent), options)}`;
  const isTaken = told === "dropped" || told === "detached";
  const said = isTaken ? `was ${where} · ${told} by this statement` : told === null ? where : `${where} · ${told}`;
  const head = `${strong(code(shortName(partition), options), options)} ${said}`;
  const own = hasParts(partition) ? `\n\n${mapMarkdown(catalog, partition, options)}` : "";
  return `${head}\n\n${table(headerOf(options), rows, options)}${own}`;
}

/** The key as code, with what is said of the partitions. */
function description(catalog: Catalog, relation: Relation, options: MarkdownOptions): string {
  const [key = "", ...others] = tableParts(catalog, relation);
  return [code(key, options), ...others.map((part) => words(part, options))].join(" · ");
}

/** The first rows and the last, with the number of those between. */
function shortened(rows: readonly Row[], limit: number): readonly (readonly string[])[] {
  const written = (some: readonly Row[]): readonly (readonly string[])[] => some.map((row) => row());
  if (rows.length <= limit) return written(rows);
  const tail = Math.max(1, Math.floor(limit / 4));
  const between = ["", `… ${rows.length - limit} more`, ""];
  return [...written(rows.slice(0, limit - tail)), between, ...written(rows.slice(rows.length - tail))];
}

/** The bars' widths by share: of the values for ranges, of the rows for hash; lists and open ends get one character. */
function barWidths(relation: Relation): ReadonlyMap<RelationId, number> {
  const widths = new Map<RelationId, number>();
  const partitions = layoutOf(relation)?.partitions;
  if (partitions === undefined) return widths;
  const spans = [...partitions.ranges.values()].map((entry) => [entry.partition, spanOf(entry)] as const);
  const longest = greatest(
    spans.map(([, span]) => span ?? 0),
    0,
  );
  for (const [partition, span] of spans)
    if (span !== null && longest > 0) widths.set(partition, Math.max(1, (span / longest) * widestBar));
  for (const [[modulus], partition] of partitions.hashes.entries())
    widths.set(partition, Math.max(1, widestBar / modulus));
  return widths;
}

/** How far a range reaches in its first column; null where that is no number or not bounded. */
function spanOf(entry: RangeEntry): number | null {
  const [lower] = entry.lower;
  const [upper] = entry.upper;
  if (lower?.kind !== "value" || upper?.kind !== "value") return null;
  const [from, to] = [magnitude(lower.value), magnitude(upper.value)];
  return from === null || to === null || !Number.isFinite(to - from) ? null : to - from;
}

function magnitude(value: Value): number | null {
  switch (value.family) {
    case "integer":
      return Number(value.value);
    case "numeric":
      return "digits" in value ? Number(value.digits) / 10 ** value.scale : null;
    case "float":
      return value.value;
    case "date":
      return value.days;
    case "timestamp":
      return typeof value.micros === "bigint" ? Number(value.micros) : null;
    default:
      return null;
  }
}
