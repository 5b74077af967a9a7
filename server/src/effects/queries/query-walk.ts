/** Walking queries: the relations that they name, in the order in which PostgreSQL looks them up, and their expressions. */

import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { insideOut, operandsOf } from "../../syntax/expression-walk.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { FromItem, InsertQuery, MergeQuery, Query, SelectQuery } from "../../syntax/query.ts";
import type { Statement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";

/** A relation that a query names. */
export interface NamedRelation {
  readonly name: RelationName;
  readonly role: "read" | "insert" | "update" | "delete" | "merge";
}

/** The relations named by a query; names of its common table expressions are none. */
export function* relationsOf(query: Query, outer: ReadonlySet<string> = new Set()): Generator<NamedRelation> {
  const own = new Set(outer);
  // Under WITH RECURSIVE each of them sees all others.
  for (const expression of query.with) if (expression.recursive) own.add(expression.name.name);
  for (const expression of query.with) {
    yield* relationsOf(expression.query, own);
    own.add(expression.name.name);
  }
  switch (query.kind) {
    case "select":
      yield* relationsOfSelect(query, own);
      break;
    case "insert":
      yield { name: query.target, role: "insert" };
      if (query.source !== null) yield* relationsOf(query.source, own);
      yield* relationsOfExpressions(expressionsOfConflict(query), own);
      yield* relationsOfExpressions(query.returning, own);
      break;
    case "update":
      yield { name: query.target, role: "update" };
      for (const item of query.from) yield* relationsOfItem(item, own);
      yield* relationsOfExpressions(
        query.assignments.flatMap(({ value }) => (value === null ? [] : [value])),
        own,
      );
      yield* relationsOfExpressions([...optional(query.where), ...query.returning], own);
      break;
    case "delete":
      yield { name: query.target, role: "delete" };
      for (const item of query.using) yield* relationsOfItem(item, own);
      yield* relationsOfExpressions([...optional(query.where), ...query.returning], own);
      break;
    case "merge":
      yield { name: query.target, role: "merge" };
      yield* relationsOfItem(query.source, own);
      yield* relationsOfExpressions([query.on, ...expressionsOfMerge(query), ...query.returning], own);
      break;
  }
}

/** The conditions and values of the actions of a MERGE. */
function expressionsOfMerge({ whens }: MergeQuery): readonly Expression[] {
  return whens.flatMap(({ condition, action }) => [
    ...optional(condition),
    ...(action.kind === "update" ? action.assignments.flatMap(({ value }) => value ?? []) : []),
    ...(action.kind === "insert" ? (action.values ?? []) : []),
  ]);
}

/** The expressions that stand directly in a SELECT, subqueries not entered. */
export function expressionsOfSelect(query: SelectQuery): readonly Expression[] {
  return [
    ...query.targets.map((target) => target.expression),
    ...optional(query.where),
    ...query.groupBy,
    ...optional(query.having),
    ...query.orderBy,
    ...valuesOf(query),
    ...query.from.flatMap(expressionsOfItem),
  ];
}

/** Of thousands of rows most are constants, which name nothing. */
function valuesOf({ values }: SelectQuery): readonly Expression[] {
  return (values ?? []).flatMap((row) => row.filter(({ kind }) => kind !== "constant"));
}

/** The relations of a FROM list outside subqueries, joins unfolded. */
export function fromRelations(items: readonly FromItem[]): readonly Extract<FromItem, { kind: "relation" }>[] {
  return items.flatMap((item) => {
    if (item.kind === "relation") return [item];
    return item.kind === "join" ? fromRelations([item.left, item.right]) : [];
  });
}

/** The subqueries that stand in an expression. */
export function subqueriesOf(expression: Expression): readonly SelectQuery[] {
  // Most parts of a long condition are constants and columns, in which there is none.
  if (expression.kind === "constant" || expression.kind === "column") return [];
  const found: SelectQuery[] = [];
  const visit = (part: Expression): void => {
    for (const operand of operandsOf(part))
      if (operand.kind !== "constant" && operand.kind !== "column") visit(operand);
    if (part.kind === "subquery") found.push(part.query);
  };
  visit(expression);
  return found;
}

/** The functions that a query calls outside of subqueries in expressions: those of its targets, FROM list and conditions. */
export function callsOf(query: Query): readonly FunctionCall[] {
  const own = query.kind === "select" ? callsOfSelect(query) : [];
  const source = query.kind === "insert" && query.source !== null ? callsOfSelect(query.source) : [];
  return [...query.with.flatMap((expression) => callsOf(expression.query)), ...own, ...source];
}

/** All calls in a query or another statement, also those in its subqueries. */
export function callsInside(statement: Query | Statement): readonly FunctionCall[] {
  const calls: FunctionCall[] = [];
  const waiting: unknown[] = [statement];
  while (waiting.length > 0) {
    const part = waiting.pop();
    if (typeof part !== "object" || part === null) continue;
    if ("kind" in part && part.kind === "call" && "arguments" in part) calls.push(part as FunctionCall);
    addAll(waiting, Object.values(part));
  }
  return calls;
}

function callsOfSelect(query: SelectQuery): readonly FunctionCall[] {
  const { setOperation } = query;
  if (setOperation !== null) return [...callsOf(setOperation.left), ...callsOf(setOperation.right)];
  const calls: FunctionCall[] = [];
  for (const expression of expressionsOfSelect(query)) {
    for (const part of insideOut(expression)) if (part.kind === "call") calls.push(part);
  }
  return calls;
}

/** The expressions of ON CONFLICT … DO UPDATE, subqueries not entered. */
export function expressionsOfConflict({ onConflict }: InsertQuery): readonly Expression[] {
  if (onConflict === null) return [];
  return [...onConflict.assignments.flatMap(({ value }) => optional(value)), ...optional(onConflict.where)];
}

/** The INSERTs that a query runs: itself, and those of its common table expressions. */
export function insertsOf(query: Query): readonly InsertQuery[] {
  const own = query.kind === "insert" ? [query] : [];
  return [...query.with.flatMap((expression) => insertsOf(expression.query)), ...own];
}

function* relationsOfSelect(query: SelectQuery, own: ReadonlySet<string>): Generator<NamedRelation> {
  if (query.setOperation !== null) {
    yield* relationsOf(query.setOperation.left, own);
    yield* relationsOf(query.setOperation.right, own);
    return;
  }
  for (const item of query.from) yield* relationsOfItem(item, own);
  const expressions = expressionsOfSelect({ ...query, from: [] });
  yield* relationsOfExpressions(expressions, own);
}

function* relationsOfItem(item: FromItem, own: ReadonlySet<string>): Generator<NamedRelation> {
  switch (item.kind) {
    case "relation": {
      const isOwn = item.relation.schema === null && own.has(item.relation.name);
      if (!isOwn) yield { name: item.relation, role: "read" };
      break;
    }
    case "join":
      yield* relationsOfItem(item.left, own);
      yield* relationsOfItem(item.right, own);
      yield* relationsOfExpressions(optional(item.on), own);
      break;
    case "subquery":
      yield* relationsOf(item.query, own);
      break;
    case "function":
      yield* relationsOfExpressions(item.calls, own);
      break;
    case "other":
      break;
  }
}

function* relationsOfExpressions(
  expressions: readonly Expression[],
  own: ReadonlySet<string>,
): Generator<NamedRelation> {
  for (const expression of expressions) {
    for (const query of subqueriesOf(expression)) yield* relationsOf(query, own);
  }
}

function expressionsOfItem(item: FromItem): readonly Expression[] {
  switch (item.kind) {
    case "join":
      return [...expressionsOfItem(item.left), ...expressionsOfItem(item.right), ...optional(item.on)];
    case "function":
      return item.calls;
    default:
      return [];
  }
}

function optional(expression: Expression | null): readonly Expression[] {
  return expression === null ? [] : [expression];
}
