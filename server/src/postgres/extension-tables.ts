/** What is read of the tables in which pg_pathman, pg_partman and Citus keep how they divide tables: no function and no view of theirs. */

import type { ExtensionName } from "../schemes/extension.ts";
import { quoteIdentifier, quoteQualifiedName } from "../syntax/names.ts";
import { addAll } from "../text/long-lists.ts";
import { attempt } from "./attempt.ts";
import { firstOwnId } from "./catalog-queries.ts";
import type { ReadSession, Row } from "./connection.ts";

/** The extensions whose tables are read. */
export type ReadExtension = ExtensionName;

/** What was read of one extension. */
export interface ExtensionRows {
  readonly extension: ReadExtension;
  readonly version: string;
  /** By the name of what was asked for. */
  readonly tables: Readonly<Partial<Record<ExtensionPart, readonly Row[]>>>;
}

export interface ExtensionReading {
  readonly extensions: readonly ExtensionRows[];
  /** What could not be read, and why: one line each, for the log. */
  readonly declined: readonly string[];
}

export type ExtensionPart =
  | "pathmanTables"
  | "partmanTables"
  | "partmanSubTables"
  | "citusTables"
  | "citusGroups"
  | "citusSchemas"
  | "citusPlacements"
  | "citusNodes";

/** A table of an extension as the database has it. */
interface FoundTable {
  readonly extension: string;
  readonly version: string;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  /** Why it is not read; null where it can be. */
  readonly barred: string | null;
}

interface Part {
  readonly extension: ReadExtension;
  readonly part: ExtensionPart;
  /** The tables that it cannot do without, the first of which it is about; and what columns these must have. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  /** `named` spells a table with its schema, null where there is none that can be read; `columns` all that can be read of its row `t`. */
  readonly query: (
    named: (table: string) => string | null,
    has: (table: string, column: string) => boolean,
    columns: (table: string) => string,
  ) => string;
  /** Whether nobody need be told where it is not there: older versions do without it. */
  readonly optional?: true;
}

/** More rows of a table than these are not read. */
const mostRows = 100_000;

