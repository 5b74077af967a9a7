/** In which order the files of a migration chain run, and which belong to no forward run. */

// The conventions of Flyway, golang-migrate, dbmate, goose, Sqitch, Rails-like timestamps, Prisma, Drizzle, Diesel, and plain numbers.

/** A file of a chain: its path with `/` between folders, relative to wherever all of them are. */
export interface MigrationFile {
  readonly path: string;
  /** Needed of Sqitch's `sqitch.plan` alone, which names the files in their order. */
  readonly text?: string | undefined;
}

export interface MigrationOrder {
  /** The paths of the forward run, in order. */
  readonly forward: readonly string[];
  /** Files that undo or verify, each with the forward file after which it would run; null where there is none. */
  readonly apart: readonly { readonly path: string; readonly after: string | null }[];
}

/** Orders the SQL files of a chain. */
export function orderMigrations(files: readonly MigrationFile[]): MigrationOrder {
  const plan = files.find((file) => baseName(file.path) === "sqitch.plan");
  const scripts = files.filter((file) => file.path.endsWith(".sql")).map((file) => file.path);
  if (plan !== undefined) return orderBySqitch(scripts, plan.text ?? "");
  const isForward = (path: string): boolean => !isUndo(path);
  const forward = scripts.filter(isForward).sort(compareMigrations);
  const byVersion = new Map(forward.map((path) => [versionOf(path), path]));
  return {
    forward,
    apart: scripts
      .filter((path) => !isForward(path))
      .sort(compareMigrations)
      .map((path) => ({ path, after: byVersion.get(versionOf(path)) ?? null })),
  };
}

/**
 * Where the part of a file begins that undoes it: the offset of a line such as `-- migrate:down` (dbmate), `-- +goose Down`,
 * `-- +migrate Down`; null where the whole file runs forward.
 */
export function downSection(text: string): number | null {
  const match = /^[ \t]*--[ \t]*(?:migrate:down|\+goose[ \t]+down|\+migrate[ \t]+down|@down|!down|down:)\b.*$/im.exec(
    text,
  );
  return match === null ? null : match.index;
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

function orderBySqitch(scripts: readonly string[], plan: string): MigrationOrder {
  const order = new Map<string, number>();
  for (const line of plan.split(/\r?\n/)) {
    // A change is a name at the start of a line; lines with %, @, # are pragmas, tags and comments.
    const name = /^([^\s%@#][^\s]*)/.exec(line)?.[1];
    if (name !== undefined && !order.has(name)) order.set(name, order.size);
  }
  const folderOf = (path: string): string => /(?:^|\/)(deploy|revert|verify)\//.exec(path)?.[1] ?? "";
  const changeOf = (path: string): string => path.replace(/^.*?(?:deploy|revert|verify)\//, "").replace(/\.sql$/, "");
  const rank = (path: string): number => order.get(changeOf(path)) ?? order.size;
  const forward = scripts
    .filter((path) => folderOf(path) === "deploy")
    .sort((a, b) => rank(a) - rank(b) || compareNaturally(a, b));
  const byChange = new Map(forward.map((path) => [changeOf(path), path]));
  return {
    forward,
    apart: scripts
      .filter((path) => folderOf(path) !== "deploy")
      .sort(compareNaturally)
      .map((path) => ({ path, after: byChange.get(changeOf(path)) ?? null })),
  };
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
