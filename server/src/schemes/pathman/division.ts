/** How pg_pathman divides a table, as its planner sees it: ordered ranges, or remainders of a hash. */

import type { Catalog } from "../../catalog/catalog.ts";
import { parametersOf, pathmanTableOf } from "../../catalog/pathman-config.ts";
import type { Relation, RelationId } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { hash32 } from "../../catalog/values/hash.ts";
import type { PostgresVersion } from "../../effects/outcome.ts";
import { handleAt } from "../../syntax/statement-handle.ts";
import type { ExtensionWork } from "../extension.ts";
import { lacksHashPartition, type PartitionInfo, partitionInfo, type RangePartition } from "./partitions.ts";
import { castTo, compareTyped, type Typed } from "./typed.ts";

export type ComparisonSign = "<" | "<=" | "=" | ">=" | ">";

export interface Division {
  readonly column: string;
  readonly kind: "range" | "hash";
  readonly children: readonly RelationId[];
  /** Whether the parent is read too. */
  readonly readsParent: boolean;
  /** Whether the version is that of the first README. */
  readonly isFirst: boolean;
  /** Those that a comparison of the key with a value leaves; null where it leaves them all, or where that is not known. */
  readonly left: (sign: ComparisonSign, value: Typed) => ReadonlySet<RelationId> | "all" | null;
}

/**
 * `postgres` where pg_pathman leaves the planning to PostgreSQL: the table is not divided, has no children, or a partition whose
 * CHECK it refuses; `unknown` where it plans by what is not read here, such as a key that is an expression.
 */
export function divisionOf(
  catalog: Catalog,
  parent: Relation,
  version: PostgresVersion,
): Division | "postgres" | "unknown" {
  const table = pathmanTableOf(catalog, parent);
  if (table === null || isOff(catalog, "pg_pathman.enable")) return "postgres";
  const eras = table.relation === null ? ["readme"] : ["1.5", "1.3"];
  let planner: "postgres" | "unknown" = "postgres";
  for (const era of eras) {
    const work = readingWork(catalog, era, version);
    const info = attempted(() => (lacksHashPartition(work, parent) ? null : partitionInfo(work, parent)));
    if (typeof info === "object" && info !== null) return divisionBy(work, parent, info);
    if (info === "declined") planner = "unknown";
  }
  return planner;
}

export interface PathmanRange {
  readonly relation: Relation;
  /** null: no end to that side. */
  readonly min: Value | null;
  readonly max: Value | null;
  /** Whether no value lies between. */
  readonly isEmpty: boolean;
}

/** The ranges of a divided table in their order; null where it has none, or where they cannot be read. */
export function pathmanRanges(
  catalog: Catalog,
  parent: Relation,
  version: PostgresVersion,
): readonly PathmanRange[] | null {
  const table = pathmanTableOf(catalog, parent);
  if (table?.type !== "range") return null;
  const eras = table.relation === null ? ["readme"] : ["1.5", "1.3"];
  for (const era of eras) {
    const work = readingWork(catalog, era, version);
    const ranges = attempted(() => {
      const info = partitionInfo(work, parent);
      return info?.kind === "range" ? rangesIn(work, info.ranges) : null;
    });
    if (typeof ranges === "object" && ranges !== null) return ranges;
  }
  return null;
}

function rangesIn(work: ExtensionWork, ranges: readonly RangePartition[]): readonly PathmanRange[] {
  return ranges.map(({ relation, min, max }) => {
    const isEmpty = min !== null && max !== null && compareTyped(work, min, max) >= 0;
    return { relation, min: min?.value ?? null, max: max?.value ?? null, isEmpty };
  });
}

function divisionBy(work: ExtensionWork, parent: Relation, info: PartitionInfo): Division {
  const children = info.kind === "hash" ? info.children : info.ranges.map(({ relation }) => relation);
  const isFirst = work.version === "readme";
  return {
    column: info.key.column,
    kind: info.kind,
    children: children.map(({ id }) => id),
    readsParent: parametersOf(work.catalog, parent.id).enableParent,
    isFirst,
    left: (sign, value) => {
      const left = attempted(() =>
        info.kind === "range" ? rangesLeft(work, info, sign, value) : remainderLeft(work, info, sign, value, isFirst),
      );
      return left === "declined" || left === "refused" ? null : left;
    },
  };
}

/** `select_range_partitions` */
function rangesLeft(
  work: ExtensionWork,
  { ranges }: Extract<PartitionInfo, { kind: "range" }>,
  sign: ComparisonSign,
  value: Typed,
): ReadonlySet<RelationId> {
  const left = new Set<RelationId>();
  for (const { relation, min, max } of ranges) {
    const belowMin = min === null ? 1 : compareTyped(work, value, min);
    const aboveMax = max === null ? -1 : compareTyped(work, value, max);
    const reachesDown = sign === "<" ? belowMin > 0 : sign === ">" || sign === ">=" || belowMin >= 0;
    const reachesUp = sign === "<" || sign === "<=" || aboveMax < 0;
    if (reachesDown && reachesUp) left.add(relation.id);
  }
  return left;
}

/** Of a hash only equality tells anything. */
function remainderLeft(
  work: ExtensionWork,
  { children, key }: Extract<PartitionInfo, { kind: "hash" }>,
  sign: ComparisonSign,
  value: Typed,
  isFirst: boolean,
): ReadonlySet<RelationId> | "all" | null {
  if (sign !== "=") return "all";
  const cast = castTo(work, value, key.type);
  if (isFirst) {
    const count = BigInt(children.length);
    const at = cast.value.family === "integer" && cast.value.value >= 0n ? Number(cast.value.value % count) : -1;
    const child = children[at];
    return child === undefined ? null : new Set([child.id]);
  }
  const hash = hash32(cast.value, cast.type);
  const child = hash === null ? undefined : children[(hash >>> 0) % children.length];
  return child === undefined ? null : new Set([child.id]);
}

/** Whether a setting of pg_pathman's is off in the session. */
export function isOff(catalog: Catalog, setting: string): boolean {
  return /^(?:off|false|no|0)$/i.test(catalog.settings.planner[setting] ?? "on");
}

/** How reading ended before there was an answer: in the words of the extension, or because something is not followed here. */
type EarlyEnd = "refused" | "declined";

class Unreadable extends Error {
  readonly end: EarlyEnd;
  constructor(end: EarlyEnd) {
    super(end);
    this.end = end;
  }
}

function attempted<T>(read: () => T): T | EarlyEnd {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unreadable) return error.end;
    throw error;
  }
}

/** Work that only reads. */
function readingWork(catalog: Catalog, era: string, version: PostgresVersion): ExtensionWork {
  const stop = (): never => {
    throw new Unreadable("declined");
  };
  const refuse = (): never => {
    throw new Unreadable("refused");
  };
  const context = {
    version,
    pathmanVersion: era,
    today: "2000-01-01",
    file: "",
    statement: handleAt(0),
    inTransaction: true,
    inFunction: true,
  };
  return {
    catalog,
    context,
    version: era,
    schema: null,
    isAtomic: true,
    doubt: stop,
    evaluate: stop,
    within: stop,
    execute: stop,
    attempt: stop,
    refuse,
    decline: stop,
  };
}
