/** alter_distributed_table: another column, another number of shards, other company. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { Column, Relation } from "../../catalog/relation.ts";
import { shardCountOf } from "../../catalog/shards.ts";
import { columnNamed } from "../../effects/relations/constraint-shape.ts";
import { type Change, type Colocation, changed, distributeAgain, distributionColumn, refused } from "./distribute.ts";
import { type Fault, internalError, notSupported } from "./fault.ts";
import { groupById, sameColumnType } from "./groups.ts";
import { foreignKeysOf, foreignKeysTo, isDistributed, partitionsOf } from "./tables.ts";
import { isPartitionOfAnother, notAllowedInSchema } from "./undistribute.ts";

/** What the call asks for; null where it does not. */
export interface Alteration {
  readonly column: string | null;
  readonly shardCount: number | null;
  readonly colocateWith: Colocation | null;
  readonly cascade: boolean | null;
}

/** A table with what is asked of it, after all checks. */
interface Conversion {
  readonly table: Relation;
  readonly column: Column | null;
  readonly shardCount: number | null;
  readonly colocateWith: Colocation;
  readonly cascade: boolean;
  readonly colocated: readonly Relation[];
}

/** Applies alter_distributed_table. `colocateWithText` is the argument as given, which messages repeat. */
export function alterDistributed(
  catalog: Catalog,
  table: Relation,
  asked: Alteration,
  colocateWithText: string,
): Change {
  const checked = checkConversion(catalog, table, asked, colocateWithText);
  if (checked.kind === "refused") return refused(checked.fault);
  return convert(catalog, checked.conversion);
}

type Checked =
  | { readonly kind: "fine"; readonly conversion: Conversion }
  | { readonly kind: "refused"; readonly fault: Fault };

function checkConversion(catalog: Catalog, table: Relation, asked: Alteration, written: string): Checked {
  const refuse = (fault: Fault): Checked => ({ kind: "refused", fault });
  const { shards } = table;
  if (shards === undefined || !isDistributed(table))
    return refuse(internalError("cannot alter table because the table is not distributed"));
  const unfit = notAllowedInSchema(table, "alter_distributed_table") ?? isPartitionOfAnother(catalog, table);
  if (unfit !== null) return refuse(unfit);
  if (shards.method !== "hash")
    return refuse(notSupported(`relation ${table.name} should be a hash distributed table`));
  const { colocateWith, cascade } = asked;
  const isNothing = asked.column === null && asked.shardCount === null && colocateWith === null;
  if (isNothing && cascade !== true) {
    return refuse(
      internalError(
        "you have to specify at least one of the distribution_column, shard_count or colocate_with parameters",
      ),
    );
  }
  if (colocateWith?.kind === "missing") return refuse(colocateWith.fault);
  const column = asked.column === null ? null : distributionColumn(table, asked.column);
  if (column !== null && "sqlstate" in column) return refuse(column);
  const source = colocateWith?.kind === "table" ? colocateWith.table : null;
  if (source !== null && !isDistributed(source))
    return refuse(internalError(`cannot colocate with ${written} because it is not a distributed table`));
  const group = groupById(catalog, shards.colocation);
  const colocated = [...(group?.members.keys() ?? [])]
    .flatMap((id) => relationById(catalog, id) ?? [])
    .filter(({ partitionOf, id }) => partitionOf === null && id !== table.id);
  const fault =
    contradiction(catalog, table, asked, column, colocated) ??
    (source === null ? null : unfitCompany(catalog, table, source, asked, column, written));
  if (fault !== null) return refuse(fault);
  if (table.columns.some(({ identity }) => identity !== null))
    return refuse(notSupported("cannot complete operation on a table with identity column"));
  if (asked.shardCount !== null && asked.shardCount < 0)
    return refuse({ sqlstate: "22023", message: "shard_count must be positive" });
  return { kind: "fine", conversion: conversionOf(catalog, table, asked, column, source, colocated) };
}

