/** The catalog as outsiders are told it: tables with key and bound in PostgreSQL's spelling, and what partitions cover. */

import { type Catalog, parentOf, relationById } from "../catalog/catalog.ts";
import { type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { layoutOf, schemeOf } from "../catalog/layout.ts";
import type { Scheme } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { rangesOf, type Shards, shardCountOf } from "../catalog/shards.ts";
import { formatType } from "../catalog/values/types.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { boundText, fullName, gapsBetween, keyText, quotedPointText } from "./spelling.ts";

export interface CatalogAnswer {
  readonly relations: readonly CatalogRelation[];
  readonly coverage: readonly CatalogCoverage[];
}

export interface CatalogRelation {
  readonly name: string;
  readonly kind: "table" | "partitioned-table" | "foreign-table";
  readonly scheme: Scheme;
  readonly parent: string | null;
  readonly key: string | null;
  readonly bound: string | null;
  readonly columns: readonly { readonly name: string; readonly type: string; readonly notNull: boolean }[];
  readonly checks: readonly { readonly name: string; readonly definition: string }[];
  /** What Citus makes of it; absent on tables that Citus does not know. */
  readonly shards?: CatalogShards | undefined;
}

/** `colocation` is equal for tables whose shards lie together, 0 for none; `ranges` ascending, `[null, null]` without a key. */
export interface CatalogShards {
  readonly column: string | null;
  readonly count: number;
  readonly colocation: number;
  readonly ranges: readonly (readonly [min: number | null, max: number | null])[];
  readonly kind: Shards["kind"];
}

export interface CatalogCoverage {
  readonly relation: string;
  readonly gaps: readonly { readonly from: string; readonly to: string }[];
  readonly overlaps: readonly { readonly from: string; readonly to: string; readonly partitions: readonly string[] }[];
  readonly missingRemainders: readonly { readonly modulus: number; readonly remainder: number }[];
  readonly hasDefault: boolean;
}

/** Tables in order of creation, also those that statements only refer to; without views, indexes and sequences. */
export function catalogAnswer(catalog: Catalog): CatalogAnswer {
  return atOnce(catalogAnswerInTurns(catalog));
}

/** The same, pausing after some tables and gaps. */
export function* catalogAnswerInTurns(catalog: Catalog): Turns<CatalogAnswer> {
  const relations: CatalogRelation[] = [];
  const coverage: CatalogCoverage[] = [];
  let seen = 0;
  for (const relation of catalog.relations.values()) {
    if (seen++ % toldBetweenPauses === 0) yield;
    const { kind } = relation;
    if (kind !== "table" && kind !== "partitioned-table" && kind !== "foreign-table") continue;
    relations.push(describeRelation(catalog, relation, kind));
    const covered = yield* describeCoverage(catalog, relation);
    if (covered !== null) coverage.push(covered);
  }
  return { relations, coverage };
}

/** To tell one takes less time than to pause. */
const toldBetweenPauses = 64;

function describeRelation(catalog: Catalog, relation: Relation, kind: CatalogRelation["kind"]): CatalogRelation {
  const parent = parentOf(catalog, relation);
  return {
    name: fullName(relation),
    kind,
    scheme: schemeOf(catalog, relation),
    parent: parent === null ? null : fullName(parent),
    key: keyText(relation),
    bound: boundText(catalog, relation),
    columns: relation.columns.map(({ name, type, notNull }) => ({ name, type: formatType(type), notNull })),
    checks: relation.constraints
      .filter(({ type }) => type === "check")
      .map(({ name, text }) => ({ name, definition: `CHECK (${text})` })),
    ...(relation.shards === undefined ? {} : { shards: describeShards(catalog, relation.shards) }),
  };
}

function describeShards(catalog: Catalog, shards: Shards): CatalogShards {
  const { column, colocation, kind } = shards;
  const count = shardCountOf(catalog.sharded, shards);
  const whole = count === 0 ? [] : [[null, null] as const];
  return { column, count, colocation, ranges: rangesOf(catalog.sharded, shards) ?? whole, kind };
}

function* describeCoverage(catalog: Catalog, relation: Relation): Turns<CatalogCoverage | null> {
  const coverage = coverageOf(relation);
  const key = layoutOf(relation)?.key;
  if (coverage === null || key === undefined) return null;
  const ends = (part: Pick<CoverageGap, "lower" | "upper">) => ({
    from: quotedPointText(part.lower, key, catalog.settings),
    to: quotedPointText(part.upper, key, catalog.settings),
  });
  const gaps: ReturnType<typeof ends>[] = [];
  for (const gap of gapsBetween(relation, coverage)) {
    gaps.push(ends(gap));
    if (gaps.length % toldBetweenPauses === 0) yield;
  }
  return {
    relation: fullName(relation),
    gaps,
    overlaps: coverage.overlaps.map((overlap) => ({
      ...ends(overlap),
      partitions: [overlap.first, overlap.second]
        .map((id) => relationById(catalog, id))
        .filter((partition) => partition !== null)
        .map(fullName),
    })),
    missingRemainders: coverage.missingRemainders,
    hasDefault: coverage.hasDefault,
  };
}
