/** Reads a database's schema into a catalog: the system catalogs as statements, and these through the replay. */

import {
  type Catalog,
  emptyCatalog,
  findRelation,
  type SessionSettings,
  withRelation,
  withSettings,
} from "../catalog/catalog.ts";
import { IdMap } from "../catalog/id-map.ts";
import type { Column, Origin, Relation } from "../catalog/relation.ts";
import { isCollatable, resolveType } from "../catalog/values/types.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { addAll } from "../text/long-lists.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { attempt } from "./attempt.ts";
import { mostBelongingRows } from "./belonging-queries.ts";
import {
  type CatalogPart,
  type CatalogQueries,
  catalogParts,
  catalogQueries,
  type DatabaseRows,
  indexDefinitions,
  isOfPage,
  printingSettings,
  relationPages,
} from "./catalog-queries.ts";
import { isCodeCut, withUnreadCode, withUntoldCode } from "./code-script.ts";
import { withConfigured } from "./configured.ts";
import type { DatabaseConnection, ReadResult, ReadSession, Row } from "./connection.ts";
import { type ExtensionReading, readExtensionStamp, readExtensionTables } from "./extension-tables.ts";
import { definitionsWanted } from "./index-script.ts";
import { readMark, type SchemaChanges, type SchemaMark } from "./schema-changes.ts";
import { replayScript } from "./schema-replay.ts";
import { schemaScript, viewColumns } from "./schema-script.ts";

/** What a database says of itself. */
export interface DatabaseSnapshot {
  readonly serverVersion: number;
  readonly rows: DatabaseRows;
  /** The parts that could not be read, and are empty among the rows, each with the reason. */
  readonly unread: ReadonlyMap<CatalogPart, string>;
  /** What extensions keep of the tables that they divide. */
  readonly configured: ExtensionReading;
  /** By which it is told later what others have changed; null where that cannot be told. */
  readonly mark: SchemaMark | null;
}

export interface DatabaseSchema {
  readonly catalog: Catalog;
  /** The extensions that partition in their own ways, with their versions; null where they are not installed. */
  readonly extensions: {
    readonly pathman: string | null;
    readonly partman: string | null;
    readonly citus: string | null;
  };
  /** What could not be taken over, one line each, for the log. */
  readonly declined: readonly string[];
}

/** Reads the catalogs in one read-only transaction. */
export function readDatabase(
  connection: DatabaseConnection,
  signal: AbortSignal,
): Promise<ReadResult<DatabaseSnapshot>> {
  return connection.read(async (session) => {
    const only = { relations: isOfPage, indexes: isOfPage("x.indexrelid") };
    const queries = catalogQueries(session.serverVersion, false, only);
    await session.query(printingSettings);
    const mark = await readMark(session, signal);
    const parts = await readParts(session, queries, signal);
    const configured = await readExtensionTables(session, signal);
    return { serverVersion: session.serverVersion, ...parts, configured, mark };
  }, signal);
}

/** A cheap text that changes whenever a table, a partition, a bound or what an extension keeps of them does: for asking whether a snapshot is still good. */
export async function readSchemaStamp(
  connection: DatabaseConnection,
  signal: AbortSignal,
): Promise<ReadResult<string>> {
  return connection.read(async (session) => {
    const core = `SELECT concat_ws(' ', (SELECT count(*) || ':' || coalesce(max(c.xmin::text::int8), 0) FROM pg_class c WHERE c.relkind IN ('r', 'p', 'f', 'v')),
        (SELECT count(*) || ':' || coalesce(max(i.xmin::text::int8), 0) FROM pg_inherits i),
        (SELECT count(*) || ':' || coalesce(max(k.xmin::text::int8), 0) FROM pg_constraint k)) AS stamp`;
    const code = `SELECT concat_ws(' ',
        ${runningCode.map((table) => `(SELECT count(*) || ':' || coalesce(max(s.xmin::text::int8), 0) FROM ${table} s)`).join(", ")}) AS stamp`;
    const [tables] = await session.query(core);
    // Where a role may not read all of these, that they change is not seen.
    const running = await attempt(session, signal, code);
    const others = "failed" in running ? "" : String(running.rows[0]?.["stamp"]);
    return `${String(tables?.["stamp"])} ${others} ${await readExtensionStamp(session, signal)}`;
  }, signal);
}

