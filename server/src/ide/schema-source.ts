/** Which schema a file starts from that does not make its own: the chain, dump or files of the workspace that hold its tables. */

import { type MigrationLayout, migrationLayoutsOf } from "../replay/migration-layout.ts";
import { isOtherDatabase } from "../replay/other-databases.ts";
import type { Document } from "../syntax/document.ts";
import { relationsNamed } from "../syntax/named-relations.ts";
import type { RelationName } from "../syntax/names.ts";
import type { AlterAction, PlacedStatement, Statement } from "../syntax/statement.ts";
import { greatest } from "../text/long-lists.ts";
import { relationsOfQuery } from "./statement-relations.ts";

/** Something in a workspace folder whose end is a schema. */
export interface SchemaSource {
  /** The same for the same thing in every session; for picks that are remembered. */
  readonly key: string;
  /** `declared`: the chain that `schema.migrations` names; `files`: what `schema.files` names. */
  readonly kind: "declared" | "chain" | "dump" | "files";
  /** The folder in which it lies: the beginning of the paths or URIs of its files. */
  readonly folder: string;
  /** The names, without schema, of the tables and views that its files create. */
  readonly creates: () => ReadonlySet<string>;
}

export interface SchemaChoice<Source extends SchemaSource> {
  readonly source: Source | null;
  /** Where there are several and nothing tells which: all of them, to pick from. */
  readonly choices: readonly Source[];
}

/** What a file has to do with tables. */
export interface TablesOfFile {
  /** The relations that it names and does not make, each name once. */
  readonly used: readonly RelationName[];
  /** The names, without schema, of the tables and views that it makes. */
  readonly created: ReadonlySet<string>;
  /** Whether it stands on tables of others, and creates none of those that it uses. */
  readonly restsOnOthers: boolean;
}

/**
 * Chooses among the sources of a workspace folder: what is declared; else what was picked; else the chain nearest upwards, of
 * several the one that creates most of the tables that the file names; else a dump in the same way; else the files of the setting.
 *
 * @param file the path or URI of the file
 * @param root the workspace folder, above which nothing is looked for
 * @param used the names, without schema, that the file uses
 * @param picks the keys picked for folders
 */
export function chooseSource<Source extends SchemaSource>(
  file: string,
  root: string,
  used: readonly RelationName[],
  sources: readonly Source[],
  picks: ReadonlyMap<string, string>,
): SchemaChoice<Source> {
  const declared = sources.find(({ kind }) => kind === "declared");
  if (declared !== undefined) return { source: declared, choices: [] };
  const folders = foldersAbove(file, root);
  const picked = folders.flatMap((folder) => picks.get(folder) ?? [])[0];
  const remembered = sources.find(({ key }) => key === picked);
  if (remembered !== undefined) return { source: remembered, choices: sources };
  for (const kind of ["chain", "dump"] as const) {
    const ofKind = sources.filter((source) => source.kind === kind);
    for (const folder of folders) {
      const below = ofKind.filter((source) => source.folder === folder || source.folder.startsWith(`${folder}/`));
      const [first, ...others] = below;
      if (first === undefined) continue;
      return others.length === 0 ? { source: first, choices: [] } : mostOf(below, used);
    }
  }
  return { source: sources.find(({ kind }) => kind === "files") ?? null, choices: [] };
}

function mostOf<Source extends SchemaSource>(
  sources: readonly Source[],
  used: readonly RelationName[],
): SchemaChoice<Source> {
  const counts = sources.map((source) => {
    const creates = source.creates();
    return used.filter(({ name }) => creates.has(name)).length;
  });
  const most = greatest(counts);
  const best = sources.filter((_, index) => counts[index] === most);
  const [only] = best;
  return { source: most > 0 && best.length === 1 && only !== undefined ? only : null, choices: sources };
}

/** From the file's own folder up to the root; none for a file that does not lie below it. */
function foldersAbove(file: string, root: string): readonly string[] {
  if (!file.startsWith(`${root}/`)) return [];
  const parts = file.slice(root.length + 1).split("/");
  return parts.map((_, index) => [root, ...parts.slice(0, parts.length - 1 - index)].join("/"));
}

const tables = new WeakMap<Document, TablesOfFile>();

/** Kept with the document. */
export function tablesOf(document: Document): TablesOfFile {
  const known = tables.get(document);
  if (known !== undefined) return known;
  const found = readTables(document.statements.map(({ statement }) => statement));
  tables.set(document, found);
  return found;
}

function readTables(statements: readonly Statement[]): TablesOfFile {
  const created = new Set<string>();
  /** Those that become partitions of a table that the file does not make are made for what is there already. */
  const joined = new Set<string>();
  const used = new Map<string, RelationName>();
  const use = (names: readonly RelationName[]): void => {
    for (const name of names) used.set(`${name.schema ?? ""}.${name.name}`, name);
  };
  let changes = false;
  for (const statement of statements) {
    const own = createdBy(statement);
    if (own !== null) created.add(own.name);
    use(usedBy(statement).filter((name) => name !== own));
    for (const { parent, child } of joinedBy(statement)) if (!created.has(parent)) joined.add(child);
    changes ||= changesTable(statement, created);
  }
  const others = [...used.values()].filter(({ schema, name }) => !created.has(name) && !isSystem(schema, name));
  const makesItsOwn = [...used.values()].some(({ name }) => created.has(name) && !joined.has(name));
  return { used: others, created, restsOnOthers: others.length > 0 && !makesItsOwn && !changes };
}

