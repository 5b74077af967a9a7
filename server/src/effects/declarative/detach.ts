/** ALTER TABLE … DETACH PARTITION, with CONCURRENTLY and FINALIZE. */

import { type Catalog, dependentsOf, relationById, withRelation } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { AlterAction, AlterTable } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { inDoubt } from "../doubt.ts";
import { type ApplyContext, andThen, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { mayReferTo, refuseReferred } from "../queries/referred-rows.ts";
import { addImpliedCheck } from "../relations/checks.ts";
import { leaveParent } from "../relations/child-mismatch.ts";
import { detachIndexes } from "../relations/define-index.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { keyColumnsOf } from "../relations/key-columns.ts";
import { lookUpRelation, originHere, relationMissing } from "../relations/lookup.ts";
import { detachConcurrently, refuseInTransaction } from "../relations/outside-transaction.ts";
import { unlinkPartition } from "./links.ts";
import { partitionConstraint } from "./partition-constraint.ts";
import { refusePlainTable } from "./plain-table.ts";

type DetachAction = Extract<AlterAction, { kind: "detach-partition" }>;

/**
 * What PostgreSQL refuses before it looks up any relation: CONCURRENTLY in a transaction block or function. null
 * where it goes on.
 */
export function refuseDetachEarly(statement: AlterTable, context: ApplyContext): Refusal | null {
  const action = statement.actions.find((candidate) => candidate.kind === "detach-partition");
  if (action === undefined) return null;
  if (!action.concurrently) return null;
  return refuseInTransaction(detachConcurrently, action.range, context, "detach-concurrently-blocked");
}

/** Detaches a partition from `parent`, the relation that the ALTER TABLE names. */
export function detachPartition(
  catalog: Catalog,
  parent: Relation,
  action: DetachAction,
  context: ApplyContext,
): Outcome {
  const plain = refusePlainTable(parent, "DETACH PARTITION", action.range, context);
  if (plain !== null) return plain;
  const defaultPartition = parent.partitioning?.partitions.defaultPartition ?? null;
  if (action.concurrently && defaultPartition !== null) {
    const relation = relationById(catalog, defaultPartition);
    const message = "cannot detach partitions concurrently when a default partition exists";
    const related =
      relation === null
        ? []
        : [
            {
              relation: relation.id,
              origin: relation.partitionOf?.origin ?? relation.origin,
              message: `${quoteIdentifier(relation.name)} is the default partition`,
            },
          ];
    return rejected("detach-concurrently-blocked", "55000", message, action.range, { related });
  }

  const { range } = action.partition;
  const found = lookUpRelation(catalog, action.partition);
  if (found.kind === "absent") return relationMissing(catalog, action.partition);
  if (found.kind === "unknown") return applied(catalog);
  const partition = found.relation;
  if (partition.partitionOf?.parent !== parent.id) {
    // Of a table that nobody creates, or of a parent whose partitions are not all known, it may well be a partition.
    if (partition.partitionOf === null && (partition.knowledge !== "full" || !membershipKnown(parent))) {
      return applied(catalog);
    }
    const message = `relation "${partition.name}" is not a partition of relation "${parent.name}"`;
    return rejected("not-partitioned", "42P01", message, range, {
      related: [{ relation: partition.id, origin: partition.origin, message: "created here" }],
    });
  }
  if (action.finalize && !partition.partitionOf.detachPending) {
    const message = `cannot complete detaching partition "${partition.name}"`;
    const detail = "There's no pending concurrent detach.";
    return rejected("statement-rejected", "55000", message, range, { detail });
  }
  const referred = refuseReferred(catalog, partition, range, context);
  if (referred !== null) return referred;
  if (partition.partitionOf.detachPending && !action.finalize) return refusePending(partition, parent, action);
  const detach = (current: Catalog): Outcome =>
    applied(becomeTable(current, relationById(current, partition.id) ?? partition, parent, context));
  const leavesCheck = action.concurrently && isPartitioned(parent) && parent.partitioning.key.strategy !== "hash";
  const detached = leavesCheck
    ? andThen(withBoundAsCheck(catalog, partition, action.range, context), detach)
    : detach(catalog);
  return mayBeReferredTo(catalog, partition, parent)
    ? inDoubt(catalog, detached, `rows may refer to those of "${partition.name}"`)
    : detached;
}

/** An earlier DETACH … CONCURRENTLY was interrupted: it can only be completed. */
function refusePending(partition: Relation, parent: Relation, { concurrently, range }: DetachAction): Outcome {
  const hint = "Use ALTER TABLE ... DETACH PARTITION ... FINALIZE to complete the pending detach operation.";
  if (concurrently) {
    const message = `partition "${partition.name}" already pending detach in partitioned table "${parent.schema}.${parent.name}"`;
    return rejected("detach-concurrently-blocked", "55000", message, range, { hint });
  }
  const detail = "The partition is being detached concurrently or has an unfinished detach.";
  return rejected("statement-rejected", "55000", `cannot detach partition "${partition.name}"`, range, {
    detail,
    hint,
  });
}

/** Whether the script has inserted rows that foreign keys to the table, or to one above it, may bind to the partition. */
function mayBeReferredTo(catalog: Catalog, partition: Relation, table: Relation): boolean {
  const bound = dependentsOf(catalog, table.id).some((id) => {
    const other = relationById(catalog, id);
    return other !== null && mayReferTo(catalog, partition, table, other);
  });
  const above = table.partitionOf === null ? null : relationById(catalog, table.partitionOf.parent);
  return bound || (above !== null && mayBeReferredTo(catalog, partition, above));
}

/** `DetachAddConstraintIfNeeded`: the bound stays as a CHECK, so that ATTACH need not read the rows again. */
function withBoundAsCheck(catalog: Catalog, partition: Relation, range: TextRange, context: ApplyContext): Outcome {
  const condition = partitionConstraint(catalog, partition, range);
  const checks = partition.constraints.filter(({ type, validated }) => type === "check" && validated);
  if (condition !== null && checks.some(({ text }) => text === condition.text)) return applied(catalog);
  const columns = condition?.columns ?? keyColumns(catalog, partition);
  // Another CHECK may already say as much; then there is none to add.
  const doubtful = checks.some((check) => columns.some((column) => check.columns.includes(column)));
  const implied = { ...(condition ?? unknownCheck), columns, ...(doubtful ? { doubtful: true as const } : {}) };
  return addImpliedCheck(catalog, partition.id, implied, originHere(context, range), range);
}

const unknownCheck = { text: "?", textCertain: false, expression: null } as const;

/** The columns of the keys above a partition. */
function keyColumns(catalog: Catalog, partition: Relation): readonly string[] {
  const parent = partition.partitionOf === null ? null : relationById(catalog, partition.partitionOf.parent);
  if (parent === null) return [];
  return [...new Set([...keyColumns(catalog, parent), ...keyColumnsOf(parent)])];
}

function membershipKnown(parent: Relation): boolean {
  return parent.knowledge !== "tainted";
}

/** The partition as a table of its own: columns, constraints and indexes are no longer inherited. */
function becomeTable(catalog: Catalog, partition: Relation, parent: Relation, context: ApplyContext): Catalog {
  let next = unlinkPartition(catalog, partition.id);
  next = leaveParent(next, partition.id, parent);
  next = detachIndexes(next, partition.id);
  next = withoutClonedTriggers(next, partition.id, parent);
  const table = relationById(next, partition.id);
  if (table === null) return next;
  return withRelation(next, {
    ...table,
    // Since 17 partitions share the identity of their parent and lose it with the parent.
    columns:
      context.version < 17
        ? table.columns
        : table.columns.map((column) => (column.identity === null ? column : { ...column, identity: null })),
    constraints: table.constraints.changed((constraint) =>
      constraint.type === "foreign-key" && constraint.inheritedFrom > 0
        ? { ...constraint, local: true, inheritedFrom: 0 }
        : constraint,
    ),
  });
}

/** Copies of the parent's row triggers stay behind, with those that the partition's own partitions have of them. */
function withoutClonedTriggers(catalog: Catalog, partition: RelationId, parent: Relation): Catalog {
  const cloned = new Set(parent.triggers.filter(({ row }) => row).map(({ name }) => name));
  const table = relationById(catalog, partition);
  if (cloned.size === 0 || table === null) return catalog;
  return [table, ...descendantsOf(catalog, table)].reduce((next, each) => {
    const triggers = each.triggers.filter(({ row, name }) => !row || !cloned.has(name));
    return triggers.length === each.triggers.length ? next : withRelation(next, { ...each, triggers });
  }, catalog);
}
