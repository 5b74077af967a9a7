/** The triggers of the README's era, under their names; what they do with rows is told elsewhere. */

import type { Relation } from "../../catalog/relation.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import type { ExtensionWork } from "../extension.ts";
import { relationNamed } from "./arguments.ts";

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
export function rangeInsertTrigger(work: ExtensionWork, relname: string, _attribute: string): void {
  const { schema, name } = relationNamed(work, relname);
  makeFunction(work, `${relname}_insert_trigger_func`);
  makeTrigger(work, `${schema}_${name}_insert_trigger`, "INSERT", relname, `${relname}_insert_trigger_func`);
}

export function hashInsertTrigger(work: ExtensionWork, relname: string): void {
  const relation = relationNamed(work, relname);
  const text = visibleName(work.catalog, relation);
  work.execute(`DROP FUNCTION IF EXISTS ${text}_hash_insert_trigger_func() CASCADE`);
  work.execute(`DROP FUNCTION IF EXISTS ${text}_hash_update_trigger_func() CASCADE`);
  makeFunction(work, `${relname}_hash_insert_trigger_func`);
  const trigger = `${relation.schema}_${relation.name}_insert_trigger`;
  makeTrigger(work, trigger, "INSERT", relname, `${relname}_hash_insert_trigger_func`);
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
