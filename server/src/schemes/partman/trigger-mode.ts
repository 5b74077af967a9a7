/** pg_partman 4 without declarative partitioning: the trigger on the parent and its function, which put rows into the children. */

import type { Relation } from "../../catalog/relation.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import { nameWithSuffix } from "./partition-set.ts";
import { run, type Session } from "./session.ts";

/** `create_function_time/_id` and `create_trigger`. */
export function makeFunctionAndTrigger(session: Session, parent: Relation): void {
  const trigger = nameWithSuffix(parent.name, "_part_trig", false);
  const name = quoteQualifiedName(parent.schema, nameWithSuffix(parent.name, "_part_trig_func", false));
  const table = quoteQualifiedName(parent.schema, parent.name);
  run(
    session,
    `CREATE OR REPLACE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $t$ BEGIN RETURN NULL; END $t$`,
  );
  run(
    session,
    `CREATE TRIGGER ${quoteQualifiedName(null, trigger)} BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${name}()`,
  );
}
