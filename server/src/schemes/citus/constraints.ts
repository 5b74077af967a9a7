/** Which foreign keys and unique keys a table of Citus may have: `ErrorIfUnsupportedConstraint`. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Relation } from "../../catalog/relation.ts";
import type { Shards } from "../../catalog/shards.ts";
import { type Fault, invalidTable, notSupported } from "./fault.ts";
import { tiesLocalTables } from "./settings.ts";
import { type ForeignKey, foreignKeysOf } from "./tables.ts";

/** What Citus makes, or is to make, of a table. */
export type Shape = Pick<Shards, "kind" | "method" | "column" | "colocation">;

/**
 * The first foreign key, else the first unique index, that a table of this shape may not have; null where it may have them all.
 *
 * @param replication the copies of each shard
 */
export function unsupportedConstraint(
  catalog: Catalog,
  table: Relation,
  shape: Shape,
  replication: number,
): Fault | null {
  for (const key of foreignKeysOf(catalog, table)) {
    const fault = unsupportedForeignKey(catalog, key, shape, replication);
    if (fault !== null) return fault;
  }
  return shape.method === "none" ? null : unsupportedUniqueIndex(catalog, table, shape);
}

function unsupportedForeignKey(catalog: Catalog, key: ForeignKey, shape: Shape, replication: number): Fault | null {
  const { referencing, referenced, constraint } = key;
  const isSelf = referencing.id === referenced.id;
  const target: Shape | undefined = isSelf ? shape : referenced.shards;
  if (target === undefined) {
    // A reference table takes the tables that it refers to along.
    const takesAlong = shape.kind === "reference" && tiesLocalTables(catalog);
    return takesAlong ? unsupportedAction(referenced, actionsOf(key)) : referencesPlainTable(referenced);
  }
  const isWhole = ({ kind }: Shape): boolean => kind === "reference" || kind === "local";
  if (isWhole(shape)) {
    if (!isWhole(target)) {
      return notSupported(
        "cannot create foreign key constraint since foreign keys from reference tables and local tables to distributed tables are not supported",
        {
          detail: "Reference tables and local tables can only have foreign keys to reference tables and local tables",
        },
      );
    }
    const isFromReference = shape.kind === "reference" && target.kind === "local";
    return isFromReference ? unsupportedAction(referenced, actionsOf(key)) : null;
  }
  const toReference = target.kind === "reference";
  if (shape.colocation === 0 || (shape.colocation !== target.colocation && !toReference)) {
    return notSupported(
      "cannot create foreign key constraint since relations are not colocated or not referencing a reference table",
      {
        detail:
          "A distributed table can only have foreign keys if it is referencing another colocated hash distributed table or a reference table",
      },
    );
  }
  const own = shape.column === null ? -1 : constraint.columns.indexOf(shape.column);
  const columns = constraint.references?.columns ?? [];
  const theirs = toReference || target.column === null ? -1 : columns.indexOf(target.column);
  if (own >= 0) {
    const fault = changesDistributionColumn(actionsOf(key));
    if (fault !== null) return fault;
  }
  if (!toReference && !(own >= 0 && own === theirs) && shape.method !== "none") {
    return notSupported("cannot create foreign key constraint", {
      detail:
        "Foreign keys are supported in two cases, either in between two colocated tables including partition column in the same ordinal in the both tables or from distributed to reference tables",
    });
  }
  if (replication <= 1) return null;
  return notSupported("cannot create foreign key constraint", {
    detail:
      'Citus Community Edition currently supports foreign key constraints only for "citus.shard_replication_factor = 1".',
    hint: 'Please change "citus.shard_replication_factor to 1". To learn more about using foreign keys with other replication factors, please contact us at https://citusdata.com/about/contact_us.',
  });
}

/** A key that refers to a table that Citus does not know. */
export function referencesPlainTable(referenced: Pick<Relation, "name">): Fault {
  return invalidTable(`referenced table "${referenced.name}" must be a distributed table or a reference table`, {
    detail: "To enforce foreign keys, the referencing and referenced rows need to be stored on the same node.",
    hint: copyHint(referenced),
  });
}

function copyHint({ name }: Pick<Relation, "name">): string {
  return `You could use SELECT create_reference_table('${name}') to replicate the referenced table to all nodes or consider dropping the foreign key`;
}

/** A reference table may refer to a local one only in ways that change nothing on other nodes. */
export function unsupportedAction(referenced: Pick<Relation, "name">, actions: string): Fault | null {
  if (!/ ON (?:UPDATE|DELETE) (?:CASCADE|SET NULL|SET DEFAULT)/.test(actions)) return null;
  return notSupported(
    "cannot define foreign key constraint, foreign keys from reference tables to local tables can only be defined with NO ACTION or RESTRICT behaviors",
    { hint: copyHint(referenced) },
  );
}

function actionsOf({ constraint }: ForeignKey): string {
  return constraint.references?.terms ?? "";
}

function changesDistributionColumn(actions: string): Fault | null {
  if (/ ON DELETE SET (?:NULL|DEFAULT)/.test(actions)) {
    return notSupported("cannot create foreign key constraint", {
      detail:
        "SET NULL or SET DEFAULT is not supported in ON DELETE operation when distribution key is included in the foreign key constraint",
    });
  }
  if (!/ ON UPDATE (?:CASCADE|SET NULL|SET DEFAULT)/.test(actions)) return null;
  return notSupported("cannot create foreign key constraint", {
    detail:
      "SET NULL, SET DEFAULT or CASCADE is not supported in ON UPDATE operation when distribution key included in the foreign constraint.",
  });
}

/** Uniqueness is kept within each shard alone. */
export function unsupportedUniqueIndex(catalog: Catalog, table: Relation, { method, column }: Shape): Fault | null {
  if (method === "append") return null;
  for (const id of table.indexes) {
    const index = relationById(catalog, id)?.index;
    if (index == null) continue;
    const operators = index.definition?.operators ?? [];
    if (!index.unique && operators.length === 0) continue;
    const hasColumn = index.columns.some(
      (name, place) => name === column && (index.unique || operators[place] === "="),
    );
    if (hasColumn) continue;
    return notSupported(`cannot create constraint on "${table.name}"`, {
      detail:
        "Distributed relations cannot have UNIQUE, EXCLUDE, or PRIMARY KEY constraints that do not include the partition column (with an equality operator if EXCLUDE).",
    });
  }
  return null;
}
