/** Which of a plan's scans belong to which mention, where a statement mentions one table several times. */

import type { RelationId } from "../catalog/relation.ts";
import type { PlannedScan } from "./plan.ts";
import type { TableMention } from "./query-level.ts";

/** A mention with the leaves that it may scan, and what is predicted of it. */
export interface MentionLeaves {
  readonly mention: TableMention;
  readonly leaves: readonly RelationId[];
  /** Never too few; null where they are not known. */
  readonly predicted: ReadonlySet<RelationId> | null;
}

export type ScansByLeaf = ReadonlyMap<RelationId, readonly PlannedScan[]>;

export interface OwnScans {
  readonly scans: ScansByLeaf;
  /** Whether they may be those of another mention of the same table. */
  readonly shared: boolean;
}

/** One for each mention; `scanned` are all scans of the plan. */
export function mentionScans(
  mentions: readonly MentionLeaves[],
  scanned: ScansByLeaf,
  serverVersion: number,
): readonly OwnScans[] {
  const found = new Map<MentionLeaves, OwnScans>();
  for (const mention of mentions) {
    if (found.has(mention)) continue;
    const others = mentions.filter((other) => other !== mention && shareLeaves(other, mention));
    const group = inseparable(mention, mentions, serverVersion);
    const own =
      others.length === 0
        ? scansOf(group, scanned, () => true)
        : scansOf(group, scanned, belongsToAny(group, serverVersion));
    if (group.length === 1) found.set(mention, { scans: own, shared: false });
    else for (const [twin, scans] of toldApart(group, own)) found.set(twin, scans);
  }
  return mentions.map((mention) => found.get(mention) ?? { scans: new Map(), shared: false });
}

/** Whether a scan has an alias that the plan may have given for this one: the alias itself, or `t_12` for `t`. */
export function belongsTo(scan: PlannedScan, alias: string): boolean {
  return scan.alias === alias || (scan.alias !== null && isNumbered(scan.alias, alias));
}

function isNumbered(name: string, alias: string): boolean {
  return name.startsWith(`${alias}_`) && /^\d+$/.test(name.slice(alias.length + 1));
}

function shareLeaves(a: MentionLeaves, b: MentionLeaves): boolean {
  if (a.mention.relation.id === b.mention.relation.id) return true;
  const leaves = new Set(a.leaves);
  return b.leaves.some((id) => leaves.has(id));
}

/** The mentions that share leaves and aliases with the first, directly or through others. */
function inseparable(
  first: MentionLeaves,
  mentions: readonly MentionLeaves[],
  serverVersion: number,
): readonly MentionLeaves[] {
  const group = [first];
  for (const one of group) {
    for (const other of mentions)
      if (!group.includes(other) && shareLeaves(one, other) && !areSeparable(one, other, serverVersion))
        group.push(other);
  }
  return group;
}

/** Before 13 the alias of a leaf is its own name, which tells nothing. */
function areSeparable({ mention: a }: MentionLeaves, { mention: b }: MentionLeaves, serverVersion: number): boolean {
  return (
    serverVersion >= 130_000 && a.alias !== b.alias && !isNumbered(a.alias, b.alias) && !isNumbered(b.alias, a.alias)
  );
}

function belongsToAny(group: readonly MentionLeaves[], serverVersion: number): (scan: PlannedScan) => boolean {
  return (scan) => serverVersion < 130_000 || group.some(({ mention }) => belongsTo(scan, mention.alias));
}

function scansOf(
  group: readonly MentionLeaves[],
  scanned: ScansByLeaf,
  isOwn: (scan: PlannedScan) => boolean,
): ScansByLeaf {
  const leaves = new Set(group.flatMap((one) => one.leaves));
  const own = [...leaves].map((id) => [id, (scanned.get(id) ?? []).filter(isOwn)] as const);
  return new Map(own.filter(([, scans]) => scans.length > 0));
}

