/** In which order the files of a migration chain run, and which belong to no forward run. */

import { type FileList, migrationTools } from "../syntax/migration-tools.ts";
import { orderByChangelogs } from "./liquibase-changelogs.ts";
import { isOtherDatabase } from "./other-databases.ts";

/** A file of a chain: its path with `/` between folders, relative to wherever all of them are. */
export interface MigrationFile {
  readonly path: string;
  /** Needed of lists alone, which name the files in their order. */
  readonly text?: string | undefined;
}

export interface MigrationOrder {
  /** The paths of the forward run, in order. */
  readonly forward: readonly string[];
  /** What ran in its stead before a baseline took its place: a forward run of its own, in order. */
  readonly replaced: readonly string[];
  /** Files that undo or verify, each with the file of a forward run after which it would run; null where there is none. */
  readonly apart: readonly { readonly path: string; readonly after: string | null }[];
}

/** Orders the SQL files of a chain. Those that a tool's list does not name are in no order: nobody runs them. */
export function orderMigrations(files: readonly MigrationFile[]): MigrationOrder {
  const scripts = files
    .map(({ path }) => path)
    .filter((path) => path.endsWith(".sql") && !path.split("/").slice(0, -1).some(isOtherDatabase));
  for (const { list } of migrationTools) {
    const lists = list === undefined ? [] : files.filter(({ path }) => list.path.test(path));
    const listed = list === undefined || lists[0] === undefined ? null : orderByList(list, scripts, lists);
    if (listed !== null) return listed;
  }
  return orderByName(scripts);
}

/** null where the lists say nothing of the order. */
function orderByList(
  { path, format }: FileList,
  scripts: readonly string[],
  lists: readonly MigrationFile[],
): MigrationOrder | null {
  if (format === "liquibase") {
    const forward = orderByChangelogs(scripts, lists);
    return forward === null ? null : { forward, replaced: [], apart: [] };
  }
  const [file] = lists;
  if (file === undefined) return null;
  const folder = file.path.replace(path, "");
  return format === "sqitch"
    ? orderBySqitch(scripts, folder, file.text ?? "")
    : orderByJournal(scripts, folder, file.text ?? "");
}

function orderByName(scripts: readonly string[]): MigrationOrder {
  const running = scripts.filter((path) => !isUndo(path)).sort(compareMigrations);
  const byVersion = new Map(running.map((path) => [versionOf(path), path]));
  const base = running.findLast(isBaseline);
  const isReplaced = (path: string): boolean =>
    base !== undefined &&
    path !== base &&
    !isRepeatable(path) &&
    compareVersions(versionOf(path), versionOf(base)) <= 0;
  return {
    forward: running.filter((path) => !isReplaced(path)),
    replaced: running.filter((path) => isReplaced(path) && !isBaseline(path)),
    apart: scripts
      .filter(isUndo)
      .sort(compareMigrations)
      .map((path) => ({ path, after: byVersion.get(versionOf(path)) ?? null })),
  };
}

