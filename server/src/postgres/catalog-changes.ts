/** What a statement wrote into the system catalogs, row by row, with names in place of ids: two that did the same wrote the same. */

import type { Row } from "./connection.ts";

/** A column of a system catalog, as `columnsOfCatalogs` finds it. */
interface CatalogColumn {
  readonly catalog: string;
  readonly name: string;
  readonly type: string;
  /** The catalog to whose ids it refers; null where it refers to none. */
  readonly target: string | null;
  readonly isArray: boolean;
}

/** Since the transaction began: the catalogs that were written, how often, and how often rows of theirs were changed or deleted. */
export const writtenCatalogs = `SELECT relname::pg_catalog.text AS catalog,
    (n_tup_upd OPERATOR(pg_catalog.+) n_tup_del)::pg_catalog.text AS changed,
    (n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd OPERATOR(pg_catalog.+) n_tup_del)::pg_catalog.text AS written
  FROM pg_catalog.pg_stat_xact_sys_tables
  WHERE schemaname OPERATOR(pg_catalog.=) 'pg_catalog'::pg_catalog.name
    AND n_tup_ins OPERATOR(pg_catalog.+) n_tup_upd OPERATOR(pg_catalog.+) n_tup_del OPERATOR(pg_catalog.>) 0`;

/** All columns of the system catalogs with what they refer to, as the server itself knows it. */
export const columnsOfCatalogs = `
  SELECT c.relname::text AS catalog, a.attname::text AS name, t.typname::text AS type, k.pktable::text AS target,
    coalesce(k.is_array, false) AS is_array
  FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN (SELECT fktable, fkcols[1] AS col, pktable::text, is_array FROM pg_catalog.pg_get_catalog_foreign_keys()
      WHERE pg_catalog.cardinality(fkcols) = 1) k ON k.fktable = c.oid AND k.col = a.attname
  WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r'
  ORDER BY c.relname, a.attnum`;

export interface ChangeQueries {
  /** The rows written behind the mark: see `LearningQueries.mark`. */
  readonly added: string;
  /** As text, where the rows of a catalog stand that were there before the mark. */
  readonly kept: string;
  /** Of the state before: the rows that are not among those kept, which are given as text. */
  readonly removed: string;
}

/**
 * The queries about these catalogs.
 * @param columns the rows of `columnsOfCatalogs`
 */
export function changeQueries(columns: readonly Row[]): ReadonlyMap<string, ChangeQueries> {
  const byCatalog = new Map<string, CatalogColumn[]>();
  for (const row of columns) {
    const catalog = String(row["catalog"]);
    if (untold.has(catalog)) continue;
    const target = row["target"];
    const column: CatalogColumn = {
      catalog,
      name: String(row["name"]),
      type: String(row["type"]),
      target: typeof target === "string" ? target.replace(/^pg_catalog\./, "") : null,
      isArray: row["is_array"] === true,
    };
    byCatalog.set(catalog, [...(byCatalog.get(catalog) ?? []), column]);
  }
  return new Map([...byCatalog].map(([catalog, own]) => [catalog, queriesOf(catalog, own)]));
}

/** Behind the mark by the order of transactions: age counts down. */
const isBehindMark = `age(r.xmin) <= (SELECT age(m.xmin) FROM pg_largeobject_metadata m
  WHERE m.oid = current_setting('partition_lens.mark')::oid)`;

function queriesOf(catalog: string, columns: readonly CatalogColumn[]): ChangeQueries {
  const fields = columns.filter(({ name }) => !untoldColumns.has(name)).map(printed);
  const isAttribute = catalog === "pg_attribute" ? " AND r.attnum > 0" : "";
  const row = `SELECT ROW('${catalog}', ${fields.join(", ")})::text AS row FROM pg_catalog.${catalog} r`;
  return {
    added: `${row} WHERE ${isBehindMark}${isAttribute}`,
    kept: `SELECT coalesce(array_agg(r.ctid), '{}')::text AS ids FROM pg_catalog.${catalog} r WHERE NOT (${isBehindMark})`,
    removed: `${row} WHERE NOT EXISTS (SELECT FROM unnest($1::tid[]) AS k (id) WHERE k.id = r.ctid)${isAttribute}`,
  };
}