const parts: readonly Part[] = [
  {
    extension: "pg_pathman",
    part: "pathmanTables",
    needs: { pathman_config: ["parttype"] },
    query: (named, has) => {
      const parameters = has("pathman_config_params", "partrel") ? named("pathman_config_params") : null;
      const parameter = (name: string): string =>
        parameters !== null && has("pathman_config_params", name) ? `q.${name}::text` : "NULL";
      const expression = has("pathman_config", "expr") ? "p.expr" : "p.attname";
      const interval = has("pathman_config", "range_interval") ? "p.range_interval::text" : "NULL";
      const row = `${expression}::text AS expression, p.parttype::int4 AS type, ${interval} AS interval`;
      // Before 1.0 a row keeps the name of its table, as it was put together.
      if (!has("pathman_config", "partrel"))
        return `SELECT p.relname::text AS relname, ${row} FROM ONLY ${named("pathman_config")} p LIMIT ${mostRows}`;
      return `SELECT n.nspname AS schema, c.relname AS name, ${row}, ${parameter("enable_parent")} AS enable_parent,
          ${parameter("auto")} AS auto, ${parameter("init_callback")} AS callback
        FROM ONLY ${named("pathman_config")} p JOIN pg_class c ON c.oid = p.partrel::oid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          ${parameters === null ? "" : `LEFT JOIN ONLY ${parameters} q ON q.partrel::oid = c.oid`}
        ORDER BY c.oid LIMIT ${mostRows}`;
    },
  },
  {
    extension: "pg_partman",
    part: "partmanTables",
    needs: { part_config: ["parent_table", "control", "partition_interval"] },
    query: (named, _, columns) =>
      `SELECT to_jsonb(r) AS row FROM (SELECT ${columns("part_config")}
        FROM ONLY ${named("part_config")} t ORDER BY t.parent_table LIMIT ${mostRows}) r`,
  },
  {
    extension: "pg_partman",
    part: "partmanSubTables",
    needs: { part_config_sub: ["sub_parent"] },
    query: (named, _, columns) =>
      `SELECT to_jsonb(r) AS row FROM (SELECT ${columns("part_config_sub")}
        FROM ONLY ${named("part_config_sub")} t LIMIT ${mostRows}) r`,
  },
  {
    extension: "citus",
    part: "citusTables",
    needs: {
      pg_dist_partition: ["logicalrelid", "partmethod", "partkey", "colocationid", "repmodel"],
      pg_dist_shard: ["logicalrelid", "shardid", "shardminvalue", "shardmaxvalue"],
    },
    query: (named, has) => `SELECT n.nspname AS schema, c.relname AS name, p.partmethod::text AS method,
        p.repmodel::text AS replication, p.colocationid::int4 AS colocation,
        ${has("pg_dist_partition", "autoconverted") ? "p.autoconverted" : "false"} AS automatic,
        (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid
          AND a.attnum = "substring"(p.partkey::text, ':varattno ([0-9]{1,4})')::int2) AS "column",
        (SELECT json_agg(json_build_array(s.shardid, s.shardminvalue::text, s.shardmaxvalue::text))
          FROM ONLY ${named("pg_dist_shard")} s WHERE s.logicalrelid::oid = c.oid) AS shards
      FROM ONLY ${named("pg_dist_partition")} p JOIN pg_class c ON c.oid = p.logicalrelid::oid
        JOIN pg_namespace n ON n.oid = c.relnamespace
      ORDER BY c.oid LIMIT ${mostRows}`,
  },
  {
    extension: "citus",
    part: "citusGroups",
    needs: { pg_dist_colocation: ["colocationid", "shardcount", "replicationfactor", "distributioncolumntype"] },
    query: (named, has) => `SELECT g.colocationid::int4 AS id, g.shardcount::int4 AS shard_count,
        g.replicationfactor::int4 AS replication,
        CASE WHEN g.distributioncolumntype::oid <> 0 THEN format_type(g.distributioncolumntype::oid, NULL) END AS type,
        ${has("pg_dist_colocation", "distributioncolumncollation") ? "(SELECT l.collname FROM pg_collation l WHERE l.oid = g.distributioncolumncollation::oid)" : "NULL"} AS collation
      FROM ONLY ${named("pg_dist_colocation")} g ORDER BY g.colocationid LIMIT ${mostRows}`,
  },
  {
    extension: "citus",
    part: "citusSchemas",
    needs: { pg_dist_schema: ["schemaid", "colocationid"] },
    query: (named) => `SELECT n.nspname AS schema, s.colocationid::int4 AS colocation
      FROM ONLY ${named("pg_dist_schema")} s JOIN pg_namespace n ON n.oid = s.schemaid::oid
      ORDER BY n.oid LIMIT ${mostRows}`,
    optional: true,
  },
  {
    extension: "citus",
    part: "citusPlacements",
    needs: { pg_dist_placement: ["shardid", "shardstate", "groupid"] },
    query: (named) => `SELECT p.groupid::int4 AS "group", json_agg(p.shardid) AS shards
      FROM ONLY ${named("pg_dist_placement")} p WHERE p.shardstate = 1 GROUP BY p.groupid ORDER BY p.groupid`,
  },
  {
    extension: "citus",
    part: "citusNodes",
    needs: { pg_dist_node: ["groupid", "nodename", "nodeport", "noderole", "isactive"] },
    query: (named, has) => `SELECT n.groupid::int4 AS "group", n.nodename::text AS host, n.nodeport::int4 AS port,
        n.isactive AS active, ${has("pg_dist_node", "shouldhaveshards") ? "n.shouldhaveshards" : "n.groupid <> 0"} AS shards
      FROM ONLY ${named("pg_dist_node")} n WHERE n.noderole::text = 'primary' ORDER BY n.groupid LIMIT 1000`,
  },
];

/**
 * Reads what is there, each part by itself: an extension that is not installed, a table that the role may not read or that a
 * version spells otherwise leaves the others as they are. Runs in the caller's transaction, which it leaves usable.
 */
export async function readExtensionTables(session: ReadSession, signal: AbortSignal): Promise<ExtensionReading> {
  const declined: string[] = [];
  const found = await attempt(session, signal, tablesQuery);
  if ("failed" in found) return { extensions: [], declined: [`the tables of extensions: ${found.failed}`] };
  const tables = found.rows.map(foundTable);
  const extensions = new Map<string, { rows: ExtensionRows; tables: Partial<Record<ExtensionPart, readonly Row[]>> }>();
  for (const { extension, part, needs, query, optional } of parts) {
    const own = tables.filter((table) => table.extension === extension);
    const [first] = own;
    if (first === undefined) continue;
    const read: Partial<Record<ExtensionPart, readonly Row[]>> = extensions.get(extension)?.tables ?? {};
    if (!extensions.has(extension))
      extensions.set(extension, { rows: { extension, version: first.version, tables: read }, tables: read });
    const barred = Object.entries(needs).flatMap(([name, columns]) => whyNot(own, name, columns) ?? []);
    if (barred.length > 0) {
      if (optional !== true || own.some(({ name }) => name in needs))
        addAll(
          declined,
          barred.map((why) => `${extension} ${first.version}: ${why}`),
        );
      continue;
    }
    const named = (name: string): string | null => {
      const table = own.find((each) => each.name === name);
      return table === undefined || table.barred !== null ? null : quoteQualifiedName(table.schema, table.name);
    };
    const has = (name: string, column: string): boolean =>
      named(name) !== null && own.some((table) => table.name === name && table.columns.includes(column));
    const columns = (name: string): string =>
      (own.find((table) => table.name === name)?.columns ?? []).map((each) => `t.${quoteIdentifier(each)}`).join(", ");
    const answer = await attempt(session, signal, query(named, has, columns));
    if ("failed" in answer) declined.push(`${extension} ${first.version}: ${answer.failed}`);
    else read[part] = answer.rows;
  }
  return { extensions: [...extensions.values()].map(({ rows }) => rows), declined };
}

