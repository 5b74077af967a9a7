/** Reads the state of a sandbox without leaving a lock: the tables, how many rows each tree has, and the rows themselves. */

import {
  checksumQuery,
  childrenOf,
  type HeldLocks,
  type Observed,
  type ObservedRelation,
  observedRelations,
  relationsQuery,
  rootTables,
  rowsQuery,
  treeOf,
} from "./observation.ts";
import type { MadeRow, TableRows } from "./row-comparison.ts";
import { rowsOf, type Sandbox } from "./sandbox.ts";

/** Number and checksum of the rows of a tree; null where they cannot be read. */
export interface RootRows {
  readonly count: number;
  /** null where there are so many that nobody waits for it. */
  readonly checksum: string | null;
}

export interface State {
  readonly relations: Observed;
  /** By the ids of the tables at the top of the trees. */
  readonly rows: ReadonlyMap<string, RootRows>;
}

/** All rows of all tables; null where they are more than are kept. */
export interface AllRows {
  readonly tables: readonly TableRows[];
  /** By the ids of the tables that hold them. */
  readonly counts: ReadonlyMap<string, number>;
}

/** Of more rows only the number is taken. */
const mostRowsSummed = 100_000;
/** Of more trees only those are counted anew in which something may have changed. */
const mostTreesCounted = 40;

/** In a savepoint that is rolled back: what is locked for reading is let go, and names and times are printed alike. */
export async function withoutTrace<Result>(
  sandbox: Sandbox,
  inTransaction: boolean,
  work: () => Promise<Result>,
): Promise<Result> {
  await rowsOf(sandbox, inTransaction ? "SAVEPOINT partition_lens_look" : "BEGIN");
  await rowsOf(sandbox, printing);
  try {
    return await work();
  } finally {
    if (inTransaction) {
      await rowsOf(sandbox, "ROLLBACK TO SAVEPOINT partition_lens_look");
      await rowsOf(sandbox, "RELEASE SAVEPOINT partition_lens_look");
    } else await rowsOf(sandbox, "ROLLBACK");
  }
}

const printing = `SELECT pg_catalog.set_config('search_path', 'pg_catalog', true), pg_catalog.set_config('timezone', 'UTC', true),
  pg_catalog.set_config('datestyle', 'ISO, YMD', true), pg_catalog.set_config('intervalstyle', 'postgres', true),
  pg_catalog.set_config('bytea_output', 'hex', true), pg_catalog.set_config('row_security', 'off', true)`;

export async function readState(
  sandbox: Sandbox,
  inTransaction: boolean,
  previous: State | null,
  held: HeldLocks,
): Promise<State> {
  return withoutTrace(sandbox, inTransaction, async () => {
    const relations = observedRelations(await rowsOf(sandbox, relationsQuery));
    const roots = rootTables(relations);
    const children = childrenOf(relations);
    const rows = new Map<string, RootRows>();
    for (const root of roots) {
      const known = previous?.rows.get(root.id);
      if (known !== undefined && roots.length > mostTreesCounted && !mayHaveChanged(root, children, held)) {
        rows.set(root.id, known);
        continue;
      }
      const read = await readRoot(sandbox, root, previous?.relations.get(root.id) ?? null);
      if (read !== null) rows.set(root.id, read);
    }
    return { relations, rows };
  });
}

/** From ROW EXCLUSIVE on. */
const writes = 2;

function mayHaveChanged(
  root: ObservedRelation,
  children: ReadonlyMap<string, readonly ObservedRelation[]>,
  held: HeldLocks,
): boolean {
  return treeOf(root, children).some(({ id }) => (held.get(id) ?? 0) >= writes);
}

/** The rows in the columns that the tree had before; null where it cannot be read, as one with a foreign table. */
async function readRoot(
  sandbox: Sandbox,
  root: ObservedRelation,
  before: ObservedRelation | null,
): Promise<RootRows | null> {
  const known = new Set((before ?? root).columns.map(({ name }) => name));
  const added = root.columns.map(({ name }) => name).filter((name) => !known.has(name));
  const counted = await attempt(sandbox, `SELECT count(*)::int8::text AS count FROM ${root.quoted}`);
  if (counted === null) return null;
  const count = Number(counted[0]?.["count"]);
  if (count > mostRowsSummed) return { count, checksum: null };
  const summed = await attempt(sandbox, checksumQuery(root, added));
  return { count, checksum: summed === null ? null : String(summed[0]?.["checksum"]) };
}

/** null where PostgreSQL refuses it; the transaction goes on. */
async function attempt(sandbox: Sandbox, sql: string) {
  await rowsOf(sandbox, "SAVEPOINT partition_lens_attempt");
  const answer = await sandbox.run(sql);
  if (answer.kind === "refused") await rowsOf(sandbox, "ROLLBACK TO SAVEPOINT partition_lens_attempt");
  await rowsOf(sandbox, "RELEASE SAVEPOINT partition_lens_attempt");
  return answer.kind === "done" ? answer.rows : null;
}

/** Outside of transactions. */
export async function readAllRows(sandbox: Sandbox, relations: Observed, most: number): Promise<AllRows | null> {
  return withoutTrace(sandbox, false, async () => {
    const tables: TableRows[] = [];
    const counts = new Map<string, number>();
    let left = most;
    for (const root of rootTables(relations)) {
      const rows = await attempt(sandbox, rowsQuery(root, left + 1));
      if (rows === null) continue;
      left -= rows.length;
      if (left < 0) return null;
      const own = rows.map((row): MadeRow => JSON.parse(String(row["row"] ?? "{}")) as MadeRow);
      for (const row of rows) {
        const table = String(row["table"]);
        counts.set(table, (counts.get(table) ?? 0) + 1);
      }
      tables.push({ name: root.name, primaryKey: root.primaryKey, rows: own });
    }
    return { tables, counts };
  });
}
