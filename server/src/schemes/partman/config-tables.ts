/** `part_config` and `part_config_sub` as tables that a script changes and reads itself. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import type { ConfigurationValues, Manager } from "../../catalog/manager.ts";
import { managersBy } from "../../catalog/managers.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import type { ConfigurationTable, ExtensionWork, RowChange } from "../extension.ts";
import { allColumns, allSubColumns, hasColumn, newRow, textIn, violation } from "./part-config.ts";
import { forget, keep, managerIn, openSession, type Session } from "./session.ts";

export const partConfig: ConfigurationTable = {
  columns: allColumns,
  rows: (catalog) => [...managersBy(catalog, "pg_partman")].map(({ row }) => row),
  change: (change, work) => changeConfig(change, work),
  concerns: (change, catalog) => concerned(catalog, (manager) => manager.row, change),
};

export const partConfigSub: ConfigurationTable = {
  columns: allSubColumns,
  rows: subRows,
  change: (change, work) => changeSub(change, work),
  concerns: (change, catalog) => concerned(catalog, subRow, change),
};

/** The tables of the rows that a change may be of; of a row that is new, all of them. */
function concerned(
  catalog: Catalog,
  rowOf: (manager: Manager) => ConfigurationValues | null,
  change: RowChange,
): readonly Relation[] {
  return [...managersBy(catalog, "pg_partman")].flatMap((manager) => {
    const row = rowOf(manager);
    if (change.kind !== "insert" && (row === null || change.matches(row) === false)) return [];
    const [schema = null, name = ""] = manager.table.split(".");
    return findRelation(catalog, { schema, name }) ?? [];
  });
}

function subRows(catalog: Catalog): readonly ConfigurationValues[] {
  return [...managersBy(catalog, "pg_partman")].flatMap((manager) => subRow(manager) ?? []);
}

function subRow({ sub, table }: Manager): ConfigurationValues | null {
  if (sub === null) return null;
  const row = new Map<string, Value | null>([["sub_parent", { family: "text", value: table }]]);
  for (const [name, value] of sub) if (name !== "parent_table") row.set(`sub_${name}`, value);
  return row;
}

function changeConfig(change: RowChange, work: ExtensionWork): void {
  const session: Session = { ...openSession(work), wraps: false };
  if (change.kind === "insert") {
    insertRow(session, change.row);
    return;
  }
  for (const manager of [...managersBy(work.catalog, "pg_partman")]) {
    const isMeant = change.matches(manager.row);
    if (isMeant === false) continue;
    if (isMeant === null) work.decline("which rows of part_config are meant is not known");
    if (change.kind === "delete") forget(session, manager.table);
    else updateRow(session, manager, change.assigned(manager.row));
  }
  if (change.kind === "update") for (const name of change.set.keys()) refuseUnknown(session, name);
}

function refuseUnknown(session: Session, name: string): void {
  if (!hasColumn(name, session.version) && allColumns.some((each) => each.name === name))
    session.work.refuse({ sqlstate: "42703", message: `column "${name}" of relation "part_config" does not exist` });
}

function refuseViolation(session: Session, row: ConfigurationValues): void {
  const wrong = violation(row, session.version);
  if (wrong !== null) session.work.refuse(wrong);
}

function insertRow(session: Session, given: ReadonlyMap<string, Value | null | undefined>): void {
  const row = new Map(newRow(session.version, {}));
  for (const [name, value] of given) {
    refuseUnknown(session, name);
    if (value === undefined) session.work.decline(`${name} is no constant`);
    else row.set(name, value);
  }
  refuseViolation(session, row);
  const table = textIn(row, "parent_table") ?? "";
  if (managerIn(session, table) !== null) refuseDuplicate(session, table);
  keep(session, table, row, null);
}

function refuseDuplicate({ work }: Session, table: string): never {
  return work.refuse({
    sqlstate: "23505",
    message: 'duplicate key value violates unique constraint "part_config_parent_table_pkey"',
    detail: `Key (parent_table)=(${table}) already exists.`,
  });
}

function updateRow(session: Session, manager: Manager, assigned: ReadonlyMap<string, Value | null | undefined>): void {
  const row = new Map(manager.row);
  for (const [name, value] of assigned) {
    refuseUnknown(session, name);
    if (value === undefined) session.work.decline(`${name} is no constant`);
    else row.set(name, value);
  }
  refuseViolation(session, row);
  const table = textIn(row, "parent_table") ?? "";
  if (table !== manager.table) {
    if (managerIn(session, table) !== null) refuseDuplicate(session, table);
    forget(session, manager.table);
  }
  keep(session, table, row, manager.sub);
}

function changeSub(change: RowChange, work: ExtensionWork): void {
  const session: Session = { ...openSession(work), wraps: false };
  for (const manager of [...managersBy(work.catalog, "pg_partman")]) {
    const row = subRow(manager);
    if (change.kind === "insert") work.decline("rows of part_config_sub that a script inserts are not followed");
    else if (row !== null && change.matches(row) !== false) changeSubRow(session, manager, row, change);
  }
}

function changeSubRow(
  session: Session,
  manager: Manager,
  row: ConfigurationValues,
  change: Exclude<RowChange, { kind: "insert" }>,
): void {
  const { work } = session;
  if (change.matches(row) === null) work.decline("which rows of part_config_sub are meant is not known");
  if (change.kind === "delete") {
    keep(session, manager.table, manager.row, null);
    return;
  }
  const sub = new Map(manager.sub);
  for (const [name, value] of change.assigned(row)) {
    if (value === undefined) work.decline(`${name} is no constant`);
    else sub.set(name.replace(/^sub_/, ""), value);
  }
  keep(session, manager.table, manager.row, sub);
}
