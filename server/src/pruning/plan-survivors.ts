/** From the relations that a plan scans to the surviving leaves of each table that the statement mentions. */

import { type Catalog, findRelation, relationById } from "../catalog/catalog.ts";
import type { DataType } from "../catalog/data-type.ts";
import { isPartitioned } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { baseType } from "../catalog/values/types.ts";
import { leavesOf } from "./leaves.ts";
import type { PlannedScan, PlanReading } from "./plan.ts";
import { type PlanKey, pruningValue, type ValueKnown } from "./plan-conditions.ts";
import { belongsTo, mentionScans, type OwnScans } from "./plan-twins.ts";
import type { TableMention } from "./query-level.ts";

/** A mention, and what is predicted of it: what tells it from others of the same table. */
export interface AskedMention {
  readonly mention: TableMention;
  /** Never too few; null where they are not known. */
  readonly predicted: ReadonlySet<RelationId> | null;
}

export interface MentionSurvivors {
  readonly mention: TableMention;
  /** The leaves that the plan scans for this mention; for all mentions of the table together where `shared`. */
  readonly survivors: readonly RelationId[];
  /** Whether the plan leaves the table out although it found nothing impossible: a join that is not needed. */
  readonly unused: boolean;
  /** Whether the plan does not tell this mention from others of the same table. */
  readonly shared: boolean;
  /** When the value is known that the executor prunes by; `planning` where it prunes by none. */
  readonly decided: ValueKnown;
}

/** null where the plan scans, for one of the mentions, a table that the catalog does not have. */
export function survivorsByMention(
  plan: PlanReading,
  asked: readonly AskedMention[],
  catalog: Catalog,
  serverVersion: number,
): readonly MentionSurvivors[] | null {
  const scanned = new Map<RelationId, PlannedScan[]>();
  for (const scan of plan.scans) {
    const relation = scan.schema === null ? null : findRelation(catalog, { schema: scan.schema, name: scan.name });
    if (relation !== null) scanned.set(relation.id, [...(scanned.get(relation.id) ?? []), scan]);
    // Before 13 the alias of a leaf is its own name, which tells nothing.
    else if (serverVersion < 130_000 || asked.some(({ mention }) => belongsTo(scan, mention.alias))) return null;
  }
  const mentions = asked.map((one) => ({ ...one, leaves: leavesOfMention(catalog, one.mention).map(({ id }) => id) }));
  const found = mentionScans(mentions, scanned, serverVersion);
  return mentions.flatMap(({ mention, leaves }, index): MentionSurvivors[] => {
    const own = found[index];
    if (own === undefined) return [];
    const survivors = leaves.filter((id) => own.scans.has(id));
    const unused = survivors.length === 0 && !plan.hasEmptyPart && plan.subplansRemoved === 0 && leaves.length > 0;
    const decided = decidedBy(own, mention.relation, plan, catalog);
    return [{ mention, survivors, unused, shared: own.shared, decided }];
  });
}

/** For ONLY an inheritance parent by itself; a partitioned table holds no rows itself. */
function leavesOfMention(catalog: Catalog, { relation, only }: TableMention): readonly Relation[] {
  if (!only) return leavesOf(catalog, relation);
  return !isPartitioned(relation) ? [relation] : [];
}

/** An Append leaves out what the conditions on its leaves exclude, by the key of any table above them. */
function decidedBy({ scans }: OwnScans, root: Relation, plan: PlanReading, catalog: Catalog): ValueKnown {
  const sizes = new Map<number, number>();
  const held = [...scans].flatMap(([leaf, own]) => own.map((scan) => ({ leaf, scan })));
  for (const { scan } of held) if (scan.append !== null) sizes.set(scan.append, (sizes.get(scan.append) ?? 0) + 1);
  const known = new Set<ValueKnown | null>();
  for (const { leaf, scan } of held) {
    if (scan.append === null || (sizes.get(scan.append) ?? 0) < 2) continue;
    const alias = scan.alias ?? scan.name;
    for (const key of keysAbove(leaf, root, catalog))
      known.add(pruningValue(scan.conditions, alias, key, plan.parameters));
  }
  return known.has("execution") ? "execution" : known.has("executor-start") ? "executor-start" : "planning";
}

function isZoned(type: DataType | null): boolean | null {
  const base = type === null ? null : baseType(type);
  if (base?.kind !== "base") return null;
  return base.name === "timestamptz" ? true : base.name === "date" || base.name === "timestamp" ? false : null;
}

/** The keys of the partitioned tables from the parent of a leaf up to the one that is read. */
function keysAbove(leaf: RelationId, root: Relation, catalog: Catalog): readonly PlanKey[] {
  const keys: PlanKey[] = [];
  let relation = relationById(catalog, leaf);
  while (relation !== null && relation.id !== root.id && relation.partitionOf !== null) {
    relation = relationById(catalog, relation.partitionOf.parent);
    const key = relation?.partitioning?.key;
    if (key === undefined) continue;
    const [elements, zoned] = [key.elements.map(({ text }) => text), key.elements.map(({ type }) => isZoned(type))];
    keys.push({ strategy: key.strategy, elements, zoned });
  }
  return keys;
}
