/** CREATE EXTENSION, and which extensions may have created relations and types that no statement shows. */

import { type Catalog, creationSchema, schemaMayExist } from "../../catalog/catalog.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome, rejected } from "../outcome.ts";

/** Applies CREATE EXTENSION; null for any other statement. */
export function applyCreateExtension(
  catalog: Catalog,
  placed: PlacedStatement,
  _context: ApplyContext,
): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-extension") return null;
  const { name, range } = statement.name;
  if (catalog.extensions.has(name)) {
    if (statement.ifNotExists || catalog.tainted) return applied(catalog);
    return rejected("name-taken", "42710", `extension "${name}" already exists`, range);
  }
  const { schema, version } = statement;
  if (schema !== null && !schemaMayExist(catalog, schema) && !catalog.tainted)
    return rejected("unknown-relation", "3F000", `schema "${schema}" does not exist`, range);
  const installed = { version, schema: schema ?? creationSchema(catalog) };
  const { droppedExtensions, ...rest } = catalog;
  const dropped = droppedExtensions?.filter((each) => each.name !== name) ?? [];
  return applied({
    ...rest,
    ...(dropped.length === 0 ? {} : { droppedExtensions: dropped }),
    extensions: catalog.extensions.with(name, installed, true),
  });
}

/** Whether an extension is there that brings relations of its own, of which one may have that name. */
export function hasForeignRelations(catalog: Catalog, name: string): boolean {
  if (mayBePartition(catalog, name)) return true;
  for (const extension of catalog.extensions.keys()) {
    const own = knownRelations[extension];
    if (own === undefined ? !withoutRelations.has(extension) : own.test(name)) return true;
  }
  return false;
}

/** Whether rows that are not known may have made pg_pathman a partition of that name. */
function mayBePartition({ pathman, relations }: Catalog, name: string): boolean {
  const numbered = /^(.*)_\d+$/.exec(name);
  if (pathman === undefined || numbered === null) return false;
  return [...pathman.numbers.entries()].some(([id, last]) => last < 0 && relations.get(id)?.name === numbered[1]);
}

/** Extensions whose relations are known by their names. */
const knownRelations: Readonly<Record<string, RegExp>> = {
  pg_pathman: /^pathman_/,
  // Beside its own, those that its maintenance may have made.
  pg_partman: /^(?:part_config|part_config_sub|custom_time_partitions|table_privs|template_.*|.*_p-?\d.*|.*_default)$/,
};

/** Extensions of PostgreSQL's own distribution that bring functions, types and operators only. */
const withoutRelations: ReadonlySet<string> = new Set(
  (
    "adminpack amcheck autoinc bloom btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance " +
    "file_fdw fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime old_snapshot pageinspect " +
    "pg_buffercache pg_freespacemap pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect " +
    "pgcrypto pgrowlocks pgstattuple plpgsql postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows " +
    "tsm_system_time unaccent uuid-ossp xml2 vector"
  ).split(" "),
);
