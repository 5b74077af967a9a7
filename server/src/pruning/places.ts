/** Sets of places in the table of a partition set's bounds: what one search leaves, and what several leave together. */

import type { PartitionKey, PartitionSet } from "../catalog/partitioning.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { ValueContext } from "../catalog/values/result.ts";
import type { BoundTable } from "./bound-table.ts";

/** Whether something is to be scanned; `maybe` where that depends on an order that we do not know. */
export type Scan = typeof no | typeof yes | typeof maybe;
export const no = 0;
export const yes = 1;
export const maybe = 2;

/** Places in a bound table, and the two partitions that have no place there. */
export interface Places {
  /** A `Scan` for each place. */
  readonly offsets: Uint8Array;
  /** Where nothing is scanned before the first place and behind the last: of many searches most find one place. */
  readonly span?: { readonly first: number; readonly last: number } | undefined;
  readonly scanDefault: Scan;
  readonly scanNull: boolean;
}

export interface PartitionedTable {
  readonly key: PartitionKey;
  readonly set: PartitionSet;
  readonly table: BoundTable;
  readonly hasDefault: boolean;
  /** The list partition that takes NULL, also where it is kept aside. */
  readonly nullPartition: RelationId | null;
  readonly size: number;
  readonly context: ValueContext;
}

export function nowhere(rel: PartitionedTable): Places {
  return { offsets: new Uint8Array(rel.size), scanDefault: no, scanNull: false };
}

export function everywhere(rel: PartitionedTable): Places {
  const scanDefault = rel.hasDefault && rel.key.strategy !== "hash" ? yes : no;
  return { offsets: new Uint8Array(rel.size).fill(yes), scanDefault, scanNull: rel.nullPartition !== null };
}

/** What one or more searches find together; costs the places that each of them has found. */
export function union(rel: PartitionedTable, all: readonly Places[]): Places {
  const offsets = new Uint8Array(rel.size);
  let scanDefault: Scan = no;
  let scanNull = false;
  for (const places of all) {
    const { first, last } = places.span ?? { first: 0, last: rel.size - 1 };
    for (let at = first; at <= last; at++) offsets[at] = either(offsets[at] as Scan, places.offsets[at] as Scan);
    scanDefault = either(scanDefault, places.scanDefault);
    scanNull ||= places.scanNull;
  }
  return { offsets, scanDefault, scanNull };
}

function either(x: Scan, y: Scan): Scan {
  return x === yes || y === yes ? yes : x === maybe || y === maybe ? maybe : no;
}

/** As much as that is one search in the table. */
export function itemsOfSearch({ table, size }: PartitionedTable): number {
  return table.strategy === "range" || table.strategy === "hash" ? size >> 10 : size >> 4;
}

export function intersection(a: Places, b: Places): Places {
  const both = (x: Scan, y: Scan): Scan => (x === no || y === no ? no : x === yes && y === yes ? yes : maybe);
  return {
    offsets: a.offsets.map((scan, index) => both(scan as Scan, (b.offsets[index] ?? no) as Scan)),
    scanDefault: both(a.scanDefault, b.scanDefault),
    scanNull: a.scanNull && b.scanNull,
  };
}

/** The places from one to another. */
export function filled(rel: PartitionedTable, from: number, to: number): Pick<Places, "offsets" | "span"> {
  const offsets = new Uint8Array(rel.size);
  return {
    offsets: from <= to ? offsets.fill(yes, from, to + 1) : offsets,
    span: { first: from, last: Math.min(to, rel.size - 1) },
  };
}