/** `CheckAlterDistributedTableConversionParameters`, as far as it looks at the call and the table alone. */
function contradiction(
  catalog: Catalog,
  table: Relation,
  { shardCount, colocateWith, cascade, column: named }: Alteration,
  column: Column | null,
  colocated: readonly Relation[],
): Fault | null {
  const { shards } = table;
  if (shards === undefined) return null;
  if (shardCount === 0) {
    return internalError("shard_count cannot be 0", {
      hint: "if you no longer want this to be a distributed table you can try undistribute_table() function",
    });
  }
  if (cascade === true && named !== null)
    return internalError("distribution_column cannot be cascaded to colocated tables");
  if (cascade === true && shardCount === null && colocateWith === null)
    return internalError("shard_count or colocate_with is necessary for cascading to colocated tables");
  const sameCount = shardCount !== null && shardCount === shardCountOf(catalog.sharded, shards);
  const sameCompany = colocateWith?.kind === "table" && colocateWith.table.shards?.colocation === shards.colocation;
  const isSame =
    (column === null || column.name === shards.column) &&
    (shardCount === null || sameCount) &&
    (colocateWith === null || sameCompany);
  if (isSame) {
    return internalError("this call doesn't change any properties of the table", {
      hint: "check citus_tables view to see current properties of the table",
    });
  }
  if (cascade === true && colocateWith?.kind === "none")
    return internalError("colocate_with := 'none' cannot be cascaded to colocated tables");
  if (colocated.length > 0 && shardCount !== null && !sameCount && cascade === null) {
    return internalError("cascade_to_colocated parameter is necessary", {
      detail: "this table is colocated with some other tables",
      hint: "cascade_to_colocated := false will break the current colocation, cascade_to_colocated := true will change the shard count of colocated tables too.",
    });
  }
  return null;
}

function unfitCompany(
  catalog: Catalog,
  table: Relation,
  source: Relation,
  { shardCount }: Alteration,
  column: Column | null,
  written: string,
): Fault | null {
  const { shards } = source;
  if (shards === undefined) return null;
  if (shards.column === null) {
    return internalError(`cannot colocate with ${written} because it is a single shard distributed table`);
  }
  if (shardCount !== null && shardCount !== shardCountOf(catalog.sharded, shards)) {
    return internalError("shard_count cannot be different than the shard count of the table in colocate_with", {
      hint: "if no shard_count is specified shard count will be same with colocate_with table's",
    });
  }
  const theirs = columnNamed(source, shards.column);
  const own = columnNamed(table, table.shards?.column ?? "");
  if (column !== null && theirs !== null && !sameColumnType(column.type, theirs.type)) {
    return internalError(
      `cannot colocate with ${written} and change distribution column to ${column.name} because data type of column ${column.name} is different then the distribution column of the ${written}`,
    );
  }
  if (column === null && own !== null && theirs !== null && !sameColumnType(own.type, theirs.type)) {
    return internalError(
      `cannot colocate with ${written} because data type of its distribution column is different than ${table.name}`,
    );
  }
  return null;
}

function conversionOf(
  catalog: Catalog,
  table: Relation,
  asked: Alteration,
  column: Column | null,
  source: Relation | null,
  colocated: readonly Relation[],
): Conversion {
  const own = columnNamed(table, table.shards?.column ?? "");
  const count = table.shards === undefined ? 0 : shardCountOf(catalog.sharded, table.shards);
  const theirs = source?.shards === undefined ? count : shardCountOf(catalog.sharded, source.shards);
  const shardCount = asked.shardCount ?? (theirs === count ? null : theirs);
  const keepsType = column === null || own === null || sameColumnType(own.type, column.type);
  const company: Colocation = keepsType && shardCount === null ? { kind: "table", table } : { kind: "default" };
  return {
    table,
    column: column ?? own,
    shardCount,
    colocateWith: asked.colocateWith ?? company,
    cascade: asked.cascade === true,
    colocated,
  };
}

/** `ConvertTable`: the table is made anew, partitions first, and those that lie with it follow where that is asked for. */
function convert(catalog: Catalog, conversion: Conversion): Change {
  const { table, cascade, colocated } = conversion;
  const kept = cascade ? catalog : withoutKeysToDistributed(catalog, table);
  const first = distributeAgain(kept, table, {
    column: conversion.column?.name ?? "",
    shardCount: conversion.shardCount,
    colocateWith: conversion.colocateWith,
  });
  if (first.kind === "refused" || !cascade) return first;
  let next = first.catalog;
  for (const other of colocated) {
    const moved = relationById(next, table.id);
    const column = other.shards?.column ?? "";
    if (moved === null) continue;
    const company = { kind: "table", table: moved } as const;
    const change = distributeAgain(next, other, { column, shardCount: conversion.shardCount, colocateWith: company });
    if (change.kind === "refused") return change;
    next = change.catalog;
  }
  return changed(next);
}

/** Without cascade, foreign keys between the table and other distributed or plain tables are dropped with the old table. */
function withoutKeysToDistributed(catalog: Catalog, table: Relation): Catalog {
  let next = catalog;
  for (const each of [table, ...partitionsOf(catalog, table)]) {
    const keys = [
      ...foreignKeysOf(next, each).filter(({ referenced }) => isDistributed(referenced)),
      ...foreignKeysTo(next, each),
    ];
    for (const { referencing, constraint } of keys) {
      const now = relationById(next, referencing.id);
      if (now === null) continue;
      const constraints = now.constraints.withNamed(constraint.name, null);
      next = withRelation(next, { ...now, constraints });
    }
  }
  return next;
}
