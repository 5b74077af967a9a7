/** A new partition made of a part of one that exists: the rows are moved in one transaction, and none is lost. */

import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellBound } from "../../catalog/written-bound.ts";
import { rowColumns } from "../../ddl/declarative/carry-over.ts";
import { writeName } from "../../ddl/writer.ts";
import type { Step } from "../../replay/step.ts";
import type { RuleEdit } from "../rule.ts";
import { boundCondition } from "./bound-condition.ts";
import type { PlacedBound } from "./bounds.ts";

/**
 * Edits around the statement that gives a partition the bound: the partition `from`, which holds rows of it, is detached before
 * and attached again with what is left of its bound. null where that is not one range, or no condition on one column tells the rows.
 */
export function carveOut(step: Step, placed: PlacedBound, from: Relation): readonly RuleEdit[] | null {
  const catalog = step.before;
  const { parent, partitioning, bound } = placed;
  const condition = boundCondition(bound, partitioning.key, catalog.settings);
  const rest = from.partitionOf === null ? null : restOf(from.partitionOf.bound, bound, partitioning.key);
  if (condition === null || rest === null || isPartitioned(from) || hasReferences(catalog, parent)) return null;
  const [table, old] = [writeName(catalog, parent), writeName(catalog, from)];
  const inTransaction = step.transaction.state !== "autocommit";
  const before = [...(inTransaction ? [] : ["BEGIN"]), `ALTER TABLE ${table} DETACH PARTITION ${old}`];
  const after = [
    copyRows(parent, from, table, old, condition),
    `DELETE FROM ${old} WHERE ${condition}`,
    `ALTER TABLE ${table} ATTACH PARTITION ${old} ${spellBound(rest, partitioning.key, catalog.settings)}`,
    ...(inTransaction ? [] : ["COMMIT"]),
  ];
  return [
    { kind: "insert-before", statement: step.handle, sql: before.join(";\n") },
    { kind: "insert-after", statement: step.handle, sql: after.join(";\n") },
  ];
}

/** What is left of a bound when another is taken out of it; null where that is nothing, or lies on both sides. */
export function restOf(whole: Bound, part: Bound, key: PartitionKey): Bound | null {
  if (whole.kind === "default") return whole;
  if (whole.kind !== "range" || part.kind !== "range") return null;
  const collations = key.elements.map(({ collation }) => collation);
  const [lower, upper] = [
    comparePoints(whole.lower, part.lower, collations),
    comparePoints(part.upper, whole.upper, collations),
  ];
  if (lower === 0 && upper !== null && upper < 0) return { ...whole, lower: part.upper };
  if (upper === 0 && lower !== null && lower < 0) return { ...whole, upper: part.lower };
  return null;
}

function copyRows(parent: Relation, from: Relation, table: string, old: string, condition: string): string {
  const columns = rowColumns(from);
  const list = columns === "*" ? "" : ` (${columns})`;
  const overriding = parent.columns.some(({ identity }) => identity === "always") ? " OVERRIDING SYSTEM VALUE" : "";
  return `INSERT INTO ${table}${list}${overriding} SELECT ${columns} FROM ${old} WHERE ${condition}`;
}

/** A partition whose rows are referenced cannot be detached. */
function hasReferences(catalog: Catalog, parent: Relation): boolean {
  for (const id of dependentsOf(catalog, parent.id)) {
    const constraints = relationById(catalog, id)?.constraints ?? [];
    if (constraints.some(({ references }) => references?.relation === parent.id)) return true;
  }
  return false;
}
