/** Makes unknown what kept texts say with names that mean something else by now: written again they would fail, or read another table. */

import { belongingsOf, type KeptBelonging, withBelongings } from "../../catalog/belongings.ts";
import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Belonging, Departure } from "../../syntax/belonging.ts";
import { quoteLiteral } from "../../syntax/literals.ts";
import { identifiersIn, quoteIdentifier } from "../../syntax/names.ts";
import { descendantsOf } from "./descendants.ts";

/** The catalog in which no kept text is written with a name that the statement has made to mean something else. */
export function withDepartures(catalog: Catalog, departures: readonly Departure[]): Catalog {
  if (departures.length === 0) return catalog;
  const pending = departures.map((departure) => ({ departure, tables: tablesOf(catalog, departure) }));
  // Of the privileges of thousands of tables nothing but a role is named.
  const holders = departures.some(({ of }) => of === "role") ? catalog.belongings : catalog.textHolders;
  let left = catalog;
  for (const id of holders.keys()) {
    const relation = relationById(catalog, id);
    if (relation === null) continue;
    const kept = belongingsOf(catalog, relation);
    const next = pending.reduce((list, { departure, tables }) => departed(list, departure, tables, relation), kept);
    if (next !== kept) left = withBelongings(left, relation, next);
  }
  return left;
}

/** The tables whose column it is: those below have it too. */
function tablesOf(catalog: Catalog, { table }: Departure): ReadonlyMap<RelationId, string> {
  const found = table === undefined ? null : findRelation(catalog, table);
  if (found === null) return new Map();
  return new Map([found, ...descendantsOf(catalog, found)].map(({ id, name }) => [id, name]));
}

function departed(
  kept: readonly KeptBelonging[],
  departure: Departure,
  tables: ReadonlyMap<RelationId, string>,
  relation: Relation,
): readonly KeptBelonging[] {
  const next = kept.flatMap((each): KeptBelonging | readonly KeptBelonging[] => {
    if (departure.of === "index") {
      const { renamed } = departure;
      return each.index === departure.name && renamed !== undefined ? { ...each, index: renamed } : each;
    }
    if (!saysIt(each, departure, tables, relation)) return each;
    // DROP OWNED takes what the role was granted.
    if (each.kind === "privilege" && departure.renamed === undefined) return [];
    return { ...each, sql: null, ...(isPlace(each) ? { words: undefined } : {}) };
  });
  return next.length === kept.length && next.every((each, index) => each === kept[index]) ? kept : next;
}

function isPlace({ kind }: Belonging): boolean {
  return kind === "tablespace" || kind === "access method";
}

function saysIt(
  kept: KeptBelonging,
  { of, name, table }: Departure,
  tables: ReadonlyMap<RelationId, string>,
  relation: Relation,
): boolean {
  if (isPlace(kept)) return of === "object" && kept.words === quoteIdentifier(name);
  if (kept.kind === "privilege") return of === "role" && identifiersIn(kept.name).has(name);
  if (!namesObjects.has(kept.kind) || kept.sql === null) return false;
  if (of === "anything") return true;
  const text = kept.sql.join(" ");
  const words = identifiersIn(text);
  const isSaid = words.has(name) || text.includes(quoteLiteral(name));
  if (of === "schema") return isSaid || kept.searchPath.includes(name);
  if (of !== "column" || table === undefined) return isSaid;
  return isSaid && (tables.has(relation.id) || [...tables.values()].some((each) => words.has(each)));
}

/** The others name nothing but their table, a column of it, or what goes along with it. */
const namesObjects: ReadonlySet<Belonging["kind"]> = new Set(["policy", "trigger", "publication", "statistics"]);
