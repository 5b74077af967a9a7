/** The locks that partition DDL takes, as PostgreSQL's manual says and as the tests measure through `pg_locks`. */

// https://www.postgresql.org/docs/current/sql-altertable.html, https://www.postgresql.org/docs/current/ddl-partitioning.html

import type { Relation } from "../catalog/relation.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import type { LockMode, ScriptStep } from "./script.ts";
import { fullName } from "./writer.ts";

type Locks = ScriptStep["locks"];
type Named = Pick<Relation, "schema" | "name">;

/** ATTACH PARTITION: on the parent, on the table attached, and on the default partition, which is searched. */
export function attachLocks(
  parent: Named,
  attached: Named,
  defaultPartition: Named | null,
  version: PostgresVersion,
): Locks {
  return [
    lock(parent, version >= 12 ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE"),
    lock(attached, "ACCESS EXCLUSIVE"),
    ...defaultLock(defaultPartition, attached),
  ];
}

/** DETACH PARTITION without CONCURRENTLY; before PostgreSQL 14 the partition itself could still be read and written. */
export function detachLocks(
  parent: Named,
  partition: Named,
  defaultPartition: Named | null,
  version: PostgresVersion,
): Locks {
  return [
    lock(parent, "ACCESS EXCLUSIVE"),
    lock(partition, version >= 14 ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
    ...defaultLock(defaultPartition, partition),
  ];
}

export function lock(relation: Named, mode: LockMode): Locks[number] {
  return { relation: fullName(relation), mode };
}

/** A default partition that is attached or detached itself is locked as such. */
function defaultLock(partition: Named | null, other: Named): Locks {
  if (partition === null || fullName(partition) === fullName(other)) return [];
  return [lock(partition, "ACCESS EXCLUSIVE")];
}
