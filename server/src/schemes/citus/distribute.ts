/** Making a table one that Citus divides or copies: the checks of `CreateCitusTable` in their order, then its shards. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { type ColocationGroup, type Shards, shardCountOf } from "../../catalog/shards.ts";
import { defaultOperatorClass } from "../../catalog/values/builtins.ts";
import { formatTypeName } from "../../catalog/values/types.ts";
import { rowsOf } from "../../effects/queries/kept-rows.ts";
import { isEmpty } from "../../effects/queries/known-rows.ts";
import { columnNamed, isSystemColumn } from "../../effects/relations/constraint-shape.ts";
import { unsupportedConstraint, unsupportedUniqueIndex } from "./constraints.ts";
import { type Fault, internalError, invalidTable, notSupported } from "./fault.ts";
import { defaultGroup, groupById, groupOfKind, sameColumnType, shardedOf, withNewGroup } from "./groups.ts";
import { replicationSetting } from "./settings.ts";
import {
  foreignKeysTo,
  isCitusLocal,
  isDistributed,
  isPartitioned,
  parentOfPartition,
  partitionsOf,
  withShards,
} from "./tables.ts";

/** The catalog after something that Citus does, or why it does not. */
export type Change = { readonly kind: "changed"; readonly catalog: Catalog } | Refused;

export interface Refused {
  readonly kind: "refused";
  readonly fault: Fault;
}

export function changed(catalog: Catalog): Change {
  return { kind: "changed", catalog };
}

export function refused(fault: Fault): Refused {
  return { kind: "refused", fault };
}

/** Runs `next` on the catalog that a change leaves. */
export function continued(change: Change, next: (catalog: Catalog) => Change): Change {
  return change.kind === "refused" ? change : next(change.catalog);
}

/** What a table is to become. */
export type Target =
  | {
      readonly kind: "distributed";
      readonly method: "hash" | "append" | "range";
      readonly column: string;
      readonly shardCount: number;
      /** Whether it has to be exactly that number. */
      readonly strict: boolean;
      readonly colocateWith: Colocation;
    }
  | { readonly kind: "single"; readonly colocateWith: Colocation }
  | { readonly kind: "reference" };

/** `colocate_with`: one of its two words, a table, or a name that no table has. */
export type Colocation =
  | { readonly kind: "default" }
  | { readonly kind: "none" }
  | { readonly kind: "table"; readonly table: Relation }
  | { readonly kind: "missing"; readonly fault: Fault };

/** `EnsureCitusTableCanBeCreated`: temporary tables, and what is no table that stands alone. */
export function unsupportedTable(table: Relation): Fault | null {
  if (table.persistence === "temporary") return notSupported("cannot distribute a temporary table");
  if (table.kind === "foreign-table") {
    const hint = `Can add foreign table "${table.name}" to metadata by running: SELECT citus_add_local_table_to_metadata($$${table.schema}.${table.name}$$);`;
    return notSupported("foreign tables cannot be distributed", { hint });
  }
  const isTable = table.kind === "table" || table.kind === "partitioned-table";
  const inherits = table.partitionOf === null && (table.inherits.length > 0 || table.children.size > 0);
  if (isTable && !inherits) return null;
  return { sqlstate: "42809", message: `${table.name} is not a regular, foreign or partitioned table` };
}

/** Distributes or copies a table with its partitions. The table is none of Citus yet, or a local one. */
export function createCitusTable(catalog: Catalog, table: Relation, target: Target): Change {
  const unsupported = unsupportedTable(table);
  if (unsupported !== null) return refused(unsupported);
  const replication = replicationSetting(catalog);
  if (target.kind === "single" && replication > 1) {
    return refused(
      internalError("could not create single shard table: citus.shard_replication_factor is greater than 1", {
        hint: "Consider setting citus.shard_replication_factor to 1 and try again",
      }),
    );
  }
  if (!isCitusLocal(table)) {
    return table.shards === undefined
      ? placeTable(catalog, table, target, replication)
      : refused(alreadyDistributed(table));
  }
  // Its foreign keys are dropped before, and made anew behind it.
  const plain = withShards(catalog, table.id, undefined);
  const placed = placeTable(plain, relationById(plain, table.id) ?? table, target, replication);
  return continued(placed, (next) => {
    const now = relationById(next, table.id);
    const around = now === null ? [] : [now, ...foreignKeysTo(next, now).map(({ referencing }) => referencing)];
    for (const each of around) {
      const fault = each.shards === undefined ? null : unsupportedConstraint(next, each, each.shards, replication);
      if (fault !== null) return refused(fault);
    }
    return changed(next);
  });
}

