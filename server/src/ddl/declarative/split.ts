/** Splits a range partition in two at a value, without losing a row: in one transaction, before and from PostgreSQL 19 on. */

import { relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { partitionName } from "../../catalog/partition-names.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { PartitionKey, RangeDatum, RangeEntry } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { naturalMiddle } from "../../catalog/series.ts";
import type { Value } from "../../catalog/value.ts";
import { spellDatum } from "../../catalog/written-bound.ts";
import { quoteIdentifier, truncateIdentifier } from "../../syntax/names.ts";
import { attachLocks, detachLocks, lock } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import { assembleScript, forValues } from "../print.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { boundAt, calendarOf, problem, resolveRelation, type WriterContext, writeName } from "../writer.ts";
import { referencesTo, rowColumns, sameColumnsAs } from "./carry-over.ts";
import { readKeyValue } from "./key-value.ts";

/**
 * The rows below `at` stay in the partition's table, as pg_pathman's split keeps them; the others move to a new one. Without
 * `at`, a natural boundary near the middle is taken.
 */
export function writeSplit(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  const { catalog } = context;
  const found = findPartition(request, table, context);
  if ("message" in found) return problem(found.message, "partition");
  const { partition, entry, key } = found;
  const at = splitPoint(request, table, entry, context);
  if ("message" in at) return problem(at.message, "at");
  const boundary = boundAt({ kind: "value", value: at.value }, key);
  const { settings } = catalog;
  const printed = spellDatum({ kind: "value", value: at.value }, 0, key, settings);
  if (!lies(boundary, entry, key)) {
    return problem(
      `${printed} does not lie inside ${writeName(catalog, partition)}, ${forValues(entry.lower, entry.upper, key, settings)}: choose a value above its lower and below its upper bound`,
      "at",
    );
  }
  const upperName =
    request.name === null
      ? partitionName(catalog, table, { lower: boundary, upper: entry.upper }, calendarOf(table, catalog), new Set())
      : truncateIdentifier(request.name);
  const upper = { schema: partition.schema, name: upperName };
  const names = {
    parent: writeName(catalog, table),
    lower: writeName(catalog, partition),
    upper: writeName(catalog, upper),
  };
  const [lowerBound, upperBound] = [
    forValues(entry.lower, boundary, key, settings),
    forValues(boundary, entry.upper, key, settings),
  ];
  const undo = `Undo: merge ${names.lower} and ${names.upper}.`;
  const title = `Split ${names.lower} at ${printed}`;
  if (context.version >= 19) {
    return {
      ok: true,
      value: assembleScript(
        {
          title,
          comment: [
            `${title}: rows from ${printed} on go to ${names.upper}.`,
            `ACCESS EXCLUSIVE on ${names.parent} while rows are copied: its readers and writers wait.`,
            undo,
          ],
          steps: [
            {
              sql: `ALTER TABLE ${names.parent} SPLIT PARTITION ${names.lower} INTO\n  (PARTITION ${names.lower} ${lowerBound},\n   PARTITION ${names.upper} ${upperBound})`,
              locks: detachLocks(table, partition, catalog, context.version),
              transaction: "inside",
            },
          ],
          notes: [],
        },
        context.inTransaction,
      ),
    };
  }
  const references = referencesTo(table, catalog);
  const columns = rowColumns(partition);
  const condition = `${keyText(key)} >= ${printed}`;
  const steps: ScriptStep[] = [
    {
      sql: `ALTER TABLE ${names.parent} DETACH PARTITION ${names.lower}`,
      locks: detachLocks(table, partition, catalog, context.version),
      transaction: "inside",
    },
    {
      sql: `CREATE TABLE ${names.upper} (LIKE ${names.lower} ${sameColumnsAs()})`,
      locks: [lock(partition, "ACCESS SHARE")],
      transaction: "inside",
    },
    {
      sql: `INSERT INTO ${names.upper} (${columns})\n  SELECT ${columns} FROM ${names.lower} WHERE ${condition}`,
      locks: [lock(upper, "ROW EXCLUSIVE"), lock(partition, "ACCESS SHARE")],
      transaction: "inside",
    },
    {
      sql: `DELETE FROM ${names.lower} WHERE ${condition}`,
      locks: [lock(partition, "ROW EXCLUSIVE")],
      transaction: "inside",
    },
    {
      sql: `ALTER TABLE ${names.parent} ATTACH PARTITION ${names.lower} ${lowerBound}`,
      locks: attachLocks(table, partition, catalog, context.version),
      transaction: "inside",
    },
    {
      sql: `ALTER TABLE ${names.parent} ATTACH PARTITION ${names.upper} ${upperBound}`,
      locks: attachLocks(table, upper, catalog, context.version),
      transaction: "inside",
    },
  ];
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}: rows from ${printed} on move to ${names.upper}; ${names.lower} keeps the others.`,
          `From DETACH to COMMIT ${names.parent} is locked (ACCESS EXCLUSIVE): its readers and writers wait while rows move.`,
          undo,
        ],
        steps,
        notes: notesOf(table, partition, references, context),
      },
      context.inTransaction,
    ),
  };
}

/** The value at which a partition would be split if nobody named one; null where there is no natural one. */
export function proposedSplit(
  table: Relation,
  entry: RangeEntry,
  { catalog }: Pick<WriterContext, "catalog">,
): Value | null {
  const [lower, upper] = [entry.lower[0], entry.upper[0]];
  return lower === undefined || upper === undefined ? null : naturalMiddle(lower, upper, calendarOf(table, catalog));
}

/** What an ATTACH or a moved row does not bring along, in sentences. */
export function notesOf(
  table: Relation,
  partition: Relation,
  references: readonly Relation[],
  { catalog }: WriterContext,
): readonly string[] {
  const defaultId = table.partitioning?.partitions.defaultPartition ?? null;
  const defaultPartition = defaultId === null ? null : relationById(catalog, defaultId);
  return [
    ...(defaultPartition === null
      ? []
      : [
          `Each ATTACH searches ${writeName(catalog, defaultPartition)}, the default partition, for rows of the new range.`,
        ]),
    ...(references.length === 0
      ? []
      : [
          `Foreign keys of ${references.map((relation) => writeName(catalog, relation)).join(", ")} refer to ${writeName(catalog, table)}: DETACH is refused while rows of the partition are referenced; drop those constraints first and add them again afterwards.`,
        ]),
    ...(partition.triggers.length === 0
      ? []
      : [
          `Triggers of ${writeName(catalog, partition)} itself are not copied: ${partition.triggers.map(({ name }) => name).join(", ")}.`,
        ]),
    "Privileges, owner, storage parameters, policies and replica identity set on single partitions are not copied.",
  ];
}

/** The first key column as a condition names it. */
export function keyText(key: PartitionKey): string {
  const [element] = key.elements;
  if (element === undefined) return "NULL";
  const name = element.column === null ? element.text : quoteIdentifier(element.column);
  return element.column === null && !/^\(.*\)$/s.test(name) && !/^[\w"]+\(/.test(name) ? `(${name})` : name;
}

function findPartition(
  request: OperationRequest,
  table: Relation,
  { catalog }: WriterContext,
):
  | { readonly partition: Relation; readonly entry: RangeEntry; readonly key: PartitionKey }
  | { readonly message: string } {
  if (request.partition === null) return { message: "`partition` must name the partition to split" };
  const partition = resolveRelation(catalog, request.partition);
  if (partition === null) return { message: `there is no relation ${request.partition} at this point of the script` };
  const key = table.partitioning?.key;
  const bound = partition.partitionOf?.parent === table.id ? partition.partitionOf.bound : null;
  if (key === undefined || bound === null) {
    return { message: `${writeName(catalog, partition)} is not a partition of ${writeName(catalog, table)}` };
  }
  if (bound.kind !== "range") {
    return {
      message: `${writeName(catalog, partition)} is not a range partition: only a range can be split at a value`,
    };
  }
  if (isPartitioned(partition)) {
    return { message: `${writeName(catalog, partition)} is partitioned itself: split its own partitions instead` };
  }
  return { partition, key, entry: { lower: bound.lower, upper: bound.upper, partition: partition.id } };
}

function splitPoint(
  request: OperationRequest,
  table: Relation,
  entry: RangeEntry,
  context: WriterContext,
): { readonly value: Value } | { readonly message: string } {
  if (request.at !== null) return readKeyValue(request.at, table, context);
  const value = proposedSplit(table, entry, context);
  return value === null
    ? { message: "there is no natural boundary inside this range: say with `at` where to split" }
    : { value };
}

function lies(boundary: readonly RangeDatum[], entry: RangeEntry, key: PartitionKey): boolean {
  const collations = collationsOf(key);
  const [below, above] = [
    comparePoints(entry.lower, boundary, collations),
    comparePoints(boundary, entry.upper, collations),
  ];
  return below !== null && above !== null && below < 0 && above < 0;
}
