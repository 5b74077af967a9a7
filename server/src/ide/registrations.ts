/** What files register with extensions: a connected database may have it because they have been run, and they are to meet it as new. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import { partIdsOf } from "../catalog/layout.ts";
import { managerNamed, managersBy, withoutManager } from "../catalog/managers.ts";
import { pathmanOf, pathmanTableOf, withoutPathmanTable } from "../catalog/pathman-config.ts";
import type { Relation } from "../catalog/relation.ts";
import { withShards } from "../schemes/citus/tables.ts";
import { findNamed } from "../schemes/named-relation.ts";
import { quoteQualifiedName } from "../syntax/names.ts";

const calls =
  "create_distributed_table|create_distributed_table_concurrently|create_reference_table|citus_add_local_table_to_metadata|" +
  "create_parent|create_partition|create_range_partitions|create_hash_partitions|create_partitions_from_range|add_to_pathman_config";

/** A call of theirs with the table that it is about as its first argument, wherever it stands, also in the body of a block. */
const registering = new RegExp(`\\b(?:${calls})\\s*\\(\\s*(?:[a-z_]+\\s*(?::=|=>)\\s*)?'((?:[^']|'')+)'`, "gi");

/** What says of a line among removals that it is no statement. */
const forgets = "-- forget ";

/** The lines that take what a text registers away from a catalog, with the partitions that extensions have made of it. */
export function registrationsIn(text: string, catalog: Catalog): readonly string[] {
  const { sharded, pathman, managers } = catalog;
  if (sharded === undefined && pathman === undefined && managers === undefined) return [];
  return [...text.matchAll(registering)].flatMap(([, written = ""]) => {
    const table = findNamed(catalog, written.replaceAll("''", "'"));
    if (table === null || !isRegistered(catalog, table)) return [];
    const parts = table.shards !== undefined ? [] : partIdsOf(table).flatMap((id) => relationById(catalog, id) ?? []);
    return [
      forgets + quoteQualifiedName(table.schema, table.name),
      ...parts.map(({ schema, name }) => `DROP TABLE ${quoteQualifiedName(schema, name)} CASCADE;`),
    ];
  });
}

function isRegistered(catalog: Catalog, table: Relation): boolean {
  return (
    table.shards !== undefined ||
    table.registration !== undefined ||
    managerNamed(catalog, "pg_partman", managedName(table)) !== null
  );
}

/** As pg_partman stores it. */
function managedName({ schema, name }: Pick<Relation, "schema" | "name">): string {
  return `${schema}.${name}`;
}

/** The catalog without what such lines among the removals name. */
export function withoutRegistrations(catalog: Catalog, removals: string): Catalog {
  let next = catalog;
  for (const line of removals.split("\n")) {
    if (!line.startsWith(forgets)) continue;
    const table = findNamed(next, line.slice(forgets.length));
    if (table !== null) next = withoutRegistration(next, table);
  }
  return next;
}

function withoutRegistration(catalog: Catalog, table: Relation): Catalog {
  let next = withoutManager(catalog, "pg_partman", managedName(table));
  const row = pathmanTableOf(next, table);
  if (row !== null) {
    const without = withoutPathmanTable(next, row);
    const pathman = pathmanOf(without);
    next = {
      ...without,
      pathman: { ...pathman, former: pathman.former.without(table.id), numbers: pathman.numbers.without(table.id) },
    };
  }
  if (table.shards === undefined) return next;
  for (const id of [table.id, ...partIdsOf(table)])
    if (relationById(next, id)?.shards !== undefined) next = withShards(next, id, undefined);
  return next;
}

/** The catalog without the configurations of tables that were there before and are there no more: they outlive their tables. */
export function withoutLostManagers(before: Catalog, after: Catalog): Catalog {
  let next = after;
  for (const { table } of managersBy(before, "pg_partman")) {
    const [schema = "", name = ""] = table.split(".");
    const isLost = findRelation(before, { schema, name }) !== null && findRelation(after, { schema, name }) === null;
    if (isLost) next = withoutManager(next, "pg_partman", table);
  }
  return next;
}
