/** Where statements name a table or partition: what the cursor stands on, and every other place that means the same relation. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import type { Document } from "../syntax/document.ts";
import type { RelationName } from "../syntax/names.ts";
import { shiftRange, type TextRange, touches } from "../text/range.ts";
import type { Turns } from "../text/turns.ts";
import { type DocumentWithSteps, placeOfStep, stepTouching } from "./step-places.ts";
import { namesUsedBy } from "./tables-of-file.ts";

/** A relation and where its name stands, in offsets of its file. */
export interface NamedRelation {
  readonly relation: Relation;
  readonly range: TextRange;
}

/** The relation whose name the offset touches; null elsewhere, and where nobody knows what the name means. */
export function relationAt(file: DocumentWithSteps, offset: number): NamedRelation | null {
  const step = stepTouching(file, offset);
  return step === null ? null : (namesIn(file, step).find(({ range }) => touches(range, offset)) ?? null);
}

/** More places of one file are left out. */
const mostPlaces = 10_000;

/** Every place of a file where the relation is named, by whatever name it has there. Pauses after each statement. */
export function* placesOf(file: DocumentWithSteps, id: Relation["id"]): Turns<readonly TextRange[]> {
  const places: TextRange[] = [];
  for (const step of file.steps) {
    if (places.length >= mostPlaces) break;
    for (const { relation, range } of namesIn(file, step)) if (relation.id === id) places.push(range);
    yield;
  }
  return places;
}

/** The same in a file that is not replayed: what its names mean in the catalog from which it starts. */
export function* placesNamed(
  { statements }: Pick<Document, "statements">,
  start: Catalog,
  id: Relation["id"],
): Turns<readonly TextRange[]> {
  const places: TextRange[] = [];
  for (const { statement, start: offset } of statements) {
    if (places.length >= mostPlaces) break;
    for (const name of namesUsedBy(statement))
      if (findRelation(start, name)?.id === id) places.push(shiftRange(name.range, offset));
    yield;
  }
  return places;
}

/** The relations of a catalog whose name holds the text, in the order of their names; at most so many. */
export function relationsCalled(catalog: Catalog, text: string, limit: number): readonly Relation[] {
  const wanted = text.toLowerCase();
  const found: Relation[] = [];
  for (const [, relation] of catalog.relations.entries()) {
    const isTable =
      relation.kind === "table" || relation.kind === "partitioned-table" || relation.kind === "foreign-table";
    if (isTable && relation.origin.kind === "statement" && relation.name.toLowerCase().includes(wanted))
      found.push(relation);
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)).slice(0, limit);
}

function namesIn(file: DocumentWithSteps, step: Step): readonly NamedRelation[] {
  const { statement } = step.statement;
  const { start } = placeOfStep(file, step);
  return namesUsedBy(statement).flatMap((name: RelationName) => {
    const relation = findRelation(step.before, name) ?? findRelation(step.after, name);
    return relation === null ? [] : [{ relation, range: shiftRange(name.range, start) }];
  });
}