/** Scans of leaves that belong together: those of one Append are of one mention. */
interface Block {
  readonly scans: ScansByLeaf;
}

/** Of more ways to divide the scans not all are tried. */
const mostAssignments = 1_000;

/** Which scans are whose can often be told from what each Append holds, and from what is predicted. */
function toldApart(group: readonly MentionLeaves[], own: ScansByLeaf): readonly (readonly [MentionLeaves, OwnScans])[] {
  const blocks = blocksOf(own);
  const ways = blocks === null ? [] : assignments(group, blocks);
  const predicted = isPredicted(group, own);
  const [first] = predicted ? ways.filter((way) => isAsPredicted(way, group)) : ways;
  if (first !== undefined && (predicted || ways.every((way) => saysTheSame(way, first))))
    return group.map((mention, index) => [mention, { scans: first[index] ?? new Map(), shared: false }]);
  if (!predicted) return group.map((mention) => [mention, { scans: ofLeaves(own, mention.leaves), shared: true }]);
  return group.map((mention) => [mention, { scans: ofLeaves(own, [...(mention.predicted ?? [])]), shared: false }]);
}

/** null where one Append holds a leaf twice: UNION ALL has made one of several. */
function blocksOf(own: ScansByLeaf): readonly Block[] | null {
  const byAppend = new Map<number, Map<RelationId, PlannedScan[]>>();
  const blocks: Block[] = [];
  for (const [leaf, scans] of own) {
    for (const scan of scans) {
      if (scan.append === null) {
        blocks.push({ scans: new Map([[leaf, [scan]]]) });
        continue;
      }
      const block = byAppend.get(scan.append) ?? new Map<RelationId, PlannedScan[]>();
      if (block.has(leaf)) return null;
      byAppend.set(scan.append, block.set(leaf, [scan]));
    }
  }
  return [...blocks, ...[...byAppend.values()].map((scans) => ({ scans }))];
}

type Assignment = readonly ScansByLeaf[];

/** All ways to give the blocks to mentions that may scan them, none a leaf twice; none where there are too many. */
function assignments(group: readonly MentionLeaves[], blocks: readonly Block[]): readonly Assignment[] {
  let ways: Assignment[] = [group.map(() => new Map())];
  for (const { scans } of blocks) {
    ways = ways.flatMap((way) =>
      group.flatMap(({ leaves, predicted }, index) => {
        const mine = way[index] ?? new Map();
        const mayScan = [...scans.keys()].every(
          (leaf) => leaves.includes(leaf) && predicted?.has(leaf) !== false && !mine.has(leaf),
        );
        return mayScan ? [way.with(index, new Map([...mine, ...scans]))] : [];
      }),
    );
    if (ways.length > mostAssignments) return [];
  }
  return ways;
}

function saysTheSame(a: Assignment, b: Assignment): boolean {
  return a.every((scans, index) => {
    const other = b[index];
    return other !== undefined && scans.size === other.size && [...scans.keys()].every((leaf) => other.has(leaf));
  });
}

function isAsPredicted(way: Assignment, group: readonly MentionLeaves[]): boolean {
  return way.every((scans, index) => scans.size === group[index]?.predicted?.size);
}

/** Whether the plan scans each leaf as often as it is predicted. */
function isPredicted(group: readonly MentionLeaves[], own: ScansByLeaf): boolean {
  const counts = new Map<RelationId, number>();
  for (const { predicted } of group) {
    if (predicted === null) return false;
    for (const leaf of predicted) counts.set(leaf, (counts.get(leaf) ?? 0) + 1);
  }
  return counts.size === own.size && [...counts].every(([leaf, count]) => own.get(leaf)?.length === count);
}

function ofLeaves(own: ScansByLeaf, leaves: readonly RelationId[]): ScansByLeaf {
  return new Map(
    leaves.flatMap((leaf) => [[leaf, own.get(leaf) ?? []] as const]).filter(([, scans]) => scans.length > 0),
  );
}
