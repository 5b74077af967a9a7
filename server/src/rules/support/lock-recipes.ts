/** Statements that do what others do to a partitioned table, and let it be read and written meanwhile. */

import { findRelation, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import { sameColumnsAs } from "../../ddl/declarative/carry-over.ts";
import type { Step } from "../../replay/step.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { TextRange } from "../../text/range.ts";
import type { RuleEdit } from "../rule.ts";
import { findWord, replace } from "./fixes.ts";
import { indexesBelow } from "./partition-indexes.ts";

/** CREATE TABLE … LIKE and ATTACH for CREATE TABLE … PARTITION OF; null where the statement says more than that. */
export function attachInstead({ handle, statement: { statement } }: Step, text: string): readonly RuleEdit[] | null {
  if (statement.kind !== "create-table" || statement.partitionOf === null) return null;
  const { partitionOf, ifNotExists, elementsRange, partitionBy, foreignServer, name } = statement;
  // With IF NOT EXISTS the table may be there, and attached already.
  if (ifNotExists || elementsRange !== null || partitionBy !== null || foreignServer !== null) return null;
  if (findWord(text, "PARTITION\\s+OF", name.range.end)?.start !== name.range.end + 1) return null;
  const [parent, bound] = [partitionOf.parent.range, partitionOf.bound.range].map((range) => source(text, range));
  const clause = { start: name.range.end, end: partitionOf.bound.range.end };
  return [
    replace(handle, clause, ` (LIKE ${parent} ${sameColumnsAs()})`),
    {
      kind: "insert-after",
      statement: handle,
      sql: `ALTER TABLE ${parent} ATTACH PARTITION ${source(text, name.range)} ${bound}`,
    },
  ];
}

/** DETACH … CONCURRENTLY in front of DROP TABLE; null in a transaction and beside a default partition, where it is refused. */
export function detachBefore(step: Step, text: string): readonly RuleEdit[] | null {
  const { statement } = step.statement;
  if (statement.kind !== "drop" || step.transaction.state !== "autocommit") return null;
  const statements: string[] = [];
  for (const name of statement.names) {
    const partition = findRelation(step.before, name);
    const parent = partition?.partitionOf == null ? null : relationById(step.before, partition.partitionOf.parent);
    if (partition?.partitionOf == null) continue;
    if (parent?.partitioning == null || parent.partitioning.partitions.defaultPartition !== null) return null;
    const { settings } = step.before;
    const schema = parent.schema === settings.searchPath[0] ? null : parent.schema;
    statements.push(
      `ALTER TABLE ${quoteQualifiedName(schema, parent.name)} DETACH PARTITION ${source(text, name.range)} CONCURRENTLY`,
    );
  }
  return [{ kind: "insert-before", statement: step.handle, sql: statements.join(";\n") }];
}

/** An index ON ONLY the table and one CONCURRENTLY for each partition; null in a transaction, and where partitions are not known. */
export function indexEachPartition(step: Step, text: string, table: Relation): readonly RuleEdit[] | null {
  const { statement } = step.statement;
  if (statement.kind !== "create-index" || statement.name === null || statement.ifNotExists) return null;
  if (step.transaction.state !== "autocommit" || table.knowledge !== "full" || table.partitionOf !== null) return null;
  const { start, end } = statement.relation.range;
  const index = { name: statement.name.name, unique: statement.unique, definition: text.slice(end) };
  const statements = [...indexesBelow(step.before, table, index)];
  if (statements.length === 0) return null;
  return [
    replace(step.handle, { start, end: start }, "ONLY "),
    { kind: "insert-after", statement: step.handle, sql: statements.join(";\n") },
  ];
}

function source(text: string, range: TextRange): string {
  return text.slice(range.start, range.end);
}
