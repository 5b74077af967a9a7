/** Keeps whether triggers fire: of each table where they differ from what it would get by itself, as copies of the whole table's. */

import { belongingsOf, type KeptBelonging, withBelongings } from "../../catalog/belongings.ts";
import { type Catalog, findRelation, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type Belonging, everyTrigger, everyUserTrigger, type Giving } from "../../syntax/belonging.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import { descendantsOf } from "./descendants.ts";

/** ENABLE, DISABLE: of the tables that are named, and where it is a trigger for each row of the copies below. */
export function withTriggersSwitched(catalog: Catalog, { to, belonging }: Giving): Catalog {
  if (typeof to === "string" || !("tables" in to)) return catalog;
  return to.tables.reduce((next, name) => {
    const table = findRelation(next, name);
    return table === null ? next : switched(next, table, belonging, to.only === true);
  }, catalog);
}

/** What CREATE TRIGGER, DETACH, ATTACH and DROP leave of what is kept of triggers. */
export function withTriggersAsTheyAre(before: Catalog, after: Catalog, statement: Statement): Catalog {
  switch (statement.kind) {
    case "create-trigger": {
      const table = findRelation(after, statement.relation);
      if (table === null) return after;
      const below = statement.row && isPartitioned(table) ? descendantsOf(after, table) : [];
      const { name } = statement.name;
      // Whoever is replaced fires again.
      return [table, ...below].reduce((next, each) => withState(next, each, name, "ENABLE"), after);
    }
    case "alter-table": {
      const named = statement.actions.flatMap((action) =>
        action.kind === "attach-partition" || action.kind === "detach-partition" ? [action.partition] : [],
      );
      const parts = [statement.relation, ...named].flatMap((name) => findRelation(after, name) ?? []);
      const all =
        named.length === 0
          ? parts
          : [...parts.slice(0, 1), ...parts.slice(1).flatMap((each) => [each, ...descendantsOf(after, each)])];
      return all.reduce((next, each) => asItIs(before, next, each), after);
    }
    case "drop": {
      const named = statement.objectType === "trigger" ? statement.names : [];
      const tables = named.flatMap((name) => findRelation(after, name) ?? []);
      const below = tables.flatMap((table) => [table, ...descendantsOf(after, table)]);
      // With a function go its triggers, wherever they are.
      const holders = statement.cascade ? after.relations.changedFrom(before.relations) : below;
      return holders.reduce((next, each) => asItIs(before, next, each), after);
    }
    default:
      return after;
  }
}

function switched(catalog: Catalog, table: Relation, belonging: Belonging, only: boolean): Catalog {
  const { name, words = null } = belonging;
  const isUser = name === everyUserTrigger;
  if (name !== everyTrigger && !isUser) return switchedOne(catalog, table, name, words, only);
  const triggers = table.triggers.map((trigger) => trigger.name);
  const kept = belongingsOf(catalog, table).filter((each) => !isState(each) || (isUser && each.name === everyTrigger));
  // Those of foreign keys, and whatever is not known of here, have no names to be called by.
  const isKept = words !== "ENABLE" && (!isUser || table.knowledge !== "full");
  const all: KeptBelonging = { ...belonging, name: everyTrigger, columns: [], searchPath: [] };
  const states = belongingsOf(catalog, table).filter((each) => isState(each) && each.name !== everyTrigger);
  const next = withBelongings(catalog, table, [...kept, ...(isKept ? [all] : []), ...states]);
  return triggers.reduce((current, each) => switchedOne(current, table, each, words, only), next);
}

function switchedOne(catalog: Catalog, table: Relation, name: string, words: string | null, only: boolean): Catalog {
  const isRow = table.triggers.some((trigger) => trigger.name === name && trigger.row);
  const copies =
    isRow && isPartitioned(table) ? descendantsOf(catalog, table).filter((each) => isCopy(catalog, each, name)) : [];
  if (!only) return [table, ...copies].reduce((next, each) => withState(next, each, name, words), catalog);
  // They stay as they were, which is not as the whole table's is now.
  const own = copies.map((each) => ({ each, was: firesAs(catalog, each, name) }));
  return own.reduce((next, { each, was }) => withState(next, each, name, was), withState(catalog, table, name, words));
}

