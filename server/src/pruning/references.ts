/** Which tables a query mentions, and under which conditions each is scanned: what the planner's first steps make of it. */

import { keptPortion, notedPortion } from "../catalog/access.ts";
import type { DataType } from "../catalog/data-type.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { MergeQuery, Query, SelectQuery } from "../syntax/query.ts";
import { addAll } from "../text/long-lists.ts";
import { cutForPortions, itemsOfRow } from "../text/portions.ts";
import { type Block, emptyLevel, type QualLevel } from "./block.ts";
import { withCommonTables } from "./common-tables.ts";
import { type TableReference, tableReferences } from "./conditions.ts";
import { expressionKey } from "./expression-key.ts";
import { addItem, addTable } from "./from-items.ts";
import {
  type Environment,
  type NamedColumns,
  type OutputColumn,
  scopeFrom,
  scopeOf,
  starColumns,
} from "./query-level.ts";
import type { Scope } from "./scope.ts";
import { addCondition, isLookedInto } from "./semi-joins.ts";
import { combinedColumns, commonTypeAmong, typeToUnite } from "./set-operation.ts";
import { hasAggregate, impliedName, isVolatile, keepsAppend } from "./subquery-shape.ts";

/**
 * The tables that a query mentions, in the order of mention, also in its subqueries and common table expressions. `items` is how much
 * work that is, as portions count it.
 */
export function referencesOf(query: Query, environment: Environment, items = 0): readonly TableReference[] {
  // Whoever looks up a column of a query around tells so what was made here.
  const reader = keptPortion(items, () => {
    const empty: Reader = { blocks: [], next: 1, views: 0, inlined: 0, semiJoins: 0, partsLeft: mostParts };
    readAlone(query, environment, empty);
    return empty;
  });
  const references = reader.blocks
    .flatMap((block) => notedPortion(items, () => tableReferences(block, environment)))
    .toSorted((a, b) => a.mention.range.start - b.mention.range.start);
  // Without all conditions it is not known what is not read at all.
  return reader.partsLeft > 0
    ? references
    : references.map((one) => ({ ...one, incomplete: "length" as const, unread: null }));
}

/** Conditions of more parts in all are not looked into: each may be asked about for each partition, and somebody waits for it. */
export const mostParts = 8_000;

/** What reading a query gathers. */
export interface Reader {
  /** What is planned by itself, without conditions from elsewhere. */
  readonly blocks: Block[];
  /** The number of the next reference. */
  next: number;
  /** How many views within views are being followed. */
  views: number;
  /** How many common table expressions within others are being put in the place of their mention. */
  inlined: number;
  /** How many subqueries within subqueries are being made joins. */
  semiJoins: number;
  /** Of how many parts the conditions may be that are still looked into; 0 where some were passed over. */
  partsLeft: number;
}

/** One query: its names, and what it is read with. */
export interface Place {
  readonly names: NamedColumns[];
  readonly scope: Scope;
  readonly environment: Environment;
  readonly reader: Reader;
}

/** Reads a query that is planned by itself, and that no condition from elsewhere goes into. */
export function readAlone(query: Query, around: Environment, reader: Reader): Block | null {
  if (query.kind === "select") {
    const block = readSelect(query, around, reader);
    reader.blocks.push(block);
    return block;
  }
  const environment = withCommonTables(query.with, query, around, reader);
  const place = placeIn(environment, reader);
  const level = emptyLevel();
  const { scope } = place;
  reader.blocks.push({ kind: "select", query: null, level, scope, outputs: null, uses: [] });
  switch (query.kind) {
    case "insert":
      addTable(query.target, query.alias, "insert", level, place);
      if (query.source !== null) readAlone(query.source, environment, reader);
      break;
    case "update":
    case "delete":
      addTable(query.target, query.alias, query.kind, level, place);
      for (const item of query.kind === "update" ? query.from : query.using) addItem(item, level, place);
      addCondition(query.where, level, place.scope, place);
      if (query.kind === "update")
        readSubqueries(
          query.assignments.flatMap(({ value }) => value ?? []),
          place,
        );
      break;
    case "merge":
      readMerge(query, level, place);
      return null;
  }
  readSubqueries(query.returning, place);
  // What RETURNING gives can be read from, and nothing is pushed into it.
  return { kind: "select", query: null, level, scope, outputs: returnedColumns(query.returning, place), uses: [] };
}

