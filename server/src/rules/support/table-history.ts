/** What the statements of a file did to one partitioned table: for findings at the end of the script, and their fixes. */

import type { Catalog } from "../../catalog/catalog.ts";
import { comparePoints } from "../../catalog/partition-set.ts";
import type { Bound, PartitionKey, PartitionSet, RangeDatum } from "../../catalog/partitioning.ts";
import { samePartitions } from "../../catalog/patch.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import { catalogsOfRun } from "../../replay/step.ts";
import type { StatementHandle } from "../../syntax/statement-handle.ts";
import type { ScriptContext } from "../rule.ts";
import { placedBound } from "./bounds.ts";
import { placementsOf } from "./placements.ts";
import { placingSteps } from "./script-places.ts";

export interface LostBound {
  readonly refused: boolean;
  readonly bound: Bound;
}

/**
 * The bounds that the file tried to give to partitions of the table, and those of partitions that the table has no more:
 * what is missing at the end was thought of there.
 */
export function lostBounds(context: ScriptContext, table: Relation): readonly LostBound[] {
  const standing = standingBounds(context, table);
  const isLost = (handle: StatementHandle, refused: boolean): boolean => refused || (standing[handle] ?? 0) === 0;
  return placingSteps(context, isLost).flatMap((step) => {
    const refused = step.rejection !== null;
    return placementsOf(step.statement.statement).flatMap((placement) => {
      const placed =
        placement.parent.name === table.name ? placedBound({ step, options: context.options }, placement) : null;
      return placed?.parent.id === table.id ? [{ refused, bound: placed.bound }] : [];
    });
  });
}

/** What was told of the last version of a table that was asked about. */
interface Standing {
  readonly file: string;
  // Statements remember of which table's partitions they asked, for longer than anybody needs that version of it.
  readonly relations: WeakRef<Catalog["relations"]>;
  readonly all: WeakRef<PartitionSet["all"]>;
  /** How many partitions have their bounds of each statement, by its handle: these are asked for one by one after each edit. */
  readonly statements: number[];
}

const standingByMembers = new WeakMap<PartitionSet["members"], Standing>();

/** More partitions that are other than before are not looked at one by one. */
const mostOthers = 256;

/** The statements of the file that give the table's partitions their bounds. Another version of a table costs what is other in it. */
function standingBounds({ final: { relations }, file }: ScriptContext, { partitioning }: Relation): readonly number[] {
  if (partitioning === null) return [];
  const { members, all } = partitioning.partitions;
  const last = lastStanding(members, file);
  const others = last === null ? null : relations.differences(last.relations, mostOthers);
  const moved = last === null || others === null ? null : all.differences(last.all, mostOthers);
  const isKnown = last !== null && others !== null && moved !== null;
  const statements = isKnown ? last.statements : [];
  const count = (relation: Relation | undefined, by: number): void => {
    const origin = relation?.partitionOf?.origin;
    if (origin?.kind !== "statement" || origin.file !== file) return;
    while (statements.length <= origin.statement) statements.push(0);
    statements[origin.statement] = (statements[origin.statement] ?? 0) + by;
  };
  for (const id of isKnown ? new Set([...others, ...moved]) : all.keys()) {
    if (isKnown && last.all.has(id)) count(last.relations.get(id), -1);
    if (all.has(id)) count(relations.get(id), 1);
  }
  standingByMembers.set(members, { file, relations: new WeakRef(relations), all: new WeakRef(all), statements });
  return statements;
}

function lastStanding(
  members: PartitionSet["members"],
  file: string,
): (Pick<Catalog, "relations"> & Pick<PartitionSet, "all"> & Pick<Standing, "statements">) | null {
  const known = standingByMembers.get(members);
  if (known === undefined || known.file !== file) return null;
  const [relations, all] = [known.relations.deref(), known.all.deref()];
  return relations === undefined || all === undefined ? null : { relations, all, statements: known.statements };
}

/** The last statement that changed the table's partitions: behind it the catalog is as at the end. */
export function lastChange(context: ScriptContext, table: RelationId): StatementHandle | null {
  const last = context.steps.findLast((step) => {
    const { before, after } = catalogsOfRun(step);
    return before !== after && !samePartitions(before, after, table);
  });
  return last?.handle ?? null;
}

/** Names that statements of the file would give to tables, were they not refused: no fix may take them. */
export function refusedNames({ stepsOf }: ScriptContext): Set<string> {
  return new Set(
    stepsOf("create-table", (_, isRefused) => isRefused).flatMap(({ statement: { statement } }) =>
      statement.kind === "create-table" ? [statement.name.name] : [],
    ),
  );
}

/** Whether two ranges of one key share values; true where it cannot be told. */
export function rangesMeet(
  a: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  b: { readonly lower: readonly RangeDatum[]; readonly upper: readonly RangeDatum[] },
  key: PartitionKey,
): boolean {
  const collations = key.elements.map(({ collation }) => collation);
  const [ab, ba] = [comparePoints(a.lower, b.upper, collations), comparePoints(b.lower, a.upper, collations)];
  return (ab ?? -1) < 0 && (ba ?? -1) < 0;
}
