/** INSERT of constants: the leaf partition that takes each row, or PostgreSQL's refusal of it. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { route } from "../../catalog/partition-set.ts";
import type { KeyElement } from "../../catalog/partitioning.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { coerceConstant, evaluate } from "../../catalog/values/evaluate.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { Expression, TypeName } from "../../syntax/expression.ts";
import type { InsertQuery } from "../../syntax/query.ts";
import { type Refusal, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import type { ApplyContext } from "../scheme.ts";
import { type Row, type RowValue, readRows } from "./insert-rows.ts";

/** Where one row goes. */
export type RowRoute =
  | { readonly kind: "leaf"; readonly relation: RelationId }
  | { readonly kind: "undecided"; readonly reason: string }
  | Refusal;

/** One route for each row that the statement spells out; null where its rows are not known. */
export function routeInsert(catalog: Catalog, insert: InsertQuery, context: ApplyContext): readonly RowRoute[] | null {
  const found = lookUpRelation(catalog, insert.target);
  if (found.kind !== "found") return null;
  const table = found.relation;
  if (!["table", "partitioned-table", "foreign-table"].includes(table.kind)) return null;
  const rows = readRows(catalog, insert, table, context);
  if (rows.kind === "rejected") return [rows];
  if (rows.kind === "unknown") return null;
  return rows.rows.map((row) => routeRow(catalog, table, row, context));
}

function routeRow(catalog: Catalog, target: Relation, row: Row, context: ApplyContext): RowRoute {
  if (target.rules.length > 0)
    return { kind: "undecided", reason: `rules rewrite what is inserted into "${target.name}"` };
  if (target.partitioning === null) {
    return (
      nullRefusal(catalog, target, row, context) ??
      outsideBound(catalog, target, row, context) ?? { kind: "leaf", relation: target.id }
    );
  }
  const outside = outsideBound(catalog, target, row, context);
  if (outside !== null) return outside;
  let table = target;
  for (;;) {
    const step = choosePartition(catalog, table, row, context);
    if (step.kind !== "partition") return step;
    const partition = relationById(catalog, step.partition);
    if (partition === null) return { kind: "undecided", reason: "a partition is not known" };
    if (partition.partitioning === null) {
      return nullRefusal(catalog, partition, row, context) ?? { kind: "leaf", relation: partition.id };
    }
    table = partition;
  }
}

type Step =
  | { readonly kind: "partition"; readonly partition: RelationId }
  | { readonly kind: "undecided"; readonly reason: string }
  | Refusal;

