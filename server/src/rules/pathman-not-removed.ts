/** A table that pg_pathman has divided is dropped, and pg_pathman of the first README is not told of it. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import { pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteConstant } from "../catalog/values/print.ts";
import { lookUpRelation } from "../effects/relations/lookup.ts";
import { isRun, type Step } from "../replay/step.ts";
import { quoteQualifiedName, type RelationName } from "../syntax/names.ts";
import type { Rule, RuleEdit, RuleFinding, ScriptContext } from "./rule.ts";
import { callsIn, eraAt, relationIn } from "./support/pathman-tables.ts";

export const pathmanNotRemoved: Rule = {
  id: "pathman-not-removed",
  severity: "warning",
  summary: "A table that pg_pathman has divided is dropped, and pg_pathman of the first README is not told of it.",
  source: "https://github.com/postgrespro/pg_pathman#post-creation-partition-management",
  *checkScript(context) {
    for (const step of context.stepsOf("drop")) {
      const { statement } = step.statement;
      if (statement.kind !== "drop" || statement.objectType !== "table") continue;
      // Later versions have an event trigger that does it.
      if (step.rejection !== null || !isRun(step) || eraAt(step, context.options) !== "readme") continue;
      for (const name of statement.names) yield* findingFor(context, step, name);
    }
  },
};

function* findingFor(context: ScriptContext, step: Step, name: RelationName): Generator<RuleFinding> {
  const found = lookUpRelation(step.before, name);
  const table = found.kind === "found" ? pathmanTableOf(step.before, found.relation) : null;
  if (found.kind !== "found" || table?.relname == null || table.relation !== null) return;
  const { relation } = found;
  if (context.changesLater(relation.name) || context.changesLater("pathman_config")) return;
  const isTold = isRemovedBefore(context, step, relation);
  const isDeleted = isRowDeletedAfter(context, step, relation);
  if (isTold && isDeleted) return;
  const shown = `${relation.schema}.${relation.name}`;
  const call = `on_remove_partitions(${quoteConstant(quoteQualifiedName(relation.schema, relation.name))}::regclass::oid)`;
  const removal = `DELETE FROM pathman_config WHERE relname = ${quoteConstant(table.relname)}`;
  const problems = [
    ...(isTold ? [] : [`pg_pathman keeps it in its cache until "${call}" is called, before the table is dropped`]),
    ...(isDeleted ? [] : [`the row of "${shown}" stays in "pathman_config" until it is deleted`]),
  ];
  const edits: readonly RuleEdit[] = [
    ...(isTold ? [] : [{ kind: "insert-before", statement: step.handle, sql: `SELECT ${call}` } as const]),
    ...(isDeleted ? [] : [{ kind: "insert-after", statement: step.handle, sql: removal } as const]),
  ];
  yield {
    statement: step.handle,
    range: name.range,
    message: `"${shown}" is divided by pg_pathman, and in this version DROP TABLE alone does not take it out: ${problems.join(", and ")}.`,
    fixes: [{ title: "Take it out of pg_pathman", edits, preferred: true }],
  };
}

/** Whether the file calls `on_remove_partitions` of the table before it drops it. */
function isRemovedBefore({ steps }: ScriptContext, drop: Step, relation: Relation): boolean {
  return steps.slice(0, steps.indexOf(drop)).some(({ before, statement: { statement } }) => {
    if (statement.kind !== "query") return false;
    return callsIn(statement.query).some((call) => {
      const name = call.name.at(-1) === "on_remove_partitions" ? relationIn(call.arguments[0]?.value) : null;
      return name !== null && findRelation(before, name)?.id === relation.id;
    });
  });
}

/** Whether the row goes before there is another table of the name, which would find it. */
function isRowDeletedAfter({ steps }: ScriptContext, drop: Step, relation: Relation): boolean {
  const hasRow = (catalog: Catalog): boolean => pathmanTableOf(catalog, relation) !== null;
  for (const { after } of steps.slice(steps.indexOf(drop) + 1)) {
    if (!hasRow(after)) return true;
    if (findRelation(after, relation) !== null) return false;
  }
  return !hasRow(drop.after);
}
