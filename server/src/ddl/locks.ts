/** The locks that partition DDL takes, as PostgreSQL's manual says and as the tests measure through `pg_locks`. */

// https://www.postgresql.org/docs/current/sql-altertable.html, https://www.postgresql.org/docs/current/ddl-partitioning.html

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import type { LockMode, ScriptStep } from "./script.ts";
import { fullName } from "./writer.ts";

type Locks = ScriptStep["locks"];

/** ATTACH PARTITION: on the parent, on the table attached, and on the default partition, which is searched. */
export function attachLocks(
  parent: Relation,
  attached: Pick<Relation, "schema" | "name">,
  catalog: Catalog,
  version: PostgresVersion,
): Locks {
  return [
    lock(parent, version >= 12 ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE"),
    lock(attached, "ACCESS EXCLUSIVE"),
    ...defaultLock(parent, catalog),
  ];
}

/** DETACH PARTITION without CONCURRENTLY; before PostgreSQL 14 the partition itself could still be read and written. */
export function detachLocks(parent: Relation, partition: Relation, catalog: Catalog, version: PostgresVersion): Locks {
  return [
    lock(parent, "ACCESS EXCLUSIVE"),
    lock(partition, version >= 14 ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
    ...defaultLock(parent, catalog),
  ];
}

export function lock(relation: Pick<Relation, "schema" | "name">, mode: LockMode): Locks[number] {
  return { relation: fullName(relation), mode };
}

function defaultLock(parent: Relation, catalog: Catalog): Locks {
  const id = parent.partitioning?.partitions.defaultPartition ?? null;
  const relation = id === null ? null : relationById(catalog, id);
  return relation === null ? [] : [lock(relation, "ACCESS EXCLUSIVE")];
}
