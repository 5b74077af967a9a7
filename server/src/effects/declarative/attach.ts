/** ALTER TABLE … ATTACH PARTITION, checked in the order of PostgreSQL's `ATExecAttachPartition`. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { quoteIdentifier, type RelationName } from "../../syntax/names.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import {
  type ApplyContext,
  andThen,
  applied,
  type ErrorRule,
  type Outcome,
  type Refusal,
  rejected,
  withDeclined,
} from "../outcome.ts";
import { mayHoldMoreThan } from "../queries/kept-rows.ts";
import { hasObscureRows, hasRowsBesides, refuseRowsOfDefault, refuseRowsOutside } from "../queries/known-rows.ts";
import { mergeIntoParent } from "../relations/child-mismatch.ts";
import { inheritFromPartitioned } from "../relations/complete-table.ts";
import { descendantsOf, isSelfOrBelow } from "../relations/descendants.ts";
import { assumeRelation, lookUpRelation, originHere, relationMissing } from "../relations/lookup.ts";

import { linkPartition } from "./links.ts";
import { checkConflict, readPartitionBound } from "./partition-bound.ts";
import { pluralOf, refusePlainTable } from "./plain-table.ts";

type AttachAction = Extract<AlterAction, { kind: "attach-partition" }>;

/** Attaches a table to `parent`, the relation that the ALTER TABLE names. */
export function attachPartition(
  catalog: Catalog,
  parent: Relation,
  action: AttachAction,
  context: ApplyContext,
): Outcome {
  const plain = refusePlainTable(parent, "ATTACH PARTITION", action.range, context);
  if (plain !== null) return plain;
  const read = readPartitionBound(catalog, parent, action.bound, context);
  if (read.kind === "rejected") return read;

  const found = findTable(read.catalog, action.partition);
  if (found.kind === "rejected") return found;
  const { table } = found;
  // Where the table's name was not known before, the catalog is a new one, and so may the parent be.
  const owner = relationById(found.catalog, parent.id) ?? read.parent;
  const unfit =
    refuseTable(found.catalog, owner, table, action, context) ?? refuseColumns(owner, table, action, context);
  if (unfit !== null) return unfit;
  if (table.partitionOf !== null) {
    return applied(found.catalog, `whether "${table.name}" is a partition already cannot be told`);
  }
  const bound = { ...read, catalog: found.catalog, parent: owner };
  const conflict = checkConflict(bound, table.name, action.bound, context);
  if (conflict.kind === "rejected") return beforeConflict(found.catalog, table, owner, action, context) ?? conflict;
  const { range } = action.partition;
  // Rows that a script has inserted may be gone where something ran that could not be followed.
  const sure: Catalog = { ...found.catalog, tainted: false };
  const stray =
    refuseRowsOutside(sure, table, owner, read.bound, range, context) ??
    refuseRowsOfDefault(sure, owner, read.bound, range, context, "attach");
  const doubts = [...read.declined];
  if (conflict.kind === "undecided") doubts.push(conflict.reason);
  const defaultPartition = owner.partitioning?.partitions.defaultPartition ?? null;
  const isObscure =
    hasObscureRows(found.catalog, table.id) ||
    hasObscureRows(found.catalog, defaultPartition) ||
    hasRowsBesides(sure, table, owner, read.bound, context);
  const unproven =
    (hasUniqueIndex(found.catalog, owner) && mayHoldMoreThan(1, found.catalog, table)) ||
    (owner.constraints.some(({ type }) => type === "foreign-key") && mayHoldMoreThan(0, found.catalog, table));
  if (unproven) doubts.push("rows that may be there may violate the keys of the parent");
  if (isObscure || (stray !== null && found.catalog.tainted)) doubts.push("rows that may be there may not fit");
  if (found.isNew && owner.knowledge === "full")
    doubts.push(`"${table.name}" is created nowhere, as "${owner.name}" is`);

  // If the bound is not what PostgreSQL refuses, what follows is.
  const foreign = refuseForeignTable(found.catalog, owner, table, action.partition.range);
  const merged = mergeIntoParent(found.catalog, table, owner, "partition", action.partition.range, context);
  const linked = andThen(merged, (next) => {
    if (foreign !== null) return foreign;
    const link = {
      parent: owner.id,
      bound: read.bound,
      detachPending: false,
      origin: originHere(context, action.bound.range),
    };
    const joined = linkPartition(next, relationById(next, table.id) ?? table, link, doubts.length === 0);
    const cloned = inheritFromPartitioned(joined, table.id, action.partition.range, context);
    return doubts.length === 0 ? cloned : andThen(cloned, (last) => applied(tainted(last, table.id)));
  });
  if (linked.kind === "applied" && stray !== null && !found.catalog.tainted) return stray;
  return withDeclined(linked, doubts);
}

/** PostgreSQL 10 looks at columns and constraints before it looks at the bounds of the others. */
function beforeConflict(
  catalog: Catalog,
  table: Relation,
  parent: Relation,
  action: AttachAction,
  context: ApplyContext,
): Refusal | null {
  if (context.version > 10) return null;
  const merged = mergeIntoParent(catalog, table, parent, "partition", action.partition.range, context);
  return merged.kind === "rejected" ? merged : null;
}

