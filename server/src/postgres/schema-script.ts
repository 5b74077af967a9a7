/** From the rows of the system catalogs to the statements that would make the same schema. */

import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import { addAll } from "../text/long-lists.ts";
import { mostBelongingRows } from "./belonging-queries.ts";
import type { PlainPartition } from "./bulk-partitions.ts";
import type { DatabaseRows } from "./catalog-queries.ts";
import { type CodeRow, codeRows, functionStatement } from "./code-script.ts";
import type { Row } from "./connection.ts";
import { indexStatements } from "./index-script.ts";

/** One statement, without a semicolon, and the relation that it makes or completes. */
export interface SchemaScriptStatement {
  readonly sql: string;
  readonly relation: { readonly schema: string; readonly name: string } | null;
  /** It gives a table what only the server that has it can give: a privilege, a place on a disk or in a publication. */
  readonly ofServer?: true | undefined;
  /** The code that it makes: if the statement is not understood, that it is there has to be known all the same. */
  readonly code?: CodeRow | undefined;
  /** The partition that it makes, where its parent and its bound say all of it. */
  readonly partition?: PlainPartition | undefined;
}

export interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly local: boolean;
  readonly collation: string | null;
  readonly identity: string;
  readonly generated: string;
  readonly default: string | null;
}

/** What a column is of which nothing is said: it is what most are. */
const plainColumn: ColumnRow = {
  name: "",
  type: "",
  notNull: false,
  local: true,
  collation: null,
  identity: "",
  generated: "",
  default: null,
};

export interface RelationRow {
  readonly id: string;
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly persistence: string;
  readonly isPartition: boolean;
  readonly parents: readonly string[];
  readonly bound: string | null;
  readonly partitionKey: string | null;
  readonly definition: string | null;
  readonly server: string | null;
  /** Of a sequence: the column to which it belongs, as SQL writes it. */
  readonly ownedBy: string | null;
  readonly columns: readonly ColumnRow[];
  readonly constraints: readonly { readonly name: string; readonly definition: string }[];
}

/**
 * In an order in which each statement finds what it needs.
 * @param indexesMade the ids of indexes for which no statement is wanted
 */
export function schemaScript(
  rows: DatabaseRows,
  indexesMade: ReadonlySet<unknown> = new Set(),
): readonly SchemaScriptStatement[] {
  const relations = parentsFirst(rows.relations.map(relationRow));
  const byId = new Map(relations.map((relation) => [relation.id, relation]));
  const tables = relations.filter(({ kind }) => ["r", "p", "f"].includes(kind));
  const views = relations.filter(({ kind }) => kind === "v" || kind === "m");
  const other = (sql: string): SchemaScriptStatement => ({ sql, relation: null });
  const code = codeRows(rows.code);
  const making = (row: CodeRow): SchemaScriptStatement => ({ sql: row.statement, relation: null, code: row });
  return [
    ...rows.schemas
      .filter((row) => row["name"] !== "public")
      .map((row) => other(`CREATE SCHEMA ${quoteIdentifier(text(row, "name"))}`)),
    ...rows.types.flatMap(typeStatement).map(other),
    ...rows.functions.map((row) => ({
      ...other(functionStatement(row)),
      code: { kind: "function", holder: null, name: text(row, "name"), statement: "" },
    })),
    ...code.before.map(making),
    ...relations
      .filter(({ kind }) => kind === "S")
      .map((relation) => about(relation, `CREATE SEQUENCE ${nameOf(relation)}`)),
    ...tables.map((relation) => ({
      ...about(relation, tableStatement(relation, byId)),
      partition: plainPartition(relation, byId),
    })),
    ...tables.flatMap((relation) => completions(relation, byId)),
    ...relations.flatMap((relation) =>
      relation.ownedBy === null ? [] : [about(relation, ownershipStatement(relation))],
    ),
    ...indexStatements(rows.indexes, indexesMade).map(other),
    ...views.map((relation) => about(relation, viewStatement(relation))),
    // A foreign key needs the other table with its key.
    ...tables.flatMap((relation) => constraintStatements(relation, true)),
    ...code.after.map(making),
    ...rows.belongings.slice(0, mostBelongingRows).map((row) => ({
      ...other(text(row, "statement")),
      ...(ofServer.has(text(row, "kind")) ? { ofServer: true as const } : {}),
    })),
  ];
}

const ofServer: ReadonlySet<string> = new Set(["privilege", "publication", "tablespace"]);