/** The system catalogs of what runs besides the statements of a file, and of what hangs on tables apart from them. */
const runningCode = [
  "pg_proc",
  "pg_trigger",
  "pg_rewrite",
  "pg_policy",
  "pg_publication_rel",
  "pg_event_trigger",
  "pg_operator",
  "pg_cast",
  "pg_opclass",
  "pg_extension",
] as const;

/** The schema as a catalog whose relations all come from the database. `complete` is left to whoever puts the world together. */
export function databaseSchema(
  snapshot: DatabaseSnapshot,
  reading: Reading,
  options: ReplayOptions,
  making: SchemaMaking = {},
): DatabaseSchema {
  return atOnce(databaseSchemaInTurns(snapshot, reading, options, making));
}

/** How a catalog is made of rows; what it says is the same. */
export interface SchemaMaking {
  /** False: a statement for each partition, also where it is like others. */
  readonly bulk?: boolean;
}

/** The same, pausing after every statement: ten thousand partitions take a second, in which others want answers. */
export function* databaseSchemaInTurns(
  { rows, unread, configured }: DatabaseSnapshot,
  reading: Reading,
  options: ReplayOptions,
  { bulk = true }: SchemaMaking = {},
): Turns<DatabaseSchema, unknown> {
  const empty = emptyCatalog({
    complete: true,
    timeZone: "UTC",
    databaseCollation: collationOf(rows.database[0]) ?? undefined,
  });
  const extensions = rows.extensions.reduce(
    (known, { name, version, schema }) =>
      known.with(String(name), { version: String(version), schema: typeof schema === "string" ? schema : null }, true),
    empty.extensions,
  );
  const shared = rows.shared.reduce(
    (known, { kind, name }) => known.with(`${String(kind)} ${String(name)}`, "shown", true),
    empty.shared,
  );
  const start = { ...empty, extensions, shared };
  // Names in the statements are qualified, so nothing is looked up; `''` has no schema to create anything in by mistake.
  const { made, declined, untold } = yield* replayScript(
    schemaScript(rows).map((statement) => (bulk ? statement : { ...statement, partition: undefined })),
    withSettings(start, { searchPath: [] }),
    reading,
    options,
  );
  for (const [part, why] of unread) declined.push(`${dispensable[part] ?? part}: ${why}`);
  const isCut = isCodeCut(rows.functions, rows.code);
  if (isCut) declined.push("it has more functions, triggers or rules than are read: any of them may run");
  const shown = withViewColumns(made, rows, reading);
  const isCodeKnown = !isCut && !unread.has("functions") && !unread.has("code");
  const told = untold.reduce(withUntoldCode, isCodeKnown ? shown : withUnreadCode(shown));
  const session = withSettings(
    fromDatabase(withPendingDetach(told, rows)),
    sessionSettings(rows.database[0], start.settings),
  );
  const { catalog: configuredToo, declined: unreadTables } = withConfigured(withOwners(session, rows), configured);
  const areBelongingsCut = rows.belongings.length > mostBelongingRows || unread.has("belongings");
  const catalog: Catalog = areBelongingsCut ? { ...configuredToo, belongingsCut: true } : configuredToo;
  addAll(declined, unreadTables);
  return {
    catalog,
    extensions: {
      pathman: versionOf(rows, "pg_pathman"),
      partman: versionOf(rows, "pg_partman"),
      citus: versionOf(rows, "citus"),
    },
    declined,
  };
}

/**
 * The schema after changes of others, and its snapshot; null where they cannot be taken over, so that all is to be read again.
 *
 * @param catalog the schema that was made of the snapshot
 */
