/** Row triggers of a partitioned table, of which each of its partitions has one of the same name. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId, TriggerInfo } from "../../catalog/relation.ts";
import type { TextRange } from "../../text/range.ts";
import { applied, applyEach, type Outcome, type Refusal, regarding, rejected } from "../outcome.ts";
import { childrenOf, descendantsOf } from "./descendants.ts";

/** The catalog in which the table has the trigger, in place of one of its name, and so have its partitions if it is for rows. */
export function withTrigger(catalog: Catalog, tableId: RelationId, trigger: TriggerInfo): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  const others = table.triggers.filter((other) => other.name !== trigger.name);
  let next = withRelation(catalog, { ...table, triggers: [...others, trigger] });
  if (!trigger.row || !isPartitioned(table)) return next;
  for (const partition of childrenOf(next, table)) next = withTrigger(next, partition.id, trigger);
  return next;
}

/** What a partition and its own partitions get of the parent's row triggers, in the order of their names; PostgreSQL replaces none. */
export function cloneRowTriggers(
  catalog: Catalog,
  partitionId: RelationId,
  parent: Relation,
  range: TextRange,
): Outcome {
  const triggers = parent.triggers.filter(({ row }) => row).sort((a, b) => (a.name < b.name ? -1 : 1));
  return applyEach(catalog, triggers, (current, trigger) => {
    const partition = relationById(current, partitionId);
    if (partition === null) return applied(current);
    const taken = [partition, ...descendantsOf(current, partition)].find((each) => hasTrigger(each, trigger.name));
    return taken === undefined
      ? applied(withTrigger(current, partitionId, trigger))
      : triggerTaken(taken, trigger.name, range);
  });
}

/** Whether the table has a trigger of the name, its own or that of its parent. */
export function hasTrigger({ triggers }: Relation, name: string): boolean {
  return triggers.some((trigger) => trigger.name === name);
}

/** The refusal of a trigger for a table that has one of its name. */
export function triggerTaken(table: Relation, name: string, range: TextRange): Refusal {
  const message = `trigger "${name}" for relation "${table.name}" already exists`;
  return regarding(rejected("name-taken", "42710", message, range), table);
}
