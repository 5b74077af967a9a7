/** The partition key may be NULL, and no partition takes NULL. */

import { relationById } from "../catalog/catalog.ts";
import { coverageOf } from "../catalog/coverage.ts";
import type { Origin, Relation } from "../catalog/relation.ts";
import type { CreateTable } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { replace } from "./support/fixes.ts";
import { placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const nullKeyUnrouted: Rule = {
  id: "null-key-unrouted",
  severity: "information",
  summary: "The partition key may be NULL, but no partition takes NULL.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  *checkScript(context) {
    for (const table of context.relations.partitioned) yield* findingFor(context, table);
  },
};

function* findingFor(context: ScriptContext, table: Relation): Generator<RuleFinding> {
  const { partitioning } = table;
  const place = placeInFile(context, table.origin);
  if (partitioning === null || place === null || partitioning.partitions.all.size === 0) return;
  if (partitioning.partitions.defaultPartition !== null || !isKnownAtEnd(context, table)) return;
  const nullable = nullableColumns(context, table);
  const statement = context.stepWith(place.statement)?.statement.statement;
  if (nullable.length === 0 || statement?.kind !== "create-table" || statement.partitionBy === null) return;
  if (coverageOf(table)?.takesNull !== false) return;
  const { strategy } = partitioning.key;
  yield {
    statement: place.statement,
    range: statement.partitionBy.range,
    message: `Rows with NULL in ${nullable.map((name) => `"${name}"`).join(", ")} are refused: ${strategy === "range" ? "no range holds NULL" : "no partition lists NULL"}, and there is no default partition.`,
    advice: "Declare the key NOT NULL, so that it is said where people look.",
    fixes: (script) => (partitionsAllow(script, table, nullable) ? fixFor(statement, nullable, place.statement) : []),
  };
}

function nullableColumns(context: ScriptContext, table: Relation): readonly string[] {
  const routedAbove = keyColumnsAbove(context, table);
  return (table.partitioning?.key.elements ?? []).flatMap(({ column }) => {
    const definition = table.columns.find(({ name }) => name === column);
    return definition === undefined || definition.notNull || routedAbove.has(definition.name) ? [] : [definition.name];
  });
}

/** The key columns of the tables above: there the question is asked already. */
function keyColumnsAbove(context: ScriptContext, table: Relation): ReadonlySet<string | null> {
  const parent = table.partitionOf === null ? null : relationById(context.final, table.partitionOf.parent);
  if (parent === null) return new Set();
  const own = parent.partitioning?.key.elements.map(({ column }) => column) ?? [];
  return new Set([...own, ...keyColumnsAbove(context, parent)]);
}

/** A table with columns of its own that has been attached is refused once the parent's are NOT NULL and its own are not. */
function partitionsAllow(
  { final }: Pick<ScriptContext, "final">,
  table: Relation,
  nullable: readonly string[],
): boolean {
  for (const id of table.partitioning?.partitions.all.keys() ?? []) {
    const partition = relationById(final, id);
    if (partition === null) continue;
    const isAttached =
      partition.partitionOf !== null && !isSameStatement(partition.partitionOf.origin, partition.origin);
    const lacks = partition.columns.some(({ name, notNull }) => nullable.includes(name) && !notNull);
    if ((isAttached && lacks) || !partitionsAllow({ final }, partition, nullable)) return false;
  }
  return true;
}

function isSameStatement(a: Origin, b: Origin): boolean {
  return a.kind === "statement" && b.kind === "statement" && a.file === b.file && a.statement === b.statement;
}

function fixFor(statement: CreateTable, nullable: readonly string[], handle: StatementHandle): readonly RuleFix[] {
  const definitions = statement.elements.flatMap((element) =>
    element.kind === "column" &&
    nullable.includes(element.name.name) &&
    element.constraints.every(({ type }) => type !== "null")
      ? [element]
      : [],
  );
  if (definitions.length !== nullable.length) return [];
  const edits = definitions.map(({ range: { end } }) => replace(handle, { start: end, end }, " NOT NULL"));
  return [{ title: "Declare the key NOT NULL", edits, preferred: true }];
}