export function* changedSchemaInTurns(
  snapshot: DatabaseSnapshot,
  catalog: Catalog,
  changes: SchemaChanges,
  reading: Reading,
  options: ReplayOptions,
): Turns<{ readonly snapshot: DatabaseSnapshot; readonly catalog: Catalog } | null, unknown> {
  const { statements, rows, mark } = changes;
  const start = withSettings(catalog, { searchPath: [] });
  const { made, declined } = yield* replayScript(statements, start, reading, options);
  if (declined.length > 0) return null;
  const { settings, knownAbsent } = catalog;
  return { snapshot: { ...snapshot, rows, mark }, catalog: { ...fromDatabase(made), settings, knownAbsent } };
}

/** The parts without which a schema is less well known, and is known all the same; what is said of it where one is missing. */
const dispensable: Readonly<Partial<Record<CatalogPart, string>>> = {
  functions: "its functions are not known, so any of them may run",
  code: "its triggers, rules and policies are not known, so any code may run",
  belongings: "privileges, comments, settings and publications of its tables are not known",
  shared: "its roles, tablespaces and servers are not known",
};

/** The parts that are as long as the schema is wide. */
const paged: ReadonlySet<CatalogPart> = new Set(["relations", "indexes"]);

async function readParts(
  session: ReadSession,
  queries: CatalogQueries,
  signal: AbortSignal,
): Promise<Pick<DatabaseSnapshot, "rows" | "unread">> {
  const pages = await readPages(session);
  const rows: Partial<Record<CatalogPart, readonly Row[]>> = {};
  const unread = new Map<CatalogPart, string>();
  for (const part of catalogParts) {
    if (dispensable[part] !== undefined) {
      const answer = await attempt(session, signal, queries[part]);
      if ("failed" in answer) unread.set(part, answer.failed);
      rows[part] = "failed" in answer ? [] : answer.rows;
    } else if (paged.has(part)) {
      const all: Row[] = [];
      for (const page of pages) addAll(all, await session.query(queries[part], page));
      rows[part] = part === "indexes" ? await withDefinitions(session, all) : all;
    } else {
      rows[part] = await session.query(queries[part]);
    }
  }
  return { rows: rows as DatabaseRows, unread };
}

/** So many definitions of indexes are asked for at once. */
const definitionsTogether = 10_000;

/** The indexes with the definitions of those that have to be made one by one. */
async function withDefinitions(session: ReadSession, rows: readonly Row[]): Promise<readonly Row[]> {
  const wanted = definitionsWanted(rows);
  if (wanted.length === 0) return rows;
  const found = new Map<unknown, unknown>();
  for (let first = 0; first < wanted.length; first += definitionsTogether) {
    const ids = wanted.slice(first, first + definitionsTogether);
    for (const { id, definition } of await session.query(indexDefinitions, [ids])) found.set(id, definition);
  }
  return rows.map((row) => (found.has(row["id"]) ? { ...row, definition: found.get(row["id"]) } : row));
}

/** The pages of relations: behind which id each begins, and with which it ends. The last one takes whatever is made meanwhile. */
async function readPages(session: ReadSession): Promise<readonly (readonly [string, string])[]> {
  const ends = (await session.query(relationPages)).map(({ last }) => String(last));
  const starts = ["0", ...ends.slice(0, -1)];
  return starts.map((start, index) => [start, index === starts.length - 1 ? greatestId : String(ends[index])]);
}

const greatestId = "4294967295";

/** The columns of views as the database has them: their types need not follow from what we know of their queries. */
function withViewColumns(catalog: Catalog, rows: DatabaseRows, reading: Reading): Catalog {
  let result = catalog;
  for (const { name, columns } of viewColumns(rows)) {
    const view = findRelation(result, name);
    const statement = parseDocument(`CREATE TABLE v (${columns})`, reading).statements[0]?.statement;
    if (view === null || statement?.kind !== "create-table") continue;
    const typed = statement.elements.flatMap((element): readonly Column[] => {
      if (element.kind !== "column" || element.type === null) return [];
      const type = resolveType(result, element.type);
      return [{ ...plainColumn, name: element.name.name, type, collation: isCollatable(type) ? "default" : null }];
    });
    result = withRelation(result, { ...view, columns: typed, knowledge: "full" });
  }
  return result;
}

