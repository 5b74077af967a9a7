/** Which tables lose partitions on the way to their end, so that a query above has seen more of them than their lens counts. */

import { type Catalog, findRelation, parentOf, relationById } from "../catalog/catalog.ts";
import { partIdsOf } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { Step } from "../replay/step.ts";
import type { RelationName } from "../syntax/names.ts";
import type { Statement } from "../syntax/statement.ts";
import type { Analysis } from "./analysis.ts";

/** Whether a statement behind its own, of the file or of a later one of its chain, takes partitions from the table for good. */
export function losesParts(analysis: Analysis, end: Catalog, table: Pick<Relation, "id">): boolean {
  const last = relationById(end, table.id);
  const kept = new Set(last === null ? [] : partIdsOf(last));
  if ((takenIn(analysis).get(table.id) ?? []).some((id) => !kept.has(id))) return true;
  if (end === analysis.final) return false;
  const here = relationById(analysis.final, table.id);
  return here !== null && partIdsOf(here).some((id) => !kept.has(id));
}

const taken = new WeakMap<Analysis, ReadonlyMap<RelationId, readonly RelationId[]>>();

/** By the table: the parts that statements of the file take from it, whether they come back or not. Kept with the analysis. */
function takenIn(analysis: Analysis): ReadonlyMap<RelationId, readonly RelationId[]> {
  const known = taken.get(analysis);
  if (known !== undefined) return known;
  const found = new Map<RelationId, RelationId[]>();
  for (const step of analysis.steps)
    for (const name of namesTaken(step.statement.statement)) takeNote(found, step, name);
  taken.set(analysis, found);
  return found;
}

function takeNote(found: Map<RelationId, RelationId[]>, { before, after }: Step, name: RelationName): void {
  const part = before === after ? null : findRelation(before, name);
  const parent = part === null ? null : parentOf(before, part);
  if (part === null || parent === null) return;
  const parts = found.get(parent.id);
  if (parts === undefined) found.set(parent.id, [part.id]);
  else parts.push(part.id);
}

/** The relations that a statement may take from their parent. */
function namesTaken(statement: Statement): readonly RelationName[] {
  if (statement.kind === "drop") return statement.names;
  if (statement.kind !== "alter-table") return [];
  return statement.actions.flatMap((action) => {
    if (action.kind === "detach-partition") return [action.partition];
    return action.kind === "no-inherit" ? [statement.relation] : [];
  });
}
