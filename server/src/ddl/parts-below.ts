/** New partitions that are partitioned themselves: divided as their siblings are, where those are divided alike whatever they hold. */

import { relationById } from "../catalog/catalog.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { freshName } from "../catalog/partition-names.ts";
import type { Bound, PartitionKey } from "../catalog/partitioning.ts";
import { printPartitionKey } from "../catalog/print.ts";
import type { Relation } from "../catalog/relation.ts";
import { spellBound } from "../catalog/written-bound.ts";
import type { Division, Failure, KnownPart, Part } from "./division.ts";
import { type Making, makeTable, type StepContext, step } from "./part-steps.ts";
import type { ScriptStep } from "./script.ts";
import { type WriterContext, writeName } from "./writer.ts";

/** A partition's own partitions, with theirs: what one that is made like it gets. */
export interface PartsBelow {
  readonly key: PartitionKey;
  readonly parts: readonly {
    /** What stands behind the name of the partition above. */
    readonly ending: string;
    readonly bound: Bound;
    readonly below: PartsBelow | null;
  }[];
}

/** PostgreSQL has no limit here; whoever divides deeper makes it by hand. */
const depthLimit = 4;

/**
 * What a new sibling of a partition is divided into; null where the partition is not divided. It cannot be told where the same
 * column divides both, for then each has bounds of its own.
 */
export function partsBelow(
  { relation }: Pick<KnownPart, "relation">,
  { table, key }: Pick<Division, "table" | "key">,
  context: Pick<WriterContext, "catalog">,
  depth = 0,
): PartsBelow | null | Failure {
  const { catalog } = context;
  if (!isPartitioned(relation)) return null;
  const { partitioning } = relation;
  const parent = writeName(catalog, table);
  const { elements } = partitioning.key;
  // What an expression is made of is not looked into: it may read the column that divides the table above.
  const shares =
    [...elements, ...key.elements].some(({ column }) => column === null) ||
    elements.some(({ column }) => key.elements.some((element) => element.column === column));
  if (
    (shares && partitioning.key.strategy !== "hash") ||
    depth >= depthLimit ||
    partitioning.partitions.incomparable.size > 0
  )
    return {
      message: `the partitions of ${parent} are partitioned themselves, each with bounds of its own: create the new one by hand, with the sub-partitions it needs`,
      argument: "table",
    };
  const parts: PartsBelow["parts"][number][] = [];
  for (const id of partitioning.partitions.all.keys()) {
    const part = relationById(catalog, id);
    const bound = part?.partitionOf?.bound;
    if (part === null || bound === undefined) continue;
    const below = partsBelow({ relation: part }, { table: relation, key: partitioning.key }, context, depth + 1);
    if (below !== null && "message" in below) return below;
    const isNamedAfter = part.name.startsWith(relation.name) && part.name.length > relation.name.length;
    const ending = isNamedAfter ? part.name.slice(relation.name.length) : `_${parts.length + 1}`;
    parts.push({ ending, bound, below });
  }
  return { key: partitioning.key, parts };
}

/** The partition with all that is below it, not yet a part of the table: nobody sees it, and so PARTITION OF keeps nobody waiting. */
export function makePartitioned(
  made: Part,
  below: PartsBelow,
  like: Relation,
  context: StepContext,
  making: Making,
): readonly ScriptStep[] {
  const partitionBy = `\n  PARTITION BY ${printPartitionKey(below.key)}`;
  return [...makeTable(made, like, context, { ...making, partitionBy }), ...divided(made, below, new Set(), context)];
}

function divided(
  above: Pick<Relation, "schema" | "name">,
  { key, parts }: PartsBelow,
  taken: Set<string>,
  context: StepContext,
): readonly ScriptStep[] {
  const { catalog } = context;
  return parts.flatMap(({ ending, bound, below }) => {
    const part = { schema: above.schema, name: freshName(catalog, above.schema, `${above.name}${ending}`, taken) };
    taken.add(part.name);
    const by = below === null ? "" : `\n  PARTITION BY ${printPartitionKey(below.key)}`;
    return [
      step(
        `CREATE TABLE ${writeName(catalog, part)} PARTITION OF ${writeName(catalog, above)}\n  ${spellBound(bound, key, catalog.settings)}${by}`,
        [part, "ACCESS EXCLUSIVE"],
      ),
      ...(below === null ? [] : divided(part, below, taken, context)),
    ];
  });
}
