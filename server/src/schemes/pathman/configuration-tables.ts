/** `pathman_config` and `pathman_config_params`: their rows, and what a change of one means. */

import type { Catalog } from "../../catalog/catalog.ts";
import { relationById } from "../../catalog/catalog.ts";
import type { PathmanTable } from "../../catalog/pathman.ts";
import {
  dividedBy,
  parametersOf,
  pathmanOf,
  withoutParameters,
  withoutPathmanTable,
  withParameters,
  withPathmanTable,
} from "../../catalog/pathman-config.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { visibleName } from "../../effects/relations/object-description.ts";
import type { ConfigurationRow, ConfigurationTable, ExtensionWork, RowChange } from "../extension.ts";
import { findNamed } from "../named-relation.ts";
import { relationNamed } from "./arguments.ts";
import { refuseTrivial } from "./settings.ts";
import { eraOf, isSince } from "./versions.ts";

type Row = ReadonlyMap<string, Value | null | undefined>;

function text(value: string | null): Value | null {
  return value === null ? null : { family: "text", value };
}

/** A row of `pathman_config` with the columns of all versions. */
function configRow(catalog: Catalog, table: PathmanTable): ConfigurationRow {
  const relation = table.relation === null ? null : relationById(catalog, table.relation);
  return new Map<string, Value | null>([
    ["relname", text(table.relname)],
    ["partrel", relation === null ? null : text(visibleName(catalog, relation))],
    ["attname", text(table.expression)],
    ["expr", text(table.expression)],
    ["parttype", { family: "integer", value: table.type === "hash" ? 1n : 2n }],
    ["range_interval", text(table.interval)],
  ]);
}

/** The rows that stand for tables that are there; since 1.0 those of dropped tables go with them. */
function tablesOf(catalog: Catalog): readonly PathmanTable[] {
  return [...pathmanOf(catalog).tables.values()].filter(
    ({ relation }) => relation === null || relationById(catalog, relation) !== null,
  );
}

/** The tables of the rows that a change may be of; of a row that is new, the one that it names, or any. */
function concerned(change: RowChange, catalog: Catalog): readonly Relation[] {
  if (change.kind !== "insert")
    return tablesOf(catalog).flatMap((table) => {
      const relation = dividedBy(catalog, table);
      const isMeant = relation !== null && change.matches(configRow(catalog, table)) !== false;
      return isMeant ? [relation] : [];
    });
  const named = [change.row.get("partrel"), change.row.get("relname")].find((value) => value?.family === "text");
  const found = named?.family === "text" ? findNamed(catalog, named.value) : null;
  return found === null ? [] : [found];
}

function changeConfig(change: RowChange, work: ExtensionWork): void {
  if (change.kind === "insert") {
    insertConfig(change.row, work);
    return;
  }
  for (const table of tablesOf(work.catalog)) {
    const row = configRow(work.catalog, table);
    const matches = change.matches(row);
    if (matches === null) work.decline("which rows of pathman_config it changes is not known");
    if (!matches) continue;
    if (change.kind === "delete") work.catalog = withoutPathmanTable(work.catalog, table);
    else updateConfig(change.assigned(row), table, work);
  }
}

function insertConfig(row: Row, work: ExtensionWork): void {
  const isOld = !isSince(eraOf(work.version), "1.0");
  const name = textIn(row, isOld ? "relname" : "partrel", work);
  const expression = textIn(row, row.has("expr") ? "expr" : "attname", work);
  const type = typeIn(row.get("parttype"), work);
  const interval = row.has("range_interval") ? nullableTextIn(row, "range_interval", work) : null;
  const relation = isOld ? null : relationNamed(work, name);
  const id = relation?.id ?? null;
  const taken = pathmanOf(work.catalog).tables.has(id === null ? name : `#${id}`);
  if (taken && !isOld)
    work.refuse({
      sqlstate: "23505",
      message: 'duplicate key value violates unique constraint "pathman_config_pkey"',
      detail: `Key (partrel)=(${name}) already exists.`,
    });
  if (relation !== null && interval !== null) refuseTrivial(work, relation, expression, interval);
  const relname = isOld ? name : null;
  work.catalog = withPathmanTable(work.catalog, { relation: id, relname, type, expression, interval });
}

