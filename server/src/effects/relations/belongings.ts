/** Keeps what statements give to tables that decides nothing here: privileges, comments, policies, storage parameters, … */

import { belongingsOf, type KeptBelonging, withBelongings } from "../../catalog/belongings.ts";
import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Belonging, Giving } from "../../syntax/belonging.ts";
import { identifiersIn, quoteIdentifier } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { ApplyContext } from "../outcome.ts";
import { childrenOf, descendantsOf } from "./descendants.ts";
import { withDepartures } from "./kept-texts.ts";
import { withTriggersAsTheyAre, withTriggersSwitched } from "./trigger-states.ts";

/** The catalog after an accepted statement, with what it gives kept; `before` tells what it has made. */
export function keepBelongings(
  before: Catalog,
  after: Catalog,
  { statement, context }: { readonly statement: Statement; readonly context: ApplyContext },
): Catalog {
  let next = withDepartures(after, statement.departures ?? []);
  for (const giving of statement.givings ?? []) {
    if (giving.belonging.kind === "trigger state" && giving.does === "gives") next = withTriggersSwitched(next, giving);
    else for (const table of receivers(giving, statement, before, next)) next = given(next, table, giving, context);
  }
  return withTriggersAsTheyAre(before, withParentsPlace(before, next, { statement, context }), statement);
}

/** A partition lies where its parent does, and as the parent says, if its statement says nothing else. */
function withParentsPlace(
  before: Catalog,
  after: Catalog,
  { statement, context: { version } }: { readonly statement: Statement; readonly context: ApplyContext },
): Catalog {
  if (statement.kind !== "create-table") return after;
  const made = findRelation(after, statement.name);
  if (made?.partitionOf == null || before.relations.has(made.id)) return after;
  const parent = relationById(after, made.partitionOf.parent);
  const said = new Set(statement.givings?.filter(({ to }) => to === "created").map(({ belonging }) => belonging.kind));
  const since: Partial<Record<Belonging["kind"], number>> = { tablespace: 12, "access method": 17 };
  const places = (parent === null ? [] : belongingsOf(after, parent)).filter(
    ({ kind }) => !said.has(kind) && version >= (since[kind] ?? Number.POSITIVE_INFINITY),
  );
  if (places.length === 0) return after;
  return withBelongings(after, made, [...belongingsOf(after, made), ...places]);
}

function receivers(
  { to, belonging, does }: Giving,
  statement: Statement,
  before: Catalog,
  after: Catalog,
): readonly Relation[] {
  if (to === "all") {
    const holders = [...after.textHolders.keys()].flatMap((id) => relationById(after, id) ?? []);
    return holders.filter((table) => belongingsOf(after, table).some((each) => isOf(each, belonging)));
  }
  if (to === "created") {
    const name = statement.kind === "create-table" || statement.kind === "create-table-as" ? statement.name : null;
    const made = name === null ? null : findRelation(after, name);
    return made === null || before.relations.has(made.id) ? [] : [made];
  }
  if ("schemas" in to) {
    const schemas = new Set(to.schemas);
    return [...after.relations.values()].filter((relation) => schemas.has(relation.schema) && isTable(relation));
  }
  const named = to.tables.flatMap((name) => findRelation(after, name) ?? []).filter(isTable);
  if (does === "renames" && belonging.kind !== "privilege")
    return named.flatMap((table) => [table, ...(isOfRows(table, belonging) ? descendantsOf(after, table) : [])]);
  const goesDown = to.only !== true && handedDown(belonging);
  if (!goesDown) return named;
  // A publication reaches partitions by their parent, and children one by one.
  const isPublication = belonging.kind === "publication";
  return named.flatMap((table) =>
    isPublication && isPartitioned(table)
      ? [table]
      : [table, ...(isPublication ? childrenOf(after, table) : descendantsOf(after, table))],
  );
}

/** Whether a trigger or constraint that is called so by now has copies, which are called so too. */
function isOfRows({ triggers }: Relation, { kind, name: own, words }: Belonging): boolean {
  if (kind === "comment" && own.startsWith("constraint ")) return true;
  return kind !== "policy" && triggers.some(({ name, row }) => row && name === words);
}

function handedDown({ kind, name }: Belonging): boolean {
  return kind === "publication" || (kind === "column setting" && name.endsWith(" statistics"));
}

function isTable({ kind }: Relation): boolean {
  return kind === "table" || kind === "partitioned-table" || kind === "foreign-table";
}