/** The statements by which another server has the same schema: without what only this one can give. */
export function portableStatements(rows: DatabaseRows): readonly string[] {
  return schemaScript(rows).flatMap(({ sql, ofServer: isOfServer }) => (isOfServer === true ? [] : [sql]));
}

/** The columns of each view, as a list of names and types in SQL. */
export function viewColumns(
  rows: DatabaseRows,
): readonly { readonly name: { readonly schema: string; readonly name: string }; readonly columns: string }[] {
  return rows.relations
    .filter(({ kind }) => kind === "v" || kind === "m")
    .map(relationRow)
    .map(({ schema, name, columns }) => ({
      name: { schema, name },
      columns: columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`).join(", "),
    }));
}

export function relationRow(row: Row): RelationRow {
  return {
    id: text(row, "id"),
    schema: text(row, "schema"),
    name: text(row, "name"),
    kind: text(row, "kind"),
    persistence: text(row, "persistence"),
    isPartition: row["is_partition"] === true,
    parents: (row["parents"] as readonly string[] | null) ?? [],
    bound: (row["bound"] as string | null) ?? null,
    partitionKey: (row["partition_key"] as string | null) ?? null,
    definition: (row["definition"] as string | null) ?? null,
    server: (row["server"] as string | null) ?? null,
    ownedBy: (row["owned_by"] as string | null) ?? null,
    columns: ((row["columns"] as readonly Partial<ColumnRow>[] | null) ?? []).map((each) => ({
      ...plainColumn,
      ...each,
    })),
    constraints: (row["constraints"] as RelationRow["constraints"] | null) ?? [],
  };
}

function parentsFirst(relations: readonly RelationRow[]): readonly RelationRow[] {
  const byId = new Map(relations.map((relation) => [relation.id, relation]));
  const ordered = new Set<RelationRow>();
  const entered = new Set<RelationRow>();
  for (const relation of relations) {
    const pending = [relation];
    for (let next = pending.at(-1); next !== undefined; next = pending.at(-1)) {
      const isNew = !entered.has(next);
      entered.add(next);
      const parents = isNew ? next.parents.flatMap((id) => byId.get(id) ?? []) : [];
      // A damaged catalog may have a ring; who has been entered already is not waited for.
      const before = parents.filter((parent) => !entered.has(parent)).reverse();
      addAll(pending, before);
      if (before.length > 0) continue;
      pending.pop();
      ordered.add(next);
    }
  }
  return [...ordered];
}

function typeStatement(row: Row): readonly string[] {
  const name = quoteQualifiedName(text(row, "schema"), text(row, "name"));
  switch (row["kind"]) {
    case "e": {
      const labels = ((row["labels"] as readonly string[] | null) ?? []).map(literal);
      return [`CREATE TYPE ${name} AS ENUM (${labels.join(", ")})`];
    }
    case "d":
      return domainStatements(row, name);
    default: {
      const columns = (row["columns"] as readonly (readonly [string, string])[] | null) ?? [];
      return [
        `CREATE TYPE ${name} AS (${columns.map(([column, type]) => `${quoteIdentifier(column)} ${type}`).join(", ")})`,
      ];
    }
  }
}

function domainStatements(row: Row, name: string): readonly string[] {
  const checks = ((row["checks"] as RelationRow["constraints"] | null) ?? []).map(
    ({ name: own, definition }) => `CONSTRAINT ${quoteIdentifier(own)} ${definition}`,
  );
  // One that is not valid for what is there already can only be added.
  const isLate = (check: string): boolean => check.endsWith(" NOT VALID");
  const parts = [
    `CREATE DOMAIN ${name} AS ${text(row, "base")}`,
    ...(typeof row["default"] === "string" ? [`DEFAULT ${row["default"]}`] : []),
    ...(row["not_null"] === true ? ["NOT NULL"] : []),
    ...checks.filter((check) => !isLate(check)),
  ];
  return [parts.join(" "), ...checks.filter(isLate).map((check) => `ALTER DOMAIN ${name} ADD ${check}`)];
}

function tableStatement(relation: RelationRow, byId: ReadonlyMap<string, RelationRow>): string {
  const { kind, server } = relation;
  const what = kind === "f" ? "FOREIGN TABLE" : relation.persistence === "u" ? "UNLOGGED TABLE" : "TABLE";
  const parents = relation.parents.flatMap((id) => byId.get(id) ?? []);
  const [parent] = parents;
  const partitionBy = relation.partitionKey === null ? "" : ` PARTITION BY ${relation.partitionKey}`;
  const end = `${partitionBy}${kind === "f" && server !== null ? ` SERVER ${quoteIdentifier(server)}` : ""}`;
  if (relation.isPartition && parent !== undefined && relation.bound !== null)
    return `CREATE ${what} ${nameOf(relation)} PARTITION OF ${nameOf(parent)} ${relation.bound}${end}`;
  const columns = relation.columns.filter(({ local }) => local || parents.length === 0).map(columnDefinition);
  const inherits = parents.length === 0 ? "" : ` INHERITS (${parents.map(nameOf).join(", ")})`;
  return `CREATE ${what} ${nameOf(relation)} (${columns.join(", ")})${inherits}${end}`;
}

/** The relation as a partition of which its parent and its bound say all; undefined where it is none, or divided itself. */
function plainPartition(relation: RelationRow, byId: ReadonlyMap<string, RelationRow>): PlainPartition | undefined {
  const { schema, name, kind, persistence, bound, partitionKey, isPartition, parents } = relation;
  const [parent] = parents.map((id) => byId.get(id));
  if (kind !== "r" || persistence !== "p" || partitionKey !== null || !isPartition) return undefined;
  return bound === null || parent?.persistence !== "p" ? undefined : { schema, name, parent, bound };
}

export function columnDefinition(column: ColumnRow): string {
  const parts = [quoteIdentifier(column.name), column.type];
  if (column.collation !== null) parts.push(`COLLATE ${column.collation}`);
  if (column.generated !== "" && column.default !== null)
    parts.push(`GENERATED ALWAYS AS (${column.default}) ${column.generated === "v" ? "VIRTUAL" : "STORED"}`);
  else if (column.identity !== "")
    parts.push(`GENERATED ${column.identity === "a" ? "ALWAYS" : "BY DEFAULT"} AS IDENTITY`);
  else if (column.default !== null) parts.push(`DEFAULT ${column.default}`);
  if (column.notNull) parts.push("NOT NULL");
  return parts.join(" ");
}

/** What a table has besides what its CREATE says: NOT NULL of its own, and constraints but foreign keys. */
function completions(relation: RelationRow, byId: ReadonlyMap<string, RelationRow>): readonly SchemaScriptStatement[] {
  const parents = relation.parents.flatMap((id) => byId.get(id) ?? []);
  const inherited = (name: string): boolean =>
    parents.some((parent) => parent.columns.some((column) => column.name === name && column.notNull));
  const own = relation.columns.filter(
    ({ name, notNull, local }) => notNull && (relation.isPartition || !local) && !inherited(name),
  );
  return [
    ...(parents.length === 0
      ? []
      : own.map(({ name }) =>
          about(relation, `ALTER TABLE ${nameOf(relation)} ALTER COLUMN ${quoteIdentifier(name)} SET NOT NULL`),
        )),
    ...constraintStatements(relation, false),
  ];
}

function constraintStatements(relation: RelationRow, foreignKeys: boolean): readonly SchemaScriptStatement[] {
  return relation.constraints
    .filter(({ definition }) => definition.startsWith("FOREIGN KEY") === foreignKeys)
    .map(({ name, definition }) =>
      about(relation, `ALTER TABLE ${nameOf(relation)} ADD CONSTRAINT ${quoteIdentifier(name)} ${definition}`),
    );
}

/** Gives a sequence to the column to which it belongs, or to none. */
export function ownershipStatement({ schema, name, ownedBy }: RelationRow): string {
  return `ALTER SEQUENCE ${quoteQualifiedName(schema, name)} OWNED BY ${ownedBy ?? "NONE"}`;
}

function viewStatement(relation: RelationRow): string {
  const columns = relation.columns.map(({ name }) => quoteIdentifier(name)).join(", ");
  const query = (relation.definition ?? "").replace(/;\s*$/, "");
  return `CREATE ${relation.kind === "m" ? "MATERIALIZED VIEW" : "VIEW"} ${nameOf(relation)} (${columns}) AS ${query}`;
}

function about({ schema, name }: RelationRow, sql: string): SchemaScriptStatement {
  return { sql, relation: { schema, name } };
}

function nameOf({ schema, name }: RelationRow): string {
  return quoteQualifiedName(schema, name);
}

function literal(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function text(row: Row, key: string): string {
  const value = row[key];
  return typeof value === "string" ? value : "";
}
