/** CREATE INDEX CONCURRENTLY on a partitioned table. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { partitionsInBoundOrder } from "../catalog/partition-set.ts";
import type { Relation } from "../catalog/relation.ts";
import { quoteIdentifier, quoteQualifiedName, truncateIdentifier } from "../syntax/names.ts";
import type { CreateIndex } from "../syntax/statement.ts";
import type { RejectionContext, Rule, RuleEdit, RuleFix } from "./rule.ts";
import { replace } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const indexConcurrentlyPartitioned: Rule = {
  id: "index-concurrently-partitioned",
  severity: "error",
  since: 11,
  summary: "CREATE INDEX CONCURRENTLY names a partitioned table.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",
  present: (context) =>
    presentRejection(context, {
      advice: "Create the index ON ONLY the partitioned table, CONCURRENTLY on each partition, and attach those to it.",
      fixes: [...fixesFor(context)],
    }),
};

function* fixesFor({ step, text }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  if (statement.kind !== "create-index" || statement.name === null || step.transaction.state !== "autocommit") return;
  const table = findRelation(step.before, statement.relation);
  const keyword = /\s+CONCURRENTLY\b/i.exec(text);
  if (table === null || keyword === null) return;
  const name = statement.name.name;
  const definition = text.slice(statement.relation.range.end);
  const unique = statement.unique ? "UNIQUE " : "";
  const statements = [...indexesBelow(step.before, table, { name, unique, definition })];
  const edits: RuleEdit[] = [
    replace(step.index, { start: keyword.index, end: keyword.index + keyword[0].length }, ""),
    ...onlyBefore(statement, step.index),
    ...statements.map((sql): RuleEdit => ({ kind: "insert-after", statement: step.index, sql })),
  ];
  yield { title: "Index each partition concurrently and attach", edits, preferred: true };
}

function onlyBefore({ relation }: CreateIndex, index: number): readonly RuleEdit[] {
  const { start } = relation.range;
  return relation.only ? [] : [replace(index, { start, end: start }, "ONLY ")];
}

interface IndexOnParent {
  readonly name: string;
  readonly unique: string;
  /** What follows the table's name in the statement. */
  readonly definition: string;
}

function* indexesBelow(catalog: Catalog, parent: Relation, index: IndexOnParent): Generator<string> {
  if (parent.partitioning === null) return;
  for (const id of partitionsInBoundOrder(parent.partitioning.partitions)) {
    const partition = relationById(catalog, id);
    if (partition === null) continue;
    const name = truncateIdentifier(`${partition.name}_${index.name}`);
    const table = quoteQualifiedName(partition.schema === "public" ? null : partition.schema, partition.name);
    const leaf = partition.partitioning === null;
    const how = leaf ? "CONCURRENTLY " : "";
    yield `CREATE ${index.unique}INDEX ${how}${quoteIdentifier(name)} ON ${leaf ? "" : "ONLY "}${table}${index.definition}`;
    yield* indexesBelow(catalog, partition, { ...index, name });
    yield `ALTER INDEX ${quoteQualifiedName(parent.schema === "public" ? null : parent.schema, index.name)} ATTACH PARTITION ${quoteQualifiedName(partition.schema === "public" ? null : partition.schema, name)}`;
  }
}
