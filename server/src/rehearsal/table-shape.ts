/** What made rows have to fit: the columns, conditions, unique keys and foreign keys of each table, read from the sandbox's catalogs. */

import type { ValueType } from "./sample-values.ts";
import type { SandboxRow } from "./sandbox.ts";

/** A table that holds rows itself. */
export interface TableShape {
  readonly id: string;
  /** As SQL writes it, with its schema. */
  readonly name: string;
  /** `schema.name`, unquoted. */
  readonly shown: string;
  /** The ids of the tables at the top of its tree. */
  readonly root: string;
  readonly columns: readonly ColumnShape[];
  /** What its rows have to fulfil, as expressions of its columns: the partition's bounds, and CHECK constraints. */
  readonly conditions: readonly string[];
  /** The columns of each unique key, and of each exclusion constraint. */
  readonly uniqueKeys: readonly (readonly string[])[];
  readonly foreignKeys: readonly ForeignKeyShape[];
}

export interface ColumnShape {
  readonly name: string;
  readonly type: ValueType;
  readonly notNull: boolean;
  /** Filled by the server where an INSERT leaves it out: a default, an identity. */
  readonly hasDefault: boolean;
  /** Whether the default takes the next of numbers: leaving it out never repeats one. */
  readonly isNumbered: boolean;
  readonly isGenerated: boolean;
  /** The constraints of its domain. */
  readonly conditions: readonly string[];
}

export interface ForeignKeyShape {
  readonly columns: readonly string[];
  /** The table referred to: its id, how SQL writes it, and its columns. */
  readonly table: string;
  readonly tableName: string;
  readonly tableColumns: readonly string[];
}

const userSchema = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

/** Tables with rows of their own: neither partitioned nor foreign. */
export const tableShapesQuery = `
  WITH RECURSIVE up AS (
    SELECT c.oid AS id, c.oid AS above, 0 AS depth FROM pg_catalog.pg_class c WHERE c.relkind = 'r'
    UNION ALL
    SELECT up.id, i.inhparent, up.depth + 1 FROM up JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.above WHERE up.depth < 50
  )
  SELECT c.oid::int8::text AS id, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
    n.nspname || '.' || c.relname AS shown,
    (SELECT up.above::int8::text FROM up WHERE up.id = c.oid ORDER BY up.depth DESC, up.above LIMIT 1) AS root,
    (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'name', a.attname, 'notNull', a.attnotnull OR t.typnotnull,
        'hasDefault', a.atthasdef OR a.attidentity <> '',
        'isNumbered', a.attidentity <> '' OR coalesce(pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%nextval(%', false),
        'isGenerated', a.attgenerated <> '',
        'conditions', (SELECT pg_catalog.jsonb_agg(pg_catalog.pg_get_constraintdef(k.oid)) FROM pg_catalog.pg_constraint k
          WHERE k.contypid = t.oid AND k.contype = 'c'),
        'spelled', pg_catalog.format_type(a.atttypid, a.atttypmod),
        'type', b.typname, 'category', b.typcategory,
        'base', pg_catalog.format_type(b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
        'columns', (SELECT count(*) FROM pg_catalog.pg_attribute f
          WHERE f.attrelid = b.typrelid AND b.typrelid <> 0 AND f.attnum > 0 AND NOT f.attisdropped),
        'labels', (SELECT pg_catalog.jsonb_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e
          WHERE e.enumtypid = b.oid)
      ) ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute a
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      JOIN LATERAL (
        WITH RECURSIVE below AS (
          SELECT t.oid AS id, t.typbasetype AS base UNION ALL
          SELECT x.oid, x.typbasetype FROM below JOIN pg_catalog.pg_type x ON x.oid = below.base
        ) SELECT y.* FROM below JOIN pg_catalog.pg_type y ON y.oid = below.id WHERE below.base = 0 LIMIT 1
      ) b ON true
      LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
    pg_catalog.pg_get_partition_constraintdef(c.oid) AS bounds,
    (SELECT pg_catalog.jsonb_agg(pg_catalog.pg_get_expr(k.conbin, k.conrelid) ORDER BY k.conname)
      FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conenforced) AS checks,
    (SELECT pg_catalog.jsonb_agg(
        (SELECT pg_catalog.jsonb_agg(a.attname) FROM pg_catalog.pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])))
      FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND (i.indisunique OR i.indisexclusion)) AS uniques,
    (SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
        'table', k.confrelid::int8::text,
        'tableName', (SELECT pg_catalog.format('%I.%I', fn.nspname, f.relname) FROM pg_catalog.pg_class f
          JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace WHERE f.oid = k.confrelid),
        'columns', (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.n) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(at, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.at),
        'tableColumns', (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.n) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(at, n)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.at)) ORDER BY k.oid)
      FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.conenforced
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint p WHERE p.oid = k.conparentid AND p.conrelid = k.conrelid)) AS keys
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND ${userSchema}
  ORDER BY c.oid`;

/** From a row of `tableShapesQuery`. */
export function tableShape(row: SandboxRow): TableShape {
  const list = <Item>(value: unknown): readonly Item[] => (Array.isArray(value) ? value : []);
  const bounds = row["bounds"];
  return {
    id: String(row["id"]),
    name: String(row["name"]),
    shown: String(row["shown"]),
    root: String(row["root"]),
    columns: list<Readonly<Record<string, unknown>>>(row["columns"]).map(columnShape),
    conditions: [...(typeof bounds === "string" && bounds !== "" ? [bounds] : []), ...list<string>(row["checks"])],
    uniqueKeys: list<readonly string[] | null>(row["uniques"]).flatMap((key) => (key === null ? [] : [key])),
    foreignKeys: list<ForeignKeyShape>(row["keys"]),
  };
}

function columnShape(column: Readonly<Record<string, unknown>>): ColumnShape {
  const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
  const modifier = /\(([\d, -]+)\)/.exec(String(column["base"]))?.[1] ?? "";
  return {
    name: String(column["name"]),
    notNull: column["notNull"] === true,
    hasDefault: column["hasDefault"] === true,
    isNumbered: column["isNumbered"] === true,
    isGenerated: column["isGenerated"] === true,
    conditions: list(column["conditions"]),
    type: {
      spelled: String(column["spelled"]),
      name: String(column["type"]),
      category: String(column["category"]),
      limits: modifier === "" ? [] : modifier.split(",").map(Number),
      labels: list(column["labels"]),
      columns: Number(column["columns"] ?? 0),
    },
  };
}

/** Referred tables first, as far as they do not refer to each other in a circle. */
export function inOrderOfReference(tables: readonly TableShape[]): readonly TableShape[] {
  const byRoot = new Map<string, TableShape[]>();
  for (const table of tables) {
    const known = byRoot.get(table.root);
    if (known === undefined) byRoot.set(table.root, [table]);
    else known.push(table);
  }
  const rootOf = new Map(tables.map(({ id, root }) => [id, root]));
  const ordered = new Set<string>();
  const visiting = new Set<string>();
  const visit = (root: string): void => {
    if (ordered.has(root) || visiting.has(root)) return;
    visiting.add(root);
    for (const { foreignKeys } of byRoot.get(root) ?? [])
      for (const { table } of foreignKeys) visit(rootOf.get(table) ?? table);
    ordered.add(root);
  };
  // Deep chains of references are no deeper than there are tables; those are limited by whoever reads them.
  for (const root of byRoot.keys()) visit(root);
  return [...ordered].flatMap((root) => byRoot.get(root) ?? []);
}
