/** Finds the made rows without which a statement is taken: what PostgreSQL refuses because of rows depends on those that there are. */

import { addAll } from "../text/long-lists.ts";
import { childrenOf, type Observed, type ObservedRelation, treeOf } from "./observation.ts";
import type { MadeRow } from "./row-comparison.ts";
import { rowsOf, type Sandbox, type SandboxError } from "./sandbox.ts";

/** A row that was taken away. */
export interface TakenRow {
  /** The table at the top of its tree, `schema.name`. */
  readonly relation: string;
  readonly row: MadeRow;
}

interface PlacedRow extends TakenRow {
  /** The table that holds it, as SQL writes it, and where it stands there. */
  readonly table: string;
  readonly place: string;
}

/** Whether the error is about values or constraints, so that it may come with other rows and not with these, or the other way. */
export function isAboutRows({ sqlstate }: SandboxError): boolean {
  return sqlstate.startsWith("22") || sqlstate.startsWith("23");
}

/** Each takes one try or more. */
const mostSought = 30;
/** Among more rows, or in more tables, nothing is sought. */
const mostRows = 5_000;
const mostTables = 200;

/**
 * Takes away the rows because of which the statement is refused, and says which. null where that is not because of rows, and
 * where it cannot be told; then nothing is changed. Called in a transaction, in which the statement is not run yet.
 */
export async function clearTheWay(
  sandbox: Sandbox,
  sql: string,
  error: SandboxError,
  relations: Observed,
): Promise<readonly TakenRow[] | null> {
  const rows = await rowsInReach(sandbox, error, relations);
  if (rows === null || rows.length === 0) return null;
  const isTakenWithout = (without: readonly PlacedRow[]): Promise<boolean> =>
    undone(sandbox, async () => {
      await remove(sandbox, without);
      return (await sandbox.run(sql)).kind === "done";
    });
  if (!(await isTakenWithout(rows))) return null;
  // Of the rows from `end` on those that are in the way have been found; the last one before it comes next.
  const found: PlacedRow[] = [];
  let end = rows.length;
  while (!(await isTakenWithout(found))) {
    if (found.length >= mostSought) {
      addAll(found, rows.slice(0, end));
      break;
    }
    let [low, high] = [0, end];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (await isTakenWithout([...found, ...rows.slice(0, middle)])) high = middle;
      else low = middle;
    }
    addAll(found, rows.slice(high - 1, high));
    end = high - 1;
  }
  await remove(sandbox, found);
  return found.map(({ relation, row }) => ({ relation, row }));
}

/** The rows of the tree that the error names, else of all tables. */
async function rowsInReach(
  sandbox: Sandbox,
  { table }: SandboxError,
  relations: Observed,
): Promise<readonly PlacedRow[] | null> {
  const children = childrenOf(relations);
  const named = [...relations.values()].find(({ name }) => name === table);
  const tree = named === undefined ? [...relations.values()] : treeOf(rootOf(named, relations), children);
  const tables = tree.filter(({ kind }) => kind === "r");
  if (tables.length > mostTables) return null;
  const found: PlacedRow[] = [];
  for (const each of tables) {
    const rows = await rowsOf(
      sandbox,
      `SELECT t.ctid::text AS place,
          (SELECT pg_catalog.jsonb_object_agg(e.key, e.value)::text FROM pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(t)) AS e) AS row
        FROM ONLY ${each.quoted} AS t ORDER BY t.ctid LIMIT ${mostRows}`,
    );
    const relation = rootOf(each, relations).name;
    for (const row of rows)
      found.push({
        relation,
        table: each.quoted,
        place: String(row["place"]),
        row: JSON.parse(String(row["row"] ?? "{}")) as MadeRow,
      });
    if (found.length > mostRows) return null;
  }
  return found;
}

function rootOf(relation: ObservedRelation, relations: Observed): ObservedRelation {
  let root = relation;
  for (let depth = 0; depth < 50; depth++) {
    const parent = root.parents.map((id) => relations.get(id)).find((each) => each !== undefined);
    if (parent === undefined) break;
    root = parent;
  }
  return root;
}

/** Without triggers and foreign keys: neither are these the script's deletions. */
async function remove(sandbox: Sandbox, rows: readonly PlacedRow[]): Promise<void> {
  const places = new Map<string, string[]>();
  for (const { table, place } of rows) {
    const known = places.get(table);
    if (known === undefined) places.set(table, [place]);
    else known.push(place);
  }
  await rowsOf(sandbox, "SELECT pg_catalog.set_config('session_replication_role', 'replica', true)");
  for (const [table, own] of places)
    await rowsOf(
      sandbox,
      `DELETE FROM ONLY ${table} WHERE ctid = ANY ('{${own.map((at) => `"${at}"`).join(",")}}'::tid[])`,
    );
  await rowsOf(sandbox, "SELECT pg_catalog.set_config('session_replication_role', 'origin', true)");
}

async function undone<Result>(sandbox: Sandbox, work: () => Promise<Result>): Promise<Result> {
  await rowsOf(sandbox, "SAVEPOINT partition_lens_way");
  const result = await work();
  await rowsOf(sandbox, "ROLLBACK TO SAVEPOINT partition_lens_way");
  await rowsOf(sandbox, "RELEASE SAVEPOINT partition_lens_way");
  return result;
}
