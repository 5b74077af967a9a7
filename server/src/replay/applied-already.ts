/** Tells a mistake in a script from a database that the script has been run on before. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import type { Rejection } from "../effects/outcome.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { Statement } from "../syntax/statement.ts";

export const appliedAlreadyReason = "the connected database seems to have this change already";

/**
 * Whether a refusal says no more than that the database has been changed by this very statement before: the column is there
 * already, or gone, the constraint has the name, the table is renamed. Only what comes from a database can be meant.
 */
export function isAppliedAlready(rejection: Rejection, statement: Statement, before: Catalog): boolean {
  const { database } = before;
  if (database === undefined || statement.kind === "query") return false;
  switch (statement.kind) {
    case "create-schema":
      return rejection.sqlstate === "42P06" && database.schemas.has(statement.name.name);
    case "create-extension":
      return rejection.rule === "name-taken" && database.extensions.has(statement.name.name);
    case "rename": {
      // Under its old name the table is gone.
      const { relation, newName, target } = statement;
      const renamed =
        target === "object" ? findRelation(before, { schema: relation.schema, name: newName.name }) : null;
      if (renamed?.origin.kind === "database") return true;
      break;
    }
    default:
  }
  const inTheWay = rejection.related.map(({ relation }) => (relation === null ? null : relationById(before, relation)));
  if (rejection.rule === "name-taken" && inTheWay.some((relation) => relation?.origin.kind === "database")) return true;
  if (!repeatedBy(rejection, statement)) return false;
  return relationsNamed(statement).some((name) => findRelation(before, name)?.origin.kind === "database");
}

/** Whether PostgreSQL says so of a change that was made before: what is to come is there, or what is to go is not. */
function repeatedBy({ sqlstate, rule, message }: Rejection, statement: Statement): boolean {
  switch (sqlstate) {
    case "42P07":
    case "42701":
    case "42710":
      return true;
    case "42703":
    case "42704":
      return /^(?:column|constraint|trigger|rule) ".*" .*does not exist$/.test(message);
    case "42P01":
      return rule === "not-partitioned" || (rule === "unknown-relation" && detaches(statement));
    case "42P16":
      return message.startsWith("multiple primary keys");
    case "42809":
      return message.endsWith("is already a partition");
    // SET and DROP of what a column has or has not: an identity, a generation expression.
    case "55000":
      return /identity column|generated column/.test(message);
    default:
      return false;
  }
}

function detaches(statement: Statement): boolean {
  return statement.kind === "alter-table" && statement.actions.some(({ kind }) => kind === "detach-partition");
}
