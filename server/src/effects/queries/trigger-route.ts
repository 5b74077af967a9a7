/** Where pg_partman's own trigger puts a row: into the child whose partition CHECK holds, else it stays in the parent. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { managerOf } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import { truncateIdentifier } from "../../syntax/names.ts";
import type { ApplyContext } from "../outcome.ts";
import { fulfils, type RowValues } from "./row-values.ts";

/** Whether the rows of a table are routed by the trigger that pg_partman made, and by no other. */
export function isRoutedByPartman(catalog: Catalog, table: Relation): boolean {
  if (managerOf(catalog, table)?.by !== "pg_partman" || table.partitioning !== null) return false;
  return table.triggers.every(({ name }) => name.endsWith("_part_trig")) && table.triggers.length > 0;
}

/** The table below that takes the row; the table itself where none does, null where that cannot be told. */
export function triggerTarget(
  catalog: Catalog,
  table: Relation,
  row: RowValues,
  context: ApplyContext,
): Relation | null {
  let current = table;
  for (let level = 0; level < mostLevels && isRoutedByPartman(catalog, current); level += 1) {
    const child = childFor(catalog, current, row, context);
    if (child === null || child === current) return child;
    current = child;
  }
  return current;
}

const mostLevels = 10;

function childFor(catalog: Catalog, table: Relation, row: RowValues, context: ApplyContext): Relation | null {
  for (const id of table.children.keys()) {
    const child = relationById(catalog, id);
    const own = child === null ? "" : truncateIdentifier(`${child.name}_partition_check`);
    const check = child?.constraints.find(({ type, name }) => type === "check" && name === own);
    // The trigger chooses a child by its name: one without the CHECK of that name may be no partition at all.
    if (child === null || check?.expression == null) return null;
    const holds = fulfils(catalog, child, check.expression, row, context);
    if (holds === null) return null;
    if (holds) return child;
  }
  return table;
}