/** null where that is not known. */
function firesAs(catalog: Catalog, table: Relation, name: string): string | null {
  const own = belongingsOf(catalog, table).find((each) => isState(each) && each.name === name);
  return own === undefined ? byItself(catalog, table, name) : (own.words ?? null);
}

/** How the trigger fires where nothing is kept of it. */
function byItself(catalog: Catalog, table: Relation, name: string): string | null {
  if (belongingsOf(catalog, table).some((each) => isState(each) && each.name === everyTrigger)) return "DISABLE";
  const parent = isCopy(catalog, table, name) ? relationById(catalog, table.partitionOf?.parent ?? -1) : null;
  return parent === null ? "ENABLE" : firesAs(catalog, parent, name);
}

function isCopy(catalog: Catalog, table: Relation, name: string): boolean {
  const parent = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  const has = ({ triggers }: Relation): boolean => triggers.some((each) => each.row && each.name === name);
  return parent !== null && has(parent) && has(table);
}

function withState(catalog: Catalog, table: Relation, name: string, words: string | null): Catalog {
  const kept = belongingsOf(catalog, table);
  const others = kept.filter((each) => !isState(each) || each.name !== name);
  const isUsual = words !== null && words === byItself(catalog, table, name);
  if (isUsual) return others.length === kept.length ? catalog : withBelongings(catalog, table, others);
  const sql = words === null ? null : (["ALTER TABLE ", ` ${words} TRIGGER ${quoteIdentifier(name)}`] as const);
  const state = { kind: "trigger state", name, sql, words: words ?? undefined, columns: [], searchPath: [] } as const;
  return withBelongings(catalog, table, [...others, state]);
}

/** Without what is kept of triggers that are gone; what was said of all of them is not of those that came since. */
function asItIs(before: Catalog, after: Catalog, { id }: Relation): Catalog {
  const table = relationById(after, id);
  const kept = table === null ? [] : belongingsOf(after, table);
  if (table === null || table.knowledge !== "full" || kept.length === 0) return after;
  const comments = new Set(table.triggers.map(({ name }) => `trigger ${quoteIdentifier(name)}`));
  const names = new Set(table.triggers.map(({ name }) => name));
  const isThere = ({ kind, name }: KeptBelonging): boolean =>
    kind === "comment"
      ? !name.startsWith("trigger ") || comments.has(name)
      : (kind !== "trigger state" && kind !== "trigger") || names.has(name) || isUnnamed(name);
  const there = kept.filter(isThere);
  const earlier = relationById(before, id);
  const had = new Set(earlier?.triggers.map(({ name }) => name));
  const hasOther = earlier !== null && foreignKeys(earlier) !== foreignKeys(table);
  // Which of a table's foreign keys are switched off is not kept one by one.
  const known = there.map((each) =>
    hasOther && isState(each) && each.name === everyTrigger && each.sql !== null ? { ...each, sql: null } : each,
  );
  const isSame = known.length === kept.length && known.every((each, index) => each === kept[index]);
  const next = isSame ? after : withBelongings(after, table, known);
  if (!known.some((each) => isState(each) && each.name === everyTrigger)) return next;
  const come = table.triggers.filter(({ name }) => !had.has(name));
  const parent = table.partitionOf === null ? null : relationById(next, table.partitionOf.parent);
  return come.reduce(
    (current, { name }) => withState(current, table, name, parent === null ? "ENABLE" : firesAs(current, parent, name)),
    next,
  );
}

function foreignKeys({ constraints }: Relation): number {
  let count = 0;
  for (const { type } of constraints) if (type === "foreign-key") count += 1;
  return count;
}

/** All of them, and those of constraints, which are named after numbers. */
function isUnnamed(name: string): boolean {
  return name === everyTrigger || /_?ConstraintTrigger_/.test(name);
}

function isState({ kind }: Belonging): boolean {
  return kind === "trigger state";
}
