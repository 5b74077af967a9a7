/** Changes of extensions' configuration tables, whose rows are calls in disguise, and queries that read them. */

import { withUnknownChanges } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/value.ts";
import { taintRelations } from "../../effects/taint.ts";
import { parameterType } from "../../schemes/bind-call.ts";
import type {
  ConfigurationRow,
  ConfigurationTable,
  Extension,
  ExtensionWork,
  FollowedStatement,
  RowChange,
} from "../../schemes/extension.ts";
import { configurationTable, type Owned, toldVersion } from "../../schemes/extensions.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { DeleteQuery, InsertQuery, Query, UpdateQuery } from "../../syntax/query.ts";
import type { TextRange } from "../../text/range.ts";
import { createWork, endOf } from "./extension-call.ts";
import {
  computed,
  evaluation,
  type Machine,
  type Row,
  type Rows,
  type Scope,
  type StatementPlace,
  truth,
  undecided,
} from "./machine.ts";
import { assignTo, type TypedValue } from "./typed-value.ts";

/** Whether the query changes rows of an extension's configuration table. */
export function changesConfiguration(machine: Pick<Machine, "catalog">, query: Query): boolean {
  if (query.kind !== "insert" && query.kind !== "update" && query.kind !== "delete") return false;
  return configurationTable(machine.catalog, query.target) !== null;
}

/** What INSERT, UPDATE or DELETE of a configuration table does. */
export function changeConfiguration(machine: Machine, query: Query, scope: Scope): void {
  if (query.kind !== "insert" && query.kind !== "update" && query.kind !== "delete") return;
  const owned = configurationTable(machine.catalog, query.target);
  if (owned === null) return;
  const changes = changesOf(machine, owned.item, query, scope);
  if (changes === null || machine.stop !== null) {
    undecided(machine, `which rows of "${query.target.name}" are changed is not known`);
    return;
  }
  for (const change of changes) if (machine.stop === null) make(machine, owned, change, query);
}

/** The rows of a configuration table that a query reads; null where it is none, or where they are not known. */
export function configurationRows(machine: Machine, name: RelationName): Rows | null {
  const owned = configurationTable(machine.catalog, name);
  const rows = owned?.item.rows?.(machine.catalog) ?? null;
  if (owned === null || rows === null) return null;
  return rows.map(
    (row): Row =>
      owned.item.columns.map((column) => ({ name: column.name, value: typed(row.get(column.name), column) })),
  );
}

function typed(value: Value | null | undefined, { type }: ConfigurationTable["columns"][number]): TypedValue | null {
  return value === undefined ? null : { value, type: parameterType(type) };
}

function make(
  machine: Machine,
  { extension, item }: Owned<ConfigurationTable>,
  change: RowChange,
  { range }: Query,
): void {
  const { at, depth, host } = machine;
  const version = toldVersion(extension, machine.catalog, host.context) ?? extension.versions[0];
  const place = depth > 0 ? null : at === null ? { range, dynamic: true } : { range: at.range, dynamic: true };
  const before = machine.catalog;
  const isDone = runWork(machine, extension, version, place, (work) => item.change(change, work));
  // What a row says now that may have been changed is not known, nor what the extension makes of it from here on.
  if (!isDone) machine.catalog = withUnknownChanges(taintRelations(before, item.concerns(change, before)));
}

/** Runs work of an extension that is no call; what it refuses is said of the statement. Answers whether it was not declined. */
function runWork(
  machine: Machine,
  extension: Extension,
  version: string,
  place: StatementPlace | null,
  run: (work: ExtensionWork) => void,
): boolean {
  const { host } = machine;
  if (!extension.reads.test(version)) {
    machine.declined.push(`what ${extension.name} ${version} does is not known`);
    return false;
  }
  const work = createWork(machine, extension, version, place);
  const end = endOf(() => run(work));
  if (end === null) {
    machine.catalog = work.catalog;
    return true;
  }
  if ("declined" in end) {
    machine.declined.push(end.declined);
    return false;
  }
  machine.stop ??= {
    kind: "refused",
    rejection: {
      related: [],
      ...end.refusal,
      rule: end.refusal.rule ?? extension.rule,
      range: host.rangeOf(place),
      position: undefined,
      assumption: end.refusal.assumption ?? null,
    },
  };
  return true;
}

