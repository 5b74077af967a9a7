/** What is read of a database's system catalogs: a handful of queries, each in one go over all relations. */

import { belongingsQuery } from "./belonging-queries.ts";
import { codeQuery, mostFunctions } from "./code-queries.ts";
import type { Row } from "./connection.ts";

/** One query for each part of `DatabaseRows`; made for the server's version. */
export interface CatalogQueries {
  readonly database: string;
  readonly schemas: string;
  readonly types: string;
  readonly functions: string;
  readonly code: string;
  /** What hangs on tables: privileges, comments, storage parameters, … */
  readonly belongings: string;
  readonly relations: string;
  readonly indexes: string;
  readonly extensions: string;
  /** The names of objects that statements need and that are no relations, types or functions. */
  readonly shared: string;
}

export type CatalogPart = keyof CatalogQueries;

/** Their results, by the same names. */
export type DatabaseRows = { readonly [Part in keyof CatalogQueries]: readonly Row[] };

export const catalogParts: readonly CatalogPart[] = [
  "database",
  "schemas",
  "types",
  "functions",
  "code",
  "belongings",
  "relations",
  "indexes",
  "extensions",
  "shared",
];

/**
 * How everything is to be printed: dates as ISO has them. Names come with their schema, for no other than `pg_catalog` is in
 * the session's search_path, by which the names in these queries mean PostgreSQL's own things too.
 */
export const printingSettings = `SELECT pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true),
  pg_catalog.set_config('datestyle', 'ISO, YMD', true), pg_catalog.set_config('timezone', 'UTC', true),
  pg_catalog.set_config('intervalstyle', 'postgres', true), pg_catalog.set_config('bytea_output', 'hex', true)`;

/** The bodies of more are not fetched: such functions may do anything. */
const mostFunctionBytes = 4_000_000;

/** PostgreSQL's own objects have lower OIDs (`FirstNormalObjectId`). */
export const firstOwnId = 16384;

/** Of more it is not known whether they are there. */
const mostShared = 20_000;

/** The schemas that are read, as a condition on `n`, a row of `pg_namespace`. */
export const userSchema = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/**
 * So many columns come with one answer, where each relation counts as some more, and a partition or an index as one: it takes the server
 * about a second.
 */
const pageColumns = 30_000;
const columnsOfRelation = 20;

/** Far more than a transaction may send of. */
const mostPages = 5_000;

/**
 * The last id of each page of relations, in order: by these a schema of any width is read in answers that neither the server's limit of
 * time nor ours of size cuts off.
 */
export const relationPages = `
  SELECT max(p.id)::int8::text AS last FROM (
    SELECT c.oid AS id, sum(CASE WHEN c.relispartition OR c.relkind IN ('i', 'I') THEN 1 ELSE c.relnatts + ${columnsOfRelation} END) OVER (ORDER BY c.oid) / ${pageColumns} AS page
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE ${userSchema}) p
  GROUP BY p.page ORDER BY max(p.id) LIMIT ${mostPages}`;

/** The definitions of the indexes whose ids are given. */
export const indexDefinitions = `SELECT x.indexrelid::int8::text AS id, pg_get_indexdef(x.indexrelid) AS definition
  FROM pg_index x WHERE x.indexrelid = ANY ($1::oid[])`;

/** Which relations are read, as conditions. */
export interface AskedRelations {
  /** Of tables and views, on their id. */
  readonly relations: (id: string) => string;
  /** Of indexes, on `x`, a row of `pg_index`. */
  readonly indexes: string;
  /** Of the tables whose belongings are read, on `c`, a row of `pg_class`; without it those of all. */
  readonly belongings?: string;
}

/** The condition on a relation's id that it is of the page that ends with `$2`, behind the one that ends with `$1`. */
export const isOfPage = (id: string): string => `${id} > $1::oid AND ${id} <= $2::oid`;

/**
 * `serverVersion` as `server_version_num`; from 10 on. `wholePartitions` asks for all columns of partitions too, and for the definitions
 * of all their indexes: those whose parent is read as well have its columns, and of their own only that more are NOT NULL than there,
 * which is all that is read else; and an index under the name that PostgreSQL would give it is made with its parent's.
 * `only`: the tables and views, and the indexes, that are read; null for all.
 */