/** Compares texts with runs of digits by their number: `2_a` before `10_a`. */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [splitDigits(a), splitDigits(b)];
  for (let index = 0; index < left.length && index < right.length; index += 1) {
    const [x = "", y = ""] = [left[index], right[index]];
    const order = isDigits(x) && isDigits(y) ? compareDigits(x, y) : compareTexts(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length || compareTexts(a, b);
}

/**
 * A change is a name at the start of a line; lines with %, @, # are pragmas, tags and comments. Of a change that is reworked
 * later, the scripts are called after the tag before that: `deploy/users@v1.sql`.
 */
function orderBySqitch(scripts: readonly string[], folder: string, plan: string): MigrationOrder {
  const planned: string[] = [];
  /** By the change's name: where it was planned last, and the first tag since. */
  const last = new Map<string, { readonly index: number; tag: string | null }>();
  for (const line of plan.split(/\r?\n/)) {
    const tag = /^\s*@(\S+)/.exec(line)?.[1];
    if (tag !== undefined) for (const change of last.values()) change.tag ??= tag;
    const name = /^\s*\+?\s*([^\s%@#+-]\S*)/.exec(line)?.[1];
    if (name === undefined) continue;
    const earlier = last.get(name);
    if (earlier?.tag != null) planned[earlier.index] = `${name}@${earlier.tag}`;
    last.set(name, { index: planned.length, tag: null });
    planned.push(name);
  }
  const known = new Set(scripts);
  const pathOf = (kind: string, change: string): string => `${folder}${kind}/${change}.sql`;
  return {
    forward: planned.map((change) => pathOf("deploy", change)).filter((path) => known.has(path)),
    replaced: [],
    apart: ["revert", "verify"].flatMap((kind) =>
      planned.flatMap((change) => {
        const [path, after] = [pathOf(kind, change), pathOf("deploy", change)];
        return known.has(path) ? [{ path, after: known.has(after) ? after : null }] : [];
      }),
    ),
  };
}

/** Drizzle's journal; null where it cannot be read. */
function orderByJournal(scripts: readonly string[], folder: string, journal: string): MigrationOrder | null {
  const entries = readEntries(journal);
  if (entries === null) return null;
  const known = new Set(scripts);
  const forward = entries.flatMap((entry: unknown) => {
    const tag = typeof entry === "object" && entry !== null && "tag" in entry ? entry.tag : null;
    const path = `${folder}${String(tag)}.sql`;
    return known.has(path) ? [path] : [];
  });
  return { forward, replaced: [], apart: [] };
}

function readEntries(journal: string): readonly unknown[] | null {
  try {
    const data: unknown = JSON.parse(journal);
    const entries = typeof data === "object" && data !== null && "entries" in data ? data.entries : null;
    return Array.isArray(entries) ? entries : null;
  } catch {
    return null;
  }
}

/** Down files of golang-migrate and others, Flyway's undo migrations, folders of down files. */
function isUndo(path: string): boolean {
  const name = baseName(path);
  return (
    /(?:^|[._-])(down|rollback|undo|revert)\.sql$/i.test(name) ||
    /^U[\d][\w.]*__/.test(name) ||
    /(?:^|\/)(down|rollback|undo|revert)\//i.test(path)
  );
}

function compareMigrations(a: string, b: string): number {
  // Flyway runs the repeatable migrations after all others.
  const repeatable = Number(isRepeatable(a)) - Number(isRepeatable(b));
  if (repeatable !== 0) return repeatable;
  const [x, y] = [versionOf(a), versionOf(b)];
  return compareVersions(x, y) || compareNaturally(a, b);
}

/** Flyway's, which stands for all versions up to its own. */
function isBaseline(path: string): boolean {
  return /^B\d[\w.]*__/.test(baseName(path));
}

function isRepeatable(path: string): boolean {
  return /^R__/.test(baseName(path));
}

/**
 * The version at the beginning of a file's name, or of its folder's where all migrations have the same name (Prisma, Diesel):
 * `1.2` of `V1_2__add.sql`, `20240101` of `20240101_add.sql`; empty where there is none.
 */
function versionOf(path: string): string {
  const name = baseName(path);
  const folder = path.split("/").at(-2) ?? "";
  const flyway = /^[VUB]([\d]+(?:[._]\d+)*)__/.exec(name);
  if (flyway?.[1] !== undefined) return flyway[1].replaceAll("_", ".");
  const own = /^[vV]?(\d+(?:\.\d+)*)(?=[._\- ]|$)/.exec(name.replace(/\.sql$/, ""))?.[1];
  // deltas/54/01_add.sql
  const release = /^v?(\d+(?:\.\d+)*)$/.exec(folder)?.[1];
  if (own !== undefined && release !== undefined) return `${release}.${own}`;
  return own ?? /^(\d+(?:-\d+)*)(?=[._-]|$)/.exec(folder)?.[1]?.replaceAll("-", ".") ?? "";
}

function compareVersions(a: string, b: string): number {
  if (a === "" || b === "") return 0;
  const [left, right] = [a.split("."), b.split(".")];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const order = compareDigits(left[index] ?? "0", right[index] ?? "0");
    if (order !== 0) return order;
  }
  return 0;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function splitDigits(text: string): string[] {
  return text.match(/\d+|\D+/g) ?? [];
}

function isDigits(text: string): boolean {
  return /^\d/.test(text);
}

function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+(?=\d)/, ""), b.replace(/^0+(?=\d)/, "")];
  return x.length - y.length || compareTexts(x, y);
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
