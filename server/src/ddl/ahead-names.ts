/** What a copy that is made ahead is called: the tables, constraints and functions beside those that it takes the place of. */

import { relationById } from "../catalog/catalog.ts";
import { tableNameTakenBy } from "../catalog/partition-names.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteIdentifier, truncateIdentifier } from "../syntax/names.ts";
import type { TableReference } from "./division.ts";
import { step } from "./part-steps.ts";
import type { ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** A table by its name. */
export type Named = Pick<TableReference, "schema" | "name">;

/** A name beside another one, cut so that the ending stays. */
export function besides(name: string, ending: string): string {
  let stem = name;
  while (truncateIdentifier(`${stem}_${ending}`) !== `${stem}_${ending}`) stem = [...stem].slice(0, -1).join("");
  return `${stem}_${ending}`;
}

export function primaryKeyOf({ constraints }: Relation): readonly string[] | null {
  return constraints.find(({ type }) => type === "primary-key")?.columns ?? null;
}

/** Why rows cannot be told apart by the primary key while they are copied; null where they can. */
export function keyHindrance(table: Relation, { catalog }: WriterContext): string | null {
  const name = writeName(catalog, table);
  const key = table.constraints.find(({ type }) => type === "primary-key");
  if (key === undefined)
    return `${name} has no primary key, by which rows could be told apart while they are copied: use the simple style`;
  const definition = key.index === null ? undefined : relationById(catalog, key.index)?.index?.definition;
  if (definition?.deferrable === true || definition?.initiallyDeferred === true)
    return `the primary key ${key.name} of ${name} is DEFERRABLE, which ON CONFLICT does not take: use the simple style`;
  if (definition !== undefined && definition.method !== "btree" && definition.method !== "")
    return `the primary key ${key.name} of ${name} is WITHOUT OVERLAPS, which gives rows no order to copy them in: use the simple style`;
  return null;
}

/** That a function by the name of the trigger's is there already; null where none is known. */
export function takenFunction(shadow: TableReference, { catalog }: WriterContext): string | null {
  const { name } = syncOf(shadow);
  return catalog.functions.has(name)
    ? `there is a function ${name} already: drop it first, if an earlier run has left it`
    : null;
}

/** That a table which is made on the way cannot have its name; null where all can. */
export function takenHelper(helpers: readonly Named[], { catalog }: WriterContext): string | null {
  for (const { schema, name } of helpers) {
    const taken = tableNameTakenBy(catalog, schema, name);
    if (taken === "relation") return `there is a relation ${name} already: an earlier run has left it, drop it first`;
    if (taken === "type") return `there is a type ${name} already: give it another name, or use the simple style`;
  }
  return null;
}

export function syncOf(shadow: TableReference): TableReference {
  return { ...shadow, name: besides(shadow.name, "sync") };
}

/** Where the copy of a source has got to: kept in a table, so that a copy that was stopped goes on from there. */
export function positionOf(source: Named, shadow: TableReference): TableReference {
  return { schema: shadow.schema, name: besides(source.name, "copied_to"), relation: null };
}

export function checkName(copy: TableReference): string {
  return quoteIdentifier(besides(copy.name, "within"));
}

export function qualified({ schema, name }: Named): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** What default privileges give of a new table, policies take: it has none, so that only who owns it reads its rows. */
export function ownersOnly(table: TableReference, { catalog }: WriterContext): ScriptStep {
  return step(`ALTER TABLE ${writeName(catalog, table)} ENABLE ROW LEVEL SECURITY`, [table, "ACCESS EXCLUSIVE"]);
}

/** A statement that is a transaction of its own. */
export function alone(
  sql: string,
  ...locks: Parameters<typeof step> extends [string, ...infer Locks] ? Locks : never
): ScriptStep {
  return { ...step(sql, ...locks), transaction: "outside" };
}