export function catalogQueries(
  serverVersion: number,
  wholePartitions = true,
  only: AskedRelations | null = null,
): CatalogQueries {
  const isOf = (id: string): string => (only === null ? "true" : only.relations(id));
  const isAsked = only === null ? "true" : only.indexes;
  const from = (major: number, text: string, otherwise: string): string =>
    serverVersion >= major * 10_000 ? text : otherwise;
  // A table of an extension is not read, so its partitions stand alone.
  const partitionsOfShown = `SELECT i.inhrelid AS id, i.inhparent AS parent FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhrelid
        WHERE ${wholePartitions ? "false" : "p.relispartition"} AND ${isOf("i.inhrelid")} AND NOT EXISTS (SELECT FROM pg_depend x
          WHERE x.classid = 'pg_class'::regclass AND x.objid = i.inhparent AND x.deptype = 'e')`;
  return {
    database: `
      SELECT d.datcollate AS collation, ${from(15, "d.datlocprovider::text", "'c'")} AS provider,
        ${from(17, "d.datlocale", from(15, "d.daticulocale", "NULL"))} AS locale,
        (SELECT reset_val FROM pg_settings WHERE name = 'search_path') AS search_path,
        (SELECT reset_val FROM pg_settings WHERE name = 'TimeZone') AS time_zone,
        current_user::text AS "user"
      FROM pg_database d WHERE d.datname = current_database()`,
    schemas: `SELECT n.nspname AS name FROM pg_namespace n WHERE ${userSchema} ORDER BY n.oid`,
    types: `
      SELECT t.oid::int8::text AS id, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
        (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) AS labels,
        CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
        t.typnotnull AS not_null, CASE WHEN t.typtype = 'd' THEN pg_get_expr(t.typdefaultbin, 0) END AS default,
        (SELECT json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.conname)
          FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS checks,
        (SELECT json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
      FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
      WHERE ${userSchema} AND (t.typtype IN ('e', 'd') OR (t.typtype = 'c' AND c.relkind = 'c'))
      ORDER BY t.oid`,
    functions: `
      SELECT p.oid::int8::text AS id, n.nspname AS schema, p.proname AS name,
        pg_get_function_identity_arguments(p.oid) AS arguments, format_type(p.prorettype, NULL) AS returns,
        ${from(11, "p.prokind = 'p'", "false")} AS procedure, p.provolatile::text AS volatility,
        CASE WHEN sum(length(p.prosrc)${from(14, " + coalesce(length(p.prosqlbody::text), 0) / 8", "")}) OVER (ORDER BY p.oid) <= ${mostFunctionBytes}
          THEN pg_get_functiondef(p.oid) END AS definition
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE ${userSchema} AND ${from(11, "p.prokind IN ('f', 'p', 'w')", "NOT p.proisagg")}
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass AND x.objid = p.oid AND x.deptype = 'e')
      ORDER BY p.oid LIMIT ${mostFunctions + 1}`,
    code: codeQuery(serverVersion, userSchema),
    belongings: belongingsQuery(
      serverVersion,
      userSchema + (only?.belongings === undefined ? "" : ` AND ${only.belongings}`),
    ),
    relations: `
      SELECT c.oid::int8::text AS id, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
        CASE WHEN c.relkind IN ('r', 'p', 'f') AND pg_get_userbyid(c.relowner) <> current_user THEN pg_get_userbyid(c.relowner) END AS owner,
        c.relpersistence::text AS persistence, c.relispartition AS is_partition, up.parents,
        CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound, coalesce(up.detach_pending, false) AS detach_pending,
        CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS definition,
        CASE WHEN c.relkind = 'S' THEN (SELECT quote_ident(tn.nspname) || '.' || quote_ident(t.relname) || '.' || quote_ident(ta.attname)
          FROM pg_depend x JOIN pg_class t ON t.oid = x.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
            JOIN pg_attribute ta ON ta.attrelid = t.oid AND ta.attnum = x.refobjsubid
          WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.refclassid = 'pg_class'::regclass AND x.deptype = 'a'
            AND t.relpersistence <> 't' LIMIT 1) END AS owned_by,
        CASE WHEN c.relkind = 'f' THEN
          (SELECT s.srvname FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid) END AS server,
        own.columns, checked.constraints
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN (
          SELECT i.inhrelid, array_agg(i.inhparent::int8::text ORDER BY i.inhseqno) AS parents,
            ${from(14, "bool_or(i.inhdetachpending)", "false")} AS detach_pending
          FROM pg_inherits i WHERE ${isOf("i.inhrelid")} GROUP BY i.inhrelid) up ON up.inhrelid = c.oid
        LEFT JOIN (
          SELECT a.attrelid, json_agg(json_strip_nulls(json_build_object(
              'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'notNull', nullif(a.attnotnull, false),
              'local', nullif(a.attislocal, true), 'collation', CASE WHEN a.attcollation <> t.typcollation THEN
                (SELECT quote_ident(cn.nspname) || '.' || quote_ident(l.collname) FROM pg_collation l
                  JOIN pg_namespace cn ON cn.oid = l.collnamespace WHERE l.oid = a.attcollation) END,
              'identity', nullif(a.attidentity::text, ''), 'generated', ${from(12, "nullif(a.attgenerated::text, '')", "NULL")},
              'default', pg_get_expr(d.adbin, d.adrelid))) ORDER BY a.attnum) AS columns
          FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
            JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            LEFT JOIN (${partitionsOfShown}) part ON part.id = a.attrelid
          WHERE ${userSchema} AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND ${isOf("a.attrelid")}
            AND a.attnum > 0 AND NOT a.attisdropped AND (part.id IS NULL OR (a.attnotnull AND NOT EXISTS (
              SELECT FROM pg_partitioned_table w JOIN pg_attribute pa ON pa.attrelid = w.partrelid
              WHERE w.partrelid = part.parent AND pa.attname = a.attname AND pa.attnotnull AND NOT pa.attisdropped)))
          GROUP BY a.attrelid) own ON own.attrelid = c.oid
        LEFT JOIN (
          SELECT k.conrelid, json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) ORDER BY k.oid) AS constraints
          FROM pg_constraint k
          WHERE ${isOf("k.conrelid")} AND k.conrelid >= ${firstOwnId} AND k.contype IN ('c', 'p', 'u', 'x', 'f') AND k.conislocal
            AND ${from(11, "k.conparentid = 0", "true")}
          GROUP BY k.conrelid) checked ON checked.conrelid = c.oid
      WHERE ${userSchema} AND ${isOf("c.oid")} AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND (x.deptype = 'e' OR (x.deptype = 'i' AND c.relkind = 'S')))
      ORDER BY c.oid`,
    indexes: `
      SELECT u.*, CASE WHEN ${wholePartitions ? "true" : "NOT u.is_named_by_default OR u.parent IS NULL OR u.is_of_constraint"}
        THEN pg_get_indexdef(u.id::oid) END AS definition
      FROM (
        SELECT x.indexrelid::int8::text AS id, n.nspname AS schema, c.relname AS name,
          c.relkind = 'I' AS is_partitioned, x.indisvalid AS is_valid, k.oid IS NOT NULL AS is_of_constraint,
          i.inhparent::int8::text AS parent, c.relname::text = t.relname || '_' || names.joined || '_idx' AS is_named_by_default
        FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_inherits i ON i.inhrelid = x.indexrelid
          LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x')
          LEFT JOIN (SELECT a.attrelid, string_agg(a.attname, '_' ORDER BY a.attnum) AS joined
            FROM pg_attribute a JOIN pg_index x ON x.indexrelid = a.attrelid
            WHERE a.attrelid >= ${firstOwnId} AND ${isAsked} GROUP BY a.attrelid) names ON names.attrelid = c.oid
        WHERE ${userSchema} AND ${isAsked} AND c.relpersistence <> 't'
          AND (k.oid IS NULL OR (i.inhparent IS NOT NULL AND ${from(11, "k.conparentid = 0", "false")}))
        ) u
      ORDER BY u.id::int8`,
    extensions:
      "SELECT e.extname AS name, e.extversion AS version, n.nspname AS schema FROM pg_extension e " +
      "JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid",
    shared: `
      SELECT s.kind, s.name FROM (
        SELECT 'tablespace', spcname::text FROM pg_tablespace
        UNION SELECT 'role', rolname::text FROM pg_roles
        UNION SELECT 'server', srvname::text FROM pg_foreign_server
        UNION SELECT 'access method', amname::text FROM pg_am
        UNION SELECT 'collation', collname::text FROM pg_collation WHERE oid >= ${firstOwnId}
        UNION SELECT 'operator class', opcname::text FROM pg_opclass WHERE oid >= ${firstOwnId}
        UNION SELECT 'text search configuration', cfgname::text FROM pg_ts_config WHERE oid >= ${firstOwnId}
      ) AS s (kind, name) LIMIT ${mostShared}`,
  };
}
