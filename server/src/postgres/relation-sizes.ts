/** How many rows the tables of a database have and how much room they take, as `pg_class` has it: nothing is counted. */

import type { DatabaseConnection, ReadResult } from "./connection.ts";

/** More tables are left out. */
const mostTables = 200_000;

export interface CountedRelation {
  readonly schema: string;
  readonly name: string;
  /** null where neither VACUUM nor ANALYZE has counted yet. */
  readonly rows: number | null;
  readonly bytes: number;
}

/** One cheap query over the catalog; pages and rows are those of the last VACUUM or ANALYZE. */
export function readRelationSizes(
  connection: DatabaseConnection,
  signal: AbortSignal,
): Promise<ReadResult<readonly CountedRelation[]>> {
  return connection.read(async (session) => {
    const rows = await session.query(
      `SELECT n.nspname AS schema, c.relname AS name, c.reltuples::float8::text AS rows, c.relpages::text AS pages,
              current_setting('block_size') AS page
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'm', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        LIMIT ${mostTables}`,
    );
    return rows.map((row): CountedRelation => {
      const [counted, pages] = [Number(row["rows"]), Number(row["pages"])];
      // Before PostgreSQL 14 a table that nobody has counted has 0 rows on 0 pages; since then −1.
      const isCounted = counted > 0 || (counted === 0 && (session.serverVersion >= 140_000 || pages > 0));
      return {
        schema: String(row["schema"]),
        name: String(row["name"]),
        rows: isCounted ? counted : null,
        bytes: pages * Number(row["page"]),
      };
    });
  }, signal);
}