/** `transform_MERGE_to_join`: which side is kept whole depends on what is done with rows without a match. */
function readMerge(query: MergeQuery, level: QualLevel, place: Place): void {
  const { reader } = place;
  const target = query.notMatchedByTarget ? emptyLevel() : level;
  const source = query.notMatchedBySource ? emptyLevel() : level;
  addTable(query.target, query.alias, "merge", target, place);
  addItem(query.source, source, place);
  const on = isLookedInto(query.on, reader) ? [{ expression: query.on, scope: place.scope }] : [];
  if (target !== level && source !== level) level.outerJoins.push({ type: "full", left: target, right: source, on });
  else if (target !== level) level.outerJoins.push({ type: "left", right: target, on });
  else if (source !== level) level.outerJoins.push({ type: "left", right: source, on });
  else addAll(level.conditions, on);
  readSubqueries([query.on], place);
}

/** Reads a SELECT as a block of its own. */
export function readSelect(query: SelectQuery, around: Environment, reader: Reader): Block {
  if (query.setOperation !== null) return readSetOperation(query, around, reader);
  const level = emptyLevel();
  return { kind: "select", query, level, ...readInto(query, level, around, reader) };
}

function readSetOperation(query: SelectQuery, around: Environment, reader: Reader): Block {
  const environment = withCommonTables(query.with, query, around, reader);
  const { left, right, operator, all } = query.setOperation ?? {
    left: query,
    right: query,
    operator: "union",
    all: true,
  };
  const arms = [left, right].map((arm) => readSelect(arm, environment, reader));
  const columns = combinedColumns(arms);
  const append = operator === "union" && all && keepsAppend(query) && arms.every(isAppendArm);
  const isConverted = columns === null || columns.some(({ converted }) => converted);
  return { kind: "set-operation", query, arms, append: append && !isConverted, columns };
}

function isAppendArm(block: Block): boolean {
  return block.kind === "select" || block.append;
}

/** Reads the tables and conditions of a SELECT into a level: its own, or that of the query with which it is planned as one. */
export function readInto(
  query: SelectQuery,
  level: QualLevel,
  around: Environment,
  reader: Reader,
): Pick<Extract<Block, { kind: "select" }>, "scope" | "outputs" | "uses"> {
  const environment = withCommonTables(query.with, query, around, reader);
  const place = placeIn(environment, reader);
  const { scope, names } = place;
  for (const item of query.from) addItem(item, level, place);
  addCondition(query.where, level, scope, place);
  const kept = readHaving(query, level, place);
  const rest = [
    ...query.groupBy,
    ...(query.distinctOn ?? []),
    ...query.orderBy,
    ...query.windows.flatMap(({ partitionBy }) => partitionBy),
    ...kept,
  ];
  readSubqueries([...query.targets.map(({ expression }) => expression), ...rest], place);
  const rows = query.values ?? [];
  const plain = plainRows(rows, scope);
  for (const { values, types } of plain) if (types === null) readSubqueries(values.flat(), place);
  if (rows.length > 1) return { scope, outputs: columnsOfRows(rows, plain, level, place), uses: [] };
  const uses = rest.map((expression) => ({ expression, scope }));
  return { scope, outputs: outputsOf(query, names, scope), uses };
}

/**
 * Conditions of HAVING that no aggregate is in filter the rows before they are grouped; gives the others. Where there are
 * grouping sets, only those on what all sets group by (18 and later).
 */
function readHaving(query: SelectQuery, level: QualLevel, place: Place): readonly Expression[] {
  const { having } = query;
  if (having === null) return [];
  const { scope, environment, reader } = place;
  const conjuncts = having.kind === "and" ? having.operands : [having];
  const common = new Set(query.commonGroups?.map((group) => expressionKey(group, scope)));
  const isMoved = (condition: Expression): boolean => {
    if (hasAggregate(condition) || isVolatile(condition, scope)) return false;
    const parts = insideOut(condition);
    if (parts.some(({ kind }) => kind === "subquery")) return false;
    if (query.commonGroups === null) return true;
    const columns = parts.filter(({ kind }) => kind === "column");
    return environment.context.version >= 18 && columns.every((column) => common.has(expressionKey(column, scope)));
  };
  for (const condition of conjuncts.filter(isMoved))
    if (isLookedInto(condition, reader)) level.conditions.push({ expression: condition, scope });
  return conjuncts.filter((condition) => !isMoved(condition));
}

