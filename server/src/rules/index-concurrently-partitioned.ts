/** CREATE INDEX CONCURRENTLY on a partitioned table, or DROP INDEX CONCURRENTLY of one of its indexes. */

import { findRelation } from "../catalog/catalog.ts";
import type { CreateIndex } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { RejectionContext, Rule, RuleEdit, RuleFix } from "./rule.ts";
import { findWord, replace, replacement } from "./support/fixes.ts";
import { indexesBelow } from "./support/partition-indexes.ts";
import { presentRejection } from "./support/present.ts";

export const indexConcurrentlyPartitioned: Rule = {
  id: "index-concurrently-partitioned",
  severity: "error",
  since: 11,
  summary: "CREATE INDEX CONCURRENTLY names a partitioned table, or DROP INDEX CONCURRENTLY an index of one.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",
  present: (context) =>
    presentRejection(context, {
      advice:
        context.step.statement.statement.kind === "drop"
          ? "It goes with the indexes of all partitions, under a lock that keeps everybody out: drop it without CONCURRENTLY, under a short lock_timeout."
          : "Create the index ON ONLY the partitioned table, CONCURRENTLY on each partition, and attach those to it.",
      fixes: [...fixesFor(context)],
    }),
};

function* fixesFor({ step, text }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  if (statement.kind === "drop") {
    const word = findWord(text, "CONCURRENTLY", 0);
    if (word !== null) yield replacement("Remove CONCURRENTLY", step.handle, word, "", { preferred: true });
    return;
  }
  if (statement.kind !== "create-index" || statement.name === null || step.transaction.state !== "autocommit") return;
  const table = findRelation(step.before, statement.relation);
  const keyword = /\s+CONCURRENTLY\b/i.exec(text);
  if (table === null || keyword === null) return;
  const name = statement.name.name;
  const definition = text.slice(statement.relation.range.end);
  const statements = [...indexesBelow(step.before, table, { name, unique: statement.unique, definition })];
  const edits: RuleEdit[] = [
    replace(step.handle, { start: keyword.index, end: keyword.index + keyword[0].length }, ""),
    ...onlyBefore(statement, step.handle),
    ...statements.map((sql): RuleEdit => ({ kind: "insert-after", statement: step.handle, sql })),
  ];
  yield { title: "Index each partition concurrently and attach", edits, preferred: true };
}

function onlyBefore({ relation }: CreateIndex, handle: StatementHandle): readonly RuleEdit[] {
  const { start } = relation.range;
  return relation.only ? [] : [replace(handle, { start, end: start }, "ONLY ")];
}
