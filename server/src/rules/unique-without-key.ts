/** A primary key or unique constraint of a partitioned table leaves out a column of the partition key. */

import { findRelation } from "../catalog/catalog.ts";
import { quoteIdentifier } from "../syntax/names.ts";
import type { ColumnDefinition, Constraint, CreateTable, Statement } from "../syntax/statement.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import { addAll } from "../text/long-lists.ts";
import type { RejectionContext, Rule, RuleEdit, RuleFix } from "./rule.ts";
import { replace } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const uniqueWithoutKey: Rule = {
  id: "unique-without-key",
  severity: "error",
  summary: "A unique constraint or index of a partitioned table lacks a column of the partition key.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-LIMITATIONS",
  present: (context) =>
    presentRejection(context, {
      advice: adviceFor(context.rejection.message),
      fixes: [...fixesFor(context)],
    }),
};

function adviceFor(message: string): string {
  if (/with partition key definition/.test(message)) {
    return "With an expression in the partition key nothing can be unique across partitions: partition by plain columns, or make it unique on each partition.";
  }
  if (/not supported on partitioned tables/.test(message)) return "Declare it on each partition.";
  return "Each partition has its own index, so only values that include the whole partition key can be unique across them.";
}

/** Adds the key's columns to every unique constraint of the statement that lacks some. */
function* fixesFor({ step, text }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  const key = keyColumns(statement, step.before);
  if (key === null) return;
  const edits: RuleEdit[] = [];
  for (const { columns, end } of columnLists(statement)) {
    const missing = key.filter((column) => !columns.includes(column));
    if (missing.length > 0) edits.push(replace(step.handle, { start: end, end }, printed(missing)));
  }
  if (statement.kind === "create-table") addAll(edits, columnConstraintsMoved(statement, key, step.handle, text));
  if (edits.length > 0) yield { title: `Add the partition key${printed(key).slice(1)}`, edits, preferred: true };
}

function printed(columns: readonly string[]): string {
  return columns.map((column) => `, ${quoteIdentifier(column)}`).join("");
}

/** The key's columns; null where the key has an expression, or is not known. */
function keyColumns(statement: Statement, catalog: RejectionContext["step"]["before"]): readonly string[] | null {
  const elements =
    statement.kind === "create-table"
      ? statement.partitionBy?.elements
      : statement.kind === "alter-table" || statement.kind === "create-index"
        ? findRelation(catalog, statement.relation)?.partitioning?.key.elements
        : undefined;
  const columns = elements?.flatMap(({ column }) => (column === null ? [] : [column]));
  return columns === undefined || columns.length !== elements?.length ? null : columns;
}

/** The written column lists of unique constraints and indexes, with the offset after their last column. */
function columnLists(statement: Statement): readonly { readonly columns: readonly string[]; readonly end: number }[] {
  if (statement.kind === "create-index") {
    const end = statement.columns.at(-1)?.range.end;
    const columns = statement.columns.flatMap(({ column }) => (column === null ? [] : [column]));
    return statement.unique && end !== undefined ? [{ columns, end }] : [];
  }
  return tableConstraints(statement).flatMap((constraint) => {
    const end = constraint.columns.at(-1)?.range.end;
    return isUnique(constraint) && end !== undefined
      ? [{ columns: constraint.columns.map(({ name }) => name), end }]
      : [];
  });
}

function tableConstraints(statement: Statement): readonly Constraint[] {
  if (statement.kind === "create-table") {
    return statement.elements.flatMap((element) => (element.kind === "constraint" ? [element.constraint] : []));
  }
  if (statement.kind !== "alter-table") return [];
  return statement.actions.flatMap((action) => (action.kind === "add-constraint" ? [action.constraint] : []));
}

/** `id int PRIMARY KEY` becomes `id int` and, at the end of the list, `PRIMARY KEY (id, key)`. */
function columnConstraintsMoved(
  statement: CreateTable,
  key: readonly string[],
  handle: StatementHandle,
  text: string,
): readonly RuleEdit[] {
  const last = statement.elements.at(-1);
  const end = last?.kind === "constraint" ? last.constraint.range.end : last?.range.end;
  if (end === undefined) return [];
  return statement.elements.flatMap((element) => {
    if (element.kind !== "column") return [];
    return element.constraints
      .filter((constraint) => isUnique(constraint) && key.some((column) => column !== element.name.name))
      .flatMap((constraint) => moved(element, constraint, key, handle, text, end));
  });
}

function moved(
  column: ColumnDefinition,
  { range }: Constraint,
  key: readonly string[],
  handle: StatementHandle,
  text: string,
  end: number,
): readonly RuleEdit[] {
  const columns = [column.name.name, ...key.filter((name) => name !== column.name.name)];
  const gap = /\s*$/.exec(text.slice(0, range.start))?.[0].length ?? 0;
  const constraint = `${text.slice(range.start, range.end)} (${columns.map(quoteIdentifier).join(", ")})`;
  return [
    replace(handle, { start: range.start - gap, end: range.end }, ""),
    replace(handle, { start: end, end }, `, ${constraint}`),
  ];
}

function isUnique({ type }: Constraint): boolean {
  return type === "primary-key" || type === "unique";
}
