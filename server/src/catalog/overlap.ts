/** What inheritance children share: values that the CHECK constraints of two of them allow. */

import { noteEntry, spaces } from "./access.ts";
import type { CheckedBound, CheckedChild, CheckedRange } from "./child-parts.ts";
import { layoutOf } from "./layout.ts";
import { collationsOf, comparePoints } from "./partition-set.ts";
import type { KeyElement, RangeDatum, RangeEntry } from "./partitioning.ts";
import type { Relation, RelationId } from "./relation.ts";

/** Two parts that both take some values of the key. */
export interface Overlap {
  readonly first: RelationId;
  readonly second: RelationId;
  /** The values that they share, from `lower` up to but not including `upper`; without ends for remainders. */
  readonly lower: readonly RangeDatum[];
  readonly upper: readonly RangeDatum[];
  /** Whether a row can fit both: what their CHECKs say of other columns does not tell them apart. */
  readonly certain: boolean;
}

/** Remainders are compared one by one, up to so many of them. */
const mostRemainders = 512;

/** Ranges of two children, as long lists give many, are compared one by one up to so many times; else they share nothing for sure. */
const mostComparisons = 10_000;

/**
 * The children that share values of the key with one below them, each once, in the order of their lower ends. Constraints
 * that hold for all on the same side (`amount > 0`) were never meant to tell children apart, and are none. Kept with the
 * relation.
 */
export function overlapsOf(relation: Relation): readonly Overlap[] {
  noteEntry(spaces.children, relation.id);
  if (relation.childLayout === undefined) return [];
  const known = overlaps.get(relation) ?? [...findOverlaps(relation)];
  overlaps.set(relation, known);
  return known;
}

const overlaps = new WeakMap<Relation, readonly Overlap[]>();

function* findOverlaps(relation: Relation): Generator<Overlap> {
  const layout = layoutOf(relation);
  const [element] = layout?.key.elements ?? [];
  if (layout === null || element?.column == null || relation.childLayout === undefined) return;
  const { children } = relation.childLayout;
  const describe = (first: RelationId, second: RelationId, shared: Pick<Overlap, "lower" | "upper">): Overlap => ({
    first,
    second,
    ...shared,
    certain: fitBoth(children.get(first), children.get(second), element),
  });
  const collations = collationsOf(layout.key);
  const pairs = [...sharingPairs([...layout.partitions.ranges.values()], collations)];
  const reported = new Set<RelationId>();
  for (const { below, above, shares, upper } of pairs) {
    if (!shares || reported.has(above.partition)) continue;
    if (pairs.every((pair) => pair.shares) && isOpenAtSameSide(below, above)) continue;
    reported.add(above.partition);
    yield describe(below.partition, above.partition, { lower: above.lower, upper });
  }
  const remainders = [...layout.partitions.hashes.entries()].slice(0, mostRemainders);
  for (const [index, [[modulus, remainder], second]] of remainders.entries()) {
    const other = remainders.slice(0, index).find(([[otherModulus, otherRemainder]]) => {
      return (remainder - otherRemainder) % greatestCommonDivisor(modulus, otherModulus) === 0;
    });
    const open = { lower: [{ kind: "minvalue" }], upper: [{ kind: "maxvalue" }] } as const;
    if (other !== undefined) yield describe(other[1], second, open);
  }
}

interface Pair {
  readonly below: RangeEntry;
  readonly above: RangeEntry;
  readonly shares: boolean;
  readonly upper: readonly RangeDatum[];
}

/** Each range with the one of another child below it that reaches furthest; pairs whose order cannot be told are left out. */
function* sharingPairs(entries: readonly RangeEntry[], collations: ReturnType<typeof collationsOf>): Generator<Pair> {
  let reach: RangeEntry | null = null;
  for (const entry of entries) {
    const below: RangeEntry | null = reach;
    if (below !== null && below.partition !== entry.partition) {
      const order = comparePoints(below.upper, entry.lower, collations);
      const end = comparePoints(below.upper, entry.upper, collations);
      if (order !== null)
        yield { below, above: entry, shares: order > 0, upper: (end ?? 0) < 0 ? below.upper : entry.upper };
    }
    const further: number | null = below === null ? 1 : comparePoints(entry.upper, below.upper, collations);
    if (further !== null && further > 0) reach = entry;
  }
}

function isOpenAtSameSide(a: RangeEntry, b: RangeEntry): boolean {
  const lower = a.lower[0]?.kind === "minvalue" && b.lower[0]?.kind === "minvalue";
  return lower || (a.upper[0]?.kind === "maxvalue" && b.upper[0]?.kind === "maxvalue");
}

/** Whether nothing that the CHECKs say of other columns keeps a row from fitting both. */
function fitBoth(a: CheckedChild | undefined, b: CheckedChild | undefined, key: KeyElement): boolean {
  if (a?.exact !== true || b?.exact !== true) return false;
  for (const [name, bound] of a.columns) {
    const other = name === key.column ? undefined : b.columns.get(name);
    // How texts of another column are ordered does not matter where they are the same.
    if (other !== undefined && !shareValues(bound, other)) return false;
  }
  return true;
}

/** Whether two bounds of a column share a value for sure. */
function shareValues({ entries: a }: CheckedBound, { entries: b }: CheckedBound): boolean {
  if (a === null || b === null || "modulus" in a || "modulus" in b) return false;
  if (a.length * b.length > mostComparisons) return false;
  return a.some((one) => b.some((other) => holdsStart(one, other) || holdsStart(other, one)));
}

/** Whether the first range holds the beginning of the second. */
function holdsStart(range: CheckedRange, { lower }: CheckedRange): boolean {
  const begins = comparePoints([range.lower], [lower], [null]);
  const ends = comparePoints([lower], [range.upper], [null]);
  return begins !== null && ends !== null && begins <= 0 && ends < 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
