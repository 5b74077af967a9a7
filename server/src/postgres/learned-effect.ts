/** What a statement did to a schema, as the statements that do the same: the difference of two readings of the system catalogs. */

import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import { addAll } from "../text/long-lists.ts";
import type { DatabaseRows } from "./catalog-queries.ts";
import type { Row } from "./connection.ts";
import { isIndexOfItsOwn } from "./index-script.ts";
import { type LearnedRows, readParts, type SchemaRows } from "./learning-queries.ts";
import {
  columnDefinition,
  ownershipStatement,
  type RelationRow,
  relationRow,
  type SchemaScriptStatement,
  schemaScript,
} from "./schema-script.ts";

interface TableName {
  readonly schema: string;
  readonly name: string;
}

export interface ScannedTable extends TableName {
  readonly id: string;
  readonly scans: number;
}

export type SchemaDifference =
  | {
      readonly kind: "statements";
      readonly statements: readonly string[];
      /** Tables there before whose rows the statement has looked at, perhaps only to check them. */
      readonly scanned: readonly ScannedTable[];
      /** Tables there before that are gone, for which nobody has counted. */
      readonly gone: readonly TableName[];
      /** The views through which it may have looked at them. */
      readonly views: readonly TableName[];
      /** Tables and materialized views, by their names behind the statement, that have got other rows. */
      readonly written: readonly TableName[];
      /** Of the settings of the session those that are others, and what was prepared or opened. */
      readonly session: readonly { readonly kind: string; readonly name: string }[];
    }
  | { readonly kind: "declined"; readonly reason: string };

/** From the results of `learningQueries` to statements that lead from the one schema to the other, names qualified. */
export function schemaDifference(learned: LearnedRows): SchemaDifference {
  const before = readSchema(learned.before);
  const after = readSchema(learned.after);
  const untold = goneBesides(before, after);
  if (untold !== null) return { kind: "declined", reason: untold };
  const changes: string[] = [];
  for (const relation of after.relations.values()) {
    const old = before.relations.get(relation.id);
    if (old === undefined) continue;
    const change = changesOf(old, relation, before, after);
    if (change === null)
      return {
        kind: "declined",
        reason: `it changes ${relation.schema}.${relation.name} in a way that is not followed`,
      };
    addAll(changes, change);
  }
  return {
    kind: "statements",
    statements: [
      ...drops(before, after),
      ...leavings(before, after),
      ...renames(before, after),
      ...creations(before, after),
      ...changes,
    ],
    scanned: scannedTables(before, after),
    gone: [...before.relations.values()].filter(({ id, kind }) => !after.relations.has(id) && "rpm".includes(kind)),
    views: [...before.relations.values()].filter(({ kind }) => kind === "v" || kind === "m"),
    written: writtenTables(before, after),
    session: sessionChanges(learned),
  };
}

interface SchemaReading {
  readonly rows: DatabaseRows;
  readonly relations: ReadonlyMap<string, RelationRow>;
  /** How often its rows were looked at so far, by the id of the table. */
  readonly scans: ReadonlyMap<string, number>;
  /** How many rows were written so far, by the id of the table. */
  readonly writes: ReadonlyMap<string, number>;
  readonly indexes: ReadonlySet<unknown>;
  /** The files in which the rows are, by the id of the table. */
  readonly files: ReadonlyMap<string, unknown>;
}

function readSchema({ scans, results }: SchemaRows): SchemaReading {
  const none: DatabaseRows = {
    database: [],
    schemas: [],
    types: [],
    functions: [],
    code: [],
    relations: [],
    indexes: [],
    belongings: [],
    extensions: [],
    shared: [],
  };
  const rows = { ...none, ...Object.fromEntries(readParts.map((part, index) => [part, results[index] ?? []])) };
  return {
    rows,
    relations: new Map(rows.relations.map(relationRow).map((relation) => [relation.id, relation])),
    scans: new Map(scans.map((row) => [String(row["id"]), Number(row["scans"])])),
    writes: new Map(scans.map((row) => [String(row["id"]), Number(row["writes"])])),
    indexes: new Set(results[readParts.length]?.map((row) => row["id"])),
    files: new Map(results[readParts.length + 1]?.map((row) => [String(row["id"]), row["file"]])),
  };
}

/** What is gone and cannot be said in statements that the replay follows; null where nothing is. */
function goneBesides(before: SchemaReading, after: SchemaReading): string | null {
  const types = new Map(after.rows.types.map((row) => [String(row["id"]), JSON.stringify(row)]));
  if (before.rows.types.some((row) => types.get(String(row["id"])) !== JSON.stringify(row)))
    return "it changes or drops a type";
  const schemas = new Set(after.rows.schemas.map((row) => row["name"]));
  if (before.rows.schemas.some((row) => !schemas.has(row["name"]))) return "it drops a schema";
  return null;
}