/** Rows of VALUES, and the types in each column where nothing but constants stands in them. */
interface SomeRows {
  readonly values: readonly (readonly Expression[])[];
  readonly types: readonly (readonly (DataType | null)[])[] | null;
}

/** Of many rows portion by portion: no name is looked up in a row of constants, which somebody might have to be told. */
function plainRows(rows: readonly (readonly Expression[])[], scope: Scope): readonly SomeRows[] {
  const [first = []] = rows;
  return cutForPortions(rows, itemsOfRow).map((values) => ({
    values,
    types: notedPortion(values.length * itemsOfRow, () => {
      if (!values.every((row) => row.length === first.length && row.every(namesNothing))) return null;
      return first.map((_, index) => values.map((row) => typeToUnite(row[index] as Expression, scope)));
    }),
  }));
}

function namesNothing(expression: Expression): boolean {
  return insideOut(expression).every(({ kind }) => kind !== "column" && kind !== "subquery" && kind !== "other");
}

/** The columns of several rows of VALUES, of which each row may have another value. */
function columnsOfRows(
  rows: readonly (readonly Expression[])[],
  plain: readonly SomeRows[],
  level: QualLevel,
  { reader, scope }: Place,
): readonly OutputColumn[] {
  const reference = reader.next++;
  level.items.push({ kind: "other", reference });
  const [first = []] = rows;
  return first.map((expression, index) => {
    const type = commonTypeAmong(
      plain.flatMap(
        ({ values, types }) => types?.[index] ?? values.map((row) => typeToUnite(row[index] ?? expression, scope)),
      ),
    );
    const name = `column${index + 1}`;
    const column = { reference, relation: null, name: String(index + 1), type, collation: null };
    const written = { kind: "column", names: [name], star: false, range: expression.range } as const;
    return { name, expression: written, scope: scopeFrom(() => ({ kind: "column", column }), scope.context) };
  });
}

function outputsOf(query: SelectQuery, names: readonly NamedColumns[], scope: Scope): readonly OutputColumn[] | null {
  if (query.values !== null) {
    const [row = []] = query.values;
    return row.map((expression, index) => ({ name: `column${index + 1}`, expression, scope }));
  }
  return targetColumns(query.targets, names, scope);
}

/** RETURNING loses the names that its columns are given. */
function returnedColumns(returning: readonly Expression[], { names, scope }: Place): readonly OutputColumn[] | null {
  return targetColumns(
    returning.map((expression) => ({ expression, name: null })),
    names,
    scope,
  );
}

function targetColumns(
  targets: SelectQuery["targets"],
  names: readonly NamedColumns[],
  scope: Scope,
): readonly OutputColumn[] | null {
  const outputs: OutputColumn[] = [];
  for (const { expression, name } of targets) {
    if (expression.kind !== "column" || !expression.star) {
      outputs.push({ name: name ?? impliedName(expression), expression, scope });
      continue;
    }
    const columns = starColumns(names, expression.names.at(-1) ?? null);
    if (columns === null) return null;
    for (const { name: column, resolved } of columns) {
      const own = { kind: "column", names: [column], star: false, range: expression.range } as const;
      outputs.push({ name: column, expression: own, scope: scopeFrom(() => resolved, scope.context) });
    }
  }
  return outputs;
}

function placeIn(environment: Environment, reader: Reader): Place {
  const names: NamedColumns[] = [];
  return { names, scope: scopeOf(names, environment), environment, reader };
}

/** Subqueries in expressions are planned by themselves; columns of the query around are known when they run. */
export function readSubqueries(
  expressions: readonly Expression[],
  place: Place,
  scope: Scope = place.scope,
  level: QualLevel | null = null,
): void {
  for (const expression of expressions)
    for (const part of insideOut(expression)) {
      if (part.kind !== "subquery") continue;
      let usesOuter = false;
      const onOuterUse = (): void => {
        usesOuter = true;
        place.environment.onOuterUse?.();
      };
      const environment = { ...place.environment, outer: scope, joinsOuter: false, onOuterUse };
      if (level === null) readAlone(part.query, environment, place.reader);
      else {
        const block = readSelect(part.query, environment, place.reader);
        const isList = part.variant === "any" || part.variant === "all";
        level.subplans.push({ block, runsFirst: () => !isList && !usesOuter });
      }
    }
}
