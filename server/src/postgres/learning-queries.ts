/** What is asked of the system catalogs to see what a statement did to a schema: of what it touched, and no more where that tells it. */

import { catalogQueries, type DatabaseRows, printingSettings } from "./catalog-queries.ts";
import type { Row } from "./connection.ts";

/** Queries that are run around a statement, in this order but for `read`, which is run twice: behind it, and when it is undone. */
export interface LearningQueries {
  /** How often each table was read and written so far; before and behind the statement. */
  readonly scans: string;
  /** What the session itself has: settings, prepared statements, cursors; before and behind the statement. */
  readonly session: string;
  /** How often the catalogs were written so far, by what is in them, as one row; before and behind the statement. */
  readonly writes: string;
  /** Before the statement: leaves a mark in the order of transactions, behind which its writes come. */
  readonly mark: string;
  /** How everything is to be printed, and where the names of all queries from here on are looked for. */
  readonly printing: string;
  /** The ids of the relations that the statement touched, as one row with one text. */
  readonly touched: string;
  /** The ids of all relations. */
  readonly all: string;
  /** Hands the ids to `read`. */
  readonly hand: string;
  readonly read: readonly {
    readonly sql: string;
    /** The count of `writes` without a change of which these rows are as they were. */
    readonly where: string | null;
  }[];
}

/** A reading of the schema. */
export interface SchemaRows {
  readonly scans: readonly Row[];
  readonly session: readonly Row[];
  /** For each query of `read`. */
  readonly results: readonly (readonly Row[])[];
}

/** What a statement left behind: the schema as it was, and as it is, both as far as they may differ. */
export interface LearnedRows {
  readonly before: SchemaRows;
  readonly after: SchemaRows;
}

/** The same with what it does besides. */
export interface LearnedRun extends LearnedRows {
  /**
   * Rows of system catalogs that the statement wrote, or deleted, and the statements that lead from the one schema to the other do
   * not, or the other way round; else why one of these fails. None says that they do the same.
   */
  readonly unexplained: readonly string[];
  /** How often these statements scanned tables, as rows of `LearningQueries.scans`: to check them, never to decide by their rows. */
  readonly explainedScans: readonly Row[];
}

/** The parts of a schema in the order in which `read` has them; behind them stand the ids of all indexes, and the files of tables. */
export const readParts = [
  "schemas",
  "types",
  "functions",
  "code",
  "relations",
  "indexes",
  "belongings",
] as const satisfies readonly (keyof DatabaseRows)[];

/** The count of the rows that went from the catalogs of relations: what has gone is not among what was touched. */
export const goneRows = "gone";

const scanCount = "(coalesce(seq_scan, 0) OPERATOR(pg_catalog.+) coalesce(idx_scan, 0))";

/** How often rows of a table were written. */
const writeCount = "n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd OPERATOR(pg_catalog.+) n_tup_del";

const handed = "partition_lens.touched";

