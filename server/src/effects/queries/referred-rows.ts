/** Foreign keys between rows that the script itself has inserted: a row whose target is there, and one whose target goes away. */

import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, regarding, rejected } from "../outcome.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { findRow, mayHoldMoreThan, mayHoldOthers, printKey } from "./kept-rows.ts";
import type { RowValues } from "./row-values.ts";

/**
 * Whether the row certainly has what a foreign key asks for: NULL in it, or a known row that it refers to. That none is known
 * says nothing, for others may have inserted it.
 */
export function refersToKnownRow(catalog: Catalog, key: TableConstraint, row: RowValues): boolean {
  const target = key.references === null ? null : relationById(catalog, key.references.relation);
  if (target === null || target.knowledge !== "full" || key.columns.length === 0) return false;
  const values = key.columns.map((name) => row.get(name));
  if (values.includes(undefined)) return false;
  if (values.includes(null)) return !/\bMATCH FULL\b/i.test(key.references?.terms ?? "");
  return findRow(catalog, target, (other) => areRowsBound(key, row, other), !isPartitioned(target)) !== null;
}

/**
 * `ATDetachCheckNoForeignKeyRefs`: the refusal of taking a partition away from a table, or from those above it, to which a
 * known row of it is bound by a foreign key.
 */
export function refuseReferred(
  catalog: Catalog,
  partition: Relation,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  let above = parentOf(catalog, partition);
  for (let level = 0; above !== null && level < mostLevels; level += 1) {
    for (const id of dependentsOf(catalog, above.id)) {
      const other = relationById(catalog, id);
      const refusal =
        other === null ? null : regarding(refusedFor(catalog, partition, above, other, range, context), partition);
      if (refusal !== null) return refusal;
    }
    above = parentOf(catalog, above);
  }
  return null;
}

/** Whether rows of `other`, which the script has inserted, may be bound to those of a partition by its foreign keys to `target`. */
export function mayReferTo(catalog: Catalog, partition: Relation, target: Relation, other: Relation): boolean {
  const keys = other.constraints.filter(isKeyTo(target));
  if (keys.length === 0 || !mayHoldMoreThan(0, catalog, other)) return false;
  if (catalog.tainted || mayHoldOthers(catalog, other)) return true;
  const inside = new Set([partition, ...descendantsOf(catalog, partition)].map(({ id }) => id));
  const isElsewhere = (key: TableConstraint, row: RowValues): boolean =>
    key.columns.some((name) => row.get(name) === null) ||
    findRow(catalog, target, (referred, leaf) => !inside.has(leaf.id) && areRowsBound(key, row, referred)) !== null;
  return findHolder(catalog, other, (row) => !keys.every((key) => isElsewhere(key, row))) !== null;
}

/** Deeper trees are not climbed. */
const mostLevels = 20;

/** The partitioned tables above one, from its own parent on. */
export function tablesAbove(catalog: Catalog, table: Relation): readonly Relation[] {
  const above: Relation[] = [];
  for (let next = parentOf(catalog, table); next !== null && above.length < mostLevels; next = parentOf(catalog, next))
    above.push(next);
  return above;
}

function parentOf(catalog: Catalog, table: Relation): Relation | null {
  return table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
}

function refusedFor(
  catalog: Catalog,
  partition: Relation,
  target: Relation,
  other: Relation,
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  // The keys of partitions are those of the table above them, which names the rows.
  if (other.knowledge !== "full" || parentOf(catalog, other)?.constraints.some(isKeyTo(target)) === true) return null;
  for (const key of other.constraints.filter(isKeyTo(target))) {
    if (!key.enforced || key.doubtful === true) continue;
    let bound: RowValues | null = null;
    const holder = findHolder(catalog, other, (row) => {
      if (findRow(catalog, partition, (referred) => areRowsBound(key, row, referred)) === null) return false;
      bound = row;
      return true;
    });
    if (holder === null || bound === null) continue;
    const row: RowValues = bound;
    const shown = key.columns.map((name) => printKey(catalog, holder, name, row)).join(", ");
    const name = nameForPartition(catalog, key, other, target, partition, context);
    return rejected(
      "statement-rejected",
      "23503",
      `removing partition "${partition.name}" violates foreign key constraint "${name}"`,
      range,
      {
        detail: `Key (${key.columns.join(", ")})=(${shown}) is still referenced from table "${other.name}".`,
        related: [{ relation: other.id, origin: key.origin, message: "the foreign key" }],
      },
    );
  }
  return null;
}

/** The first table with such a row among those whose rows a foreign key of this one binds: its partitions, but no other children. */
export function findHolder(catalog: Catalog, holder: Relation, matches: (row: RowValues) => boolean): Relation | null {
  return findRow(catalog, holder, matches, !isPartitioned(holder));
}

/** Whether a constraint is a foreign key to this table. */
export function isKeyTo(target: Relation): (key: TableConstraint) => boolean {
  return ({ type, references }) => type === "foreign-key" && references?.relation === target.id;
}

/** Whether a foreign key binds the first row to the second one, as far as their values are known. */
export function areRowsBound(key: TableConstraint, row: RowValues, other: RowValues): boolean {
  const columns = key.references?.columns ?? [];
  return (
    columns.length === key.columns.length &&
    key.columns.every((name, index) => {
      const [mine, theirs] = [row.get(name), other.get(columns[index] ?? "")];
      return mine != null && theirs != null && mine.family === theirs.family && compareValues(mine, theirs, null) === 0;
    })
  );
}

/**
 * The name of the foreign key that stands for a partition: numbered as the partitions came, by the key's own name since 18 and
 * by its table and columns before.
 */
export function nameForPartition(
  catalog: Catalog,
  key: TableConstraint,
  holder: Relation,
  target: Relation,
  partition: Relation,
  { version }: ApplyContext,
): string {
  const place = descendantsOf(catalog, target).findIndex(({ id }) => id === partition.id);
  const taken = new Set(holder.constraints.map(({ name }) => name));
  const stem = version >= 18 ? key.name : `${holder.name}_${key.columns.join("_")}_fkey`;
  const free: string[] = [];
  for (let number = version >= 18 ? 1 : 0; free.length <= place; number += 1) {
    const name = version >= 18 ? `${stem}_${number}` : `${stem}${number === 0 ? "" : number}`;
    if (!taken.has(name)) free.push(name);
  }
  return free.at(-1) ?? key.name;
}
