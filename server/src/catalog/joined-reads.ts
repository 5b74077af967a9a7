/** What several statements looked at, as one: to be held against a difference once for all of them. */

import { eachOnce, everything, type Members, type Reads, type Slot } from "./access.ts";
import type { MemberQuestion } from "./member-questions.ts";
import { collationsOf, comparePoints, mayMeet } from "./partition-set.ts";
import type { Bound, PartitionKey, RangeDatum } from "./partitioning.ts";

/** A place of a partition that has come or gone. */
export interface MovedPlace {
  readonly bound: Bound;
  readonly aside: boolean;
}

/** Reads that hold all of others. */
export interface JoinedReads extends Reads {
  /** Whether the slot may be among them: to search for it takes a look at many places in memory. */
  readonly perhaps: (slot: Slot) => boolean;
  /** What was asked of the partitions of each table. */
  readonly asked: ReadonlyMap<Members, AskedOfTable>;
}

/** What was asked of the partitions of one table, with the ranges for which there must be room as one. */
interface AskedOfTable {
  readonly all: boolean;
  /** From the lowest point to the highest of all ranges asked for, by the key that they are of. */
  readonly ranges: readonly AskedStretch[];
  readonly others: readonly MemberQuestion[];
}

type AskedStretch = readonly [key: PartitionKey, stretch: Stretch];

interface Stretch {
  lowest: readonly RangeDatum[];
  highest: readonly RangeDatum[];
  /** The highest point at which one of them begins. */
  lastBegin: readonly RangeDatum[];
}

/** More questions are not told apart: then everything counts as looked at. */
const mostQuestions = 4096;

/** What all of them looked at together. */
export function joinedReads(all: readonly Reads[]): JoinedReads {
  let [whole, sizes, from, count] = [0, 0, Number.POSITIVE_INFINITY, 0];
  const questions: MemberQuestion[] = [];
  for (const reads of all) {
    whole |= reads.whole;
    sizes |= reads.sizes;
    from = Math.min(from, reads.from);
    count += reads.slots.length;
    if (questions.length + reads.questions.length > mostQuestions) whole = everything;
    else for (const question of reads.questions as readonly MemberQuestion[]) questions.push(question);
  }
  const slots = new Int32Array(count);
  let at = 0;
  for (const { slots: own } of all) for (let index = 0; index < own.length; index++) slots[at++] = own[index] as Slot;
  const once = eachOnce(slots);
  const bits = bitsOf(once);
  let asked: ReadonlyMap<Members, AskedOfTable> | null = null;
  return {
    ...{ slots: once, whole, sizes, from, questions },
    perhaps: (slot) => isSet(bits, bitOf(slot)),
    get asked() {
      asked ??= askedByTable(questions);
      return asked;
    },
  };
}

/** A few dozen statements look at some hundred slots. Two to the power of thirteen. */
const bitCount = 8192;

function bitOf(slot: Slot): number {
  return Math.imul(slot, 0x9e3779b1) >>> 19;
}

function bitsOf(slots: Int32Array): Uint32Array {
  const bits = new Uint32Array(bitCount / 32);
  for (const slot of slots) {
    const bit = bitOf(slot);
    bits[bit >>> 5] = (bits[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }
  return bits;
}

function isSet(bits: Uint32Array, bit: number): boolean {
  return ((bits[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0;
}

function askedByTable(questions: readonly MemberQuestion[]): ReadonlyMap<Members, AskedOfTable> {
  const byMembers = new Map<Members, MemberQuestion[]>();
  for (const question of questions) {
    const known = byMembers.get(question.members);
    if (known === undefined) byMembers.set(question.members, [question]);
    else known.push(question);
  }
  return new Map([...byMembers].map(([members, of]) => [members, askedOf(of)]));
}

function askedOf(questions: readonly MemberQuestion[]): AskedOfTable {
  const ranges = new Map<PartitionKey, Stretch>();
  const others: MemberQuestion[] = [];
  for (const question of questions) {
    const { about, key } = question;
    if (about === "all") return askedAll;
    if (about === "default" || about.kind !== "range" || key === null) {
      others.push(question);
      continue;
    }
    const known = ranges.get(key);
    const stretch = known ?? { lowest: about.lower, highest: about.lower, lastBegin: about.lower };
    if (known === undefined) ranges.set(key, stretch);
    if (!widen(stretch, about.lower, about.upper, key)) return askedAll;
  }
  return { all: false, ranges: [...ranges], others };
}

const askedAll: AskedOfTable = { all: true, ranges: [], others: [] };

/** Makes the stretch reach over the range, which may end in front of where it begins; false where its place cannot be told. */
function widen(
  stretch: Stretch,
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  key: PartitionKey,
): boolean {
  const collations = collationsOf(key);
  for (const point of [lower, upper]) {
    const low = comparePoints(point, stretch.lowest, collations);
    const high = comparePoints(point, stretch.highest, collations);
    if (low === null || high === null) return false;
    if (low < 0) stretch.lowest = point;
    if (high > 0) stretch.highest = point;
  }
  const begin = comparePoints(lower, stretch.lastBegin, collations);
  if (begin !== null && begin > 0) stretch.lastBegin = lower;
  return begin !== null;
}

/** Whether an answer may be other where a partition of the table has come or gone at the place. */
export function mayAnswerOtherwise({ all, ranges, others }: AskedOfTable, { bound, aside }: MovedPlace): boolean {
  if (all || (aside && (ranges.length > 0 || others.length > 0))) return true;
  // By index: each block of statements is asked for each key.
  for (let index = 0; index < ranges.length; index++) {
    const [key, stretch] = ranges[index] as AskedStretch;
    if (meetsStretch(stretch, bound, key)) return true;
  }
  for (let index = 0; index < others.length; index++) {
    const { about, key } = others[index] as MemberQuestion;
    if (about === "all" || mayMeet(about === "default" ? anyDefault : about, bound, key)) return true;
  }
  return false;
}

/** The place of every default partition. */
export const anyDefault = { kind: "default" } as const;

/** Whether the range may share values with one of those asked for, or begins where one of them begins. */
function meetsStretch({ lowest, highest, lastBegin }: Stretch, bound: Bound, key: PartitionKey): boolean {
  if (bound.kind === "default") return false;
  if (bound.kind !== "range") return true;
  const collations = collationsOf(key);
  const { lower, upper } = bound;
  const isBelow = order(lower, lowest, collations) < 0 && order(upper, lowest, collations) <= 0;
  return !(isBelow || (order(lower, highest, collations) >= 0 && order(lower, lastBegin, collations) > 0));
}

/** NaN where it is not known. */
function order(
  a: readonly RangeDatum[],
  b: readonly RangeDatum[],
  collations: Parameters<typeof comparePoints>[2],
): number {
  return comparePoints(a, b, collations) ?? Number.NaN;
}
