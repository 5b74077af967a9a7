/** The rows of a query, where it tells them itself: series, arrays, VALUES lists, and what is selected from them. */

import { extensionFunction } from "../../schemes/extensions.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { insideOut, mapOperands } from "../../syntax/expression-walk.ts";
import type { CommonTableExpression, FromItem, SelectQuery } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { aggregated, isAggregate } from "./aggregates.ts";
import { configurationRows } from "./configuration.ts";
import {
  argumentsOf,
  computed,
  evaluation,
  type Field,
  isOwnCall,
  type Machine,
  mayGoOn,
  type Row,
  type Rows,
  type Scope,
  truthOf,
  undecided,
} from "./machine.ts";
import { keyExpression, limited, outputField, sortedBy } from "./row-order.ts";
import { isSetFunction, setRows } from "./set-functions.ts";
import { type TypedValue, textOf } from "./typed-value.ts";
import { valuesRows } from "./values-list.ts";

/** The fields of each row in order; null where they are not known, or where the machine has stopped. */
export function rowsOf(machine: Machine, query: SelectQuery, outer: Scope): Rows | null {
  if (!mayGoOn(machine)) return null;
  const scope = withCommonTables(machine, query.with, outer);
  if (query.values === null && query.setOperation === null) return selectedRows(machine, query, scope);
  const rows = query.values === null ? combinedRows(machine, query, scope) : valuesRows(machine, query.values, scope);
  if (rows === null) return null;
  const sorted = sortedBy(machine, rows, query, (row, key) => outputField(row, key));
  return sorted === null ? null : limited(machine, sorted, query, scope);
}

function withCommonTables(machine: Machine, tables: readonly CommonTableExpression[], outer: Scope): Scope {
  let scope = outer;
  for (const table of tables) {
    const known = scope;
    let rows: Rows | null | undefined;
    const once = (): Rows | null => {
      if (rows === undefined)
        rows = renamed(
          commonTableRows(machine, table, known),
          table.columns.map(({ name }) => name),
        );
      return rows;
    };
    scope = { ...scope, ctes: new Map([...scope.ctes, [table.name.name, once]]) };
  }
  return scope;
}

function commonTableRows(
  machine: Machine,
  { query, recursive, name, columns }: CommonTableExpression,
  scope: Scope,
): Rows | null {
  if (query.kind !== "select") return undecided(machine, "a query changes rows before others are read");
  const { setOperation } = query;
  const isLoop = recursive && setOperation?.operator === "union" && scope.ctes.get(name.name) === undefined;
  if (!isLoop) return rowsOf(machine, query, scope);
  if (query.with.length > 0 || query.hasLimit || query.orderBy.length > 0) return null;
  const names = columns.map((column) => column.name);
  return recursiveRows(machine, setOperation, { name: name.name, columns: names }, scope);
}

/** Rows from the rows that the round before has given, until there are none. */
function recursiveRows(
  machine: Machine,
  { left, right, all }: NonNullable<SelectQuery["setOperation"]>,
  { name, columns }: { readonly name: string; readonly columns: readonly string[] },
  scope: Scope,
): Rows | null {
  const first = renamed(rowsOf(machine, left, scope), columns);
  if (first === null) return null;
  const names = first[0]?.map((field) => field.name) ?? [];
  const result: Row[] = [];
  for (let latest: Rows | null = first; latest.length > 0; ) {
    addAll(result, latest);
    const current: Rows = latest;
    latest = renamed(
      rowsOf(machine, right, { ...scope, ctes: new Map([...scope.ctes, [name, () => current]]) }),
      names,
    );
    // Without ALL what is there already is left out, and so may the end be reached.
    if (latest === null || (!all && latest.length > 0)) return null;
  }
  return result;
}

function renamed(rows: Rows | null, names: readonly string[]): Rows | null {
  if (rows === null || names.length === 0) return rows;
  return rows.map((row) => row.map((field, index) => ({ ...field, name: names[index] ?? field.name })));
}

function combinedRows(machine: Machine, { setOperation }: SelectQuery, scope: Scope): Rows | null {
  if (setOperation === null || setOperation.operator !== "union") return null;
  const left = rowsOf(machine, setOperation.left, scope);
  const right = left === null ? null : rowsOf(machine, setOperation.right, scope);
  if (left === null || right === null) return null;
  const rows = [...left, ...(renamed(right, left[0]?.map(({ name }) => name) ?? []) ?? [])];
  return setOperation.all ? rows : distinctRows(machine, rows);
}

function distinctRows(machine: Machine, rows: Rows): Rows | null {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    const texts = row.map(({ value }) => (value === null ? undefined : textOf(value, evaluation(machine))));
    if (texts.includes(undefined)) return null;
    const key = JSON.stringify(texts);
    if (!seen.has(key)) seen.set(key, row);
  }
  return [...seen.values()];
}

/** One row of FROM: what its fields are called there. */
interface Source {
  readonly fields: readonly (Field & { readonly alias: string | null })[];
  readonly scope: Scope;
}

