/** The locks that partition DDL takes, as PostgreSQL's manual says and as the tests measure through `pg_locks`. */

// https://www.postgresql.org/docs/current/sql-altertable.html, https://www.postgresql.org/docs/current/ddl-partitioning.html

import type { Catalog } from "../catalog/catalog.ts";
import type { Relation } from "../catalog/relation.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import { descendantsOf } from "../effects/relations/descendants.ts";
import { referencesTo } from "./declarative/carry-over.ts";
import { type LockMode, lockModes, type ScriptStep } from "./script.ts";
import { fullName } from "./writer.ts";

type Locks = ScriptStep["locks"];
type Named = Pick<Relation, "schema" | "name">;
/** A table that may not be there before the script runs. */
type Placed = Named & { readonly relation: Relation | null };

interface LockContext {
  readonly catalog: Catalog;
  readonly version: PostgresVersion;
  /** The foreign keys that refer to the parent, its own among them, have been dropped before. */
  readonly withoutReferences?: true | undefined;
}

/**
 * ATTACH PARTITION: on the parent, on the table attached, on the default partition, which is searched, and on the tables at the
 * other end of the parent's foreign keys, whose triggers change.
 */
export function attachLocks(
  parent: Relation,
  attached: Placed,
  defaultPartition: Named | null,
  { catalog, version, withoutReferences }: LockContext,
): Locks {
  const isReferenced = withoutReferences !== true;
  const own = attached.relation?.constraints ?? [];
  const keys = parent.constraints.flatMap(({ type, references }): Locks => {
    const target =
      type !== "foreign-key" || references === null ? undefined : catalog.relations.get(references.relation);
    if (target === undefined || (target.id === parent.id && !isReferenced)) return [];
    // A key that the table has already becomes the parent's, and the triggers that it had go.
    const merges = target.id !== parent.id && own.some((key) => key.references?.relation === target.id);
    return locksOf(family(target, catalog), merges ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE");
  });
  return strongest([
    lock(parent, version >= 12 ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE"),
    lock(attached, "ACCESS EXCLUSIVE"),
    ...defaultLock(defaultPartition, attached),
    ...keys,
    ...(version >= 15 && isReferenced ? locksOf(referencesTo(parent, catalog), "SHARE ROW EXCLUSIVE") : []),
  ]);
}

/**
 * DETACH PARTITION without CONCURRENTLY; before PostgreSQL 14 the partition itself could still be read and written, unless triggers of
 * the whole table went with it.
 */
export function detachLocks(
  parent: Relation,
  partition: Named,
  defaultPartition: Named | null,
  { catalog, version, withoutReferences }: LockContext,
): Locks {
  const isReferenced = withoutReferences !== true;
  const isDefault = defaultPartition !== null && fullName(defaultPartition) === fullName(partition);
  const losesTriggers = parent.triggers.some(({ row }) => row);
  return strongest([
    lock(parent, "ACCESS EXCLUSIVE"),
    lock(partition, version >= 14 || isDefault || losesTriggers ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE"),
    ...defaultLock(defaultPartition, partition),
    ...locksOf(targetsOf(parent, catalog, isReferenced ? null : parent), "SHARE ROW EXCLUSIVE"),
    // The triggers go by which those rows were held there.
    ...(version >= 15 && isReferenced ? locksOf(referencesTo(parent, catalog), "ACCESS EXCLUSIVE") : []),
  ]);
}

/** DROP TABLE of what is no partition any more: on it, and on the tables to which its foreign keys refer, which lose triggers. */
export function dropLocks(table: Placed, keysOf: Relation, catalog: Catalog, except: Relation | null = null): Locks {
  return strongest([
    lock(table, "ACCESS EXCLUSIVE"),
    ...locksOf(targetsOf(keysOf, catalog, except), "ACCESS EXCLUSIVE"),
  ]);
}

/** ADD and DROP CONSTRAINT of a foreign key: on both tables and all that they are divided into. */
export function keyLocks(referring: Relation, target: Relation, mode: LockMode, catalog: Catalog): Locks {
  return strongest(locksOf([...family(referring, catalog), ...family(target, catalog)], mode));
}

/** LOCK TABLE: on the table and everything below it. */
export function wholeLocks(table: Relation, mode: LockMode, catalog: Catalog): Locks {
  return locksOf(family(table, catalog), mode);
}

export function lock(relation: Named, mode: LockMode): Locks[number] {
  return { relation: fullName(relation), mode };
}

/** The strongest lock on each relation. */
export function strongest(locks: Locks): Locks {
  const found = new Map<string, LockMode>();
  for (const { relation, mode } of locks) {
    const known = found.get(relation);
    if (known === undefined || lockModes.indexOf(mode) > lockModes.indexOf(known)) found.set(relation, mode);
  }
  return [...found].map(([relation, mode]) => ({ relation, mode }));
}

function locksOf(relations: readonly Named[], mode: LockMode): Locks {
  return relations.map((relation) => lock(relation, mode));
}

/** The tables to which foreign keys of the table refer, with all that they are divided into. */
function targetsOf({ constraints }: Relation, catalog: Catalog, except: Relation | null): readonly Relation[] {
  return constraints.flatMap(({ type, references }) => {
    const target =
      type !== "foreign-key" || references === null ? undefined : catalog.relations.get(references.relation);
    return target === undefined || target.id === except?.id ? [] : family(target, catalog);
  });
}

function family(table: Relation, catalog: Catalog): readonly Relation[] {
  return [table, ...descendantsOf(catalog, table)];
}

/** A default partition that is attached or detached itself is locked as such. */
function defaultLock(partition: Named | null, other: Named): Locks {
  if (partition === null || fullName(partition) === fullName(other)) return [];
  return [lock(partition, "ACCESS EXCLUSIVE")];
}
