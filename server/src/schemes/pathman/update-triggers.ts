/** `create_hash_update_trigger`, `create_range_update_trigger` and `create_update_triggers`, between 0.1 and 1.4. */

import { pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall, CallValue, ExtensionWork } from "../extension.ts";
import { relationOf } from "./arguments.ts";
import { internal, raise } from "./errors.ts";
import { regclassText } from "./single-partition.ts";
import { eraOf, isSince } from "./versions.ts";

/** Makes a trigger on each partition, which moves rows whose key is changed. It answers the name of the function. */
export function createUpdateTriggers(call: BoundCall, work: ExtensionWork): CallValue {
  const relation = relationOf(call, work, call.arguments.has("parent_relid") ? "parent_relid" : "relation");
  if (pathmanTableOf(work.catalog, relation) === null) {
    if (isSince(eraOf(work.version), "1.4")) return internal(work, `relation "${relation.name}" has no partitions`);
    const noun = isSince(eraOf(work.version), "1.0")
      ? `table "${regclassText(work, relation)}"`
      : `Table ${regclassText(work, relation)}`;
    return raise(work, `${noun} is not partitioned`);
  }
  const { trigger, called } = namesFor(work, relation.schema, relation.name);
  // It stands for a function that puts the row into the partition of its new key.
  work.execute(
    `CREATE OR REPLACE FUNCTION ${called}() RETURNS trigger AS $body$ BEGIN RETURN NEW; END $body$ LANGUAGE plpgsql`,
  );
  for (const child of childrenOf(work.catalog, relation)) {
    const table = quoteQualifiedName(child.schema, child.name);
    work.execute(`CREATE TRIGGER ${trigger} BEFORE UPDATE ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${called}()`);
  }
  return { family: "text", value: called };
}

/** Takes them away with their function, where there are any. */
export function dropUpdateTriggers(work: ExtensionWork, { schema, name }: Relation): void {
  work.execute(`DROP FUNCTION IF EXISTS ${namesFor(work, schema, name).called}() CASCADE`);
}

function namesFor(
  work: ExtensionWork,
  schema: string,
  name: string,
): { readonly trigger: string; readonly called: string } {
  const isOld = !isSince(eraOf(work.version), "1.0");
  return {
    trigger: quoteIdentifier(isOld ? `${schema}_${name}_update_trigger` : `${name}_upd_trig`),
    called: quoteQualifiedName(schema, isOld ? `${name}_update_trigger_func` : `${name}_upd_trig_func`),
  };
}