/** `ExecFindPartition` on one level. */
function choosePartition(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Step {
  const { partitioning } = table;
  if (partitioning === null) return { kind: "undecided", reason: `"${table.name}" is not partitioned` };
  if (table.knowledge !== "full") {
    return { kind: "undecided", reason: `the partitions of "${table.name}" are not known for sure` };
  }
  const values: (Value | null)[] = [];
  for (const element of partitioning.key.elements) {
    const value = keyValue(catalog, table, element, row, context);
    if (value === undefined)
      return { kind: "undecided", reason: `the key of the row for "${table.name}" is not known` };
    values.push(value);
  }
  const chosen = route(partitioning.partitions, partitioning.key, values);
  if (chosen.kind !== "none") return chosen;
  const names = partitioning.key.elements.map((element) => element.text).join(", ");
  const shown = values.map((value, index) => printed(catalog, value, partitioning.key.elements[index]?.type ?? null));
  return rejected(
    "insert-without-partition",
    "23514",
    `no partition of relation "${table.name}" found for row`,
    row.range,
    {
      detail: `Partition key of the failing row contains (${names}) = (${shown.join(", ")}).`,
      related: [{ relation: table.id, origin: table.origin, message: "the partitioned table is created here" }],
    },
  );
}

/** A row that is inserted directly into a partition must fit its bound, and those of the tables above it. */
function outsideBound(catalog: Catalog, target: Relation, row: Row, context: ApplyContext): RowRoute | null {
  let partition = target;
  while (partition.partitionOf !== null) {
    const parent = relationById(catalog, partition.partitionOf.parent);
    if (parent === null) return null;
    const chosen = choosePartition(catalog, parent, row, context);
    const elsewhere = chosen.kind === "rejected" || (chosen.kind === "partition" && chosen.partition !== partition.id);
    if (elsewhere) {
      const message = `new row for relation "${target.name}" violates partition constraint`;
      return rejected("insert-without-partition", "23514", message, row.range, {
        detail: failingRow(catalog, target, row),
        related: [
          {
            relation: partition.id,
            origin: partition.partitionOf.origin,
            message: "the bound of the partition stands here",
          },
        ],
      });
    }
    partition = parent;
  }
  return null;
}

/** A NULL for a column that is NOT NULL, unless a trigger may still fill it in. */
function nullRefusal(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Refusal | null {
  const filled = table.triggers.some(
    (trigger) => trigger.row && trigger.timing === "before" && trigger.events.includes("insert"),
  );
  if (filled || table.knowledge === "assumed") return null;
  const column = table.columns.find((candidate) => candidate.notNull && row.values.get(candidate.name) === null);
  if (column === undefined) return null;
  const relation = context.version >= 13 ? ` of relation "${table.name}"` : "";
  const message = `null value in column "${column.name}"${relation} violates not-null constraint`;
  return rejected("statement-rejected", "23502", message, row.range, { detail: failingRow(catalog, table, row) });
}

/** The DETAIL of a refused row; undefined where a value is not known. */
function failingRow(catalog: Catalog, table: Relation, row: Row): string | undefined {
  const shown: string[] = [];
  for (const column of table.columns) {
    const value = row.values.get(column.name);
    if (value === undefined) return undefined;
    shown.push(printed(catalog, value, column.type));
  }
  return `Failing row contains (${shown.join(", ")}).`;
}

/** Values are cut to 64 bytes in these details. */
function printed(catalog: Catalog, value: Value | null, type: DataType | null): string {
  if (value === null) return "null";
  const text = type === null ? "?" : printValue(value, type, catalog.settings);
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}

/** The value of a key element for a row; undefined where it is not known. */
function keyValue(catalog: Catalog, table: Relation, element: KeyElement, row: Row, context: ApplyContext): RowValue {
  if (element.column !== null) return row.values.get(element.column);
  if (element.expression === null || element.type === null) return undefined;
  const expression = withValues(element.expression, table, row, catalog);
  if (expression === null) return undefined;
  const values = { settings: catalog.settings, version: context.version, catalog, today: null };
  const evaluation = evaluate(expression, values);
  if (evaluation.kind !== "constant") return undefined;
  const coerced = coerceConstant(evaluation, element.type, "implicit", values);
  return coerced.kind === "value" ? coerced.value : coerced.kind === "null" ? null : undefined;
}

/** The expression with the row's constants for its columns; null where one of them is not known. */
function withValues(expression: Expression, table: Relation, row: Row, catalog: Catalog): Expression | null {
  let complete = true;
  const replace = <T>(part: T): T => {
    if (Array.isArray(part)) return part.map(replace) as T;
    if (part === null || typeof part !== "object") return part;
    if (isColumnReference(part)) {
      const constant = constantFor(part, table, row, catalog);
      if (constant === null) complete = false;
      return (constant ?? part) as T;
    }
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, replace(value)])) as T;
  };
  const replaced = replace(expression);
  return complete ? replaced : null;
}

function isColumnReference(part: object): part is Extract<Expression, { kind: "column" }> {
  return "kind" in part && part.kind === "column" && "names" in part;
}

function constantFor(
  reference: Extract<Expression, { kind: "column" }>,
  table: Relation,
  row: Row,
  catalog: Catalog,
): Expression | null {
  const { range } = reference;
  const name = reference.names.at(-1) ?? "";
  const column = columnNamed(table, name);
  const value = row.values.get(name);
  if (column === null || value === undefined) return null;
  const type = typeNameOf(column.type, range);
  if (type === null) return null;
  const operand: Expression =
    value === null
      ? { kind: "constant", value: { type: "null" }, range }
      : {
          kind: "constant",
          value: { type: "string", text: printValue(value, column.type, catalog.settings) },
          range,
        };
  return { kind: "cast", operand, type, range };
}

function typeNameOf(type: DataType, range: TypeName["range"]): TypeName | null {
  const named = (names: readonly string[]): TypeName => ({
    names,
    modifiers: [],
    arrayDimensions: 0,
    setOf: false,
    range,
  });
  switch (type.kind) {
    case "base":
      return named(["pg_catalog", type.name]);
    case "enum":
    case "domain":
      return named([type.schema, type.name]);
    default:
      return null;
  }
}