function selectedRows(machine: Machine, query: SelectQuery, scope: Scope): Rows | null {
  if (query.distinct) {
    const isWhole = query.distinctOn === null && !query.hasLimit && query.orderBy.length === 0;
    const rows = isWhole ? selectedRows(machine, { ...query, distinct: false }, scope) : null;
    return rows === null ? null : distinctRows(machine, rows);
  }
  let sources: readonly Source[] | null = [{ fields: [], scope }];
  for (const item of query.from) sources = sources === null ? null : joined(machine, sources, item);
  if (sources === null || hasWindow(query)) return null;
  const kept = query.where === null ? sources : filtered(machine, sources, query.where);
  if (kept === null) return null;
  if (query.groupBy.length > 0 || query.having !== null || query.targets.some(holdsAggregate(machine)))
    return groupedRows(machine, query, kept, scope);
  const sets = query.targets.map(({ expression }) => setCallsIn(machine, expression));
  if (sets.some((calls) => calls.length > 0)) {
    const rows = kept.map((source) => setRowsOf(machine, query, sets, source));
    const known = rows.flatMap((each) => each ?? []);
    if (rows.includes(null)) return null;
    const sorted = sortedBy(machine, known, query, outputField);
    return sorted === null ? null : limited(machine, sorted, query, scope);
  }
  const sorted = sortedBy(machine, kept, query, (source, key) =>
    computed(machine, keyExpression(query, key), source.scope),
  );
  // Rows that OFFSET leaves out are computed all the same.
  const wanted = sorted === null ? null : limited(machine, sorted, { ...query, offset: null }, scope, query.offset);
  const rows = wanted?.map((source) => targetFields(machine, query, source)) ?? null;
  return rows === null ? null : limited(machine, rows, { ...query, limit: null }, scope);
}

function joined(machine: Machine, sources: readonly Source[], item: FromItem): readonly Source[] | null {
  const result: Source[] = [];
  for (const source of sources) {
    const found = joinedTo(machine, source, item);
    if (found === null) return null;
    for (const each of found) if (mayGoOn(machine)) result.push(each);
    if (machine.stop !== null) return null;
  }
  return result;
}

function joinedTo(machine: Machine, source: Source, item: FromItem): readonly Source[] | null {
  if (item.kind === "join") {
    const isPlain = item.using.length === 0 && !item.natural && ["inner", "cross", "left"].includes(item.type);
    const left = isPlain ? joinedTo(machine, source, item.left) : null;
    if (left === null) return null;
    const result: Source[] = [];
    for (const each of left) {
      const right = joinedTo(machine, each, item.right);
      const kept = right === null || item.on === null ? right : filtered(machine, right, item.on);
      // A row that finds no partner would get NULLs under names that are not known here.
      if (kept === null || (item.type === "left" && kept.length === 0)) return null;
      addAll(result, kept);
    }
    return result;
  }
  const rows = itemRows(machine, item, source.scope);
  return rows?.map((row) => extended(source, row, item.alias ?? nameOfItem(item))) ?? null;
}

function nameOfItem(item: FromItem): string | null {
  return item.kind === "relation" ? item.relation.name : item.kind === "function" ? nameOfCall(item.calls[0]) : null;
}

function extended(source: Source, row: Row, alias: string | null): Source {
  const variables = new Map(source.scope.variables);
  for (const { name, value } of row) {
    variables.set(name, value);
    if (alias !== null) variables.set(`${alias}.${name}`, value);
  }
  return {
    fields: [...source.fields, ...row.map((field) => ({ ...field, alias }))],
    scope: { ...source.scope, variables },
  };
}

function itemRows(machine: Machine, item: FromItem, scope: Scope): Rows | null {
  switch (item.kind) {
    case "relation": {
      const table = item.relation.schema === null ? scope.ctes.get(item.relation.name) : undefined;
      const rows = table === undefined ? configurationRows(machine, item.relation) : table();
      return renamed(rows, item.columnAliases);
    }
    case "subquery":
      return renamed(rowsOf(machine, item.query, scope), item.columnAliases);
    case "function": {
      const [call, ...others] = item.calls;
      const rows = call === undefined || others.length > 0 ? null : callRows(machine, call, scope);
      if (rows === null) return null;
      const counted = item.ordinality
        ? rows.map((row, index) => [...row, { name: "ordinality", value: numberValue(index + 1) }])
        : rows;
      const isScalar = counted.every((row) => row.length === (item.ordinality ? 2 : 1));
      const names =
        item.columnAliases.length > 0 || item.alias === null || !isScalar ? item.columnAliases : [item.alias];
      return renamed(counted, names);
    }
    case "join":
    case "other":
      return null;
  }
}

function numberValue(value: number): TypedValue {
  return { value: { family: "integer", value: BigInt(value) }, type: { kind: "base", name: "int8", modifier: null } };
}

