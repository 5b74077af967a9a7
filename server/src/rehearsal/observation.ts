/** What is read of the sandbox around each statement: locks, scans, files of tables, the tree of partitions, and checksums of rows. */

import { lockModes } from "../ddl/script.ts";
import type { SandboxRow } from "./sandbox.ts";

const userSchema = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** A table, index or the like, as the system catalogs have it. */
export interface ObservedRelation {
  readonly id: string;
  /** `schema.name`, unquoted. */
  readonly name: string;
  /** As SQL writes it. */
  readonly quoted: string;
  /** `r` table, `p` partitioned, `f` foreign, `m` materialized view, `v` view, `i` index. */
  readonly kind: string;
  /** Another file than before: all of it was written anew. `0` where it has none. */
  readonly file: string;
  /** The table to which an index belongs. */
  readonly table: string | null;
  readonly parents: readonly string[];
  /** As `pg_get_expr(relpartbound, oid)` spells it. */
  readonly bound: string | null;
  readonly key: string | null;
  /** Name and type of each column, and what else belongs to it. */
  readonly columns: readonly { readonly name: string; readonly definition: string }[];
  readonly constraints: readonly string[];
  readonly primaryKey: readonly string[];
}

export type Observed = ReadonlyMap<string, ObservedRelation>;

export const relationsQuery = `
  SELECT c.oid::int8::text AS id, n.nspname || '.' || c.relname AS name, pg_catalog.format('%I.%I', n.nspname, c.relname) AS quoted,
    c.relkind::text AS kind, c.relfilenode::int8::text AS file,
    (SELECT i.indrelid::int8::text FROM pg_catalog.pg_index i WHERE i.indexrelid = c.oid) AS table,
    CASE WHEN c.relkind IN ('r', 'p', 'f') THEN
      (SELECT pg_catalog.jsonb_agg(h.inhparent::int8::text ORDER BY h.inhseqno) FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid)
    END AS parents,
    pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,
    CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END AS key,
    CASE WHEN c.relkind IN ('r', 'p', 'f', 'm') THEN
      (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_array(a.attname, pg_catalog.concat_ws(' ',
          pg_catalog.format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'NOT NULL' END, a.attidentity, a.attgenerated,
          pg_catalog.pg_get_expr(d.adbin, d.adrelid))) ORDER BY a.attnum)
        FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
    END AS columns,
    CASE WHEN c.relkind IN ('r', 'p', 'f') THEN
      (SELECT pg_catalog.jsonb_agg(k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid) ORDER BY k.conname)
        FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype <> 'n')
    END AS constraints,
    CASE WHEN c.relkind IN ('r', 'p') THEN
      (SELECT pg_catalog.jsonb_agg(a.attname) FROM pg_catalog.pg_index i JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
        AND a.attnum = ANY (i.indkey::int2[]) WHERE i.indrelid = c.oid AND i.indisprimary)
    END AS primary_key
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f', 'm', 'v', 'i') AND ${userSchema}`;

export function observedRelations(rows: readonly SandboxRow[]): Observed {
  const list = <Item>(value: unknown): readonly Item[] => (Array.isArray(value) ? value : []);
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  return new Map(
    rows.map((row) => [
      String(row["id"]),
      {
        id: String(row["id"]),
        name: String(row["name"]),
        quoted: String(row["quoted"]),
        kind: String(row["kind"]),
        file: String(row["file"]),
        table: text(row["table"]),
        parents: list<string>(row["parents"]),
        bound: text(row["bound"]),
        key: text(row["key"]),
        columns: list<readonly [string, string]>(row["columns"]).map(([name, definition]) => ({ name, definition })),
        constraints: list<string>(row["constraints"]),
        primaryKey: list<string>(row["primary_key"]),
      },
    ]),
  );
}

/** The locks of the session on tables and views, by the ids of these. PostgreSQL's own queries lock only its catalogs. */
export const locksQuery = `
  SELECT l.relation::int8::text AS id, l.mode FROM pg_catalog.pg_locks l
  WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.relation >= 16384`;

/** How often each table was read from its first row to its last in this transaction. */
export const scansQuery = `
  SELECT s.relid::int8::text AS id, s.seq_scan::int8::text AS scans FROM pg_catalog.pg_stat_xact_user_tables s WHERE s.seq_scan > 0`;

/** The strongest lock on each relation, as its place in `lockModes`. */
export type HeldLocks = ReadonlyMap<string, number>;

export function heldLocks(rows: readonly SandboxRow[]): HeldLocks {
  const held = new Map<string, number>();
  for (const row of rows) {
    // `AccessExclusiveLock` is `ACCESS EXCLUSIVE`.
    const words = String(row["mode"])
      .replace(/Lock$/, "")
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .toUpperCase();
    const strength = (lockModes as readonly string[]).indexOf(words);
    const id = String(row["id"]);
    held.set(id, Math.max(strength, held.get(id) ?? -1));
  }
  return held;
}

export function scanCounts(rows: readonly SandboxRow[]): ReadonlyMap<string, number> {
  return new Map(rows.map((row) => [String(row["id"]), Number(row["scans"])]));
}

/** The tables at the top of the trees: of a partition, of an inheritance child, and those that are in no tree. */
export function rootTables(observed: Observed): readonly ObservedRelation[] {
  return [...observed.values()].filter(
    ({ kind, parents }) => (kind === "r" || kind === "p") && !parents.some((parent) => observed.has(parent)),
  );
}

/** All tables below one, itself first, each once; parents before children. */
export function treeOf(root: ObservedRelation, children: ReadonlyMap<string, readonly ObservedRelation[]>) {
  const found = new Map<string, ObservedRelation>([[root.id, root]]);
  for (const { id } of found.values()) for (const child of children.get(id) ?? []) found.set(child.id, child);
  return [...found.values()];
}

export function childrenOf(observed: Observed): ReadonlyMap<string, readonly ObservedRelation[]> {
  const children = new Map<string, ObservedRelation[]>();
  for (const relation of observed.values())
    for (const parent of relation.parents) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [relation]);
      else known.push(relation);
    }
  return children;
}

/** Number and checksum of a table's rows, without the columns that were not there at the beginning. */
export function checksumQuery(root: ObservedRelation, leftOut: readonly string[]): string {
  const row =
    leftOut.length === 0
      ? "pg_catalog.to_jsonb(t)"
      : `(pg_catalog.to_jsonb(t) - ARRAY[${leftOut.map(textLiteral).join(", ")}])`;
  return `SELECT count(*)::int8::text AS count, coalesce(sum(pg_catalog.hashtextextended(${row}::text, 0)), 0)::text AS checksum
    FROM ${root.quoted} AS t`;
}

/** The rows themselves, all values as text, each with the table in which it is. */
export function rowsQuery(root: ObservedRelation, most: number): string {
  return `SELECT t.tableoid::int8::text AS table,
      (SELECT pg_catalog.jsonb_object_agg(e.key, e.value)::text FROM pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(t)) AS e) AS row
    FROM ${root.quoted} AS t LIMIT ${most}`;
}

function textLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