function given(catalog: Catalog, table: Relation, { does, belonging }: Giving, context: ApplyContext): Catalog {
  const kept = belongingsOf(catalog, table);
  const next =
    belonging.kind === "privilege"
      ? expanded(belonging, context).reduce((list, each) => withPrivilege(list, each, does, table), kept)
      : does === "renames"
        ? kept.map((each) => renamed(each, belonging))
        : changed(kept, belonging, does, table, catalog);
  if (next === kept || (kept.length === 0 && next.length === 0)) return catalog;
  return withBelongings(catalog, table, next);
}

function changed(
  kept: readonly KeptBelonging[],
  belonging: Belonging,
  does: Giving["does"],
  table: Relation,
  { settings }: Catalog,
): readonly KeptBelonging[] {
  const others = kept.filter((each) => !isOf(each, belonging));
  return does === "gives" ? [...others, keepable(belonging, table, settings.searchPath)] : others;
}

/** Of the same kind and name; what ALTER POLICY says hangs on the policy. */
function isOf(kept: Belonging, { kind, name }: Belonging): boolean {
  if (kept.kind !== kind) return false;
  return kept.name === name || kept.name.startsWith(`${name}\0`);
}

function keepable(belonging: Belonging, { columns }: Relation, searchPath: readonly string[]): KeptBelonging {
  const text = `${belonging.sql?.join(" ") ?? ""} ${belonging.words ?? ""}`;
  const words = identifiersIn(text);
  const named = columns.filter(({ name }) => words.has(name));
  // Names that are all written with their schemas mean the same everywhere.
  const isOfPath = belonging.kind === "policy" || belonging.kind === "trigger" || belonging.kind === "publication";
  return { ...belonging, columns: named.map(({ name }) => name), searchPath: isOfPath ? searchPath : [] };
}

function renamed(kept: KeptBelonging, { kind, name, words = "" }: Belonging): KeptBelonging {
  if (!isOf(kept, { ...kept, kind, name })) return kept;
  const part = kept.name.slice(name.length);
  const called = kind === "comment" ? `${name.slice(0, name.indexOf(" "))} ${quoteIdentifier(words)}` : words;
  const again = (text: string): string =>
    text.replace(
      /((?:TRIGGER|POLICY|CONSTRAINT)\s+)("(?:[^"]|"")*"|[^\s"]+)/i,
      (_, before: string) => before + quoteIdentifier(words),
    );
  const sql = kept.sql === null ? null : ([again(kept.sql[0]), again(kept.sql[1])] as const);
  return { ...kept, name: `${called}${part}`, sql };
}

/** ALL is what the version has. */
function expanded(belonging: Belonging, { version }: ApplyContext): readonly Belonging[] {
  const { words = "", name } = belonging;
  if (!/^ALL\b/.test(words)) return [belonging];
  const ofColumn = words.slice(3);
  const all = ofColumn === "" ? tablePrivileges(version) : ["SELECT", "INSERT", "UPDATE", "REFERENCES"];
  const grantee = name.slice(0, name.length - words.length);
  return all.map((each) => ({ ...belonging, words: `${each}${ofColumn}`, name: `${grantee}${each}${ofColumn}` }));
}

/** What GRANT ALL gives of a table. */
export function tablePrivileges(version: number): readonly string[] {
  const always = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];
  return version >= 17 ? [...always, "MAINTAIN"] : always;
}

function withPrivilege(
  kept: readonly KeptBelonging[],
  belonging: Belonging,
  does: Giving["does"],
  table: Relation,
): readonly KeptBelonging[] {
  const { name, words = "" } = belonging;
  const own = kept.find((each) => each.kind === "privilege" && each.name === name);
  if (does === "renames")
    return kept.map((each) => (each === own && each.sql?.[0] === "GRANT" ? { ...each, sql: belonging.sql } : each));
  if (does === "gives") {
    // GRANT without the option leaves one that is there.
    const isWeaker = own?.sql?.[1].endsWith(" WITH GRANT OPTION") === true && belonging.sql?.[0] === "GRANT";
    if (own !== undefined && isWeaker && belonging.sql?.[1].endsWith(" WITH GRANT OPTION") !== true) return kept;
    return [...kept.filter((each) => each !== own), keepable(belonging, table, [])];
  }
  // Of the whole table it is taken of all columns too.
  const isOfColumn = (each: KeptBelonging): boolean =>
    each.kind === "privilege" && !words.includes(" (") && each.name.startsWith(`${name} (`);
  const others = kept.filter((each) => each !== own && !isOfColumn(each));
  // Default privileges may give PUBLIC of a new table what was taken of this one; there is always somebody to take it from.
  if (name.startsWith("PUBLIC ")) return [...others, keepable(belonging, table, [])];
  if (own?.sql?.[0] === "GRANT" || others.length < kept.length - (own === undefined ? 0 : 1)) return others;
  // Whoever has nothing here may be its owner, or have had it by default privileges.
  return [...others, keepable(belonging, table, [])];
}
