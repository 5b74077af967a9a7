/** The titles of lenses above DDL: of tables as the chain leaves them, of partitions just after their statement. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { hasParts, isPartitioned, layoutOf, partIdsOf } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import { shortExtent } from "../catalog/short-bound.ts";
import type { Step } from "../replay/step.ts";
import { titleText } from "../text/foreign-text.ts";
import type { Analysis } from "./analysis.ts";
import { lastState } from "./last-state.ts";
import { isRejected, placedPartition, tableNameOf } from "./lenses.ts";
import { losesParts } from "./lost-parts.ts";
import { type PlacedPartition, partitionNotes } from "./partition-notes.ts";
import { type SizeOf, sizesUnknown, sizeWithParts, sizeWords } from "./relation-sizes.ts";
import { boundLabel, coverageProblems, keyText, leavesText, partsText } from "./spelling.ts";

export interface DdlLensOptions {
  /** What the chain of the file leaves; of a file without one, what it leaves itself. */
  readonly end: Catalog;
  /** Whether the lens says what the line says too, for who wants lenses above all partitions. */
  readonly all: boolean;
  /** Rows and sizes in a connected database. */
  readonly sizeOf?: SizeOf | undefined;
}

/** The title of a lens above the step's statement; null where there is nothing to say of it. */
export function ddlLensTitle(analysis: Analysis, step: Step, options: DdlLensOptions): string | null {
  const title = isRejected(step) ? rejectedTitle(step) : titleOf(analysis, step, options);
  return title === null || title === "" ? null : titleText(title);
}

/** `rejected: partition "b" would overlap partition "a"`; for no medium yet. */
export function rejectedTitle({ rejection }: Step): string {
  return `rejected: ${clipped(rejection?.message ?? "")}`;
}

function titleOf(analysis: Analysis, step: Step, options: DdlLensOptions): string | null {
  const placed = placedPartition(step, analysis.document);
  if (placed !== null) return partitionTitle(placed, analysis, options);
  const name = tableNameOf(step.statement.statement);
  const created = name === null ? null : findRelation(step.after, name);
  if (created === null) return null;
  // A relation keeps its id through renames, so the last state of the same one is told.
  const last = relationById(options.end, created.id);
  if (last !== null) {
    const moment = momentOf(analysis, options.end, last);
    return [tableTitle(options.end, last, moment), ...sizeOfAll(options.end, last, options)].join(" · ");
  }
  const { catalog, relation } = lastState(analysis, step, created);
  return `${tableTitle(catalog, relation)} · dropped later`;
}

/** Where a query that stands before has seen what is gone by then. */
function momentOf(analysis: Analysis, end: Catalog, last: Relation): string {
  return losesParts(analysis, end, last) ? " at the end" : "";
}

/** `RANGE (dt) · 60 partitions · 2010-01 … 2015-01 · 1 gap`; the moment stands behind the number. */
function tableTitle(catalog: Catalog, relation: Relation, moment = ""): string {
  const key = keyText(relation) ?? "INHERITS";
  if (partIdsOf(relation).length === 0) return `${key} · no partitions ${moment === "" ? "yet" : moment.trimStart()}`;
  return [
    key,
    `${partsText(relation)}${moment}`,
    ...leavesText(catalog, relation),
    ...extentOf(catalog, relation),
    ...coverageProblems(relation),
  ].join(" · ");
}

/** What the line does not say; in front of it, where all is wanted, `partition 3 of 60 · 2010-03-01 … 2010-04-01`. */
function partitionTitle(placed: PlacedPartition, analysis: Analysis, options: DdlLensOptions): string {
  const { end, all } = options;
  const { step, parent, partition } = placed;
  const bound = all ? boundLabel(step.after, partition) : "";
  const last = relationById(end, partition.id);
  return [
    ...(all ? [placeAmongSiblings(parent, partition)] : []),
    ...(bound === "" ? [] : [bound]),
    ...partitionNotes(placed, analysis.final),
    ...(last !== null && hasParts(last) ? [tableTitle(end, last, momentOf(analysis, end, last))] : []),
    ...sizeOfAll(end, last ?? partition, options),
  ].join(" · ");
}

/** Each partition stands in another version of its table: of more siblings than this nobody counts up to it. */
const mostCounted = 1_000;

/** `partition 3 of 60` */
function placeAmongSiblings(parent: Relation, partition: Relation): string {
  const word = isPartitioned(parent) ? "partition" : "child";
  const count = layoutOf(parent)?.partitions.all.size ?? 0;
  if (Math.max(count, parent.children.size) > mostCounted) return word;
  const siblings = partIdsOf(parent);
  return `${word} ${siblings.indexOf(partition.id) + 1} of ${siblings.length}`;
}

/** `≈ 1.2 M rows · 38 GB`, with all that is below it. */
function sizeOfAll(catalog: Catalog, relation: Relation, { sizeOf = sizesUnknown }: DdlLensOptions): readonly string[] {
  const size = sizeWithParts(catalog, relation, sizeOf);
  return size === null ? [] : [sizeWords(size)];
}

/** From the first lower to the last upper end of a range table. */
function extentOf(catalog: Catalog, relation: Relation): readonly string[] {
  const layout = layoutOf(relation);
  if (layout?.key.strategy !== "range") return [];
  const { key, partitions } = layout;
  const first = partitions.ranges.get(partitions.ranges.minKey() ?? []);
  const last = partitions.ranges.get(partitions.ranges.maxKey() ?? []);
  if (first === undefined || last === undefined) return [];
  return [shortExtent(first.lower, last.upper, key, catalog.settings)];
}

/** Characters of a message before it is cut: a title is one line of an editor. */
const longestMessage = 100;

function clipped(message: string): string {
  return message.length <= longestMessage ? message : `${message.slice(0, longestMessage - 1).trimEnd()}…`;
}
