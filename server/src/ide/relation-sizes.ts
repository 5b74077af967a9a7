/** Rows and size of relations as a connected database last counted them, and how people read them. */

import type { Catalog } from "../catalog/catalog.ts";
import { partsOf } from "../catalog/layout.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";

export interface RelationSize {
  /** As VACUUM or ANALYZE last counted; null where neither has been there, and of a whole where some part is not counted. */
  readonly rows: number | null;
  /** Of the table itself, without its indexes. */
  readonly bytes: number;
}

/** Of one relation alone, without its parts; null where no database tells it. */
export type SizeOf = (relation: Pick<Relation, "schema" | "name">) => RelationSize | null;

export const sizesUnknown: SizeOf = () => null;

/** The sizes that a list tells: one object for one reading, which what is derived from it is kept with. */
export function sizesFrom(list: Iterable<{ readonly schema: string; readonly name: string } & RelationSize>): SizeOf {
  const sizes = new Map<string, RelationSize>();
  for (const { schema, name, rows, bytes } of list) sizes.set(keyOf(schema, name), { rows, bytes });
  return ({ schema, name }) => sizes.get(keyOf(schema, name)) ?? null;
}

/** Of a relation with all that is below it; null where nothing is told of any of it. */
export function sizeWithParts(catalog: Catalog, relation: Relation, sizeOf: SizeOf): RelationSize | null {
  if (sizeOf === sizesUnknown) return null;
  const kept = sums.get(sizeOf) ?? new WeakMap<Catalog, Map<RelationId, RelationSize | null>>();
  sums.set(sizeOf, kept);
  const known = kept.get(catalog) ?? new Map<RelationId, RelationSize | null>();
  kept.set(catalog, known);
  return summed(catalog, relation, sizeOf, known, 0);
}

/** What has been summed up, for as long as catalog and sizes are the same. */
const sums = new WeakMap<SizeOf, WeakMap<Catalog, Map<RelationId, RelationSize | null>>>();

/** PostgreSQL lets partitions lie in one another as deep as anybody likes; nobody does deeper than this. */
const deepest = 50;

function summed(
  catalog: Catalog,
  relation: Relation,
  sizeOf: SizeOf,
  known: Map<RelationId, RelationSize | null>,
  depth: number,
): RelationSize | null {
  const before = known.get(relation.id);
  if (before !== undefined) return before;
  const parts = depth < deepest ? partsOf(catalog, relation) : [];
  let sum = sizeOf(relation);
  for (const part of parts) {
    const size = summed(catalog, part, sizeOf, known, depth + 1);
    if (size !== null) sum = sum === null ? size : sumOf([sum, size]);
  }
  known.set(relation.id, sum);
  return sum;
}

/** Of several relations together. */
export function sumOf(sizes: readonly RelationSize[]): RelationSize {
  let rows: number | null = 0;
  let bytes = 0;
  for (const size of sizes) {
    rows = rows === null || size.rows === null ? null : rows + size.rows;
    bytes += size.bytes;
  }
  return { rows, bytes };
}

/** `≈ 1.2 M rows · 38 GB`, `not analysed · 8 kB`: what is counted now and then is never exact. */
export function sizeWords({ rows, bytes }: RelationSize): string {
  return `${rows === null ? "not analysed" : rowWords(rows)} · ${byteWords(bytes)}`;
}

/** `≈ 1.2 M rows` */
export function rowWords(rows: number): string {
  const [number, unit] = scaled(rows, 1_000, ["", " k", " M", " G", " T"]);
  return `≈ ${number}${unit} ${rows === 1 ? "row" : "rows"}`;
}

/** `1.2 GB`, in the units of `pg_size_pretty`, which are powers of 1024. */
export function byteWords(bytes: number): string {
  const [number, unit] = scaled(bytes, 1_024, [" bytes", " kB", " MB", " GB", " TB", " PB"]);
  return `${number}${unit}`;
}

/** Two digits at least where the unit is not the smallest: `1.2`, `38`, `999`. */
function scaled(amount: number, base: number, units: readonly string[]): readonly [number: string, unit: string] {
  let scaledAmount = Math.max(0, amount);
  let at = 0;
  // What would be rounded up to the base is one of the next unit.
  while (at < units.length - 1 && Math.round(scaledAmount) >= base) {
    scaledAmount /= base;
    at++;
  }
  const precise =
    at > 0 && scaledAmount < 9.95 ? scaledAmount.toFixed(1).replace(/\.0$/, "") : `${Math.round(scaledAmount)}`;
  return [precise, units[at] ?? ""];
}

function keyOf(schema: string, name: string): string {
  return JSON.stringify([schema, name]);
}