/** A value of a row as text without ids. */
function printed({ catalog, name, type, target, isArray }: CatalogColumn): string {
  const value = `r.${name}`;
  const special = printedOtherwise[`${catalog}.${name}`];
  if (special !== undefined) return special;
  if (type === "pg_node_tree") return `pg_get_expr(${value}, ${ownerColumns[catalog] ?? "0"})`;
  if (target === null) return value;
  const element = isArray ? "e.id" : value;
  const identity = identityOf(target, element);
  return isArray
    ? `(SELECT array_agg(${identity} ORDER BY e.n) FROM unnest(${value}${vectors.has(type) ? "::oid[]" : ""}) WITH ORDINALITY AS e (id, n))`
    : identity;
}

function identityOf(target: string, id: string): string {
  const kind = namedTypes[target];
  if (kind !== undefined) return `${id}::oid::${kind}::text`;
  return `(SELECT i.identity FROM pg_identify_object('${target}'::regclass, ${id}::oid, 0) i WHERE ${id}::oid <> 0)`;
}

const vectors: ReadonlySet<string> = new Set(["oidvector"]);

const namedTypes: Readonly<Record<string, string>> = {
  pg_authid: "regrole",
  pg_class: "regclass",
  pg_collation: "regcollation",
  pg_namespace: "regnamespace",
  pg_operator: "regoperator",
  pg_proc: "regprocedure",
  pg_type: "regtype",
};

/** Whose columns the expressions of a catalog are about. */
const ownerColumns: Readonly<Record<string, string>> = {
  pg_attrdef: "r.adrelid",
  pg_class: "r.oid",
  pg_constraint: "r.conrelid",
  pg_index: "r.indrelid",
  pg_partitioned_table: "r.partrelid",
  pg_policy: "r.polrelid",
  pg_publication_rel: "r.prrelid",
};

/** The object that three columns mean together. */
function addressed(classId: string, objectId: string, part: string): string {
  return `(SELECT i.type || ' ' || i.identity FROM pg_identify_object(r.${classId}, r.${objectId}, ${part}) i)`;
}

const printedOtherwise: Readonly<Record<string, string>> = {
  "pg_depend.objid": addressed("classid", "objid", "r.objsubid"),
  "pg_depend.refobjid": addressed("refclassid", "refobjid", "r.refobjsubid"),
  "pg_shdescription.objoid": addressed("classoid", "objoid", "0"),
  "pg_proc.proargdefaults": "pg_get_function_arguments(r.oid)",
  "pg_proc.prosqlbody": "pg_get_function_sqlbody(r.oid)",
  "pg_rewrite.ev_action": "pg_get_ruledef(r.oid)",
  "pg_rewrite.ev_qual": "NULL",
  "pg_statistic_ext.stxexprs": "pg_get_statisticsobjdef(r.oid)",
  "pg_trigger.tgqual": "CASE WHEN NOT r.tgisinternal THEN pg_get_triggerdef(r.oid) END",
};

/**
 * What is of no account: statistics, large objects, what other catalogs say as well, and what hangs on tables, of which nothing is
 * believed behind a statement that was run.
 */
const untold: ReadonlySet<string> = new Set([
  "pg_description",
  "pg_init_privs",
  "pg_largeobject",
  "pg_largeobject_metadata",
  "pg_seclabel",
  "pg_shdepend",
  "pg_statistic",
  "pg_statistic_ext_data",
]);

/** Ids, files, statistics, hints that say less than the rows they are about, and what hangs on tables. */
const untoldColumns: ReadonlySet<string> = new Set([
  "oid",
  "relallfrozen",
  "relallvisible",
  "relfilenode",
  "relfrozenxid",
  "relhasindex",
  "relhasrules",
  "relhassubclass",
  "relhastriggers",
  "relminmxid",
  "relpages",
  "reltuples",
  "indcheckxmin",
  "attacl",
  "attcacheoff",
  "attoptions",
  "attstattarget",
  "relacl",
  "reloptions",
]);

/** The names that PostgreSQL gives to what belongs to a table, without the ids in them. */
export function withoutIds(row: string): string {
  return row.replace(/\b(RI_ConstraintTrigger_[ac]_|pg_toast_)\d+/g, "$1");
}

/** How often each row is in the one list and not in the other; rows that are in both say that nothing happened to them. */
export function changesBetween(removed: readonly string[], added: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (row: string, by: number): void => {
    const sum = (counts.get(row) ?? 0) + by;
    if (sum === 0) counts.delete(row);
    else counts.set(row, sum);
  };
  for (const row of removed) count(row, -1);
  for (const row of added) count(row, 1);
  return counts;
}
