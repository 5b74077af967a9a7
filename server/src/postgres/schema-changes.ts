/** What others have changed of a database's schema since it was read: asked in one query, and read again where it is few new or gone tables. */

import { quoteQualifiedName } from "../syntax/names.ts";
import { attempt } from "./attempt.ts";
import { catalogQueries, type DatabaseRows, firstOwnId, printingSettings, userSchema } from "./catalog-queries.ts";
import type { DatabaseConnection, ReadResult, ReadSession, Row } from "./connection.ts";
import { readExtensionStamp } from "./extension-tables.ts";
import { type SchemaScriptStatement, schemaScript } from "./schema-script.ts";

/** What was seen of the system catalogs when a schema was read, by which it is told later what is other. */
export interface SchemaMark {
  /** The transaction from which on others had not ended: whatever is written later is written by one that is no older. */
  readonly horizon: string;
  /** How many rows there are where changes are not followed, and a sum over their ids. */
  readonly others: string;
  /** How many relations there are, and a sum over their ids. */
  readonly relations: string;
  /** What extensions kept of their tables: see `readExtensionStamp`. */
  readonly extensions: string;
  /** What had been written elsewhere since the horizon. */
  readonly othersLater: string;
  /** What had been written of relations since the horizon, by their ids. */
  readonly later: ReadonlyMap<string, string>;
  /** Every table, view, sequence and index by its id; an index with the id of its table, others with nothing. */
  readonly ids: ReadonlyMap<string, string>;
}

/** Changes that are few new relations, and few that are gone. */
export interface SchemaChanges {
  /** The statements that make of the schema as it was the one that is there. */
  readonly statements: readonly SchemaScriptStatement[];
  /** All rows as they are now. */
  readonly rows: DatabaseRows;
  readonly mark: SchemaMark;
}

export type ChangesReading =
  | { readonly kind: "same" }
  | { readonly kind: "changed"; readonly changes: SchemaChanges }
  /** More has changed, or it cannot be told what: all is to be read again. */
  | { readonly kind: "other" };

/** More are not followed one by one. */
const mostChanged = 1_000;

/** Where rows stand that say what runs, or what hangs on tables or is needed by them; each with the condition on those that are read. */
const others: readonly (readonly [catalog: string, id: string, condition: string])[] = [
  ["pg_proc", "oid", ""],
  ["pg_trigger", "oid", "NOT tgisinternal"],
  ["pg_rewrite", "oid", ""],
  ["pg_policy", "oid", ""],
  ["pg_event_trigger", "oid", ""],
  ["pg_operator", "oid", ""],
  ["pg_cast", "oid", ""],
  ["pg_opclass", "oid", ""],
  ["pg_amproc", "oid", ""],
  ["pg_extension", "oid", ""],
  ["pg_namespace", "oid", "nspname !~ '^pg_'"],
  ["pg_enum", "oid", ""],
  [
    "pg_type",
    "oid",
    "(typtype IN ('e', 'd') OR (typtype = 'c' AND EXISTS (SELECT FROM pg_class r WHERE r.oid = typrelid AND r.relkind = 'c')))",
  ],
  ["pg_statistic_ext", "oid", ""],
  ["pg_publication", "oid", ""],
  ["pg_publication_rel", "oid", ""],
  ["pg_default_acl", "oid", ""],
  ["pg_collation", "oid", ""],
  ["pg_foreign_server", "oid", ""],
  ["pg_tablespace", "oid", ""],
  ["pg_am", "oid", ""],
  ["pg_ts_config", "oid", ""],
  ["pg_description", "objoid", `objoid >= ${firstOwnId}`],
];

/** The rows that are no older than the transaction `$1`. */
const isLater = (alias: string): string => `age(${alias}.xmin) <= age($1::text::xid)`;

/** Tables, views, sequences and indexes of users; `c` is the row of `pg_class`. */
const ofUsers = `FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${userSchema} AND c.relpersistence <> 't'`;

/** Rows that say what a relation is, by its id. */
const written = (
  [
    ["pg_class", "oid"],
    ["pg_attribute", "attrelid"],
    ["pg_attrdef", "adrelid"],
    ["pg_constraint", "conrelid"],
    ["pg_index", "indexrelid"],
    ["pg_inherits", "inhrelid"],
    ["pg_partitioned_table", "partrelid"],
  ] as const
)
  .map(([catalog, id]) => `SELECT s.${id}, s.xmin::text || ' ${catalog}' FROM ${catalog} s WHERE ${isLater("s")}`)
  .join(" UNION ALL ");

const whereOf = (condition: string): string => (condition === "" ? "true" : condition);