/** The queries for a server of a version, as `server_version_num`. */
export function learningQueries(serverVersion: number): LearningQueries {
  const isTouched = (id: string): string => `${id} = ANY (pg_catalog.current_setting('${handed}')::oid[])`;
  const only = {
    relations: isTouched,
    indexes: isTouched("x.indrelid"),
    belongings: isTouched("c.oid"),
  };
  const queries = catalogQueries(serverVersion, true, only);
  const written = (catalogs: readonly string[], kinds: readonly string[]): string =>
    catalogs
      .flatMap((catalog) =>
        kinds.map((kind) => `pg_catalog.pg_stat_get_xact_tuples_${kind}('pg_catalog.${catalog}'::pg_catalog.regclass)`),
      )
      .join(" OPERATOR(pg_catalog.+) ");
  const anyhow = ["inserted", "updated", "deleted"];
  return {
    // These run under the search_path of the script, in which anything may be called like PostgreSQL's own.
    scans: `SELECT schemaname AS schema, relname AS name, relid::pg_catalog.int8::pg_catalog.text AS id,
        (${scanCount})::pg_catalog.int8::pg_catalog.text AS scans,
        (${writeCount})::pg_catalog.int8::pg_catalog.text AS writes
      FROM pg_catalog.pg_stat_xact_user_tables
      WHERE ${scanCount} OPERATOR(pg_catalog.+) ${writeCount} OPERATOR(pg_catalog.>) 0`,
    session: `SELECT 'setting' AS kind, name::pg_catalog.text AS name, setting::pg_catalog.text AS value
        FROM pg_catalog.pg_settings WHERE source::pg_catalog.text OPERATOR(pg_catalog.=) 'session'::pg_catalog.text
      UNION ALL SELECT 'prepared', name::pg_catalog.text, statement FROM pg_catalog.pg_prepared_statements
      UNION ALL SELECT 'cursor', name::pg_catalog.text, '' FROM pg_catalog.pg_cursors`,
    writes: `SELECT (${written([...holdRelations, ...holdBelongings], ["deleted"])})::pg_catalog.text AS ${goneRows},
        (${written(["pg_proc", "pg_aggregate"], anyhow)})::pg_catalog.text AS functions,
        (${written(holdCode, anyhow)})::pg_catalog.text AS code,
        (${written(["pg_namespace"], anyhow)})::pg_catalog.text AS schemas`,
    // A large object needs no right, runs no trigger and has a row of its own; it goes when the statement is undone.
    mark: `SELECT pg_catalog.set_config('partition_lens.mark', pg_catalog.lo_create(0)::pg_catalog.text, true)`,
    printing: printingSettings,
    touched: `
      WITH RECURSIVE mark AS (SELECT age(xmin) AS age FROM pg_largeobject_metadata
        WHERE oid = current_setting('partition_lens.mark')::oid),
      written (id) AS (
        SELECT oid FROM pg_class WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT attrelid FROM pg_attribute WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT adrelid FROM pg_attrdef WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT conrelid FROM pg_constraint WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT indexrelid FROM pg_index WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT inhrelid FROM pg_inherits WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT partrelid FROM pg_partitioned_table WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT tgrelid FROM pg_trigger WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT stxrelid FROM pg_statistic_ext WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT prrelid FROM pg_publication_rel WHERE age(xmin) <= (SELECT age FROM mark)
        UNION SELECT CASE d.classoid WHEN 'pg_class'::regclass THEN d.objoid
            WHEN 'pg_trigger'::regclass THEN (SELECT tgrelid FROM pg_trigger WHERE oid = d.objoid)
            WHEN 'pg_policy'::regclass THEN (SELECT polrelid FROM pg_policy WHERE oid = d.objoid) END
          FROM pg_description d WHERE d.objoid >= 16384 AND age(d.xmin) <= (SELECT age FROM mark)
        UNION SELECT relid FROM pg_stat_xact_user_tables WHERE coalesce(seq_scan, 0) + coalesce(idx_scan, 0) > 0
        UNION SELECT oid FROM pg_class WHERE relkind IN ('v', 'm')),
      touched (id) AS (
        SELECT id FROM written UNION SELECT x.indrelid FROM written w JOIN pg_index x ON x.indexrelid = w.id
        UNION SELECT i.inhparent FROM touched t JOIN pg_inherits i ON i.inhrelid = t.id)
      SELECT coalesce(array_agg(id), '{}')::text AS ids FROM touched WHERE id >= 16384`,
    all: "SELECT coalesce(array_agg(oid), '{}')::text AS ids FROM pg_class WHERE oid >= 16384",
    hand: `SELECT set_config('${handed}', $1, true)`,
    read: [
      ...readParts.map((part) => ({
        sql: queries[part],
        where: ["schemas", "functions", "code"].includes(part) ? part : null,
      })),
      // The catalog queries leave out the indexes that belong to those of a parent or to a constraint.
      {
        sql: `SELECT indexrelid::int8::text AS id FROM pg_index WHERE indrelid = ANY (current_setting('${handed}')::oid[])`,
        where: null,
      },
      {
        sql: `SELECT oid::int8::text AS id, relfilenode::int8::text AS file FROM pg_class
          WHERE relkind IN ('r', 'm') AND oid = ANY (current_setting('${handed}')::oid[])`,
        where: null,
      },
    ],
  };
}

/** Where rows stand that say what a relation is. */
const holdRelations: readonly string[] = [
  "pg_class",
  "pg_attribute",
  "pg_attrdef",
  "pg_constraint",
  "pg_index",
  "pg_inherits",
  "pg_partitioned_table",
];

/** Where rows stand of what hangs on a relation, besides those of the relation itself. */
const holdBelongings: readonly string[] = ["pg_description", "pg_trigger", "pg_statistic_ext", "pg_publication_rel"];

/** Where code stands that the statement of a function does not make. */
const holdCode: readonly string[] = [
  "pg_event_trigger",
  "pg_cast",
  "pg_operator",
  "pg_opclass",
  "pg_amproc",
  "pg_aggregate",
  "pg_policy",
  "pg_rewrite",
  "pg_trigger",
];
