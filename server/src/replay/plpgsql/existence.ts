/** Conditions that ask whether a relation exists: `to_regclass('t') IS NULL`, `EXISTS (SELECT … FROM pg_class WHERE relname = 't')`. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { RelationKind } from "../../catalog/relation.ts";
import { isAbsent } from "../../effects/relations/lookup.ts";
import type { Expression } from "../../syntax/expression.ts";
import { unquoteIdentifier } from "../../syntax/names.ts";
import type { FromItem, SelectQuery } from "../../syntax/query.ts";

/** The text that an expression has; null where it cannot be told. */
export type TextOfExpression = (expression: Expression) => string | null;

/** Whether the condition holds; null where that cannot be told, undefined for any other expression. */
export function relationExists(
  expression: Expression,
  catalog: Catalog,
  textOf: TextOfExpression,
): boolean | null | undefined {
  if (expression.kind === "null-test") {
    const { operand, negated } = expression;
    if (operand.kind !== "call" || operand.name.at(-1) !== "to_regclass") return undefined;
    const text = operand.arguments[0] === undefined ? null : textOf(operand.arguments[0].value);
    const name = text === null ? null : readName(text);
    const exists = name === null ? null : isThere(catalog, name);
    return exists === null ? null : exists === negated;
  }
  if (expression.kind !== "subquery" || expression.variant !== "exists") return undefined;
  const { query } = expression;
  const [item, ...others] = query.from;
  const view = item === undefined || others.length > 0 ? undefined : systemViewOf(item);
  if (view === undefined) return undefined;
  const wanted = query.where === null ? null : readConditions(query.where, view, textOf);
  if (wanted === null || wanted.name === null || !isRowForRow(query)) return null;
  return isListed(catalog, { schema: wanted.schema, name: wanted.name }, wanted.kinds ?? view.kinds);
}

/** An aggregate gives a row even of nothing, and LIMIT may leave none. */
function isRowForRow(query: SelectQuery): boolean {
  const { targets, groupBy, having, setOperation, hasLimit, values } = query;
  const isPlain = ({ expression }: SelectQuery["targets"][number]): boolean =>
    expression.kind === "constant" || expression.kind === "column";
  const noMore = groupBy.length === 0 && having === null && setOperation === null && !hasLimit && values === null;
  return noMore && query.with.length === 0 && targets.every(isPlain);
}

interface Name {
  /** null: on the search path, or in any schema. */
  readonly schema: string | null;
  readonly name: string;
}

function isThere(catalog: Catalog, name: Name): boolean | null {
  const found = findRelation(catalog, name);
  if (found !== null) return found.knowledge === "full" ? true : null;
  return isAbsent(catalog, name) ? false : null;
}

/** A view that lists relations; without a schema in the condition, those of all schemas. */
function isListed(catalog: Catalog, { schema, name }: Name, kinds: ReadonlySet<string>): boolean | null {
  if (!catalog.complete || catalog.tainted) return null;
  for (const relation of catalog.relations.values()) {
    if (relation.name !== name || (schema !== null && relation.schema !== schema)) continue;
    if (relation.knowledge !== "full") return null;
    if (kinds.has(relkinds[relation.kind])) return true;
  }
  return isAbsent(catalog, { schema, name }) ? false : null;
}

/** `relkind` of pg_class. */
const relkinds: Readonly<Record<RelationKind, string>> = {
  table: "r",
  "partitioned-table": "p",
  "foreign-table": "f",
  view: "v",
  "materialized-view": "m",
  sequence: "S",
  "composite-type": "c",
  index: "i",
  "partitioned-index": "I",
};

interface SystemView {
  readonly nameColumn: string;
  readonly schemaColumn: string;
  /** As `relkind` has them. */
  readonly kinds: ReadonlySet<string>;
}

