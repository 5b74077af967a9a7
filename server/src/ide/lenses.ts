/** Lenses: which statements have one, told from the parse and the catalog alone. */

import { findRelation, parentOf, relationById } from "../catalog/catalog.ts";
import { hasParts } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import type { lensStatements } from "../config.ts";
import { executeOf, queryOf } from "../pruning/statement-queries.ts";
import type { Step } from "../replay/step.ts";
import { type Document, indexAt, indexOf, statementAt, textOfStatement } from "../syntax/document.ts";
import type { RelationName } from "../syntax/names.ts";
import type { PlacedStatement, Statement } from "../syntax/statement.ts";
import { contained } from "../text/bug.ts";
import type { TextEdit } from "../text/edit.ts";
import type { TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import type { Analysis } from "./analysis.ts";
import { isNotable, type PlacedPartition } from "./partition-notes.ts";
import { type SizeOf, sizesUnknown } from "./relation-sizes.ts";
import { fullName } from "./spelling.ts";
import { findPartitioned, relationsOfQuery } from "./statement-relations.ts";
import { placeOfStep, stepBefore } from "./step-places.ts";

export type LensKind = (typeof lensStatements)[number];

/**
 * Whether the setting `codeLens.statements` wants the lens: who wants those of all partitions wants the notable ones, and who wants
 * these wants also those whose rows and size a database tells.
 */
export function isWanted(
  { kind, partition }: Pick<Lens, "kind" | "partition">,
  wanted: readonly LensKind[],
  sizeOf: SizeOf = sizesUnknown,
): boolean {
  if (wanted.includes(kind)) return true;
  if (kind === "notable-partition") return wanted.includes("partition");
  return (
    kind === "partition" &&
    wanted.includes("notable-partition") &&
    partition !== undefined &&
    sizeOf(partition) !== null
  );
}

/** A lens without its title. */
export interface Lens {
  /** `notable-partition` for a partition of which there is something to say that its statement does not say. */
  readonly kind: LensKind;
  /** The statement, in offsets of the document. */
  readonly range: TextRange;
  /** Of the statement's text: what an edit elsewhere leaves as it is. */
  readonly hash: number;
  /** On lenses of DDL: the partitioned table that it is about, `schema.name`. */
  readonly table: string | null;
  /** On lenses of partitions: which one. */
  readonly partition?: Pick<Relation, "schema" | "name"> | undefined;
}

/**
 * The lenses of a document in its order. While a statement does not parse, the lenses that `previous` had in it, and behind
 * it above text that has not changed, stay: lines must not jump while somebody types.
 */
export function listLenses(analysis: Analysis, previous: readonly Lens[]): readonly Lens[] {
  return atOnce(listLensesInTurns(analysis, previous));
}

/** The same, pausing after each statement. */
export function* listLensesInTurns(analysis: Analysis, previous: readonly Lens[]): Turns<readonly Lens[]> {
  const lenses: Lens[] = [];
  for (const step of analysis.steps) {
    const lens = contained(
      "a lens",
      analysis.onBug,
      () => lensOfStep(step, analysis),
      () => null,
    );
    if (lens !== null) lenses.push(lens);
    yield;
  }
  const { document } = analysis;
  const firstBroken = statementAt(document, firstBrokenIn(document));
  if (firstBroken === null || previous.length === 0) return lenses;
  const starts = new Set(lenses.map(({ range }) => range.start));
  const kept = previous.filter(
    (lens) => lens.range.start >= firstBroken.start && !starts.has(lens.range.start) && stands(lens, analysis),
  );
  return kept.length === 0 ? lenses : [...lenses, ...kept].sort((a, b) => a.range.start - b.range.start);
}

/** The step of the statement that begins where the lens stands; null where none does. */
export function stepOfLens(analysis: Analysis, { range }: Pick<Lens, "range">): Step | null {
  const found = stepBefore(analysis, range.start);
  return found !== null && placeOfStep(analysis, found).start === range.start ? found : null;
}

/** Why a lens that was kept from an earlier version of the text cannot be told; null for one that is the text's own. */
export function whyKept(analysis: Analysis, step: Step | null): string | null {
  if (step === null || step.statement.statement.kind === "invalid") return "the statement does not parse";
  if (lensOfStep(step, analysis) !== null) return null;
  const { document } = analysis;
  return document.read.slice(0, indexOf(document, step.handle)).some(isBroken)
    ? "a statement before it does not parse"
    : "it touches no partitioned table any more";
}

/** The index of the first statement that does not parse; -1 for none. */
function firstBrokenIn({ read }: Document): number {
  let index = 0;
  for (const each of read) {
    if (isBroken(each)) return index;
    index++;
  }
  return -1;
}

function isBroken({ statement }: Pick<PlacedStatement, "statement">): boolean {
  return statement.kind === "invalid";
}

/** The steps whose statement runs a query over a partitioned table, in document order; a generator that pauses after some of them. */
export function* partitionedQuerySteps(analysis: Analysis): Turns<readonly Step[]> {
  const found: Step[] = [];
  for (const [index, step] of analysis.steps.entries()) {
    if (index % stepsBetweenPauses === 0) yield;
    // An aborted transaction refuses whatever comes before it ends. The catalog is only asked for where there may be a query.
    if (step.transaction.state === "aborted" || !mayRunQuery(step.statement.statement)) continue;
    const query = queryOf(step.statement.statement, step.before);
    if (query !== null && relationsOfQuery(query).some((name) => findPartitioned(step.before, name) !== null))
      found.push(step);
  }
  return found;
}

const stepsBetweenPauses = 256;

/** Whether `queryOf` may find one. */
function mayRunQuery(statement: Statement): boolean {
  return "query" in statement || executeOf(statement) !== null;
}

/** The lenses after an edit of the document, for `listLenses`; those whose first character is gone are dropped. */
export function shiftLenses(lenses: readonly Lens[], edit: TextEdit): readonly Lens[] {
  const grows = edit.newText.length - (edit.range.end - edit.range.start);
  return lenses.flatMap((lens) => {
    const { start, end } = lens.range;
    if (edit.range.end <= start) return [{ ...lens, range: { start: start + grows, end: end + grows } }];
    if (edit.range.start >= end) return [lens];
    if (edit.range.start < start || (edit.range.start === start && edit.range.end >= end)) return [];
    return [{ ...lens, range: { start, end: Math.max(start, end + grows) } }];
  });
}

function lensOfStep(step: Step, { final, document }: Pick<Analysis, "final" | "document">): Lens | null {
  const { statement } = step.statement;
  const { start, end } = placeOfStep({ document }, step);
  const lens = (kind: LensKind, table: Relation | null): Lens => ({
    kind,
    range: { start, end },
    hash: step.statement.hash,
    table: table === null ? null : fullName(table),
  });
  const query = queryOf(statement, step.before);
  if (query !== null) {
    const touches = relationsOfQuery(query).some((name) => findPartitioned(step.before, name) !== null);
    return touches ? lens(query.kind, null) : null;
  }
  if (statement.kind === "invalid") {
    const touches = statement.relations.some((name) => findPartitioned(step.before, name) !== null);
    return touches && statement.beginning === "query" ? lens("select", null) : null;
  }
  if (partitionNameOf(statement) !== null) {
    const parent = parentNamed(step);
    if (parent === null) return null;
    if (isRejected(step)) return lens("notable-partition", parent);
    const placed = placedPartition(step, document);
    if (placed === null) return null;
    const { schema, name } = placed.partition;
    const kind = isNotable(placed, final) ? "notable-partition" : "partition";
    return { ...lens(kind, placed.parent), partition: { schema, name } };
  }
  const table = tableNameOf(statement);
  if (table !== null && isRejected(step)) return madePartitioned(statement) ? lens("partitioned-table", null) : null;
  const relation = table === null ? null : findRelation(step.after, table);
  // Whether a table is going to be a parent, only its children tell.
  const last = relation === null ? null : (relationById(final, relation.id) ?? relation);
  return relation !== null && last !== null && hasParts(last) ? lens("partitioned-table", relation) : null;
}

/** Whether PostgreSQL refuses the statement for certain: nothing of what it says comes to be. */
export function isRejected({ rejection }: Step): boolean {
  return rejection !== null && rejection.assumption === null;
}

/** The partition or child that the statement makes, as it is just after it; null where it makes none. */
export function placedPartition(step: Step, document: Document): PlacedPartition | null {
  const name = partitionNameOf(step.statement.statement);
  const partition = name === null ? null : findRelation(step.after, name);
  const parent = partition === null ? null : parentOf(step.after, partition);
  if (partition === null || parent === null) return null;
  return { step, parent, partition, text: textOfStatement(document, step.handle) };
}

/** The table below which the statement puts another, as it is before that. */
function parentNamed({ statement: { statement }, before }: Step): Relation | null {
  const names =
    statement.kind === "create-table"
      ? [...(statement.partitionOf === null ? [] : [statement.partitionOf.parent]), ...statement.inherits]
      : statement.kind === "alter-table"
        ? statement.actions.flatMap((action) =>
            action.kind === "inherit"
              ? [action.parent]
              : action.kind === "attach-partition"
                ? [statement.relation]
                : [],
          )
        : [];
  const [name] = names;
  return name === undefined ? null : findRelation(before, name);
}

function madePartitioned(statement: Statement): boolean {
  return statement.kind === "create-table" && statement.partitionBy !== null;
}

/** The table that the statement creates, unless it is a partition or child. */
export function tableNameOf(statement: Statement): RelationName | null {
  return statement.kind === "create-table" && partitionNameOf(statement) === null ? statement.name : null;
}

function partitionNameOf(statement: Statement): RelationName | null {
  if (statement.kind === "create-table")
    return statement.partitionOf === null && statement.inherits.length === 0 ? null : statement.name;
  if (statement.kind !== "alter-table") return null;
  const [action] = statement.actions;
  if (action?.kind === "inherit") return statement.relation;
  return action?.kind === "attach-partition" ? action.partition : null;
}

/** Whether a lens of an earlier version still has its place: in a statement that does not parse, or above the same text. */
function stands(lens: Lens, { document }: Analysis): boolean {
  const { start } = lens.range;
  const statement = statementAt(document, indexAt(document, start));
  if (statement === null || start >= statement.terminatorEnd) return false;
  return statement.statement.kind === "invalid" || (statement.start === start && statement.hash === lens.hash);
}
