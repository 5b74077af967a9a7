/** The triggers of the README's era, under their names; what they do with rows is told elsewhere. */

import type { PathmanRouter } from "../../catalog/pathman.ts";
import { pathmanOf, withRouter } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { ExtensionWork } from "../extension.ts";
import { relationNamed } from "./arguments.ts";
import { keyNamed, partitionInfo } from "./partitions.ts";
import { rangeHolding } from "./rows.ts";

/** The function stands for one that puts the row into its partition. */
function makeFunction(work: ExtensionWork, name: string): void {
  work.execute(
    `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger AS $body$ BEGIN RETURN NULL; END $body$ LANGUAGE plpgsql`,
  );
}

function makeTrigger(
  work: ExtensionWork,
  name: string,
  event: "INSERT" | "UPDATE",
  table: string,
  called: string,
): void {
  work.execute(`CREATE TRIGGER ${name} BEFORE ${event} ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${called}()`);
}

/** Before a row is stored in the parent, its partition is looked for: where there is none, the row is refused. */
export function rangeInsertTrigger(work: ExtensionWork, relname: string, attribute: string): void {
  const { id, schema, name } = relationNamed(work, relname);
  work.catalog = withRouter(work.catalog, id, { type: "range", attribute, count: 0 });
  makeFunction(work, `${relname}_insert_trigger_func`);
  makeTrigger(work, `${schema}_${name}_insert_trigger`, "INSERT", relname, `${relname}_insert_trigger_func`);
}

/** What is left of the key by the number of partitions is a part of the name. */
export function hashInsertTrigger(work: ExtensionWork, relname: string, attribute: string, count: number): void {
  const relation = relationNamed(work, relname);
  work.catalog = withRouter(work.catalog, relation.id, { type: "hash", attribute, count });
  dropHashFunctions(work, relation);
  makeFunction(work, `${relname}_hash_insert_trigger_func`);
  const trigger = `${relation.schema}_${relation.name}_insert_trigger`;
  makeTrigger(work, trigger, "INSERT", relname, `${relname}_hash_insert_trigger_func`);
}

/** What divides the rows that are inserted into a table; null where no trigger does. */
export function readmeRouter(
  { catalog }: ExtensionWork,
  { id, schema, name, triggers }: Relation,
): PathmanRouter | null {
  const router = pathmanOf(catalog).routers.get(id);
  return triggers.some((trigger) => trigger.name === `${schema}_${name}_insert_trigger`) ? (router ?? null) : null;
}

/** The partition into which the trigger puts a row. Ends the call as the trigger does where there is none. */
export function readmePartition(
  work: ExtensionWork,
  parent: Relation,
  { type, attribute, count }: PathmanRouter,
  row: ReadonlyMap<string, Value | null>,
): Relation {
  const key = keyNamed(parent, attribute);
  if (key === null)
    return work.refuse({ sqlstate: "42703", message: `record "new" has no field "${attribute.toLowerCase()}"` });
  const value = row.get(key.column);
  if (value == null) return work.decline("the key of a row is not known");
  if (type === "hash") {
    if (value.family !== "integer") return work.decline("the key of a row is no integer");
    if (count === 0) return work.refuse({ sqlstate: "22012", message: "division by zero" });
    const remainder = value.value % BigInt(count);
    if (remainder < 0n) return refuseSyntax(work, "-");
    return relationNamed(work, `${quoteIdentifier(parent.schema)}.${quoteIdentifier(`${parent.name}_${remainder}`)}`);
  }
  const info = partitionInfo(work, parent);
  const range = info?.kind === "range" ? rangeHolding(work, info.ranges, { value, type: key.type }) : null;
  return range?.relation ?? work.refuse({ sqlstate: "P0001", message: "ERROR: Cannot find partition" });
}

/** Drops the functions of the hash triggers, which takes the trigger on the parent with it. */
export function dropHashFunctions(work: ExtensionWork, relation: Relation): void {
  const { schema, name } = relation;
  const text = visibleName(work.catalog, relation);
  work.execute(`DROP TRIGGER IF EXISTS ${quoteIdentifier(`${schema}_${name}_insert_trigger`)} ON ${text}`);
  work.execute(`DROP FUNCTION IF EXISTS ${text}_hash_insert_trigger_func() CASCADE`);
  work.execute(`DROP FUNCTION IF EXISTS ${text}_hash_update_trigger_func() CASCADE`);
}

/** One on each of as many partitions as there are children, by their numbers. */
export function hashUpdateTrigger(work: ExtensionWork, relname: string): void {
  const relation = relationNamed(work, relname);
  makeFunction(work, `${relname}_update_trigger_func`);
  for (const index of childrenOf(work.catalog, relation).keys()) {
    const trigger = `${relation.schema}_${relation.name}_${index}_update_trigger`;
    makeTrigger(work, trigger, "UPDATE", `${relname}_${index}`, `${relname}_update_trigger_func`);
  }
}

/** One on each child. Without a row of configuration under the name as it is given, the key is missing in the function. */
export function rangeUpdateTrigger(work: ExtensionWork, text: string, relation: Relation, isConfigured: boolean): void {
  // A name in quotes is followed by more of a name, which no grammar takes.
  if (text.endsWith('"')) refuseSyntax(work, "_update_trigger_func");
  if (!isConfigured) refuseSyntax(work, ")");
  makeFunction(work, `${text}_update_trigger_func`);
  const trigger = `${relation.schema}_${relation.name}_update_trigger`;
  for (const child of childrenOf(work.catalog, relation))
    makeTrigger(work, trigger, "UPDATE", visibleName(work.catalog, child), `${text}_update_trigger_func`);
}

function refuseSyntax(work: ExtensionWork, token: string): never {
  return work.refuse({ sqlstate: "42601", message: `syntax error at or near "${token}"` });
}
