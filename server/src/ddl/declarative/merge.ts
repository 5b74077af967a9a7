/** Merges neighbouring range partitions into the first one named, without losing a row. */

import { isPartitioned } from "../../catalog/layout.ts";
import { collationsOf, comparePoints } from "../../catalog/partition-set.ts";
import type { PartitionKey, RangeEntry } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { spellPoint } from "../../catalog/written-bound.ts";
import { attachLocks, detachLocks, lock } from "../locks.ts";
import type { OperationRequest } from "../operation.ts";
import { assembleScript, forValues } from "../print.ts";
import type { OperationResult, ScriptStep } from "../script.ts";
import { fullName, problem, resolveRelation, type WriterContext, writeName } from "../writer.ts";
import { referencesTo, rowColumns } from "./carry-over.ts";
import { notesOf } from "./split.ts";

interface Part {
  readonly relation: Relation;
  readonly entry: RangeEntry;
}

/** The first partition named keeps its table, as pg_pathman's merge does; the rows of the others are copied into it. */
export function writeMerge(request: OperationRequest, table: Relation, context: WriterContext): OperationResult {
  const { catalog, version } = context;
  const key = table.partitioning?.key;
  if (key === undefined) return problem(`${writeName(catalog, table)} is not partitioned`, "table");
  const parts: Part[] = [];
  for (const name of request.partitions) {
    const part = findPart(name, table, context);
    if ("message" in part) return problem(part.message, "partitions");
    if (parts.some(({ relation }) => relation.id === part.relation.id)) {
      return problem(`${name} is named twice`, "partitions");
    }
    parts.push(part);
  }
  const [kept, ...others] = parts;
  if (kept === undefined || others.length === 0)
    return problem("`partitions` must name two or more neighbours", "partitions");
  const ordered = inBoundOrder(parts, key);
  const torn = ordered === null ? null : firstTear(ordered, key);
  if (ordered === null) return problem("the bounds of these partitions cannot be compared here", "partitions");
  if (torn !== null) {
    const [below, above] = torn;
    const { settings } = catalog;
    return problem(
      `${writeName(catalog, below.relation)} and ${writeName(catalog, above.relation)} are not adjacent: one ends at ${spellPoint(below.entry.upper, key, settings)}, the next begins at ${spellPoint(above.entry.lower, key, settings)}`,
      "partitions",
    );
  }
  const lower = ordered[0]?.entry.lower ?? kept.entry.lower;
  const upper = ordered.at(-1)?.entry.upper ?? kept.entry.upper;
  const bound = forValues(lower, upper, key, catalog.settings);
  const [parent, keptName] = [writeName(catalog, table), writeName(catalog, kept.relation)];
  const otherNames = others.map(({ relation }) => writeName(catalog, relation));
  const title = `Merge ${otherNames.join(", ")} into ${keptName}`;
  const undo = `Undo: split ${keptName} at ${others.length === 1 ? "the old boundary" : "the old boundaries"}.`;
  if (version >= 19) {
    const all = ordered.map(({ relation }) => writeName(catalog, relation)).join(", ");
    return {
      ok: true,
      value: assembleScript(
        {
          title,
          comment: [
            `${title}.`,
            `ACCESS EXCLUSIVE on ${parent} while rows are copied: its readers and writers wait.`,
            undo,
          ],
          steps: [
            {
              sql: `ALTER TABLE ${parent} MERGE PARTITIONS (${all}) INTO ${keptName}`,
              locks: [
                lock(table, "ACCESS EXCLUSIVE"),
                ...parts.map(({ relation }) => lock(relation, "ACCESS EXCLUSIVE")),
              ],
              transaction: "inside",
            },
          ],
          notes: [],
        },
        context.inTransaction,
      ),
    };
  }
  const steps: ScriptStep[] = [
    ...parts.map(
      ({ relation }): ScriptStep => ({
        sql: `ALTER TABLE ${parent} DETACH PARTITION ${writeName(catalog, relation)}`,
        locks: detachLocks(table, relation, catalog, version),
        transaction: "inside",
      }),
    ),
    ...others.flatMap(({ relation }): ScriptStep[] => {
      const columns = rowColumns(relation);
      const name = writeName(catalog, relation);
      return [
        {
          sql: `INSERT INTO ${keptName} (${columns})\n  SELECT ${columns} FROM ${name}`.replace(" (*)", ""),
          locks: [lock(kept.relation, "ROW EXCLUSIVE"), lock(relation, "ACCESS SHARE")],
          transaction: "inside",
        },
        { sql: `DROP TABLE ${name}`, locks: [lock(relation, "ACCESS EXCLUSIVE")], transaction: "inside" },
      ];
    }),
    {
      sql: `ALTER TABLE ${parent} ATTACH PARTITION ${keptName} ${bound}`,
      locks: attachLocks(table, kept.relation, catalog, version),
      transaction: "inside",
    },
  ];
  return {
    ok: true,
    value: assembleScript(
      {
        title,
        comment: [
          `${title}, which then holds ${bound.replace("FOR VALUES ", "")}.`,
          `From DETACH to COMMIT ${parent} is locked (ACCESS EXCLUSIVE): its readers and writers wait while rows move.`,
          undo,
        ],
        steps,
        notes: notesOf(table, kept.relation, referencesTo(table, catalog), context),
      },
      context.inTransaction,
    ),
  };
}

function findPart(name: string, table: Relation, { catalog }: WriterContext): Part | { readonly message: string } {
  const relation = resolveRelation(catalog, name);
  if (relation === null) return { message: `there is no relation ${name} at this point of the script` };
  const bound = relation.partitionOf?.parent === table.id ? relation.partitionOf.bound : null;
  if (bound === null) return { message: `${fullName(relation)} is not a partition of ${fullName(table)}` };
  if (bound.kind !== "range")
    return { message: `${fullName(relation)} is not a range partition: only neighbouring ranges are merged` };
  if (isPartitioned(relation))
    return { message: `${fullName(relation)} is partitioned itself: merge its partitions first` };
  return { relation, entry: { lower: bound.lower, upper: bound.upper, partition: relation.id } };
}

function inBoundOrder(parts: readonly Part[], key: PartitionKey): readonly Part[] | null {
  const collations = collationsOf(key);
  let comparable = true;
  const ordered = parts.toSorted((a, b) => {
    const order = comparePoints(a.entry.lower, b.entry.lower, collations);
    comparable &&= order !== null;
    return order ?? 0;
  });
  return comparable ? ordered : null;
}

function firstTear(ordered: readonly Part[], key: PartitionKey): readonly [Part, Part] | null {
  const collations = collationsOf(key);
  for (const [index, part] of ordered.entries()) {
    const next = ordered[index + 1];
    if (next !== undefined && comparePoints(part.entry.upper, next.entry.lower, collations) !== 0) return [part, next];
  }
  return null;
}
