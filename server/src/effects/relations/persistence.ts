/** SET LOGGED and SET UNLOGGED. */

import { type Catalog, dependentsOf, relationById, withRelation } from "../../catalog/catalog.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { applied, type Outcome, regarding, rejected } from "../outcome.ts";
import type { AlterSetting } from "./alter-setting.ts";

export function setPersistence(
  catalog: Catalog,
  action: Extract<AlterAction, { kind: "set-logged" }>,
  { table }: AlterSetting,
): Outcome {
  if (table.persistence === "temporary") {
    const message = `cannot change logged status of table "${table.name}" because it is temporary`;
    return rejected("statement-rejected", "42P16", message, action.range);
  }
  // Before 18 the command is accepted on a partitioned table, and does nothing.
  if (table.kind === "partitioned-table") return applied(catalog);
  const persistence = action.logged ? "permanent" : "unlogged";
  if (persistence === table.persistence) return applied(catalog);
  for (const { references } of table.constraints) {
    const target = references === null ? null : relationById(catalog, references.relation);
    if (target !== null && target.id !== table.id && action.logged && target.persistence === "unlogged") {
      const message = `could not change table "${table.name}" to logged because it references unlogged table "${target.name}"`;
      return regarding(rejected("statement-rejected", "42P16", message, action.range), target);
    }
  }
  for (const id of action.logged ? [] : dependentsOf(catalog, table.id)) {
    const other = relationById(catalog, id);
    const refers = other?.constraints.some((constraint) => constraint.references?.relation === table.id) === true;
    if (other === null || !refers || other.persistence !== "permanent") continue;
    const message = `could not change table "${table.name}" to unlogged because it references logged table "${other.name}"`;
    return regarding(rejected("statement-rejected", "42P16", message, action.range), other);
  }
  return applied(withRelation(catalog, { ...table, persistence }));
}
