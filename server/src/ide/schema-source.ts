/** Which schema a file starts from that does not make its own: the chain, dump or files of the workspace that hold its tables. */

import { type MigrationLayout, migrationLayoutsOf } from "../replay/migration-layout.ts";
import { isOtherDatabase } from "../replay/other-databases.ts";
import type { Document } from "../syntax/document.ts";
import type { RelationName } from "../syntax/names.ts";
import { greatest } from "../text/long-lists.ts";
import { tablesOf } from "./tables-of-file.ts";

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