export function alreadyDistributed({ name }: Relation): Fault {
  return invalidTable(`table "${name}" is already distributed`);
}

function placeTable(catalog: Catalog, table: Relation, target: Target, replication: number): Change {
  const column = target.kind === "distributed" ? distributionColumn(table, target.column) : null;
  if (column !== null && "sqlstate" in column) return refused(column);
  const joined = joinGroup(catalog, table, target, column, replication);
  if (joined.kind === "refused") return joined;
  const { group } = joined;
  const shards = shardsFor(target, column, group);
  const unfit = cannotBeDistributed(joined.catalog, table, shards, column, group?.replication ?? replication);
  if (unfit !== null) return refused(unfit);
  const conflict = group === null || column === null ? null : collationConflict(joined.catalog, table, column, group);
  if (conflict !== null) return refused(conflict);
  let next = withShards(joined.catalog, table.id, shards);
  for (const partition of partitionsOf(next, table)) {
    const parent = relationById(next, table.id) ?? table;
    const below = createCitusTable(next, partition, asPartition(target, parent));
    if (below.kind === "refused") return below;
    next = below.catalog;
  }
  return changed(next);
}

/** A partition is divided as its parent is, and lies with it. */
export function asPartition(target: Target, parent: Relation): Target {
  const colocateWith = { kind: "table", table: parent } as const;
  if (target.kind === "reference") return target;
  return target.kind === "single" ? { ...target, colocateWith } : { ...target, strict: false, colocateWith };
}

/** What the table's partitions are to become. */
export function targetOfPartitions(parent: Relation): Target | null {
  const { shards } = parent;
  if (shards === undefined || !isDistributed(parent)) return null;
  const colocateWith = { kind: "table", table: parent } as const;
  if (shards.column === null || shards.method === "none") return { kind: "single", colocateWith };
  return {
    kind: "distributed",
    method: shards.method,
    column: shards.column,
    shardCount: 1,
    strict: false,
    colocateWith,
  };
}

/** `BuildDistributionKeyFromColumnName`: the name is taken as it is, without folding. */
export function distributionColumn(table: Relation, name: string): Column | Fault {
  const column = columnNamed(table, name);
  if (column !== null) return column;
  if (isSystemColumn(name)) return notSupported(`cannot reference system column "${name}" in relation "${table.name}"`);
  return { sqlstate: "42703", message: `column "${name}" of relation "${table.name}" does not exist` };
}

function shardsFor(target: Target, column: Column | null, group: ColocationGroup | null): Shards {
  const colocation = group?.id ?? 0;
  switch (target.kind) {
    case "reference":
      return { kind: "reference", method: "none", column: null, colocation };
    case "single":
      return { kind: "distributed", method: "none", column: null, colocation };
    case "distributed":
      return { kind: "distributed", method: target.method, column: column?.name ?? null, colocation };
  }
}

type Joined = { readonly kind: "joined"; readonly catalog: Catalog; readonly group: ColocationGroup | null } | Refused;

