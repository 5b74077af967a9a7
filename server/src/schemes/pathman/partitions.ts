/** The partitions of a table as pg_pathman has them in its cache: read from the CHECKs of the children. */

import { noteAll, spaces } from "../../catalog/access.ts";
import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { PathmanTable } from "../../catalog/pathman.ts";
import { pathmanColumn, pathmanOf, pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { constraintNamed } from "../../effects/relations/constraint-shape.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import type { ExtensionWork } from "../extension.ts";
import { checkForm, constantOf, wholeNumber } from "./check-form.ts";
import { internal } from "./errors.ts";
import { compareEnds, type Typed, valuesAt } from "./typed.ts";
import { checkNameOf, eraOf, isSince } from "./versions.ts";

export interface RangePartition {
  readonly relation: Relation;
  /** null: from everything below, to everything above. */
  readonly min: Typed | null;
  readonly max: Typed | null;
}

/** What the cache has of a table. */
export type PartitionInfo =
  | {
      readonly kind: "range";
      readonly table: PathmanTable;
      readonly key: PathmanKey;
      readonly ranges: readonly RangePartition[];
    }
  | {
      readonly kind: "hash";
      readonly table: PathmanTable;
      readonly key: PathmanKey;
      readonly children: readonly Relation[];
    };

export interface PathmanKey {
  readonly column: string;
  /** As it is written down: since 1.4 with the quotes that it has been given in. */
  readonly text: string;
  readonly type: DataType;
  /** From 1. */
  readonly attribute: number;
}

/** The key of a divided table. Ends the call where it is an expression, or where its column is not known. */
export function keyOf(work: ExtensionWork, parent: Relation, { expression }: PathmanTable): PathmanKey {
  return keyNamed(parent, expression) ?? work.decline(`the partitioning key ${expression} is not followed`);
}

/** The column that a key names; null where it names none. */
export function keyNamed(parent: Relation, expression: string): PathmanKey | null {
  const name = pathmanColumn(parent, expression);
  const index = parent.columns.findIndex((column) => column.name === name);
  const column = parent.columns[index];
  return column === undefined
    ? null
    : { column: column.name, text: expression.trim(), type: column.type, attribute: index + 1 };
}

/**
 * What the cache has of a table: null where it is not divided, or has no child. Ends the call as the extension does where a
 * CHECK is not in its form.
 */
export function partitionInfo(work: ExtensionWork, parent: Relation): PartitionInfo | null {
  const table = pathmanTableOf(work.catalog, parent);
  if (table === null) return null;
  const { relations, settings } = work.catalog;
  const known = read.get(relations)?.get(parent.id);
  if (known?.table === table && known.settings === settings && known.version === work.version) {
    noteAll(spaces.relations);
    return known.info;
  }
  const info = readPartitions(work, parent, table);
  const entries = read.get(relations) ?? new Map<number, ReadPartitions>();
  read.set(relations, entries.set(parent.id, { table, settings, version: work.version, info }));
  return info;
}

interface ReadPartitions {
  readonly table: PathmanTable;
  readonly settings: Catalog["settings"];
  readonly version: string;
  readonly info: PartitionInfo | null;
}

/** What has been read of a state of the relations, which many rows meet. */
const read = new WeakMap<Catalog["relations"], Map<number, ReadPartitions>>();

function readPartitions(work: ExtensionWork, parent: Relation, table: PathmanTable): PartitionInfo | null {
  const children = childrenOf(work.catalog, parent);
  if (children.length === 0) return null;
  const key = keyOf(work, parent, table);
  if (table.type === "hash") return { kind: "hash", table, key, children: hashChildren(work, children, key) };
  const ranges = children.flatMap((child) => rangeOf(work, child, key) ?? []);
  ranges.sort((a, b) => compareEnds(work, [a.min, "lower"], [b.min, "lower"]));
  return { kind: "range", table, key, ranges };
}

/** The same for a table that has to be divided by range. Ends the call in the extension's words where it is not. */
export function rangeInfo(work: ExtensionWork, parent: Relation): Extract<PartitionInfo, { kind: "range" }> {
  const info = partitionInfo(work, parent) ?? internal(work, `relation "${parent.name}" has no partitions`);
  return info.kind === "range" ? info : internal(work, `relation "${parent.name}" is not partitioned by RANGE`);
}

/** The table whose partition a relation is, also where it has been one in this session; null where there is none. */
export function parentOfPartition({ catalog }: ExtensionWork, partition: Relation): Relation | null {
  const [first] = partition.inherits;
  const parent = first === undefined ? null : relationById(catalog, first);
  if (parent === null) return null;
  const isKnown = pathmanTableOf(catalog, parent) !== null || pathmanOf(catalog).former.has(parent.id);
  return isKnown ? parent : null;
}

/** The constraint that divides: under the name that the version looks for, else the first in a form that it reads. */
export function dividingCheck(work: ExtensionWork, child: Relation, key: PathmanKey): TableConstraint | null {
  const name = checkNameOf(eraOf(work.version), child.name, key.attribute);
  if (name !== null) return constraintNamed(child, name);
  return (
    child.constraints.find(({ type, expression }) => type === "check" && expression !== null && isReadme(expression)) ??
    null
  );
}

/** The oldest versions take `>=` first, then `<`; and both. */
function isReadme(expression: NonNullable<TableConstraint["expression"]>): boolean {
  const form = checkForm(expression);
  return form !== null && (form.kind === "hash" || form.inOrder);
}

function rangeOf(work: ExtensionWork, child: Relation, key: PathmanKey): RangePartition | null {
  const isOld = !isSince(eraOf(work.version), "1.0");
  const check = dividingCheck(work, child, key);
  if (check === null) return isOld ? null : missingCheck(work, child, key);
  const form = check.expression === null ? null : checkForm(check.expression);
  if (form?.kind !== "range") return isOld ? null : wrongCheck(work, child, "RANGE");
  const [min, max] = [form.lower, form.upper].map((side) => {
    const value = side === null ? null : constantOf(side, key.type, valuesAt(work));
    if (side !== null && value === null) return work.decline("a bound is not known");
    return value === null ? null : { value, type: key.type };
  });
  return { relation: child, min: min ?? null, max: max ?? null };
}

/** In the order of their remainders. */
function hashChildren(work: ExtensionWork, children: readonly Relation[], key: PathmanKey): readonly Relation[] {
  const placed: Relation[] = [];
  for (const child of children) {
    const check = dividingCheck(work, child, key);
    const form = check?.expression == null ? null : checkForm(check.expression);
    if (check === null && isSince(eraOf(work.version), "1.0")) return missingCheck(work, child, key);
    if (form?.kind !== "hash") return wrongCheck(work, child, "HASH");
    const modulus = wholeNumber(form.modulus, valuesAt(work));
    const remainder = wholeNumber(form.remainder, valuesAt(work));
    if (modulus !== children.length || remainder === null || remainder >= modulus)
      return wrongCheck(work, child, "HASH");
    placed[remainder] = child;
  }
  return placed;
}

/** Whether fewer hash partitions are there than their CHECKs count: what is inserted then stays in the parent. */
export function lacksHashPartition(work: ExtensionWork, parent: Relation): boolean {
  const table = pathmanTableOf(work.catalog, parent);
  const children = table?.type === "hash" ? childrenOf(work.catalog, parent) : [];
  return children.some((child) => {
    const check = table === null ? null : dividingCheck(work, child, keyOf(work, parent, table));
    const form = check?.expression == null ? null : checkForm(check.expression);
    const modulus = form?.kind === "hash" ? wholeNumber(form.modulus, valuesAt(work)) : null;
    return modulus !== null && modulus > children.length;
  });
}

const disabled = "pg_pathman will be disabled to allow you to resolve this issue";

function missingCheck(work: ExtensionWork, child: Relation, key: PathmanKey): never {
  const name = checkNameOf(eraOf(work.version), child.name, key.attribute);
  return internal(work, `constraint "${name}" of partition "${child.name}" does not exist`);
}

function wrongCheck(work: ExtensionWork, child: Relation, type: "RANGE" | "HASH"): never {
  return internal(work, `wrong constraint format for ${type} partition "${child.name}"`, { hint: disabled });
}
