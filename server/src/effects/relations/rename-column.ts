/** A column under a new name wherever the catalog mentions it: constraints, keys, indexes, foreign keys of others. */

import { type Catalog, dependentsOf, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { KeyElement } from "../../catalog/partitioning.ts";
import type { IndexDefinition, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Expression } from "../../syntax/expression.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { ApplyContext } from "../outcome.ts";
import { checkText } from "./constraint-shape.ts";
import { indexText } from "./define-index.ts";
import { analyzeExpression } from "./expression-text.ts";
import { withColumnRenamedInViews } from "./view-names.ts";

/** The catalog in which column `from` of the relation is called `to`; nothing is checked. */
export function withRenamedColumn(
  catalog: Catalog,
  id: RelationId,
  from: string,
  to: string,
  context: ApplyContext,
): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null) return catalog;
  const rename = (name: string): string => (name === from ? to : name);
  const columns = relation.columns.map((column) => ({
    ...column,
    name: rename(column.name),
    ...(column.default === undefined ? {} : { default: renameIn(column.default, from, to) }),
  }));
  // Where there is one of the new name PostgreSQL renames none.
  const outputs = relation.outputs?.includes(to) === true ? relation.outputs : relation.outputs?.map(rename);
  const renamed: Relation = { ...relation, columns, ...(outputs === undefined ? {} : { outputs }) };
  const textOf = (expression: Expression): string | null => {
    const analysis = analyzeExpression(expression, {
      catalog,
      context,
      table: relation.name,
      columns,
      allColumns: false,
      place: "expressions",
    });
    return analysis.kind === "analysis" ? analysis.text : null;
  };
  const constraints = renamed.constraints.changed((constraint) =>
    renameInConstraint(constraint, from, to, renamed, catalog, context),
  );
  const partitioning = !isPartitioned(relation)
    ? null
    : {
        ...relation.partitioning,
        key: {
          ...relation.partitioning.key,
          elements: relation.partitioning.key.elements.map((element) => renameInElement(element, from, to, textOf)),
        },
      };
  const { shards } = relation;
  const sharded = shards?.column === from ? { shards: { ...shards, column: to } } : {};
  let next = withRelation(catalog, { ...renamed, constraints, partitioning, ...sharded });
  for (const indexId of relation.indexes) next = withRenamedIndex(next, indexId, renamed, from, to, textOf);
  next = withColumnRenamedInViews(withRenamedValues(next, id, from, to), id, from, to);
  for (const dependent of dependentsOf(next, id)) next = withRenamedReference(next, dependent, id, rename);
  return next;
}

function withRenamedValues(catalog: Catalog, id: RelationId, from: string, to: string): Catalog {
  const known = catalog.rows.get(id);
  if (known === undefined || known.rows.length === 0) return catalog;
  const rows = known.rows.map((row) => new Map([...row].map(([name, value]) => [name === from ? to : name, value])));
  return { ...catalog, rows: catalog.rows.with(id, { ...known, rows }) };
}

/** The expression with each mention of the column under its new name. */
function renameIn<T>(part: T, from: string, to: string): T {
  if (Array.isArray(part)) return part.map((item) => renameIn(item, from, to)) as T;
  if (part === null || typeof part !== "object") return part;
  const copy = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, renameIn(value, from, to)])) as T;
  if (!isColumn(copy) || copy.names.at(-1) !== from) return copy;
  return { ...copy, names: [...copy.names.slice(0, -1), to] };
}

function isColumn(part: unknown): part is Extract<Expression, { kind: "column" }> {
  return typeof part === "object" && part !== null && "kind" in part && part.kind === "column" && "names" in part;
}

function renameInConstraint(
  constraint: TableConstraint,
  from: string,
  to: string,
  table: Relation,
  catalog: Catalog,
  context: ApplyContext,
): TableConstraint {
  const self = constraint.references?.relation === table.id;
  const rename = (name: string): string => (name === from ? to : name);
  const references =
    constraint.references === null || !self
      ? constraint.references
      : { ...constraint.references, columns: constraint.references.columns.map(rename) };
  if (!constraint.columns.includes(from)) return self ? { ...constraint, references } : constraint;
  const columns = constraint.columns.map(rename);
  if (constraint.expression === null) return { ...constraint, columns, references, text: keyText(constraint, columns) };
  const expression = renameIn(constraint.expression, from, to);
  const analysis = analyzeExpression(expression, {
    catalog,
    context,
    table: table.name,
    columns: table.columns,
    allColumns: false,
    place: "check constraints",
  });
  if (analysis.kind === "fault") return { ...constraint, columns, expression };
  return { ...constraint, expression, ...checkText(analysis) };
}

function keyText(constraint: TableConstraint, columns: readonly string[]): string {
  return constraint.text.replace(/\([^)]*\)/, `(${columns.map(quoteIdentifier).join(", ")})`);
}

function renameInElement(
  element: KeyElement,
  from: string,
  to: string,
  textOf: (expression: Expression) => string | null,
): KeyElement {
  if (element.column === from) return { ...element, column: to, text: quoteIdentifier(to) };
  if (element.expression === null) return element;
  const expression = renameIn(element.expression, from, to);
  const text = textOf(expression);
  if (text === null) return { ...element, expression };
  // Function calls stand without the outer parentheses.
  const oldText = textOf(element.expression);
  const wrapped = oldText !== null && element.text === `(${oldText})`;
  return { ...element, expression, text: wrapped ? `(${text})` : text };
}

function withRenamedIndex(
  catalog: Catalog,
  id: RelationId,
  table: Relation,
  from: string,
  to: string,
  textOf: (expression: Expression) => string | null,
): Catalog {
  const relation = relationById(catalog, id);
  if (relation === null || relation.index === null) return catalog;
  const { index } = relation;
  const rename = (name: string): string => (name === from ? to : name);
  const columns = index.columns.map((column) => (column === null ? null : rename(column)));
  const definition = index.definition === undefined ? undefined : renameInDefinition(index.definition, from, to);
  const predicate = index.predicate === null ? null : renameIn(index.predicate, from, to);
  const text =
    definition === undefined ? index.text : indexText(definition, table, (expression) => textOf(expression) ?? "");
  return withRelation(catalog, { ...relation, index: { ...index, columns, definition, predicate, text } });
}

function renameInDefinition(definition: IndexDefinition, from: string, to: string): IndexDefinition {
  const rename = (name: string): string => (name === from ? to : name);
  return {
    ...definition,
    items: definition.items.map((item) => ({
      ...item,
      column: item.column === null ? null : rename(item.column),
      expression: item.expression === null ? null : renameIn(item.expression, from, to),
    })),
    include: definition.include.map(rename),
    where: definition.where === null ? null : renameIn(definition.where, from, to),
  };
}

function withRenamedReference(
  catalog: Catalog,
  dependentId: RelationId,
  target: RelationId,
  rename: (name: string) => string,
): Catalog {
  const dependent = relationById(catalog, dependentId);
  if (dependent === null) return catalog;
  const owned = dependent.ownedByColumn === undefined ? {} : { ownedByColumn: rename(dependent.ownedByColumn) };
  const reads = dependent.reads?.map((read) =>
    read.relation === target ? { ...read, columns: read.columns?.map(rename) ?? null } : read,
  );
  const constraints = dependent.constraints.changed((constraint) =>
    constraint.references?.relation === target
      ? { ...constraint, references: { ...constraint.references, columns: constraint.references.columns.map(rename) } }
      : constraint,
  );
  return withRelation(catalog, { ...dependent, ...owned, reads, constraints });
}
