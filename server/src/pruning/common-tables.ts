/** Common table expressions: which the planner puts in the place of their mention, and which it computes by themselves. */

import type { RelationName } from "../syntax/names.ts";
import type { CommonTableExpression, Query } from "../syntax/query.ts";
import type { CommonTable, Environment, TypedColumn } from "./query-level.ts";
import { mostParts, type Reader, readAlone, readSelect } from "./references.ts";
import { columnsOfBlock } from "./set-operation.ts";
import { hasVolatileCall } from "./subquery-shape.ts";

/** The environment in which the definitions are known; those that are computed by themselves are read. */
export function withCommonTables(
  definitions: readonly CommonTableExpression[],
  query: Query,
  around: Environment,
  reader: Reader,
): Environment {
  let environment = around;
  const mentionsOf = definitions.length === 0 ? () => 0 : countMentions(definitions, query);
  for (const definition of definitions) {
    const { query: own, recursive } = definition;
    const mentions = mentionsOf(definition);
    const inlined = mayBeInlined(definition, mentions, environment);
    const within = recursive ? withRecursion(definition, environment) : environment;
    // A query that nobody reads is not planned; one that writes runs all the same.
    const isPlanned = !inlined && (mentions > 0 || own.kind !== "select");
    const block = isPlanned ? readAlone(own, within, reader) : null;
    const columns = block === null ? null : named(columnsOfBlock(block), definition);
    environment = withTable(environment, { definition, environment, inlined, columns });
  }
  return environment;
}

/** `SS_process_ctes`. */
function mayBeInlined(definition: CommonTableExpression, mentions: number, { context }: Environment): boolean {
  const { query, recursive, materialized } = definition;
  if (query.kind !== "select" || recursive || query.locks || context.version < 12 || hasVolatileCall(query))
    return false;
  return materialized === false || (materialized === null && mentions === 1);
}

/** Within a recursive definition its name stands for the rows so far, whose columns are those of the first arm. */
function withRecursion(definition: CommonTableExpression, around: Environment): Environment {
  const { query } = definition;
  const unknown: CommonTable = { definition, environment: around, inlined: false, columns: null };
  const environment = withTable(around, unknown);
  if (query.kind !== "select" || query.setOperation === null) return environment;
  const scratch: Reader = { blocks: [], next: 1, views: 0, inlined: 0, semiJoins: 0, partsLeft: mostParts };
  const first = readSelect(query.setOperation.left, environment, scratch);
  return withTable(around, { ...unknown, columns: named(columnsOfBlock(first), definition) });
}

function withTable(environment: Environment, table: CommonTable): Environment {
  const commonTables = new Map(environment.commonTables).set(table.definition.name.name, table);
  return { ...environment, commonTables };
}

function named(
  columns: readonly TypedColumn[] | null,
  definition: CommonTableExpression,
): readonly TypedColumn[] | null {
  return columns?.map((column, index) => ({ ...column, name: definition.columns[index]?.name ?? column.name })) ?? null;
}

/** How often a query, but not the definition itself, reads from the name of each of its definitions. */
function countMentions(
  definitions: readonly CommonTableExpression[],
  query: Query,
): (definition: CommonTableExpression) => number {
  const known = new Set<unknown>(definitions);
  const all = new Map<string, number>();
  const within = new Map<CommonTableExpression, number>();
  const visit = (value: unknown, inside: CommonTableExpression | null): void => {
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const item of value) visit(item, inside);
      return;
    }
    const definition = inside === null && known.has(value) ? (value as CommonTableExpression) : inside;
    const node = value as Readonly<Record<string, unknown>>;
    const relation = node["relation"] as RelationName | undefined;
    if (node["kind"] === "relation" && relation?.schema === null) {
      all.set(relation.name, (all.get(relation.name) ?? 0) + 1);
      if (inside?.name.name === relation.name) within.set(inside, (within.get(inside) ?? 0) + 1);
    }
    for (const part of Object.values(node)) visit(part, definition);
  };
  visit(query, null);
  return (definition) => (all.get(definition.name.name) ?? 0) - (within.get(definition) ?? 0);
}
