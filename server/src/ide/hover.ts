/** What stands under the cursor, for a hover: a query's pruning, a table's map, a partition, or the stored value of a bound. */

import { type Catalog, findRelation, parentOf, relationById } from "../catalog/catalog.ts";
import { hasParts, isPartitioned, partIdsOf } from "../catalog/layout.ts";
import { printBound, printBoundDatum } from "../catalog/print.ts";
import type { Relation } from "../catalog/relation.ts";
import { executeOf, queryOf } from "../pruning/statement-queries.ts";
import type { Step } from "../replay/step.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { RelationName } from "../syntax/names.ts";
import type { BoundSpecification, Statement } from "../syntax/statement.ts";
import { shiftRange, type TextRange, touches } from "../text/range.ts";
import type { Analysis } from "./analysis.ts";
import { lastState } from "./last-state.ts";
import { isRejected, tableNameOf } from "./lenses.ts";
import { code, type MarkdownOptions } from "./markdown.ts";
import { isPart } from "./named-anywhere.ts";
import { findPartitioned, relationsOfQuery } from "./statement-relations.ts";
import { placeOfStep, stepTouching } from "./step-places.ts";
import { mapMarkdown, partitionMarkdown, type TableHoverOptions } from "./table-hover.ts";

/** What a hover is about. Ranges are in offsets of the document. */
export type HoverTarget =
  /** Needs the statement's verdict. `name` is the relation pointed at; null for the whole statement. */
  | { readonly kind: "pruning"; readonly step: Step; readonly name: RelationName | null; readonly range: TextRange }
  | { readonly kind: "text"; readonly markdown: string; readonly range: TextRange };

export interface HoverOptions extends TableHoverOptions {
  /** What the chain of the file leaves; absent for what the file leaves itself. */
  readonly end?: Catalog | undefined;
}

/** What the hover at an offset shows; null where there is nothing to say. */
export function hoverTarget(analysis: Analysis, offset: number, options: HoverOptions): HoverTarget | null {
  const step = stepTouching(analysis, offset);
  if (step === null) return null;
  const { statement } = step.statement;
  const { start } = placeOfStep(analysis, step);
  const at = offset - start;
  const place = (range: TextRange): TextRange => shiftRange(range, start);

  const query = queryOf(statement, step.before);
  if (query !== null) {
    const execute = executeOf(statement);
    if (execute !== null) {
      const { range } = execute.name;
      return touches(range, at) ? { kind: "pruning", step, name: null, range: place(range) } : null;
    }
    const names = relationsOfQuery(query).filter((name) => findPartitioned(step.before, name) !== null);
    const name = names.find(({ range }) => touches(range, at));
    if (name !== undefined) return { kind: "pruning", step, name, range: place(name.range) };
    const verb = { start: query.range.start, end: query.range.start + query.kind.length };
    return names.length > 0 && touches(verb, at) ? { kind: "pruning", step, name: null, range: place(verb) } : null;
  }

  const bound = boundOf(statement);
  if (bound !== null && touches(bound.specification.range, at)) {
    const stored = storedBound(step, bound.partition, bound.specification, at, options);
    return stored === null ? null : { kind: "text", markdown: stored.markdown, range: place(stored.range) };
  }
  if (statement.kind === "create-table") {
    const { partitionBy, name } = statement;
    const range = [partitionBy?.range, tableNameOf(statement) === null ? undefined : name.range].find(
      (each) => each !== undefined && touches(each, at),
    );
    const created = range === undefined || isRejected(step) ? null : findRelation(step.after, name);
    if (range !== undefined && created !== null) {
      const markdown = createdMarkdown(analysis, step, created, options);
      return markdown === null ? null : { kind: "text", markdown, range: place(range) };
    }
  }
  const name = relationsNamed(statement).find(({ range }) => touches(range, at));
  const markdown = name === undefined ? null : namedMarkdown(step, name, options.end ?? analysis.final, options);
  return name === undefined || markdown === null ? null : { kind: "text", markdown, range: place(name.range) };
}

/** A table above its own statement, as the chain leaves it, or as the file has it last: what its lens says. */
function createdMarkdown(analysis: Analysis, step: Step, created: Relation, options: HoverOptions): string | null {
  const end = options.end ?? analysis.final;
  const left = relationById(end, created.id);
  if (left !== null) return hasParts(left) ? mapMarkdown(end, left, options) : null;
  const { catalog, relation } = lastState(analysis, step, created);
  return hasParts(relation) ? mapMarkdown(catalog, relation, options, "dropped later") : null;
}

/** A relation that the statement names, as it is just after it; what the statement takes away, as it was before. */
function namedMarkdown(step: Step, name: RelationName, end: Catalog, options: TableHoverOptions): string | null {
  const { before, after } = step;
  const [old, now] = [findRelation(before, name), findRelation(after, name)];
  if (now === null && old === null) return null;
  const left = old === null ? null : relationById(after, old.id);
  if (old !== null && isPart(old) && (left === null || !isPart(left)))
    return partitionMarkdown(before, old, options, left === null ? "dropped" : "detached");
  if (now === null)
    return old !== null && hasParts(old) ? mapMarkdown(before, old, options, "before this statement") : null;
  if (isPart(now))
    return partitionMarkdown(after, now, options, hasSiblingsOf(end, after, now) ? null : "after this statement");
  return hasParts(now) ? mapMarkdown(after, now, options, "after this statement") : null;
}

/** Whether the table has as many parts at the end as where the part is told of: then it is no matter of which moment that is. */
function hasSiblingsOf(end: Catalog, catalog: Catalog, part: Relation): boolean {
  const parent = parentOf(catalog, part);
  const last = parent === null ? null : relationById(end, parent.id);
  return parent === null || (last !== null && partIdsOf(last).length === partIdsOf(parent).length);
}

function boundOf(
  statement: Statement,
): { readonly partition: RelationName; readonly specification: BoundSpecification } | null {
  if (statement.kind === "create-table" && statement.partitionOf !== null)
    return { partition: statement.name, specification: statement.partitionOf.bound };
  if (statement.kind !== "alter-table") return null;
  const action = statement.actions.find((each) => each.kind === "attach-partition");
  return action?.kind === "attach-partition" ? { partition: action.partition, specification: action.bound } : null;
}

/** The value of a bound as PostgreSQL keeps it: the one under the cursor, else the whole bound. */
function storedBound(
  step: Step,
  partition: RelationName,
  specification: BoundSpecification,
  at: number,
  options: MarkdownOptions,
): { readonly markdown: string; readonly range: TextRange } | null {
  const relation = findRelation(step.after, partition);
  const link = relation?.partitionOf ?? null;
  const parent = link === null ? null : relationById(step.after, link.parent);
  if (step.rejection !== null || link === null || parent === null || !isPartitioned(parent)) return null;
  const { key } = parent.partitioning;
  const { settings } = step.after;
  if (specification.kind === "range" && link.bound.kind === "range") {
    for (const [data, stored] of [
      [specification.from, link.bound.lower],
      [specification.to, link.bound.upper],
    ] as const) {
      const index = data.findIndex(({ range }) => touches(range, at));
      const datum = stored[index];
      const written = data[index];
      if (datum === undefined || written === undefined) continue;
      const value = printBoundDatum(datum, key, index, settings);
      const column = key.elements[index]?.text ?? "";
      return { markdown: `${code(column, options)} is stored as ${code(value, options)}`, range: written.range };
    }
  }
  return { markdown: `stored as ${code(printBound(link.bound, key, settings), options)}`, range: specification.range };
}