/** A foreign table has no unique index, and a table cannot refer to its own partitions. */
function refuseForeignTable(catalog: Catalog, parent: Relation, table: Relation, range: TextRange): Refusal | null {
  if (table.kind === "foreign-table" && hasUniqueIndex(catalog, parent)) {
    const message = `cannot attach foreign table "${table.name}" as partition of partitioned table "${parent.name}"`;
    const detail = `Partitioned table "${parent.name}" contains unique indexes.`;
    return rejected("attach-mismatch", "42809", message, range, { detail });
  }
  const reference = parent.constraints.find((constraint) => constraint.references?.relation === table.id);
  if (reference === undefined) return null;
  const message = `cannot attach table "${table.name}" as a partition because it is referenced by foreign key "${reference.name}"`;
  return rejected("attach-mismatch", "0A000", message, range);
}

/** Whether any of the table's indexes is unique; a foreign table cannot have its part of one. */
export function hasUniqueIndex(catalog: Catalog, table: Relation): boolean {
  return table.indexes.some((id) => relationById(catalog, id)?.index?.unique === true);
}

/** The catalog in which nothing is claimed of the table and what is below it: whether it is a partition now cannot be told. */
function tainted(catalog: Catalog, id: RelationId): Catalog {
  const table = relationById(catalog, id);
  if (table === null) return catalog;
  return [table, ...descendantsOf(catalog, table)].reduce(
    (next, relation) => withRelation(next, asTainted(relation)),
    catalog,
  );
}

function findTable(
  catalog: Catalog,
  name: RelationName,
): { readonly kind: "found"; readonly catalog: Catalog; readonly table: Relation; readonly isNew: boolean } | Refusal {
  const found = lookUpRelation(catalog, name);
  if (found.kind === "found") return { kind: "found", catalog, table: found.relation, isNew: false };
  if (found.kind === "absent") return relationMissing(catalog, name);
  const assumed = assumeRelation(catalog, name, "table");
  return { kind: "found", catalog: assumed.catalog, table: assumed.relation, isNew: true };
}

/** What the table to attach may not be: a view, a partition already, typed, a parent or child by inheritance, … */
function refuseTable(
  catalog: Catalog,
  parent: Relation,
  table: Relation,
  action: AttachAction,
  context: ApplyContext,
): Refusal | null {
  const refuse = (rule: ErrorRule, sqlstate: string, message: string, detail?: string): Refusal =>
    rejected(rule, sqlstate, message, action.partition.range, {
      detail,
      related: [
        { relation: table.id, origin: table.origin, message: `${quoteIdentifier(table.name)} is created here` },
      ],
    });
  if (!["table", "partitioned-table", "foreign-table"].includes(table.kind)) {
    return refuse("attach-mismatch", "42809", ...unfitKind(table, context));
  }
  if (table.partitionOf !== null && table.knowledge !== "tainted") {
    return rejected("not-partitioned", "42809", `"${table.name}" is already a partition`, action.partition.range, {
      related: [{ relation: table.id, origin: table.partitionOf.origin, message: "it became a partition here" }],
    });
  }
  if (table.ofType) return refuse("attach-mismatch", "42809", "cannot attach a typed table as partition");
  if (table.inherits.length > 0) {
    return refuse("attach-mismatch", "42809", "cannot attach inheritance child as partition");
  }
  if (table.children.size > 0 && !isPartitioned(table)) {
    return refuse("attach-mismatch", "42809", "cannot attach inheritance parent as partition");
  }
  if (isSelfOrBelow(catalog, parent, table)) {
    const detail = `"${parent.name}" is already a child of "${table.name}".`;
    return refuse("attach-mismatch", "42P07", "circular inheritance not allowed", detail);
  }
  if (parent.persistence !== "temporary" && table.persistence === "temporary") {
    const message = `cannot attach a temporary relation as partition of permanent relation "${parent.name}"`;
    return refuse("attach-mismatch", "42809", message);
  }
  if (parent.persistence === "temporary" && table.persistence !== "temporary") {
    const message = `cannot attach a permanent relation as partition of temporary relation "${parent.name}"`;
    return refuse("attach-mismatch", "42809", message);
  }
  return null;
}

/** Identity columns, columns that the parent does not have, triggers that a partition may not have. */
function refuseColumns(parent: Relation, table: Relation, action: AttachAction, context: ApplyContext): Refusal | null {
  const { range } = action.partition;
  const related = [{ relation: table.id, origin: table.origin, message: "the columns stand here" }];
  const names = new Set(parent.columns.map((column) => column.name));
  for (const column of table.columns) {
    if (context.version >= 17 && column.identity !== null) {
      const message = `table "${table.name}" being attached contains an identity column "${column.name}"`;
      const detail = "The new partition may not contain an identity column.";
      return rejected("attach-mismatch", "55000", message, range, { detail, related });
    }
    if (parent.knowledge === "full" && !names.has(column.name)) {
      const message = `table "${table.name}" contains column "${column.name}" not found in parent "${parent.name}"`;
      const detail = "The new partition may contain only the columns present in parent.";
      return rejected("attach-mismatch", "42804", message, range, { detail, related });
    }
  }
  const trigger = table.triggers.find((candidate) => candidate.row && candidate.transitionTables);
  if (trigger === undefined) return null;
  const message = `trigger "${trigger.name}" prevents table "${table.name}" from becoming a partition`;
  const detail =
    context.version >= 15
      ? "ROW triggers with transition tables are not supported on partitions."
      : "ROW triggers with transition tables are not supported on partitions";
  return rejected("attach-mismatch", "55000", message, range, { detail, related });
}

/** The message and detail for what is no table at all; the wording is that of the version. */
function unfitKind(table: Relation, context: ApplyContext): readonly [message: string, detail?: string] {
  if (context.version >= 15) {
    const message = `ALTER action ATTACH PARTITION cannot be performed on relation "${table.name}"`;
    return [message, `This operation is not supported for ${pluralOf(table.kind)}.`];
  }
  return [`"${table.name}" is not a table or foreign table`];
}
