/** An index ON ONLY a partitioned table that not every partition has an index for: it stays invalid. */

import { relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { indexesBelow } from "./support/partition-indexes.ts";
import { placeInFile } from "./support/script-places.ts";

export const indexOnlyParent: Rule = {
  id: "index-only-parent",
  severity: "warning",
  since: 11,
  summary: "An index ON ONLY a partitioned table is never completed by the indexes of its partitions.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",
  *checkScript(context) {
    for (const index of context.relations.partitionedIndexes) {
      if (index.index?.valid === false && !context.changesLater(index.name)) yield* findingFor(context, index);
    }
  },
};

function* findingFor(context: ScriptContext, index: Relation): Generator<RuleFinding> {
  const place = placeInFile(context, index.origin);
  const table = index.index === null ? null : relationById(context.final, index.index.table);
  if (place === null || table?.partitioning == null || index.index?.attachedTo != null) return;
  const partitions = [...table.partitioning.partitions.all.keys()];
  const lacking = partitions.filter((id) => !hasAttached(context, id, index.id)).length;
  if (lacking === 0) return;
  yield {
    statement: place.statement,
    range: place.range,
    message: `"${index.name}" is invalid: ${lacking} of the ${partitions.length} partitions of "${table.name}" have no index attached to it. No query uses it as a whole, and a unique one does not hold.`,
    advice: "Index each partition and ALTER INDEX … ATTACH PARTITION.",
    fixes: lacking === partitions.length ? (script) => completion(script, index, table, place.statement) : [],
  };
}

function hasAttached(context: ScriptContext, table: number, parentIndex: number): boolean {
  const indexes = relationById(context.final, table)?.indexes ?? [];
  return indexes.some((id) => relationById(context.final, id)?.index?.attachedTo === parentIndex);
}

function* completion(
  context: ScriptContext,
  index: Relation,
  table: Relation,
  statement: StatementHandle,
): Generator<RuleFix> {
  const created = context.stepWith(statement)?.statement.statement;
  if (created?.kind !== "create-index") return;
  const definition = context.textOf(statement).slice(created.relation.range.end);
  const statements = [...indexesBelow(context.final, table, { name: index.name, unique: created.unique, definition })];
  const sql = statements.join(";\n");
  yield {
    title: "Index each partition concurrently and attach",
    edits: [{ kind: "insert-after", statement, sql }],
    preferred: true,
  };
}