/** Whose tables are, where they are not those of the connected role. */
function withOwners(catalog: Catalog, rows: DatabaseRows): Catalog {
  let givenTo = catalog.givenTo ?? IdMap.empty<string>();
  for (const { schema, name, owner } of rows.relations) {
    const relation =
      typeof owner === "string" ? findRelation(catalog, { schema: String(schema), name: String(name) }) : null;
    if (relation !== null) givenTo = givenTo.with(relation.id, String(owner));
  }
  return givenTo.size === 0 ? catalog : { ...catalog, givenTo };
}

/** DETACH … CONCURRENTLY that was interrupted leaves partitions that no statement makes so. */
function withPendingDetach(catalog: Catalog, rows: DatabaseRows): Catalog {
  let next = catalog;
  for (const { schema, name, detach_pending: isPending } of rows.relations) {
    if (isPending !== true) continue;
    const relation = findRelation(next, { schema: String(schema), name: String(name) });
    if (relation === null || relation.partitionOf === null) continue;
    next = withRelation(next, { ...relation, partitionOf: { ...relation.partitionOf, detachPending: true } });
  }
  return next;
}

const plainColumn = {
  notNull: false,
  hasDefault: false,
  generated: null,
  identity: null,
  local: true,
  inheritedFrom: 0,
} as const;

const origin: Origin = { kind: "database" };

/** Nothing of it stands in a file. Names, keys and dependents stay as they are, so nothing but the relations is another. */
function fromDatabase(catalog: Catalog): Catalog {
  const relations = catalog.relations.mapped((relation) =>
    isFromDatabase(relation)
      ? relation
      : {
          ...relation,
          partitionOf: relation.partitionOf === null ? null : { ...relation.partitionOf, origin },
          constraints: relation.constraints.changed((constraint) => ({ ...constraint, origin })),
          origin,
        },
  );
  return { ...catalog, relations };
}

function isFromDatabase(relation: Relation): boolean {
  return (
    relation.origin === origin &&
    (relation.partitionOf === null || relation.partitionOf.origin === origin) &&
    relation.constraints.every((constraint) => constraint.origin === origin)
  );
}

function sessionSettings(row: Row | undefined, fallback: SessionSettings): Partial<SessionSettings> {
  const path = row?.["search_path"];
  const timeZone = row?.["time_zone"];
  const user = row?.["user"];
  const zone = typeof timeZone === "string" && timeZone !== "" ? timeZone : fallback.timeZone;
  return {
    searchPath: typeof path === "string" ? readSearchPath(path) : fallback.searchPath,
    timeZone: zone,
    initialTimeZone: zone,
    user: typeof user === "string" ? user : fallback.user,
  };
}

/** The schemas of a `search_path` setting: `"$user", public`. */
function readSearchPath(setting: string): readonly string[] {
  return [...setting.matchAll(/"((?:[^"]|"")*)"|([^\s,"]+)/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain ?? "").toLowerCase() : quoted.replaceAll('""', '"'),
  );
}

/** `C` where the database compares text byte by byte, else the name of its collation. */
function collationOf(row: Row | undefined): string | null {
  const collation = row?.["collation"];
  const locale = row?.["locale"];
  if (row?.["provider"] === "b") return locale === "C" || locale === "C.UTF-8" ? "C" : String(locale);
  if (row?.["provider"] === "i") return typeof locale === "string" ? locale : null;
  if (collation === "C" || collation === "POSIX") return "C";
  return typeof collation === "string" && collation !== "" ? collation : null;
}

function versionOf(rows: DatabaseRows, extension: string): string | null {
  const version = rows.extensions.find((row) => row["name"] === extension)?.["version"];
  return typeof version === "string" ? version : null;
}