/** What a statement makes for good; temporary tables hold what was there before. */
function createdBy(statement: Statement): RelationName | null {
  switch (statement.kind) {
    case "create-table":
    case "create-table-as":
    case "create-view":
      return statement.name;
    default:
      return null;
  }
}

function usedBy(statement: Statement): readonly RelationName[] {
  if (statement.kind === "do")
    return statement.body.statements.flatMap(({ statement: inner }: PlacedStatement) => usedBy(inner));
  return namesUsedBy(statement);
}

/** The relations that a statement itself names, those that it makes among them; their ranges count from its start. */
export function namesUsedBy(statement: Statement): readonly RelationName[] {
  const query = "query" in statement ? statement.query : null;
  return [
    ...relationsNamed(statement),
    ...(query === null ? [] : relationsOfQuery(query)),
    ...(statement.kind === "copy" && statement.relation !== null ? [statement.relation] : []),
  ];
}

function joinedBy(statement: Statement): readonly { readonly parent: string; readonly child: string }[] {
  if (statement.kind === "create-table-as" || statement.kind === "create-view")
    return [{ parent: "", child: statement.name.name }];
  if (statement.kind === "create-table") {
    if (statement.persistence === "temporary") return [{ parent: "", child: statement.name.name }];
    const parents = [statement.partitionOf?.parent, ...statement.inherits];
    return parents.flatMap((parent) =>
      parent === undefined ? [] : [{ parent: parent.name, child: statement.name.name }],
    );
  }
  if (statement.kind !== "alter-table") return [];
  const { relation, actions } = statement;
  return actions.flatMap((action) => {
    if (action.kind === "attach-partition") return [{ parent: relation.name, child: action.partition.name }];
    return action.kind === "inherit" ? [{ parent: action.parent.name, child: relation.name }] : [];
  });
}

/**
 * Whether the statement changes what a table of others is. Nobody knows when such a file runs, or whether it did: it is not
 * held against what a chain leaves.
 */
function changesTable(statement: Statement, created: ReadonlySet<string>): boolean {
  switch (statement.kind) {
    case "rename":
    case "set-schema":
      return !created.has(statement.relation.name);
    case "alter-table":
      return !created.has(statement.relation.name) && statement.actions.some(({ kind }) => !partitionActions.has(kind));
    default:
      return false;
  }
}

const partitionActions: ReadonlySet<AlterAction["kind"]> = new Set([
  "attach-partition",
  "detach-partition",
  "attach-index",
  "split-partition",
  "merge-partitions",
  "inherit",
  "no-inherit",
] as const);

function isSystem(schema: string | null, name: string): boolean {
  return schema === "pg_catalog" || schema === "information_schema" || (schema === null && name.startsWith("pg_"));
}

/** More places in one workspace folder are not looked at. */
const mostPlaces = 100;

/**
 * What may be chains among files with these paths: for each place the layouts to try, the likeliest first.
 *
 * @param paths absolute, or URIs
 * @param beginningIn the text of some file in a folder; empty where none is known
 */
export function placesAmong(
  paths: readonly string[],
  beginningIn: (folder: string) => string,
): readonly (readonly MigrationLayout[])[] {
  const found = new Map<string, readonly MigrationLayout[]>();
  for (const path of paths) {
    if (found.size >= mostPlaces) break;
    const layouts = migrationLayoutsOf(path, beginningIn(folderOf(path)));
    if (layouts.length > 0) found.set(layouts.map(layoutKey).join("\n"), layouts);
  }
  return [...found.values()];
}

/** The same for two files of one chain. */
export function layoutKey({ root, tool, globs }: MigrationLayout): string {
  return [root, tool.name, ...globs].join("\n");
}

/** More folders are not asked for what stands in their files. */
const mostFoldersRead = 200;

/** One file of each folder: what stands in it tells the tool of all. */
export function filesToRead(paths: readonly string[]): readonly string[] {
  const first = new Map<string, string>();
  for (const path of paths) {
    const folder = folderOf(path);
    if (first.size < mostFoldersRead && !first.has(folder)) first.set(folder, path);
  }
  return [...first.values()];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

/** More dumps in one workspace folder are not looked at. */
const mostDumps = 20;

/** The files that may hold a whole schema, by their names: Rails' structure.sql, and what people call the output of pg_dump. */
export function dumpsAmong(paths: readonly string[]): readonly string[] {
  return paths
    .filter((path) => {
      const parts = path.split("/");
      const name = parts.pop() ?? "";
      return dumpName.test(name) && !parts.some(isOtherDatabase) && migrationLayoutsOf(path, "").length === 0;
    })
    .slice(0, mostDumps);
}

const dumpName = /^(?:[\w.-]*[_.-])?(?:structure|schema|dump|pg_dump|backup)(?:[_.-][\w.-]*)?\.sql$/i;

/** Whether the text is what pg_dump writes, or a script that creates tables and takes nothing for granted. */
export function isWholeSchema(document: Document): boolean {
  const { created, used } = tablesOf(document);
  return created.size > 0 && (used.length === 0 || isDumpText(document.text));
}

/** Whether pg_dump says so at the top, or `alembic upgrade head --sql`, which writes all revisions from the first one on. */
export function isDumpText(text: string): boolean {
  return /^-- (?:PostgreSQL database (?:cluster )?dump\b|Running upgrade +-> )/m.test(text.slice(0, 2_000));
}
