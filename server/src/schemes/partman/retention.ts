/** `drop_partition_time` and `drop_partition_id`: children that are older than the retention are detached, moved or dropped. */

import { relationById } from "../../catalog/catalog.ts";
import { withoutCustomRange } from "../../catalog/partman-state.ts";
import type { Relation } from "../../catalog/relation.ts";
import { quoteIdentifier, quoteQualifiedName } from "../../syntax/names.ts";
import { largestIn } from "./known-data.ts";
import { flagIn, textIn } from "./part-config.ts";
import { type Child, childrenIn, noStart, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  forget,
  managerIn,
  now,
  plus,
  raise,
  raiseUnmanaged,
  run,
  type Session,
  tableOf,
  wrapping,
} from "./session.ts";

/** What a call says instead of the configuration; null where it says nothing. */
export interface RetentionRequest {
  readonly retention: string | null;
  readonly keepTable: boolean | null;
  readonly keepIndex: boolean | null;
  readonly schema: string | null;
  /** The instant that the retention counts from; null for now. */
  readonly reference: bigint | null;
}

export const asConfigured: RetentionRequest = {
  retention: null,
  keepTable: null,
  keepIndex: null,
  schema: null,
  reference: null,
};

/** Takes what is too old out of a set; how many children that were. */
export function dropPartitions(session: Session, table: string, request: RetentionRequest, byTime: boolean): number {
  return wrapping(session, true, () => drop(session, table, request, byTime));
}

function drop(session: Session, table: string, request: RetentionRequest, byTime: boolean): number {
  const manager = managerIn(session, table);
  const retention = request.retention ?? (manager === null ? null : textIn(manager.row, "retention"));
  if (manager === null || retention === null) {
    const period = request.retention === null ? " with a retention period" : "";
    return raiseUnmanaged(session, table, `Configuration for given parent table${period} not found: ${table}`);
  }
  const parent = tableOf(session, table);
  if (parent === null) return raise(session, `Given parent table not found in system catalogs: ${table}`);
  const set = setOf(session, manager, parent);
  const isOld = byTime ? oldByTime(session, set, retention, request) : oldByNumber(session, set, retention);
  let dropped = 0;
  for (const child of childrenIn(session, set)) {
    if (!isOld(child)) continue;
    if (childrenIn(session, set).length === 1 && manager.sub === null) continue;
    takeOut(session, set, child, request);
    dropped += 1;
  }
  return dropped;
}

function oldByTime(
  session: Session,
  { manager }: PartmanSet,
  retention: string,
  { reference }: RetentionRequest,
): (child: Child) => boolean {
  const interval = castInterval(session, textIn(manager.row, "partition_interval") ?? "");
  const end = plus(session, reference ?? now(session, interval), castInterval(session, retention), -1);
  return ({ start }) => start !== noStart && plus(session, start, interval) < end;
}

function oldByNumber(session: Session, set: PartmanSet, retention: string): (child: Child) => boolean {
  const interval = castBigint(session, textIn(set.manager.row, "partition_interval") ?? "");
  const kept = castBigint(session, retention);
  const children = childrenIn(session, set);
  let largest: bigint | null = null;
  for (const { table } of [...children].reverse()) {
    largest = largestIn(session, table, set.control);
    if (largest !== null) break;
  }
  return ({ start }) => largest !== null && kept <= largest - (start + interval);
}

function takeOut(session: Session, { manager, parent }: PartmanSet, { table }: Child, request: RetentionRequest): void {
  const name = quoteQualifiedName(table.schema, table.name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  const keepsTable = request.keepTable ?? flagIn(manager.row, "retention_keep_table");
  const keepsIndex = request.keepIndex ?? flagIn(manager.row, "retention_keep_index");
  const schema = request.schema ?? textIn(manager.row, "retention_schema");
  const isPartition = table.partitionOf !== null;
  if (keepsTable || schema !== null || session.version === 4) {
    run(
      session,
      isPartition ? `ALTER TABLE ${above} DETACH PARTITION ${name}` : `ALTER TABLE ${name} NO INHERIT ${above}`,
    );
    const dropsIndexes =
      session.version === 5 || (schema === null && textIn(manager.row, "partition_type") === "partman");
    if (!keepsIndex && dropsIndexes && (keepsTable || schema !== null)) dropIndexes(session, table);
  }
  session.work.catalog = withoutCustomRange(session.work.catalog, manager.table, `${table.schema}.${table.name}`);
  if (schema !== null) run(session, `ALTER TABLE ${name} SET SCHEMA ${quoteIdentifier(schema)}`);
  else if (!keepsTable) {
    const cascade = session.version === 4 && (manager.sub !== null || flagIn(manager.row, "drop_cascade_fk"));
    run(session, `DROP TABLE ${name}${cascade ? " CASCADE" : ""}`);
  }
  forget(session, `${table.schema}.${table.name}`);
}

function dropIndexes(session: Session, { id, schema, name }: Relation): void {
  const table = relationById(session.work.catalog, id);
  for (const index of table?.indexes ?? []) {
    const relation = relationById(session.work.catalog, index);
    const constraint = table?.constraints.find((each) => each.index === index);
    if (constraint !== undefined)
      run(
        session,
        `ALTER TABLE ${quoteQualifiedName(schema, name)} DROP CONSTRAINT ${quoteIdentifier(constraint.name)}`,
      );
    else if (relation !== null) run(session, `DROP INDEX ${quoteQualifiedName(schema, relation.name)}`);
  }
}