/**
 * A text that is another once rows of these tables are: how many there are, and the latest transaction that wrote one; where
 * maintenance writes down in each row when it ran, which is not read, what else is in them. Runs in the caller's transaction, which it
 * leaves usable; empty where there are none that can be read.
 */
export async function readExtensionStamp(session: ReadSession, signal: AbortSignal): Promise<string> {
  const found = await attempt(session, signal, tablesQuery);
  const tables = "failed" in found ? [] : found.rows.map(foundTable);
  const counted = tables
    .filter(({ name, barred }) => barred === null && namesRead.has(name))
    .map(({ schema, name, columns }) => {
      const written = columns.includes(lastRun)
        ? `sum(('x' || left(md5((to_jsonb(t) - '${lastRun}')::text), 12))::bit(48)::int8)`
        : "max(t.xmin::text::int8)";
      return `(SELECT count(*) || ':' || coalesce(${written}, 0) FROM ONLY ${quoteQualifiedName(schema, name)} t)`;
    });
  if (counted.length === 0) return "";
  const answer = await attempt(session, signal, `SELECT concat_ws(' ', ${counted.join(", ")}) AS stamp`);
  return "failed" in answer ? "" : String(answer.rows[0]?.["stamp"]);
}

/** A moment that pg_partman 5 writes into each row of a set that it maintains. */
const lastRun = "maintenance_last_run";

/** The tables whose rows are read. */
const namesRead: ReadonlySet<string> = new Set([
  ...parts.flatMap(({ needs }) => Object.keys(needs)),
  "pathman_config_params",
]);

/**
 * The extensions' own tables, plain ones alone: no view stands in for one, and no policy that could run anybody's function. An
 * extension without such a table has a row of its own. Columns whose type somebody made, other than an enum without casts, count as
 * none: to put a value of them into text or JSON may run a function of whoever owns the type.
 */
const tablesQuery = `
  SELECT e.extname AS extension, e.extversion AS version, n.nspname AS schema, c.relname AS name,
    (SELECT json_agg(a.attname) FROM pg_attribute a JOIN pg_type y ON y.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND (y.oid < ${firstOwnId}
        OR y.typtype = 'e' AND NOT EXISTS (SELECT FROM pg_cast k WHERE k.castsource = y.oid))) AS columns,
    CASE WHEN c.relkind <> 'r' THEN 'is no plain table'
      WHEN NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')) THEN 'may not be read by this role'
      WHEN row_security_active(c.oid) AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd IN ('r', '*')
        AND pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM 'true') THEN 'has policies' END AS barred
  FROM pg_extension e
    LEFT JOIN (pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind IN ('r', 'v', 'p', 'f', 'm')
        JOIN pg_namespace n ON n.oid = c.relnamespace)
      ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
  WHERE e.extname IN ('pg_pathman', 'pg_partman', 'citus')
  ORDER BY e.oid, c.oid LIMIT 1000`;

function foundTable(row: Row): FoundTable {
  const text = (key: string): string => (typeof row[key] === "string" ? row[key] : "");
  return {
    extension: text("extension"),
    version: text("version"),
    schema: text("schema"),
    name: text("name"),
    columns: Array.isArray(row["columns"]) ? row["columns"].map(String) : [],
    barred: typeof row["barred"] === "string" ? row["barred"] : null,
  };
}

/** Why a part cannot be read; null where nothing is in the way. */
function whyNot(tables: readonly FoundTable[], name: string, columns: readonly string[]): string | null {
  const table = tables.find((each) => each.name === name);
  if (table === undefined) return `it has no table ${name}, as the versions have that are known here`;
  if (table.barred !== null) return `${table.schema}.${name} ${table.barred}`;
  const missing = columns.filter((column) => !table.columns.includes(column));
  return missing.length === 0
    ? null
    : `${table.schema}.${name} has no column ${missing.map(quoteIdentifier).join(", ")}`;
}