function markQuery(serverVersion: number): string {
  const counted = others.map(
    ([catalog, id, condition]) =>
      `(SELECT count(*) || ':' || coalesce(sum(s.${id}::int8), 0) FROM ${catalog} s WHERE ${whereOf(condition)})`,
  );
  // A foreign key that goes leaves no trace in the rows of its table.
  const ofOwnKeys = serverVersion >= 110_000 ? " AND conparentid = 0" : "";
  return `SELECT (txid_snapshot_xmin(txid_current_snapshot()) % 4294967296)::text AS horizon,
      concat_ws(' ', ${counted.join(", ")},
        (SELECT count(*) || ':' || coalesce(sum(hashtext(rolname::text)::int8), 0) FROM pg_roles),
        (SELECT count(*) || ':' || coalesce(sum(oid::int8), 0) FROM pg_constraint WHERE contype = 'f'${ofOwnKeys})) AS others,
      (SELECT count(*) || ':' || coalesce(sum(c.oid::int8), 0) ${ofUsers}) AS relations`;
}

/** What was written since the transaction `$1`: elsewhere as one text, of relations by their ids. */
const laterColumns = `
  concat_ws(' ', ${others
    .map(
      ([catalog, , condition]) =>
        `(SELECT count(*) || ':' || coalesce(sum(hashtext(s.xmin::text)::int8), 0) FROM ${catalog} s WHERE ${whereOf(condition)} AND ${isLater("s")})`,
    )
    .join(", ")}) AS others_later,
  (SELECT json_object_agg(l.id::int8::text, l.how) FROM (
    SELECT w.id, count(*) || ':' || sum(hashtext(w.what)::int8) AS how FROM (${written}) w (id, what)
    WHERE w.id IN (SELECT c.oid ${ofUsers}) GROUP BY w.id LIMIT ${mostChanged + 1}) l) AS later`;

const idsQuery = `SELECT c.oid::int8::text AS id, x.indrelid::int8::text AS "of"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_index x ON x.indexrelid = c.oid
  WHERE ${userSchema} AND c.relpersistence <> 't'`;

/**
 * To be called before the schema is read, in the same transaction, which it leaves usable; names are those of `pg_catalog` there.
 *
 * @returns null where the role may not read all that has to be looked at, or too much is under way to follow it
 */
export async function readMark(session: ReadSession, signal: AbortSignal): Promise<SchemaMark | null> {
  const row = await firstRow(session, signal, markQuery(session.serverVersion), []);
  return row === null ? null : markOf(session, signal, row, null);
}

/** `known`: the ids of relations, where they are known by now. */
async function markOf(
  session: ReadSession,
  signal: AbortSignal,
  row: Row,
  known: SchemaMark["ids"] | null,
): Promise<SchemaMark | null> {
  const horizon = String(row["horizon"]);
  const later = await firstRow(session, signal, `SELECT ${laterColumns}`, [horizon]);
  if (later === null) return null;
  const ids = known ?? idsOf(await session.query(idsQuery));
  return {
    ...{ horizon, others: String(row["others"]), relations: String(row["relations"]), ids },
    ...{ othersLater: String(later["others_later"]), later: laterOf(later) },
    extensions: await readExtensionStamp(session, signal),
  };
}

async function firstRow(
  session: ReadSession,
  signal: AbortSignal,
  sql: string,
  values: readonly unknown[],
): Promise<Row | null> {
  const answer = await attempt(session, signal, sql, values);
  return "failed" in answer ? null : (answer.rows[0] ?? null);
}

function laterOf(row: Row): SchemaMark["later"] {
  const later = row["later"];
  return new Map(
    typeof later === "object" && later !== null ? Object.entries(later).map(([id, how]) => [id, String(how)]) : [],
  );
}

function idsOf(rows: readonly Row[]): SchemaMark["ids"] {
  return new Map(rows.map(({ id, of }) => [String(id), typeof of === "string" ? of : ""]));
}

const other = { kind: "other" } as const;

/**
 * What has become of the schema since the mark, behind which `rows` were read. Tables that have come and gone are told, with their
 * partitions and indexes; what has changed of one that was there is not followed.
 */
export function readSchemaChanges(
  connection: DatabaseConnection,
  known: { readonly mark: SchemaMark; readonly rows: DatabaseRows },
  signal: AbortSignal,
): Promise<ReadResult<ChangesReading>> {
  return connection.read(async (session) => {
    await session.query(printingSettings);
    return readChanges(session, known, signal);
  }, signal);
}

