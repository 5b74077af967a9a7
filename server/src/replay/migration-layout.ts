/** Recognises the files of a migration tool by their names and folders, so that a chain needs no setting. */

import { orderMigrations } from "./migration-order.ts";

/** Where the files of a chain lie. */
export interface MigrationLayout {
  /** The folder of the chain: the beginning of the path that was asked about. */
  readonly root: string;
  /** Which of the files below the root belong to the chain, by their paths from there. */
  readonly globs: readonly string[];
  /** A file that has to be among them; null where the names say enough. */
  readonly marker: string | null;
}

/**
 * The layout of the chain to which a file seems to belong; null where nothing speaks for one. Whether it is a chain is told by
 * what lies there: the marker, and more than one file that runs forward.
 *
 * @param path absolute, or a URI; with `/` between folders
 */
export function migrationLayoutOf(path: string): MigrationLayout | null {
  const folders = path.split("/");
  const name = folders.pop() ?? "";
  const folder = folders.at(-1) ?? "";
  // Prisma, and Drizzle since its folders: 20240101120000_add_sales/migration.sql
  if (name === "migration.sql" && /^\d{4,}[_-]/.test(folder))
    return { root: folders.slice(0, -1).join("/"), globs: ["[0-9]*/migration.sql"], marker: null };
  // Diesel and Hasura: 2024-01-01-120000_add_sales/up.sql
  if (/^(?:up|down)\.sql$/.test(name) && /^\d{4,}[_-]/.test(folder))
    return { root: folders.slice(0, -1).join("/"), globs: ["[0-9]*/{up,down}.sql"], marker: null };
  const sqitch = folders.findLastIndex((each) => /^(?:deploy|revert|verify)$/.test(each));
  if (sqitch > 0) {
    const root = folders.slice(0, sqitch).join("/");
    return { root, globs: ["sqitch.plan", "{deploy,revert,verify}/**/*.sql"], marker: "sqitch.plan" };
  }
  const naming = namings.find(
    ({ example, anywhere }) => example.test(name) && (anywhere || isMigrationFolder(folders)),
  );
  return naming === undefined ? null : { root: folders.join("/"), globs: naming.globs, marker: null };
}

/** Whether the files found are a chain of this layout: one file alone is none. */
export function formsChain({ marker }: MigrationLayout, paths: readonly string[]): boolean {
  return (
    (marker === null || paths.includes(marker)) && orderMigrations(paths.map((path) => ({ path }))).forward.length > 1
  );
}

interface Naming {
  readonly example: RegExp;
  readonly globs: readonly string[];
  /** Whether such a name means a migration in whatever folder it stands. */
  readonly anywhere: boolean;
}

/** From the most particular on. */
const namings: readonly Naming[] = [
  // Flyway: V1_2__add.sql, U1_2__add.sql, R__views.sql
  { example: /^(?:[VUB]\d[\w.]*|R)__.+\.sql$/, globs: ["[VUB][0-9]*__*.sql", "R__*.sql"], anywhere: true },
  // golang-migrate: 000001_add.up.sql
  { example: /^\d+[_-].+\.(?:up|down)\.sql$/, globs: ["[0-9]*.{up,down}.sql"], anywhere: true },
  // dbmate, goose, Supabase, Drizzle and plain numbers: 20240101120000_add.sql, 0001_add.sql. So are dumps named, elsewhere.
  { example: /^[vV]?\d+(?:[._ -].*)?\.sql$/, globs: ["{[vV],}[0-9]*.sql"], anywhere: false },
];

function isMigrationFolder(folders: readonly string[]): boolean {
  return folders.slice(-2).some((folder) => /migrat|^(?:drizzle|docker-entrypoint-initdb\.d)$/i.test(folder));
}
