/** Tables and partitions by a word of a statement that is no name of a relation to the grammar: in COMMENT, GRANT, or a string. */

import { findRelation } from "../catalog/catalog.ts";
import { hasParts } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import { type TextRange, touches } from "../text/range.ts";
import type { Analysis } from "./analysis.ts";
import { placeOfStep, stepTouching } from "./step-places.ts";
import { mapMarkdown, partitionMarkdown, type TableHoverOptions } from "./table-hover.ts";

export interface NamedPart {
  readonly relation: Relation;
  /** In offsets of the document. */
  readonly range: TextRange;
}

/** So far around the offset words are looked for: statements may be long, names are not. */
const reach = 200;

/** A word, with the schema before it; `"quoted"`, or alone in a string, as functions such as `split_range_partition('t_1')` have it. */
const words =
  /(?:("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)\s*\.\s*)?("(?:[^"]|"")+"|[\p{L}_][\p{L}\p{N}_$]*)|'(?:([\w$]+)\.)?([\w$]+)'/gu;

/** What the word at the offset names, if it is a table with parts, or one of them; null for any other word. */
export function namedPartAt(step: Step, { document }: Pick<Analysis, "document">, offset: number): NamedPart | null {
  const { content } = document;
  const { start, end } = placeOfStep({ document }, step);
  const from = Math.max(start, offset - reach);
  const part = content.slice(from, Math.min(end, offset + reach));
  for (const match of part.matchAll(words)) {
    const range = { start: from + match.index, end: from + match.index + match[0].length };
    if (!touches(range, offset)) continue;
    const [schema, name] = [match[1] ?? match[3], match[2] ?? match[4]];
    if (name === undefined) return null;
    const named = partCalled(step, schema === undefined ? null : folded(schema), folded(name));
    if (named !== null) return { relation: named, range };
    // Else what stands before the dot may be a table, and behind it a column.
    const qualifier = match[1] ?? "";
    const before = { start: range.start, end: range.start + qualifier.length };
    const table = qualifier !== "" && touches(before, offset) ? partCalled(step, null, folded(qualifier)) : null;
    return table === null ? null : { relation: table, range: before };
  }
  return null;
}

/** The table with parts, or the part, of that name; null for every other relation. */
function partCalled({ before, after }: Step, schema: string | null, name: string): Relation | null {
  const relation = findRelation(after, { schema, name }) ?? findRelation(before, { schema, name });
  return relation !== null && (isPart(relation) || hasParts(relation)) ? relation : null;
}

/** The hover of that word: a partition among its siblings, or a table's map, as they are behind the statement. */
export function namedPartHover(
  analysis: Analysis,
  offset: number,
  options: TableHoverOptions,
): { readonly markdown: string; readonly range: TextRange } | null {
  const step = stepTouching(analysis, offset);
  const named = step === null ? null : namedPartAt(step, analysis, offset);
  if (step === null || named === null) return null;
  const { relation, range } = named;
  const catalog = step.after.relations.has(relation.id) ? step.after : step.before;
  const markdown = isPart(relation)
    ? partitionMarkdown(catalog, relation, options)
    : mapMarkdown(catalog, relation, options);
  return { markdown, range };
}

/** Whether it is a partition or an inheritance child. */
export function isPart(relation: Relation): boolean {
  return relation.partitionOf !== null || relation.inherits.length > 0;
}

/** As PostgreSQL reads a name: small letters unless it is quoted. */
function folded(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written.toLowerCase();
}
