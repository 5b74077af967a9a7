/** From the relations that a plan scans to the surviving leaves of each table that the statement mentions. */

import { type Catalog, findRelation } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import { leavesOf } from "./leaves.ts";
import type { PlannedScan, PlanReading } from "./plan.ts";
import type { TableMention } from "./query-level.ts";

export interface MentionSurvivors {
  readonly mention: TableMention;
  /** The leaves that the plan scans for this mention; for all mentions of the table together where `shared`. */
  readonly survivors: readonly RelationId[];
  /** Whether the plan leaves the table out although it found nothing impossible: a join that is not needed. */
  readonly unused: boolean;
  /** Whether the plan does not tell this mention from others of the same table. */
  readonly shared: boolean;
}

/** null where the plan scans, for one of the mentions, a table that the catalog does not have. */
export function survivorsByMention(
  plan: PlanReading,
  mentions: readonly TableMention[],
  catalog: Catalog,
  serverVersion: number,
): readonly MentionSurvivors[] | null {
  const scanned = new Map<RelationId, PlannedScan[]>();
  for (const scan of plan.scans) {
    const relation = scan.schema === null ? null : findRelation(catalog, { schema: scan.schema, name: scan.name });
    if (relation !== null) scanned.set(relation.id, [...(scanned.get(relation.id) ?? []), scan]);
    // Before 13 the alias of a leaf is its own name, which tells nothing.
    else if (serverVersion < 130_000 || mentions.some(({ alias }) => belongsTo(scan, alias))) return null;
  }
  return mentions.map((mention): MentionSurvivors => {
    const leaves = leavesOfMention(catalog, mention);
    const twins = mentions.filter((other) => other !== mention && shareLeaves(catalog, other, mention));
    const separable =
      serverVersion >= 130_000 &&
      twins.every(
        ({ alias }) =>
          alias !== mention.alias && !isNumbered(alias, mention.alias) && !isNumbered(mention.alias, alias),
      );
    const all = leaves.filter(({ id }) => scanned.has(id));
    const own = all.filter(({ id }) => scanned.get(id)?.some((scan) => belongsTo(scan, mention.alias)));
    const survivors = (twins.length > 0 && separable ? own : all).map(({ id }) => id);
    const unused = survivors.length === 0 && !plan.hasEmptyPart && plan.subplansRemoved === 0 && leaves.length > 0;
    return { mention, survivors, unused, shared: twins.length > 0 && !separable };
  });
}

/** For ONLY an inheritance parent by itself; a partitioned table holds no rows itself. */
function leavesOfMention(catalog: Catalog, { relation, only }: TableMention): readonly Relation[] {
  if (!only) return leavesOf(catalog, relation);
  return relation.partitioning === null ? [relation] : [];
}

function shareLeaves(catalog: Catalog, a: TableMention, b: TableMention): boolean {
  if (a.relation.id === b.relation.id) return true;
  const leaves = new Set(leavesOf(catalog, a.relation).map(({ id }) => id));
  return leavesOf(catalog, b.relation).some(({ id }) => leaves.has(id));
}

function belongsTo(scan: PlannedScan, alias: string): boolean {
  return scan.alias === alias || (scan.alias !== null && isNumbered(scan.alias, alias));
}

/** `t_12` for `t`. */
function isNumbered(name: string, alias: string): boolean {
  return name.startsWith(`${alias}_`) && /^\d+$/.test(name.slice(alias.length + 1));
}
