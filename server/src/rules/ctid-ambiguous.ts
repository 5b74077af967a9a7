/** A DELETE or UPDATE of a table with partitions or children names rows by `ctid` alone. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { hasParts, isPartitioned } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import type { Expression } from "../syntax/expression.ts";
import type { SelectQuery } from "../syntax/query.ts";
import type { Rule, RuleFinding, RuleFix, StepContext } from "./rule.ts";
import { type CtidCondition, ctidCondition, equalColumns, type Write, writesOf } from "./support/ctid-conditions.ts";
import { replace } from "./support/fixes.ts";

export const ctidAmbiguous: Rule = {
  id: "ctid-ambiguous",
  severity: "warning",
  summary:
    "A DELETE or UPDATE of a partitioned table names its rows by ctid, which is unique only within one partition.",
  source: "https://www.postgresql.org/docs/current/ddl-system-columns.html",
  statements: ["query"],
  *check(context) {
    const { statement } = context.step.statement;
    if (statement.kind !== "query") return;
    for (const write of writesOf(statement.query)) yield* findingFor(context, write);
  },
};

function* findingFor(context: StepContext, write: Write): Generator<RuleFinding> {
  const { before, handle } = context.step;
  const condition = ctidCondition(write);
  const table = condition === null || write.target.only ? null : findRelation(before, write.target);
  if (condition === null || table === null || !hasParts(table)) return;
  const equal = equalColumns(write);
  const keys = [...keyColumns(before, table)];
  // A row that is compared by its whole key lies in the same partition.
  if (isPartitioned(table) && keys.every((key) => key !== null && equal.has(key))) return;
  const each = !isPartitioned(table) ? "child" : "partition";
  yield {
    statement: handle,
    range: condition.ctid.range,
    message: `ctid is unique only within one ${each} of "${table.name}": rows of other ${each === "child" ? "children" : "partitions"} that happen to have the same one are ${write.kind === "delete" ? "deleted" : "changed"} too.`,
    advice: "Compare (tableoid, ctid), or the primary key.",
    fixes: [...fixFor(context, write, condition)],
  };
}

/** The key columns of the table and of what is partitioned below it; null for an expression. */
function* keyColumns(catalog: Catalog, table: Relation): Generator<string | null> {
  for (const { column } of table.partitioning?.key.elements ?? []) yield column;
  for (const id of table.partitioning?.partitions.all.keys() ?? []) {
    const partition = relationById(catalog, id);
    if (partition?.partitioning != null) yield* keyColumns(catalog, partition);
  }
}

function* fixFor({ step, text }: StepContext, write: Write, condition: CtidCondition): Generator<RuleFix> {
  const title = "Compare (tableoid, ctid)";
  if (condition.kind === "in-subquery") {
    const selected = selectedCtid(condition.query);
    if (selected === null || condition.query.targets.length !== 1) return;
    const edits = [
      replace(step.handle, condition.ctid.range, `(${beside(condition.ctid, text)}, ${source(condition.ctid, text)})`),
      replace(step.handle, selected.range, `${beside(selected, text)}, ${source(selected, text)}`),
    ];
    yield { title, edits, preferred: true };
  }
  if (condition.kind !== "equals" || condition.other.kind !== "column") return;
  const [, from] = condition.other.names.toReversed();
  const queries = write.with.filter(({ name, columns }) => name.name === from && columns.length === 0);
  const selected = queries.length === 1 && queries[0]?.query.kind === "select" ? selectedCtid(queries[0].query) : null;
  if (selected === null || condition.ctid.kind !== "column" || condition.ctid.names.length < 2) return;
  const both = `${beside(condition.ctid, text)} = ${beside(condition.other, text)}`;
  const { end } = condition.whole.range;
  const edits = [
    replace(step.handle, selected.range, `${beside(selected, text)}, ${source(selected, text)}`),
    replace(step.handle, { start: end, end }, ` AND ${both}`),
  ];
  yield { title, edits, preferred: true };
}

/** The plain `ctid` that a query yields under that name. */
function selectedCtid({ targets, setOperation, distinct, groupBy }: SelectQuery): Expression | null {
  if (setOperation !== null || distinct || groupBy.length > 0) return null;
  const found = targets.find(({ expression, name }) => {
    return expression.kind === "column" && expression.names.at(-1) === "ctid" && (name === null || name === "ctid");
  });
  return found?.expression ?? null;
}

/** The same table's `tableoid`. */
function beside(ctid: Expression, text: string): string {
  return source(ctid, text).replace(/[^.]+$/, "tableoid");
}

function source({ range }: Expression, text: string): string {
  return text.slice(range.start, range.end);
}