/** `ColocationIdForNewTable`: the group that the table joins, or that is made for it; null for methods without groups. */
function joinGroup(
  catalog: Catalog,
  table: Relation,
  target: Target,
  column: Column | null,
  replication: number,
): Joined {
  const make = (group: Parameters<typeof withNewGroup>[1]): Joined => ({
    kind: "joined",
    ...withNewGroup(catalog, group),
  });
  const join = (group: ColocationGroup): Joined => ({ kind: "joined", catalog, group });
  if (target.kind === "reference") {
    const group = groupOfKind(catalog, "reference");
    const shape = { shardCount: 1, replication: -1, type: null, collation: null } as const;
    return group === null ? make({ kind: "reference", ...shape }) : join(group);
  }
  const { colocateWith } = target;
  if (colocateWith.kind === "missing") return refused(colocateWith.fault);
  if (colocateWith.kind === "table" && colocateWith.table.shards === undefined)
    return refused(internalError(`relation ${colocateWith.table.name} is not distributed`));
  if (target.kind === "distributed" && target.method !== "hash") {
    if (colocateWith.kind === "default") return { kind: "joined", catalog, group: null };
    const detail = "Currently, colocate_with option is not supported for append / range distributed tables.";
    return refused(notSupported("cannot distribute relation", { detail }));
  }
  if (colocateWith.kind === "table") {
    const fault = cannotColocate(catalog, colocateWith.table, table, column);
    if (fault !== null) return refused(fault);
    return { kind: "joined", catalog, group: groupById(catalog, colocateWith.table.shards?.colocation ?? 0) };
  }
  if (target.kind === "single") {
    const group = colocateWith.kind === "default" ? groupOfKind(catalog, "single") : null;
    const shape = { shardCount: 1, replication: 1, type: null, collation: null } as const;
    return group === null ? make({ kind: "single", ...shape }) : join(group);
  }
  const { shardCount } = target;
  const type = column?.type ?? null;
  const found =
    colocateWith.kind === "none" || type === null ? null : defaultGroup(catalog, type, shardCount, replication);
  const isFit = found !== null && !(target.strict && found.ranges?.length !== shardCount);
  if (found !== null && isFit) return join(found);
  return make({ kind: "hash", shardCount, replication, type, collation: column?.collation ?? null });
}

/** `EnsureTableCanBeColocatedWith` */
export function cannotColocate(
  catalog: Catalog,
  source: Relation,
  table: Relation,
  column: Column | null,
): Fault | null {
  const { shards } = source;
  if (shards === undefined) return internalError(`relation ${source.name} is not distributed`);
  if (isCitusLocal(source) || shards.method === "append" || shards.method === "range") {
    const detail =
      "Currently, colocate_with option is not supported with append / range distributed tables and local tables added to metadata.";
    return notSupported("cannot distribute relation", { detail });
  }
  const cannot = (what: string): Fault =>
    internalError(`cannot colocate tables ${source.name} and ${table.name}`, { detail: what });
  const names = `${source.name} and ${table.name}`;
  const own = shards.column === null ? null : columnNamed(source, shards.column);
  const sameTypes = own === null || column === null ? own === column : sameColumnType(own.type, column.type);
  if (!sameTypes) return cannot(`Distribution column types don't match for ${names}.`);
  if ((own?.collation ?? null) !== (column?.collation ?? null))
    return cannot(`Distribution column collations don't match for ${names}.`);
  if (shards.kind === "schema" && !shardedOf(catalog).schemas.has(table.schema))
    return cannot("Cannot colocate tables with distributed schema tables by using colocate_with option.");
  return null;
}

/** A group that is found by the type alone may have another collation. */
function collationConflict(catalog: Catalog, table: Relation, column: Column, group: ColocationGroup): Fault | null {
  if (group.members.size === 0 || group.collation === column.collation) return null;
  const [first] = group.members.keys();
  const source = first === undefined ? null : relationById(catalog, first);
  if (source === null) return null;
  return internalError(`cannot colocate tables ${source.name} and ${table.name}`, {
    detail: `Distribution column collations don't match for ${source.name} and ${table.name}.`,
  });
}