/** The rows of a function in FROM: of a set, or the one value of any other function. */
function callRows(machine: Machine, call: Expression, scope: Scope): Rows | null {
  if (call.kind === "call" && isOwnCall(machine.catalog, call))
    return machine.invoke(call, argumentsOf(machine, call, scope));
  if (call.kind === "call" && isSetFunction(call)) return setRows(machine, call, scope);
  return [[{ name: nameOfCall(call) ?? "", value: computed(machine, call, scope) }]];
}

function filtered(machine: Machine, sources: readonly Source[], condition: Expression): readonly Source[] | null {
  const kept: Source[] = [];
  for (const source of sources) {
    const holds = truthOf(machine, condition, source.scope);
    if (holds === null) return null;
    if (holds) kept.push(source);
  }
  return kept;
}

function targetFields(machine: Machine, query: SelectQuery, source: Source): Row {
  return query.targets.flatMap(({ expression, name }) => {
    if (expression.kind === "column" && expression.star) {
      const alias = expression.names.at(-1);
      return source.fields.filter((field) => alias === undefined || alias === field.alias);
    }
    return { name: name ?? nameOfValue(expression), value: computed(machine, expression, source.scope) };
  });
}

/** The rows that one row becomes where a target is a set. */
function setRowsOf(
  machine: Machine,
  query: SelectQuery,
  sets: readonly (readonly FunctionCall[])[],
  source: Source,
): Rows | null {
  const [call, ...others] = sets.flat();
  const rows = call === undefined || others.length > 0 ? null : callRows(machine, call, source.scope);
  if (rows === null || call === undefined) return null;
  return rows.map((row) => {
    const value = row.length === 1 ? (row[0]?.value ?? null) : null;
    const variables = new Map(source.scope.variables).set(element, value);
    const targets = query.targets.map(({ expression, name }) => ({
      name: name ?? nameOfValue(expression),
      expression: replaced(expression, call),
    }));
    return targetFields(machine, { ...query, targets }, { ...source, scope: { ...source.scope, variables } });
  });
}

/** Stands for the value of a set in the expression around its call; no name in SQL has the character. */
const element = "\0element";

function replaced(expression: Expression, call: Expression): Expression {
  if (expression === call) return { kind: "column", names: [element], star: false, range: call.range };
  return mapOperands(expression, (operand) => replaced(operand, call));
}

function setCallsIn(machine: Machine, expression: Expression): readonly FunctionCall[] {
  const calls: FunctionCall[] = [];
  for (const part of insideOut(expression)) {
    if (part.kind !== "call") continue;
    const isOwnSet =
      isOwnCall(machine.catalog, part) &&
      (extensionFunction(machine.catalog, part.name)?.item.returnsSet === true ||
        machine.catalog.functions.get(part.name.at(-1) ?? "")?.returns?.setOf === true);
    if (isOwnSet || (isSetFunction(part) && !isOwnCall(machine.catalog, part))) calls.push(part);
  }
  return calls;
}

function groupedRows(machine: Machine, query: SelectQuery, sources: readonly Source[], scope: Scope): Rows | null {
  const groups = new Map<string, Source[]>();
  if (query.groupBy.length === 0) groups.set("", [...sources]);
  else {
    for (const source of sources) {
      const texts = query.groupBy.map((key) => {
        const value = computed(machine, keyExpression(query, key), source.scope);
        return value === null ? undefined : textOf(value, evaluation(machine));
      });
      if (texts.includes(undefined)) return null;
      const key = JSON.stringify(texts);
      groups.set(key, [...(groups.get(key) ?? []), source]);
    }
  }
  const rows: Row[] = [];
  for (const group of groups.values()) {
    const inGroup = (expression: Expression): TypedValue | null => aggregated(machine, expression, group, scope);
    if (query.having !== null) {
      const holds = inGroup(query.having);
      if (holds?.value?.family !== "boolean") return null;
      if (!holds.value.value) continue;
    }
    rows.push(
      query.targets.map(({ expression, name }) => ({
        name: name ?? nameOfValue(expression),
        value: inGroup(expression),
      })),
    );
  }
  const sorted = sortedBy(machine, rows, query, outputField);
  return sorted === null ? null : limited(machine, sorted, query, scope);
}

function holdsAggregate(machine: Machine): (target: SelectQuery["targets"][number]) => boolean {
  return ({ expression }) =>
    insideOut(expression).some(
      (part) => part.kind === "call" && isAggregate(part) && !isOwnCall(machine.catalog, part),
    );
}

function hasWindow({ targets }: SelectQuery): boolean {
  return targets.some(({ expression }) =>
    insideOut(expression).some((part) => part.kind === "call" && part.window !== null),
  );
}

function nameOfValue(expression: Expression): string {
  if (expression.kind === "column") return expression.names.at(-1) ?? "?column?";
  if (expression.kind === "cast") {
    const inner = nameOfValue(expression.operand);
    return inner === "?column?" ? (expression.type.names.at(-1) ?? inner) : inner;
  }
  return nameOfCall(expression) ?? "?column?";
}

function nameOfCall(call: Expression | undefined): string | null {
  return call?.kind === "call" ? (call.name.at(-1) ?? null) : null;
}