const views: ReadonlyMap<string, SystemView> = new Map([
  ["pg_class", { nameColumn: "relname", schemaColumn: "nspname", kinds: new Set(Object.values(relkinds)) }],
  ["pg_tables", { nameColumn: "tablename", schemaColumn: "schemaname", kinds: new Set(["r", "p"]) }],
  ["tables", { nameColumn: "table_name", schemaColumn: "table_schema", kinds: new Set(["r", "p", "f", "v"]) }],
]);

/** pg_class alone or joined with pg_namespace, pg_tables, information_schema.tables. */
function systemViewOf(item: FromItem): SystemView | undefined {
  if (item.kind === "join") {
    const sides = [item.left, item.right];
    const isNamespace = (side: FromItem): boolean =>
      side.kind === "relation" && side.relation.name === "pg_namespace" && isSystem(side.relation.schema);
    const other = sides.find((side) => !isNamespace(side));
    return item.type === "inner" && joinsBySchema(item.on) && sides.some(isNamespace) && other?.kind === "relation"
      ? systemViewOf(other)
      : undefined;
  }
  if (item.kind !== "relation") return undefined;
  const { schema, name } = item.relation;
  const isStandard = schema === "information_schema";
  return isStandard === (name === "tables") && (isStandard || isSystem(schema)) ? views.get(name) : undefined;
}

/** `n.oid = c.relnamespace`, either way round. */
function joinsBySchema(on: Expression | null): boolean {
  if (on?.kind !== "operator" || on.operator !== "=") return false;
  return [columnOf(on.left), columnOf(on.right)].sort().join() === "oid,relnamespace";
}

function isSystem(schema: string | null): boolean {
  return schema === null || schema === "pg_catalog";
}

interface Wanted {
  name: string | null;
  schema: string | null;
  kinds: ReadonlySet<string> | null;
}

/** What ANDed equalities say of name, schema and kind; null where anything else is asked for. */
function readConditions(where: Expression, view: SystemView, textOf: TextOfExpression): Wanted | null {
  const wanted: Wanted = { name: null, schema: null, kinds: null };
  for (const condition of where.kind === "and" ? where.operands : [where]) {
    const column = columnOf(condition.kind === "operator" ? condition.left : null) ?? inColumnOf(condition);
    const values =
      condition.kind === "operator" && condition.operator === "="
        ? [condition.right]
        : condition.kind === "in" && !condition.negated
          ? condition.items
          : null;
    if (column === null || values === null) return null;
    const texts = values.map((value) => (column === "relnamespace" ? schemaOf(value, textOf) : textOf(value)));
    if (texts.some((text) => text === null)) return null;
    const [first = null, ...more] = texts;
    if (column === "relkind") wanted.kinds = new Set(texts.flatMap((text) => text ?? []));
    else if (more.length > 0) return null;
    else if (column === view.nameColumn) wanted.name = first;
    else if (column === view.schemaColumn || column === "relnamespace") wanted.schema = first;
    else return null;
  }
  return wanted;
}

function columnOf(expression: Expression | null): string | null {
  return expression?.kind === "column" && !expression.star ? (expression.names.at(-1) ?? null) : null;
}

function inColumnOf(condition: Expression): string | null {
  return condition.kind === "in" ? columnOf(condition.operand) : null;
}

/** `'public'::regnamespace` */
function schemaOf(expression: Expression, textOf: TextOfExpression): string | null {
  if (expression.kind !== "cast" || expression.type.names.at(-1) !== "regnamespace") return null;
  const text = textOf(expression.operand);
  return text === null ? null : unquoteIdentifier(text);
}

/** `t`, `s.t`, `"S"."T"`; null for any other text. */
function readName(text: string): Name | null {
  const [first, second, ...more] = text.trim().match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  if (first === undefined || more.length > 0) return null;
  return second === undefined
    ? { schema: null, name: unquoteIdentifier(first) }
    : { schema: unquoteIdentifier(first), name: unquoteIdentifier(second) };
}
