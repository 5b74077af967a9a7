/** UPDATE changes the key of a table that pg_pathman has divided, and nothing moves the row to another partition. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { PathmanTable } from "../catalog/pathman.ts";
import { pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteConstant } from "../catalog/values/print.ts";
import { lookUpRelation } from "../effects/relations/lookup.ts";
import { isSince } from "../schemes/pathman/versions.ts";
import type { Expression } from "../syntax/expression.ts";
import { quoteQualifiedName, unquoteIdentifier } from "../syntax/names.ts";
import type { Rule } from "./rule.ts";
import { eraAt } from "./support/pathman-tables.ts";

export const pathmanKeyUpdate: Rule = {
  id: "pathman-key-update",
  severity: "warning",
  summary: "UPDATE changes the key of a table that pg_pathman has divided, and nothing moves rows between partitions.",
  source: "https://github.com/postgrespro/pg_pathman#triggers",
  statements: ["query"],
  *check({ step, options }) {
    const { statement } = step.statement;
    if (statement.kind !== "query" || statement.query.kind !== "update") return;
    const { query } = statement;
    const target = lookUpRelation(step.before, query.target);
    const divided = target.kind === "found" ? dividedAt(step.before, target.relation) : null;
    if (divided === null) return;
    const { parent, table, partitions } = divided;
    const key = unquoteIdentifier(table.expression);
    const assignment = query.assignments.find(({ column, value }) => column.name === key && !isColumn(value, key));
    const lacksTrigger = partitions.some((child) => child.knowledge === "full" && !child.touched && !hasTrigger(child));
    if (assignment === undefined || !lacksTrigger) return;
    const era = eraAt(step, options);
    const maker = isSince(era, "1.4") ? "create_update_triggers" : `create_${table.type}_update_trigger`;
    const call = `${maker}(${quoteConstant(quoteQualifiedName(parent.schema, parent.name))})`;
    const hasMaker = !isSince(era, "1.5");
    const advice = hasMaker
      ? `Call "${call}" first, which moves it.`
      : "Delete the row and insert it anew where its key may leave the partition.";
    yield {
      statement: step.handle,
      range: assignment.column.range,
      message: `"${key}" is the key by which pg_pathman divides "${parent.name}", and its partitions have no update trigger: a row whose new key belongs to another partition violates the CHECK of its own.`,
      advice,
      fixes: hasMaker
        ? [
            {
              title: `Add ${maker} in front`,
              edits: [{ kind: "insert-before", statement: step.handle, sql: `SELECT ${call}` }],
              preferred: true,
            },
          ]
        : [],
    };
  },
};

interface Divided {
  readonly parent: Relation;
  readonly table: PathmanTable;
  /** Those that the statement may change. */
  readonly partitions: readonly Relation[];
}

/** How the table, or the parent of the partition, is divided; null where pg_pathman does not divide it. */
function dividedAt(catalog: Catalog, relation: Relation): Divided | null {
  const own = pathmanTableOf(catalog, relation);
  if (own !== null) {
    const partitions = [...relation.children.keys()].flatMap((id) => relationById(catalog, id) ?? []);
    return { parent: relation, table: own, partitions };
  }
  for (const id of relation.inherits) {
    const parent = relationById(catalog, id);
    const table = parent === null ? null : pathmanTableOf(catalog, parent);
    if (parent !== null && table !== null) return { parent, table, partitions: [relation] };
  }
  return null;
}

/** Whether a trigger sees each row before it is changed, and may put it elsewhere: pg_pathman's, or one of the user's own. */
function hasTrigger({ triggers }: Relation): boolean {
  return triggers.some(({ row, timing, events }) => row && timing === "before" && events.includes("update"));
}

function isColumn(value: Expression | null, name: string): boolean {
  return value?.kind === "column" && value.names.at(-1) === name;
}
