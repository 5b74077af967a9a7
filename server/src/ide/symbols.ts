/** The outline of a document: partitioned tables with their partitions below them, as the file leaves them. */

import { parentOf } from "../catalog/catalog.ts";
import { hasParts, partsOf } from "../catalog/layout.ts";
import type { Origin, Relation } from "../catalog/relation.ts";
import { statementWith } from "../syntax/document.ts";
import { contained } from "../text/bug.ts";
import { titleText } from "../text/foreign-text.ts";
import { shiftRange, type TextRange } from "../text/range.ts";
import type { Turns } from "../text/turns.ts";
import type { Analysis } from "./analysis.ts";
import { tableDescription } from "./partition-rows.ts";
import { runLabel, runsWithin } from "./partition-runs.ts";
import { boundLabel, partWord, shortName } from "./spelling.ts";

export interface DocumentSymbol {
  readonly name: string;
  readonly detail: string;
  readonly kind: "partitioned-table" | "partition" | "table" | "run";
  /** The statement that creates or attaches it, in offsets of the document; of a run, from the first to the last. */
  readonly range: TextRange;
  /** Its name or bound in that statement. */
  readonly selection: TextRange;
  readonly children: readonly DocumentSymbol[];
}

/**
 * Tables that statements of this document create, in document order. A partition whose parent another file creates stands
 * at the top; one that this document creates and drops again is not listed. Pauses after each table.
 */
export function* documentSymbolsInTurns(analysis: Analysis): Turns<readonly DocumentSymbol[]> {
  const catalog = analysis.final;
  const symbols: DocumentSymbol[] = [];
  for (const relation of catalog.relations.values()) {
    yield;
    if (relation.kind !== "table" && relation.kind !== "partitioned-table" && relation.kind !== "foreign-table")
      continue;
    const parent = parentOf(catalog, relation);
    if (parent !== null && placeOf(analysis, parent.origin) !== null) continue;
    const symbol = yield* symbolOf(analysis, relation);
    if (symbol !== null) symbols.push(symbol);
  }
  return symbols.sort((a, b) => a.range.start - b.range.start);
}

function* symbolOf(analysis: Analysis, relation: Relation): Turns<DocumentSymbol | null> {
  const place = placeOf(analysis, relation.origin) ?? placeOf(analysis, relation.partitionOf?.origin);
  if (place === null) return null;
  const partitioned = hasParts(relation);
  const children: PartSymbol[] = [];
  for (const partition of partitioned ? partsOf(analysis.final, relation) : []) {
    const child = yield* symbolOf(analysis, partition);
    if (child !== null) children.push({ symbol: child, partition });
    yield;
  }
  return {
    name: symbolName(relation),
    detail: contained(
      "the outline",
      analysis.onBug,
      () => detailOf(analysis, relation),
      () => "",
    ),
    kind: partitioned
      ? "partitioned-table"
      : relation.partitionOf === null && relation.inherits.length === 0
        ? "table"
        : "partition",
    range: place.statement,
    selection: place.range,
    children: inRuns(analysis, relation, children, 0, children.length),
  };
}

interface PartSymbol {
  readonly symbol: DocumentSymbol;
  readonly partition: Relation;
}

/** A long series as the tree has it: a run for so many partitions that stand beside each other. */
function inRuns(
  analysis: Analysis,
  parent: Relation,
  children: readonly PartSymbol[],
  from: number,
  to: number,
): readonly DocumentSymbol[] {
  return runsWithin(from, to).flatMap(([start, end]) => {
    const [first, last] = [children[start], children[end - 1]];
    if (first === undefined || last === undefined) return [];
    if (end - start === 1) return [first.symbol];
    const ranges = children.slice(start, end).map(({ symbol }) => symbol.range);
    const begin = ranges.reduce((one, other) => (other.start < one.start ? other : one), first.symbol.range);
    const range = { start: begin.start, end: ranges.reduce((most, each) => Math.max(most, each.end), 0) };
    const run: DocumentSymbol = {
      name: runLabel(analysis.final, first.partition, last.partition),
      detail: partWord(parent, end - start),
      kind: "run",
      range,
      selection: begin,
      children: inRuns(analysis, parent, children, start, end),
    };
    return [run];
  });
}

function detailOf(analysis: Analysis, relation: Relation): string {
  const bound = boundLabel(analysis.final, relation);
  const parts = [
    ...(bound === "" ? [] : [bound]),
    ...(hasParts(relation) ? [tableDescription(analysis.final, relation)] : []),
  ];
  return titleText(parts.join(" · "));
}

/** Of a name that is white space alone an outline would show nothing, and clients refuse it. */
function symbolName(relation: Relation): string {
  const name = titleText(shortName(relation));
  return name.trim() === "" ? `"${name}"` : name;
}

function placeOf(
  analysis: Analysis,
  origin: Origin | undefined,
): { readonly statement: TextRange; readonly range: TextRange } | null {
  if (origin?.kind !== "statement" || origin.file !== analysis.file) return null;
  const statement = statementWith(analysis.document, origin.statement);
  if (statement === null) return null;
  const range = shiftRange(origin.range, statement.start);
  const inside = range.start >= statement.start && range.end <= statement.end;
  const whole = { start: statement.start, end: statement.end };
  return { statement: whole, range: inside ? range : whole };
}
