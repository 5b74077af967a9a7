/** Recognises the files of a migration tool by their names, folders and texts, so that a chain needs no setting. */

import { detach } from "../syntax/detached-text.ts";
import { type Layout, type MigrationTool, migrationTools } from "../syntax/migration-tools.ts";
import { ChunkedText, type TextLike } from "../text/chunked-text.ts";
import { type MigrationFile, orderMigrations } from "./migration-order.ts";
import { isOtherDatabase } from "./other-databases.ts";

/** Where the files of a chain lie. */
export interface MigrationLayout {
  readonly tool: MigrationTool;
  /** The folder of the chain: the beginning of the path that was asked about. */
  readonly root: string;
  /** Which of the files below the root belong to the chain, by their paths from there. */
  readonly globs: readonly string[];
  /** The end of the path of a file without which there is no chain. */
  readonly companion: string | undefined;
  /** What each of its scripts has. */
  readonly signature: RegExp | undefined;
  /** Whether one of the tool's lists has to be there. */
  readonly listed: boolean;
}

/**
 * The layouts of the chains to which a file may belong, the likeliest first; none where nothing speaks for one. Whether there is
 * a chain is told by what lies there: see `filesOfChain`.
 *
 * @param path absolute, or a URI; with `/` between folders
 * @param text what stands in the file, as far as it is known
 */
export function migrationLayoutsOf(path: string, text: TextLike): readonly MigrationLayout[] {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  if (isOtherDatabase(folders.at(-1) ?? "") || !name.endsWith(".sql")) return [];
  const named = migrationTools.flatMap((tool) =>
    tool.layouts.flatMap((layout) => {
      const root = rootOf(layout, name, folders);
      const { globs, companion } = layout;
      return root === null
        ? []
        : [{ tool, root: root.join("/"), globs, companion, signature: undefined, listed: false }];
    }),
  );
  const signed = signedTools(text);
  const withList = signed.filter(({ list }) => list !== undefined);
  const withoutList = signed.filter(({ list }) => list === undefined);
  return [
    ...withList.flatMap((tool) => signedLayouts(tool, folders)),
    ...named,
    ...withoutList.flatMap((tool) => signedLayouts(tool, folders)),
  ];
}

/** The beginnings of the last texts, with what was told of them: most edits of a long file are not there. */
const lastSigned: { readonly beginning: readonly string[]; readonly tools: readonly MigrationTool[] }[] = [];
const mostSigned = 4;

/** The tools whose scripts have what the text has in its beginning. */
function signedTools(text: TextLike): readonly MigrationTool[] {
  // Compared part by part: put together anew it would be 50 kB for each key.
  const beginning = text instanceof ChunkedText ? text.parts(longestBeginning) : [text.slice(0, longestBeginning)];
  const known = lastSigned.find(({ beginning: parts }) => isSameList(parts, beginning));
  if (known !== undefined) return known.tools;
  const whole = beginning.join("");
  const tools = migrationTools.filter(({ signature }) => signature?.test(whole) === true);
  lastSigned.unshift({ beginning: beginning.map(detach), tools });
  lastSigned.length = Math.min(lastSigned.length, mostSigned);
  return tools;
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, at) => part === b[at]);
}

function signedLayouts(tool: MigrationTool, folders: readonly string[]): readonly MigrationLayout[] {
  return (tool.signed ?? []).flatMap(({ root, globs, listed }) => {
    const depth = typeof root === "number" ? folders.length - root : 1 + folders.findIndex((each) => root.test(each));
    if (depth <= 0) return [];
    const { signature } = tool;
    return [{ tool, root: folders.slice(0, depth).join("/"), globs, companion: undefined, signature, listed }];
  });
}

/** Those of the files found that are a chain of this layout; none where no file of them runs forward. */
export function filesOfChain<File extends MigrationFile>(
  { tool: { list }, companion, signature, listed }: MigrationLayout,
  files: readonly File[],
): readonly File[] {
  const own = files.filter(
    ({ path, text = "" }) =>
      signature === undefined || !path.endsWith(".sql") || signature.test(text.slice(0, longestBeginning)),
  );
  const { forward, replaced } = orderMigrations(own);
  const paths = files.map(({ path }) => path);
  const hasLists =
    (companion === undefined || holds(paths, companion)) &&
    (list === undefined || !(list.required || listed) || someOf(paths, list.path));
  return hasLists && forward.length + replaced.length > 0 ? own : [];
}

/**
 * The tool that runs a file; null where nothing speaks for one.
 *
 * @param path as for `migrationLayoutsOf`
 * @param others the paths of the other files of its chain
 */
export function migrationToolOf(path: string, text: TextLike, others: readonly string[]): MigrationTool | null {
  const [told] = signedTools(text);
  if (told !== undefined) return told;
  const layout = migrationLayoutsOf(path, "").find(
    ({ companion }) => companion === undefined || holds(others, companion),
  );
  if (layout === undefined) return null;
  const { tool } = layout;
  const { list } = tool;
  const hasList = list?.required !== true || someOf(others, list.path);
  if (tool.transaction !== "unknown") return hasList ? tool : null;
  return migrationTools.find(({ companion }) => companion !== undefined && holds(others, companion)) ?? tool;
}

function holds(paths: readonly string[], path: string): boolean {
  return answered(paths, path, () => paths.some((each) => each === path || each.endsWith(`/${path}`)));
}

function someOf(paths: readonly string[], pattern: RegExp): boolean {
  return answered(paths, pattern, () => paths.some((each) => pattern.test(each)));
}

/**
 * What was told of the paths of a chain, by what was looked for: each of its files asks the same. There are as many questions as the
 * table of tools has companions and lists.
 */
const answers = new WeakMap<readonly string[], Map<string | RegExp, boolean>>();

function answered(paths: readonly string[], asked: string | RegExp, find: () => boolean): boolean {
  const known = answers.get(paths) ?? new Map<string | RegExp, boolean>();
  answers.set(paths, known);
  const answer = known.get(asked) ?? find();
  known.set(asked, answer);
  return answer;
}

/** What tells a tool stands near the top, or where the part that undoes begins. */
const longestBeginning = 50_000;

function rootOf(layout: Layout, name: string, folders: readonly string[]): readonly string[] | null {
  if (!layout.file.test(name)) return null;
  const own = folders.length - 1;
  const named = layout.folder === undefined ? own : folders.findLastIndex((folder) => layout.folder?.test(folder));
  if (layout.folder !== undefined && (named < 0 || (named < own && layout.root !== "marked"))) return null;
  if (layout.within?.test(folders[named - 1] ?? "") === false) return null;
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
  return folders.slice(-2).some((folder) => /migrat|^(?:drizzle|alembic)$/i.test(folder));
}
