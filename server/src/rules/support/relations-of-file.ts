/** The relations that a file has to do with: of what it found and left as it was there is nothing to say in it. */

import type { Catalog } from "../../catalog/catalog.ts";
import { hasParts, isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { ScriptContext } from "../rule.ts";

type Relations = Catalog["relations"];

/** What was told of the last catalog that was asked about. */
interface Known {
  readonly relations: Relations;
  readonly touched: ReadonlySet<RelationId>;
  readonly found: ScriptContext["relations"];
}

/** By what the file found. */
const known = new WeakMap<Relations, Known>();

/** Of `final`, between which and `start` is what the file has done. Another version of a file costs what is other in its end. */
export function relationsOfFile({ relations: start }: Catalog, { relations }: Catalog): ScriptContext["relations"] {
  const last = known.get(start);
  if (last?.relations === relations) return last.found;
  const others = last === undefined ? null : othersThan(last, start, relations);
  // Most edits leave the same tables, or are of what no others belong to.
  const isLast = last !== undefined && others?.every((id) => !last.touched.has(id)) === true;
  const touched = last !== undefined && others !== null ? last.touched : touchedRelations(start, relations);
  const found = isLast ? last.found : sorted(relations, touched);
  known.set(start, { relations, touched, found });
  return found;
}

/** More relations that are other than before are not looked at one by one. */
const mostOthers = 256;

/** The relations that are other than they were, where the same ones have to do with the file; else null. */
function othersThan(
  { relations: before, touched }: Known,
  start: Relations,
  relations: Relations,
): readonly RelationId[] | null {
  const others = relations.differences(before, mostOthers);
  if (others === null) return null;
  for (const id of others) {
    const [old, now, first] = [before.get(id), relations.get(id), start.get(id)];
    if (old !== undefined && now !== undefined) {
      if (!belongsAlike(old, now) || (old === first) !== (now === first)) return null;
    } else {
      const alone = old ?? now;
      // Whose parts come and go has to do with the file as long as it is another than the file found.
      const isBelow = (parent: RelationId): boolean =>
        touched.has(parent) && relations.get(parent) !== undefined && relations.get(parent) !== start.get(parent);
      if (alone === undefined || first !== undefined || isAbove(alone) || !parentsOf(alone).every(isBelow)) return null;
    }
  }
  return [...others];
}

/** Whether others may belong to it. */
function isAbove(relation: Relation): boolean {
  return hasParts(relation) || relation.kind === "partitioned-index";
}

/** What it belongs to. */
function parentsOf({ partitionOf, index, inherits }: Relation): readonly RelationId[] {
  return [partitionOf?.parent, index?.attachedTo, ...inherits].flatMap((id) => id ?? []);
}

function belongsAlike(a: Relation, b: Relation): boolean {
  const [some, others] = [parentsOf(a), parentsOf(b)];
  return (
    a.schema === b.schema &&
    isAbove(a) === isAbove(b) &&
    some.length === others.length &&
    some.every((parent, index) => parent === others[index])
  );
}

/** In order of creation. */
function sorted(relations: Relations, touched: ReadonlySet<RelationId>): ScriptContext["relations"] {
  const [partitioned, inherited, partitionedIndexes]: [Relation[], Relation[], Relation[]] = [[], [], []];
  for (const id of [...touched].sort((a, b) => a - b)) {
    const relation = relations.get(id);
    if (relation === undefined) continue;
    // What something unreadable may have changed may have other partitions, or none.
    const isKnown = relation.knowledge !== "tainted";
    if (isPartitioned(relation) && isKnown) partitioned.push(relation);
    if (relation.children.size > 0 && !isHypertable(relation, relations)) inherited.push(relation);
    if (relation.kind === "partitioned-index") partitionedIndexes.push(relation);
  }
  return { partitioned, inherited, partitionedIndexes };
}

/** TimescaleDB's tables, as a dump shows them: it makes the children itself, for rows that come, and sends the rows there. */
function isHypertable(relation: Relation, relations: Relations): boolean {
  const [child] = relation.children.keys();
  return child !== undefined && relations.get(child)?.schema === "_timescaledb_internal";
}

/** What others belong to, of what is new or changed and of all that this belongs to. */
function touchedRelations(start: Relations, relations: Relations): ReadonlySet<RelationId> {
  const touched = new Set<RelationId>();
  const above = new Set<RelationId>();
  const touchAbove = (id: RelationId): void => {
    if (above.has(id)) return;
    above.add(id);
    touch(relations.get(id));
  };
  const touch = (relation: Relation | undefined): void => {
    if (relation === undefined) return;
    if (isAbove(relation)) touched.add(relation.id);
    for (const parent of parentsOf(relation)) touchAbove(parent);
  };
  for (const relation of relations.changedFrom(start)) touch(relation);
  return touched;
}
