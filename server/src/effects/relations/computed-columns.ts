/** The columns that a query gives, also computed ones whose types are certain: of views, and of tables that are made of queries. */

import { type Catalog, knowsEveryObject } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { evaluate } from "../../catalog/values/evaluate.ts";
import { foldExpression } from "../../catalog/values/fold.ts";
import { type FoldContext, isSure } from "../../catalog/values/folded.ts";
import { baseTypeNamed } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { Query } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import type { ApplyContext } from "../outcome.ts";
import { columnNamed } from "./constraint-shape.ts";
import { lookUpRelation } from "./lookup.ts";

interface Source {
  readonly alias: string;
  readonly relation: Relation;
}

/**
 * The columns that a query gives, where it reads those of known tables; null where that is not certain. `names`: what its outputs
 * are called, where some may be computed.
 */
export function columnsOf(
  catalog: Catalog,
  query: Query,
  names: readonly string[] | null,
  context: ApplyContext,
): readonly Column[] | null {
  if (
    query.kind !== "select" ||
    query.setOperation !== null ||
    query.values !== null ||
    query.with.length > 0 ||
    query.groupBy.length > 0
  ) {
    return null;
  }
  const sources: Source[] = [];
  const items = query.from.filter((item) => item.kind === "relation");
  if (items.length !== query.from.length) return null;
  for (const item of items) {
    const found = lookUpRelation(catalog, item.relation);
    if (found.kind !== "found" || found.relation.knowledge !== "full" || item.columnAliases.length > 0) return null;
    sources.push({ alias: item.alias ?? item.relation.name, relation: found.relation });
  }
  const columns: Column[] = [];
  for (const { expression, name } of query.targets) {
    if (expression.kind !== "column") {
      const called = names?.[columns.length];
      const column =
        called === undefined ? null : computedColumn(expression, called, foldingOver(catalog, sources, context));
      if (column === null) return null;
      columns.push(column);
      continue;
    }
    const qualifier =
      expression.names.length > (expression.star ? 0 : 1) ? expression.names.at(expression.star ? -1 : -2) : null;
    const matching = sources.filter(({ alias }) => qualifier === null || alias === qualifier);
    if (expression.star) {
      addAll(
        columns,
        matching.flatMap(({ relation }) => relation.columns.map((column) => plain(column, column.name))),
      );
      continue;
    }
    const own = expression.names.at(-1) ?? "";
    const found = matching.flatMap(({ relation }) => columnNamed(relation, own) ?? []);
    const [column] = found;
    if (column === undefined || found.length > 1) return null;
    columns.push(plain(column, name ?? own));
  }
  return columns;
}

/** How expressions over these tables are folded. */
function foldingOver(catalog: Catalog, sources: readonly Source[], { version, today }: ApplyContext): FoldContext {
  const columnType = (names: readonly string[]): DataType | null => {
    const [own = "", qualifier = null] = [...names].reverse();
    const matching = sources.filter(({ alias }) => qualifier === null || alias === qualifier);
    const [column, ...more] = matching.flatMap(({ relation }) => columnNamed(relation, own) ?? []);
    return column === undefined || more.length > 0 || names.length > 2 ? null : column.type;
  };
  return { settings: catalog.settings, version, catalog, today, columnType };
}

/** A query's column keeps type and collation only. */
function plain(column: Column, name: string): Column {
  const type: DataType = column.type;
  return {
    name,
    type,
    notNull: false,
    collation: column.collation,
    hasDefault: false,
    generated: null,
    identity: null,
    local: true,
    inheritedFrom: 0,
  };
}

/** Whether the value of an expression is known, and so computing it does not fail. */
export function isConstantValue(expression: Expression, catalog: Catalog, context: ApplyContext): boolean {
  const found = evaluate(expression, foldingOver(catalog, [], context));
  return (found.kind === "constant" || found.kind === "stable") && found.value !== undefined;
}

/** The column that an output of this name is; null where type or collation are not certain. */
function computedColumn(expression: Expression, name: string, context: FoldContext): Column | null {
  if (!knowsEveryObject(context.catalog)) return null;
  const type = typeOf(expression, context);
  if (type === null) return null;
  return {
    name,
    type,
    notNull: false,
    collation: type.kind === "base" && type.name === "text" ? "default" : null,
    hasDefault: false,
    generated: null,
    identity: null,
    local: true,
    inheritedFrom: 0,
  };
}

function typeOf(expression: Expression, context: FoldContext): DataType | null {
  if (isCount(expression, context)) return baseTypeNamed("int8");
  const folded = foldExpression(expression, context);
  if (folded.kind === "problem" || !isSure(folded)) return null;
  const { type } = folded;
  const isConstant =
    expression.kind === "constant" || (expression.kind === "cast" && expression.operand.kind === "constant");
  // An untyped constant is a text; of other texts the collation hangs on what they are made of.
  if (type === null) return expression.kind === "constant" ? baseTypeNamed("text") : null;
  if (type.kind !== "base") return null;
  if (unmodified.has(type.name)) return type;
  if (type.name === "text") return isConstant ? type : null;
  // `n::numeric` keeps the modifier of the column, and CASE may have that of its branches.
  const isMade = isConstant || expression.kind === "call" || expression.kind === "operator";
  return isMade && modified.has(type.name) && type.modifier === null ? type : null;
}

/** Of aggregates nothing is folded. */
function isCount(expression: Expression, { catalog }: FoldContext): boolean {
  if (expression.kind !== "call" || expression.name.length > 1 || expression.name[0] !== "count") return false;
  const isPlain =
    expression.star || (expression.arguments.length === 1 && expression.arguments[0]?.value.kind === "column");
  return isPlain && !catalog.functions.has("count");
}

/** Types that have no modifier and no collation. */
const unmodified: ReadonlySet<string> = new Set(
  "int2 int4 int8 float4 float8 bool date uuid json jsonb bytea oid inet".split(" "),
);

const modified: ReadonlySet<string> = new Set(["numeric", "timestamp", "timestamptz"]);