async function readChanges(
  session: ReadSession,
  { mark, rows }: { readonly mark: SchemaMark; readonly rows: DatabaseRows },
  signal: AbortSignal,
): Promise<ChangesReading> {
  const query = `${markQuery(session.serverVersion)}, ${laterColumns}`;
  const row = await firstRow(session, signal, query, [mark.horizon]);
  if ((await readExtensionStamp(session, signal)) !== mark.extensions) return other;
  if (row === null || row["others"] !== mark.others || row["others_later"] !== mark.othersLater) return other;
  const later = laterOf(row);
  const touched = [...later].flatMap(([id, how]) => (mark.later.get(id) === how ? [] : [id]));
  if (later.size > mostChanged || touched.some((id) => mark.ids.has(id))) return other;
  if (touched.length === 0 && row["relations"] === mark.relations) return { kind: "same" };

  const ids = idsOf(await session.query(idsQuery));
  const gone = new Set([...mark.ids.keys()].filter((id) => !ids.has(id)));
  const came = new Set([...ids.keys()].filter((id) => !mark.ids.has(id)));
  const tableOf = (id: string): string => (ids.get(id) ?? mark.ids.get(id)) || id;
  // An index comes and goes with its table, or changes one that stays.
  if ([...gone].some((id) => !gone.has(tableOf(id))) || [...came].some((id) => !came.has(tableOf(id)))) return other;
  if (came.size > mostChanged || gone.size > mostChanged) return other;
  const old = new Map(rows.relations.map((each) => [String(each["id"]), each]));
  const isTable = (id: string): boolean => tableOf(id) === id;
  const lost = [...gone].filter(isTable).map((id): Row | undefined => old.get(id));
  const read = await readRelations(session, [...came].filter(isTable));
  if (read.relations.length !== [...came].filter(isTable).length) return other;
  if (![...lost, ...read.relations].every(isFollowedTable) || !read.indexes.every(isFollowedIndex)) return other;
  if (read.relations.some(({ id }) => old.has(String(id)))) return other;

  const above = new Set(read.relations.flatMap(parentsOf).filter((id) => !came.has(id)));
  const parents = [...above].map((id) => old.get(id)).filter((each): each is Row => each !== undefined);
  const newMark = await markOf(session, signal, row, ids);
  if (parents.length < above.size || newMark === null) return other;
  const keeps = (all: readonly Row[]): readonly Row[] => all.filter(({ id }) => !gone.has(String(id)));
  return {
    kind: "changed",
    changes: {
      statements: [...drops(lost.filter((each): each is Row => each !== undefined)), ...creations(parents, read)],
      rows: {
        ...rows,
        relations: [...keeps(rows.relations), ...read.relations],
        indexes: [...keeps(rows.indexes), ...read.indexes],
        belongings: [...rows.belongings, ...read.belongings],
      },
      mark: newMark,
    },
  };
}

type ReadRows = Pick<DatabaseRows, "relations" | "indexes" | "belongings">;

function drops(lost: readonly Row[]): readonly SchemaScriptStatement[] {
  return lost.map((each) => ({ sql: `DROP TABLE IF EXISTS ${nameOf(each)} CASCADE`, relation: null }));
}

function creations(parents: readonly Row[], read: ReadRows): readonly SchemaScriptStatement[] {
  const names = new Set(read.relations.map(nameOf));
  const made: DatabaseRows = {
    ...noRows,
    relations: [...parents, ...read.relations],
    // The others are made with their tables.
    indexes: read.indexes.filter(({ parent }) => parent === null),
    belongings: read.belongings,
  };
  return schemaScript(made).filter(({ relation }) => relation === null || names.has(nameOf({ ...relation })));
}

/** A plain table of the connected role, or a partitioned one: what hangs on others is not looked at one by one. */
function isFollowedTable(row: Row | undefined): boolean {
  if (row === undefined) return false;
  const { kind, persistence, detach_pending: isPending, owner, constraints } = row;
  const keys = (constraints as readonly { readonly definition: string }[] | null) ?? [];
  return (
    (kind === "r" || kind === "p") &&
    persistence === "p" &&
    isPending !== true &&
    owner === null &&
    parentsOf(row).length <= 1 &&
    !keys.some(({ definition }) => definition.startsWith("FOREIGN KEY"))
  );
}

function parentsOf({ parents }: Row): readonly string[] {
  return (parents as readonly string[] | null) ?? [];
}

/** An index of its own, or one that comes with its table because the parent has it, under the name that it gets. */
function isFollowedIndex({
  parent,
  is_valid: isValid,
  is_of_constraint: isOfConstraint,
  is_named_by_default: isDefault,
}: Row): boolean {
  return isValid === true && (parent === null || (isOfConstraint !== true && isDefault === true));
}

const noRows: DatabaseRows = {
  ...{ database: [], schemas: [], types: [], functions: [], code: [] },
  ...{ relations: [], indexes: [], belongings: [], extensions: [], shared: [] },
};

async function readRelations(session: ReadSession, ids: readonly string[]): Promise<ReadRows> {
  const isOne = (id: string): string => `${id} = ANY ($1::oid[])`;
  const queries = catalogQueries(session.serverVersion, false, {
    ...{ relations: isOne, indexes: isOne("x.indrelid"), belongings: isOne("c.oid") },
  });
  return {
    relations: await session.query(queries.relations, [ids]),
    indexes: await session.query(queries.indexes, [ids]),
    belongings: await session.query(queries.belongings, [ids]),
  };
}

function nameOf({ schema, name }: Row): string {
  return quoteQualifiedName(String(schema), String(name));
}