/** What an extension does with a statement that has been run. */
export function followAs(machine: Machine, extension: Extension, followed: FollowedStatement, range: TextRange): void {
  if (machine.stop !== null) return;
  const version = toldVersion(extension, machine.catalog, machine.host.context) ?? extension.versions[0];
  runWork(machine, extension, version, { range, dynamic: true }, (work) => extension.follows?.follow(followed, work));
}

function changesOf(
  machine: Machine,
  table: ConfigurationTable,
  query: InsertQuery | UpdateQuery | DeleteQuery,
  scope: Scope,
): readonly RowChange[] | null {
  if (query.with.length > 0) return null;
  switch (query.kind) {
    case "insert":
      return insertions(machine, table, query, scope);
    case "update": {
      const { where, assignments } = query;
      if (query.from.length > 0) return null;
      const assigned = (row: ConfigurationRow | null): ReadonlyMap<string, Value | null | undefined> =>
        new Map(
          assignments.map(({ column, value }) => [
            column.name,
            value === null
              ? undefined
              : valueFor(machine, table, column.name, value, overRow(table, row, query.alias, scope)),
          ]),
        );
      const set = assigned(null);
      return [
        {
          kind: "update",
          where: equalities(machine, table, where, scope),
          set,
          assigned,
          matches: matching(machine, table, query, scope),
        },
      ];
    }
    case "delete":
      if (query.using.length > 0) return null;
      return [
        {
          kind: "delete",
          where: equalities(machine, table, query.where, scope),
          matches: matching(machine, table, query, scope),
        },
      ];
  }
}

function insertions(
  machine: Machine,
  table: ConfigurationTable,
  { source, columns, onConflict }: InsertQuery,
  scope: Scope,
): readonly RowChange[] | null {
  if (source === null || onConflict !== null) return null;
  const rows = machine.rowsOf(source, scope);
  const names = columns.length > 0 ? columns.map(({ name }) => name) : table.columns.map(({ name }) => name);
  return (
    rows?.map((row) => ({
      kind: "insert",
      row: new Map(row.map(({ value }, at) => [names[at] ?? "", asColumn(machine, table, names[at] ?? "", value)])),
    })) ?? null
  );
}

function asColumn(
  machine: Machine,
  table: ConfigurationTable,
  column: string,
  value: TypedValue | null,
): Value | null | undefined {
  const type = parameterType(table.columns.find(({ name }) => name === column)?.type ?? "text");
  if (value === null || value.late !== undefined || type === null) return undefined;
  if (type.kind === "base" && type.name.startsWith("reg")) return value.value;
  return assignTo(value, type, evaluation(machine))?.value;
}

function valueFor(
  machine: Machine,
  table: ConfigurationTable,
  column: string,
  expression: Expression,
  scope: Scope,
): Value | null | undefined {
  return asColumn(machine, table, column, computed(machine, expression, scope));
}

/** The scope in which the columns of a row have their values; without a row they have none that is known. */
function overRow(table: ConfigurationTable, row: ConfigurationRow | null, alias: string | null, scope: Scope): Scope {
  const variables = new Map(scope.variables);
  for (const column of table.columns) {
    const value = row === null ? null : typed(row.get(column.name), column);
    variables.set(column.name, value);
    if (alias !== null) variables.set(`${alias}.${column.name}`, value);
  }
  return { ...scope, variables };
}

function matching(
  machine: Machine,
  table: ConfigurationTable,
  { where, alias, target }: UpdateQuery | DeleteQuery,
  scope: Scope,
): (row: ConfigurationRow) => boolean | null {
  return (row) => {
    if (where === null) return true;
    const value = computed(machine, where, overRow(table, row, alias ?? target.name, scope));
    return value === null ? null : truth(value);
  };
}

/** `a = 'x' AND b = 1` as values by column; null where the condition says anything else. */
function equalities(
  machine: Machine,
  table: ConfigurationTable,
  where: Expression | null,
  scope: Scope,
): ReadonlyMap<string, Value | null> | null {
  const found = new Map<string, Value | null>();
  const add = (part: Expression): boolean => {
    if (part.kind === "and") return part.operands.every(add);
    if (part.kind !== "operator" || part.operator !== "=" || part.left === null) return false;
    const [column, other] = part.left.kind === "column" ? [part.left, part.right] : [part.right, part.left];
    const name = column.kind === "column" && !column.star ? (column.names.at(-1) ?? "") : "";
    if (!table.columns.some((each) => each.name === name)) return false;
    const value = valueFor(machine, table, name, other, overRow(table, null, null, scope));
    if (value === undefined) return false;
    found.set(name, value);
    return true;
  };
  return where === null || add(where) ? found : null;
}
