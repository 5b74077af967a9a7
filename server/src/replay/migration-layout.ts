/** Recognises the files of a migration tool by their names, folders and texts, so that a chain needs no setting. */

import { type Layout, type MigrationTool, migrationTools } from "../syntax/migration-tools.ts";
import { type MigrationFile, orderMigrations } from "./migration-order.ts";
import { isOtherDatabase } from "./other-databases.ts";

/** Where the files of a chain lie. */
export interface MigrationLayout {
  readonly tool: MigrationTool;
  /** The folder of the chain: the beginning of the path that was asked about. */
  readonly root: string;
  /** Which of the files below the root belong to the chain, by their paths from there. */
  readonly globs: readonly string[];
}

/**
 * The layout of the chain to which a file seems to belong; null where nothing speaks for one. Whether it is a chain is told by
 * what lies there: the list of the tool, and more than one file that runs forward.
 *
 * @param path absolute, or a URI; with `/` between folders
 */
export function migrationLayoutOf(path: string): MigrationLayout | null {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  if (isOtherDatabase(folders.at(-1) ?? "")) return null;
  for (const tool of migrationTools) {
    for (const layout of tool.layouts) {
      const root = rootOf(layout, name, folders);
      if (root !== null) return { tool, root: root.join("/"), globs: layout.globs };
    }
  }
  return null;
}

/** Whether the files found are a chain of this layout: one file alone is none. */
export function formsChain({ tool }: MigrationLayout, files: readonly MigrationFile[]): boolean {
  const { forward, replaced } = orderMigrations(files);
  const paths = files.map(({ path }) => path);
  return (tool.list === undefined || holds(paths, tool.list.path)) && forward.length + replaced.length > 1;
}

/**
 * The tool that runs a file; null where nothing speaks for one.
 *
 * @param path as for `migrationLayoutOf`
 * @param others the paths of the other files of its chain
 */
export function migrationToolOf(path: string, text: string, others: readonly string[]): MigrationTool | null {
  const beginning = text.slice(0, longestBeginning);
  const told = migrationTools.find(({ signature }) => signature?.test(beginning) === true);
  if (told !== undefined) return told;
  const layout = migrationLayoutOf(path);
  if (layout === null) return null;
  const { tool } = layout;
  const hasList = tool.list === undefined || holds(others, tool.list.path);
  if (tool.transaction !== "unknown") return hasList ? tool : null;
  return migrationTools.find(({ companion }) => companion !== undefined && holds(others, companion)) ?? tool;
}

function holds(paths: readonly string[], path: string): boolean {
  return paths.some((each) => each === path || each.endsWith(`/${path}`));
}

/** What tells a tool stands at the top. */
const longestBeginning = 4_000;

function rootOf(layout: Layout, name: string, folders: readonly string[]): readonly string[] | null {
  if (!layout.file.test(name)) return null;
  const own = folders.length - 1;
  const named = layout.folder === undefined ? own : folders.findLastIndex((folder) => layout.folder?.test(folder));
  if (layout.folder !== undefined && (named < 0 || (named < own && layout.root !== "marked"))) return null;
  if (!layout.anywhere && !isMigrationFolder(folders)) return null;
  switch (layout.root) {
    case "own":
      return folders;
    case "parent":
      return folders.slice(0, -1);
    case "marked":
      return named === 0 ? null : folders.slice(0, named);
    case "deep":
      return highestRoot(folders);
  }
}

/** `db/migration`, or the folder that holds one for each database. */
function highestRoot(folders: readonly string[]): readonly string[] {
  const usual = folders.findIndex((folder, index) => /^migrations?$/i.test(folder) && folders[index - 1] === "db");
  if (usual >= 0) return folders.slice(0, usual + 1);
  return /^(?:postgres(?:ql)?|pg|common)$/i.test(folders.at(-1) ?? "") && folders.length > 1
    ? folders.slice(0, -1)
    : folders;
}

function isMigrationFolder(folders: readonly string[]): boolean {
  return folders.slice(-2).some((folder) => /migrat|^drizzle$/i.test(folder));
}