function drops(before: SchemaReading, after: SchemaReading): readonly string[] {
  const gone = [...before.relations.values()].filter(({ id }) => !after.relations.has(id));
  // What belongs to a table goes with it.
  const tables = gone.map(nameOf);
  const isOnGone = (row: Row): boolean => tables.some((table) => String(row["definition"]).includes(` ON ${table} `));
  return [
    ...gone.map((relation) => `DROP ${dropWords[relation.kind] ?? "TABLE"} IF EXISTS ${nameOf(relation)} CASCADE`),
    ...before.rows.indexes
      .filter((row) => isIndexOfItsOwn(row) && !after.indexes.has(row["id"]) && !isOnGone(row))
      .map((row) => `DROP INDEX IF EXISTS ${quoteQualifiedName(String(row["schema"]), String(row["name"]))} CASCADE`),
  ];
}

const dropWords: Readonly<Record<string, string>> = {
  r: "TABLE",
  p: "TABLE",
  f: "FOREIGN TABLE",
  v: "VIEW",
  m: "MATERIALIZED VIEW",
  S: "SEQUENCE",
};

/** Partitions and inheritance children that are there still and have left a parent; under their old names. */
function leavings(before: SchemaReading, after: SchemaReading): readonly string[] {
  return [...before.relations.values()].flatMap((old) => {
    const relation = after.relations.get(old.id);
    if (relation === undefined) return [];
    return old.parents.flatMap((id) => {
      const parent = before.relations.get(id);
      if (parent === undefined || !after.relations.has(id) || sameLink(old, relation, id)) return [];
      return old.isPartition
        ? [`ALTER TABLE ${nameOf(parent)} DETACH PARTITION ${nameOf(old)}`]
        : [`ALTER TABLE ${nameOf(old)} NO INHERIT ${nameOf(parent)}`];
    });
  });
}

function joinings(old: RelationRow, relation: RelationRow, after: SchemaReading): readonly string[] {
  return relation.parents.flatMap((id) => {
    const parent = after.relations.get(id);
    if (parent === undefined || sameLink(old, relation, id)) return [];
    return relation.isPartition
      ? [`ALTER TABLE ${nameOf(parent)} ATTACH PARTITION ${nameOf(relation)} ${relation.bound ?? "DEFAULT"}`]
      : [`ALTER TABLE ${nameOf(relation)} INHERIT ${nameOf(parent)}`];
  });
}

function sameLink(a: RelationRow, b: RelationRow, parent: string): boolean {
  return (
    a.parents.includes(parent) && b.parents.includes(parent) && a.isPartition === b.isPartition && a.bound === b.bound
  );
}

function renames(before: SchemaReading, after: SchemaReading): readonly string[] {
  return [...before.relations.values()].flatMap((old) => {
    const relation = after.relations.get(old.id);
    if (relation === undefined) return [];
    const moved =
      old.schema === relation.schema
        ? []
        : [`ALTER TABLE ${nameOf(old)} SET SCHEMA ${quoteIdentifier(relation.schema)}`];
    if (old.name === relation.name) return moved;
    const now = quoteQualifiedName(relation.schema, old.name);
    return [...moved, `ALTER TABLE ${now} RENAME TO ${quoteIdentifier(relation.name)}`];
  });
}

/** What the new schema's script has and the old one's had not, but for changes of what was there before. */
function creations(before: SchemaReading, after: SchemaReading): readonly string[] {
  const old = new Set(schemaScript(before.rows).map(({ sql }) => sql));
  const created = new Set(
    [...after.relations.values()].filter(({ id }) => !before.relations.has(id)).map((each) => keyOf({ ...each })),
  );
  return schemaScript(after.rows, before.indexes)
    .filter((statement) => !old.has(statement.sql) && isOfNew(statement, created))
    .map(({ sql }) => sql);
}

function isOfNew({ relation }: SchemaScriptStatement, created: ReadonlySet<string>): boolean {
  return relation === null || created.has(keyOf({ ...relation }));
}

/** The statements that change a relation that was there before; null where they do not say it all. */
function changesOf(
  old: RelationRow,
  relation: RelationRow,
  before: SchemaReading,
  after: SchemaReading,
): readonly string[] | null {
  const same = (part: (row: RelationRow) => unknown): boolean =>
    JSON.stringify(part(old)) === JSON.stringify(part(relation));
  if (!same((row) => [row.kind, row.persistence, row.partitionKey, row.definition])) return null;
  const actions = columnChanges(old, relation);
  if (actions === null) return null;
  // What happens to the columns of a parent happens to its children by itself.
  const inherited = new Set(
    relation.parents.flatMap((id) => {
      const [parentBefore, parent] = [before.relations.get(id), after.relations.get(id)];
      if (!old.parents.includes(id) || parentBefore === undefined || parent === undefined) return [];
      return columnChanges(parentBefore, parent) ?? [];
    }),
  );
  const table = `ALTER TABLE ${nameOf(relation)}`;
  return [
    ...actions.filter((action) => !inherited.has(action)).map((action) => `${table} ${action}`),
    ...constraintChanges(old, relation, after).map((action) => `${table} ${action}`),
    ...joinings(old, relation, after),
    ...(old.ownedBy === relation.ownedBy ? [] : [ownershipStatement(relation)]),
  ];
}