/** `EnsureRelationCanBeDistributed` */
function cannotBeDistributed(
  catalog: Catalog,
  table: Relation,
  shards: Shards,
  column: Column | null,
  replication: number,
): Fault | null {
  const { name } = table;
  const isEmptied = shards.method === "hash" || shards.method === "none";
  if (!isEmptied && !isEmpty(catalog, table) && rowsOf(catalog, table).rows.length > 0) {
    return invalidTable(`cannot distribute relation "${name}"`, {
      detail: `Relation "${name}" contains data.`,
      hint: "Empty your table before distributing it.",
    });
  }
  if (table.triggers.length > 0) {
    return internalError(`cannot distribute relation "${name}" because it has triggers`, {
      hint: `Consider dropping all the triggers on "${name}" and retry.`,
    });
  }
  if (column?.generated === "stored") {
    const detail = "Distribution column must not use GENERATED ALWAYS AS (...) STORED.";
    return notSupported(`cannot distribute relation: ${name}`, { detail });
  }
  if (column !== null) {
    const unsorted = withoutOperatorClass(catalog, column, shards.method);
    if (unsorted !== null) return unsorted;
  }
  return unsupportedPartitioning(catalog, table, shards) ?? unsupportedConstraint(catalog, table, shards, replication);
}

function withoutOperatorClass(catalog: Catalog, { type }: Column, method: Shards["method"]): Fault | null {
  if (method !== "hash" && method !== "range") return null;
  if (type.kind === "unknown" || defaultOperatorClass(method === "hash" ? "hash" : "btree", type) !== null) return null;
  const shown = formatTypeName(type, catalog.settings.searchPath);
  return {
    sqlstate: "42704",
    message: `data type ${shown} has no default operator class for specified partition method`,
    detail: "Partition column types must have a default operator class defined.",
  };
}

function unsupportedPartitioning(catalog: Catalog, table: Relation, shards: Shards): Fault | null {
  const { name } = table;
  const parent = parentOfPartition(catalog, table);
  if (parent !== null && parent.shards === undefined) {
    return internalError(`cannot distribute relation "${name}" which is partition of "${parent.name}"`, {
      detail: "Citus does not support distributing partitions if their parent is not distributed table.",
      hint: `Distribute the partitioned table "${parent.name}" instead.`,
    });
  }
  if (!isPartitioned(table)) return null;
  const isSingle = shards.method === "none" && shards.kind !== "reference";
  if (shards.method !== "hash" && !isSingle)
    return notSupported("distributing partitioned tables in only supported for hash-distributed tables");
  if (parent === null) return null;
  return notSupported("distributing multi-level partitioned tables is not supported", {
    detail: `Relation "${name}" is partitioned table itself and it is also partition of relation "${parent.name}".`,
  });
}

/** What a table that is distributed already is to become. */
export interface Redistribution {
  readonly column: string;
  /** null keeps the number. */
  readonly shardCount: number | null;
  readonly colocateWith: Colocation;
}

/** Distributes a distributed table anew, its partitions before it. */
export function distributeAgain(catalog: Catalog, table: Relation, wanted: Redistribution): Change {
  const now = relationById(catalog, table.id) ?? table;
  const { shards } = now;
  const column = distributionColumn(now, wanted.column);
  if (shards === undefined || "sqlstate" in column) return changed(catalog);
  const isOwn = wanted.colocateWith.kind === "table" && wanted.colocateWith.table.id === table.id;
  const own = isOwn ? groupById(catalog, shards.colocation) : null;
  const shardCount = wanted.shardCount ?? shardCountOf(catalog.sharded, shards);
  const target: Target = {
    kind: "distributed",
    method: "hash",
    column: column.name,
    shardCount,
    strict: true,
    colocateWith: wanted.colocateWith,
  };
  const joined: Joined =
    own === null
      ? joinGroup(catalog, now, target, column, replicationSetting(catalog))
      : { kind: "joined", catalog, group: own };
  if (joined.kind === "refused") return joined;
  const next: Shards = { kind: "distributed", method: "hash", column: column.name, colocation: joined.group?.id ?? 0 };
  let after = joined.catalog;
  for (const each of [...partitionsOf(after, now), now]) {
    const fault = unsupportedUniqueIndex(after, each, next);
    if (fault !== null) return refused(fault);
    after = withShards(after, each.id, next);
  }
  return changed(after);
}
