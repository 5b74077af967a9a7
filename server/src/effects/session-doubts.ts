/** What the session itself may be refused, whatever the statement says: by its role, or in a read-only transaction. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { Statement } from "../syntax/statement.ts";
import { inDoubt } from "./doubt.ts";
import type { ApplyContext, Outcome } from "./outcome.ts";

/** The outcome, in doubt where the session may lack the right to what the statement does. */
export function withSessionDoubts(
  before: Catalog,
  statement: Statement,
  outcome: Outcome,
  context: ApplyContext,
): Outcome {
  if (outcome.kind === "rejected") return outcome;
  const { readOnly, defaultReadOnly, role, defaultTablespace, inDoubt: doubtfulSettings } = before.settings;
  const { catalog } = outcome;
  if (doubtfulSettings !== undefined && (catalog.relations !== before.relations || catalog.rows !== before.rows))
    return inDoubt(before, outcome, "whether a setting that the statement rests on was undone is not known");
  if (readOnly ?? defaultReadOnly ?? false) {
    if (catalog.relations === before.relations && catalog.rows === before.rows) return outcome;
    const kept = { ...outcome, catalog: { ...catalog, rows: before.rows } };
    return inDoubt(before, kept, "the transaction is read only");
  }
  if (catalog.relations === before.relations) return outcome;
  // Some tablespaces are not for tables, and the default one cannot be named for partitioned ones.
  if (statement.kind === "create-table") {
    const named = defaultTablespace ?? (/\busing\s+index\s+tablespace\b/i.test(context.text ?? "") ? "" : undefined);
    if (defaultTablespace === "pg_global" || (named !== undefined && statement.partitionBy !== null)) {
      return inDoubt(before, outcome, "whether the tablespace will do is not known");
    }
  }
  // As long as no role was set, all that the script creates is its own.
  if (role === undefined) return outcome;
  const foreign = relationsNamed(statement)
    .map((name) => findRelation(before, name))
    .find((relation) => relation !== null && belongsToOther(relation, role));
  if (foreign == null) return outcome;
  return inDoubt(before, outcome, `whether the current role may change "${foreign.name}" is not known`);
}

/**
 * Whether another role than the current one has created the relation in this script, or may have failed to. The session's
 * user is taken to be a superuser, and what is in the database to belong to who needs it.
 */
export function belongsToOther({ owner, origin }: Relation, role: string | undefined): boolean {
  return role !== undefined && origin.kind === "statement" && owner !== role;
}