/** As actions of ALTER TABLE; null where a column has changed in a way that is not followed. */
function columnChanges(old: RelationRow, relation: RelationRow): readonly string[] | null {
  const changes: string[] = [];
  const now = new Map(relation.columns.map((column) => [column.name, column]));
  const was = new Map(old.columns.map((column) => [column.name, column]));
  for (const { name } of old.columns) if (!now.has(name)) changes.push(`DROP COLUMN ${quoteIdentifier(name)} CASCADE`);
  for (const column of relation.columns) {
    const previous = was.get(column.name);
    if (previous === undefined) {
      changes.push(`ADD COLUMN ${columnDefinition(column)}`);
      continue;
    }
    if (previous.type === column.type && previous.notNull === column.notNull && previous.default === column.default)
      continue;
    if (column.generated !== "" || previous.identity !== column.identity) return null;
    const alter = `ALTER COLUMN ${quoteIdentifier(column.name)}`;
    if (previous.type !== column.type) changes.push(`${alter} TYPE ${column.type}`);
    if (previous.notNull !== column.notNull) changes.push(`${alter} ${column.notNull ? "SET" : "DROP"} NOT NULL`);
    if (previous.default !== column.default)
      changes.push(column.default === null ? `${alter} DROP DEFAULT` : `${alter} SET DEFAULT ${column.default}`);
  }
  return changes;
}

/** As actions of ALTER TABLE. What a table has by belonging to a parent is not among its own constraints. */
function constraintChanges(old: RelationRow, relation: RelationRow, after: SchemaReading): readonly string[] {
  const joined = relation.parents.flatMap((id) => (old.parents.includes(id) ? [] : (after.relations.get(id) ?? [])));
  if (joined.length > 0) {
    // To become a child it must have had the checks of its parent.
    return joined
      .flatMap(({ constraints }) => constraints)
      .filter(
        ({ name, definition }) => definition.startsWith("CHECK") && !old.constraints.some((own) => own.name === name),
      )
      .map(addition);
  }
  const left = old.parents.some((id) => !relation.parents.includes(id));
  const has = (row: RelationRow, { name, definition }: RelationRow["constraints"][number]): boolean =>
    row.constraints.some((other) => other.name === name && other.definition === definition);
  return [
    ...old.constraints
      .filter((constraint) => !has(relation, constraint))
      .map(({ name }) => `DROP CONSTRAINT IF EXISTS ${quoteIdentifier(name)} CASCADE`),
    ...relation.constraints.filter((constraint) => !left && !has(old, constraint)).map(addition),
  ];
}

function addition({ name, definition }: RelationRow["constraints"][number]): string {
  return `ADD CONSTRAINT ${quoteIdentifier(name)} ${definition}`;
}

function scannedTables(before: SchemaReading, after: SchemaReading): readonly ScannedTable[] {
  return [...before.relations.values()].flatMap(({ id, schema, name }) => {
    const scans = (after.scans.get(id) ?? 0) - (before.scans.get(id) ?? 0);
    return scans > 0 ? [{ id, schema, name, scans }] : [];
  });
}

/** TRUNCATE gives a table another file. */
function writtenTables(before: SchemaReading, after: SchemaReading): readonly TableName[] {
  return [...after.relations.values()]
    .filter(({ id }) => {
      const isWritten = (after.writes.get(id) ?? 0) !== (before.writes.get(id) ?? 0);
      return isWritten || (before.files.has(id) && before.files.get(id) !== after.files.get(id));
    })
    .map(({ schema, name }) => ({ schema, name }));
}

function sessionChanges({ before, after }: LearnedRows): readonly { readonly kind: string; readonly name: string }[] {
  const print = (row: Row): string => JSON.stringify([row["kind"], row["name"], row["value"]]);
  const [old, now] = [new Set(before.session.map(print)), new Set(after.session.map(print))];
  return [...before.session, ...after.session]
    .filter((row) => old.has(print(row)) !== now.has(print(row)))
    .map((row) => ({ kind: String(row["kind"]), name: String(row["name"]) }));
}

function nameOf({ schema, name }: RelationRow): string {
  return quoteQualifiedName(schema, name);
}

function keyOf(row: Row): string {
  return `${String(row["schema"])}\0${String(row["name"])}`;
}