function updateConfig(assigned: Row, table: PathmanTable, work: ExtensionWork): void {
  let next = table;
  for (const [column, value] of assigned) {
    if (value === undefined) work.decline(`the new ${column} is no constant`);
    if (column === "range_interval") next = { ...next, interval: value?.family === "text" ? value.value : null };
    else if (column === "parttype") next = { ...next, type: typeIn(value, work) };
    else if ((column === "expr" || column === "attname") && value?.family === "text")
      next = { ...next, expression: value.value };
    else work.decline(`a change of ${column} is not followed`);
  }
  const relation = table.relation === null ? null : relationById(work.catalog, table.relation);
  if (relation !== null && next.interval !== null) refuseTrivial(work, relation, next.expression, next.interval);
  work.catalog = withPathmanTable(work.catalog, next);
}

function parameterRow(catalog: Catalog, id: number): ConfigurationRow {
  const { enableParent, auto, callback } = parametersOf(catalog, id);
  const relation = relationById(catalog, id);
  return new Map<string, Value | null>([
    ["partrel", relation === null ? null : text(visibleName(catalog, relation))],
    ["enable_parent", { family: "boolean", value: enableParent }],
    ["auto", { family: "boolean", value: auto }],
    ["init_callback", text(callback)],
    ["spawn_using_bgw", { family: "boolean", value: false }],
  ]);
}

function changeParameters(change: RowChange, work: ExtensionWork): void {
  if (change.kind === "insert") {
    assignParameters(relationNamed(work, textIn(change.row, "partrel", work)).id, change.row, work);
    return;
  }
  for (const id of pathmanOf(work.catalog).parameters.keys()) {
    const row = parameterRow(work.catalog, id);
    const matches = change.matches(row);
    if (matches === null) work.decline("which rows of pathman_config_params it changes is not known");
    if (!matches) continue;
    if (change.kind === "delete") work.catalog = withoutParameters(work.catalog, id);
    else assignParameters(id, change.assigned(row), work);
  }
}

function assignParameters(id: number, assigned: Row, work: ExtensionWork): void {
  for (const [column, value] of assigned) {
    if (value === undefined) work.decline(`the new ${column} is no constant`);
    if (column === "enable_parent" && value?.family === "boolean")
      work.catalog = withParameters(work.catalog, id, { enableParent: value.value });
    if (column === "auto" && value?.family === "boolean")
      work.catalog = withParameters(work.catalog, id, { auto: value.value });
    if (column === "init_callback")
      work.catalog = withParameters(work.catalog, id, {
        callback: value?.family === "text" ? value.value.replace(/\s*\(.*$/s, "") : null,
      });
  }
}

function textIn(row: Row, column: string, work: ExtensionWork): string {
  const value = row.get(column);
  return value?.family === "text" ? value.value : work.decline(`${column} is no constant`);
}

function nullableTextIn(row: Row, column: string, work: ExtensionWork): string | null {
  return row.get(column) === null ? null : textIn(row, column, work);
}

function typeIn(value: Value | null | undefined, work: ExtensionWork): "hash" | "range" {
  if (value?.family !== "integer") return work.decline("the type of the partitioning is no constant");
  if (value.value === 1n || value.value === 2n) return value.value === 1n ? "hash" : "range";
  return work.refuse({
    sqlstate: "23514",
    message: 'new row for relation "pathman_config" violates check constraint "pathman_config_parttype_check"',
  });
}

const column = (name: string, type: string): { readonly name: string; readonly type: string } => ({ name, type });

export const configurationTables: ReadonlyMap<string, ConfigurationTable> = new Map([
  [
    "pathman_config",
    {
      columns: [
        column("partrel", "regclass"),
        column("expr", "text"),
        column("parttype", "integer"),
        column("range_interval", "text"),
        column("attname", "text"),
        column("relname", "character varying"),
        column("id", "integer"),
      ],
      rows: (catalog: Catalog) => tablesOf(catalog).map((table) => configRow(catalog, table)),
      change: changeConfig,
      concerns: concerned,
    },
  ],
  [
    "pathman_config_params",
    {
      columns: [
        column("partrel", "regclass"),
        column("enable_parent", "boolean"),
        column("auto", "boolean"),
        column("init_callback", "text"),
        column("spawn_using_bgw", "boolean"),
      ],
      rows: (catalog: Catalog) => [...pathmanOf(catalog).parameters.keys()].map((id) => parameterRow(catalog, id)),
      change: changeParameters,
      concerns: concerned,
    },
  ],
]);
