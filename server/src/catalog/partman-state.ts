/** Reading and changing what pg_partman 4 keeps besides its configuration, and numbers that stand for times. */

import type { Catalog } from "./catalog.ts";
import { IdMap } from "./id-map.ts";
import type { CustomRange, Partman, PartmanRouter } from "./partman.ts";
import type { RelationId } from "./relation.ts";
import { mapByText } from "./sorted-map.ts";

const none: Partman = { routers: IdMap.empty(), customRanges: mapByText() };

function stateOf(catalog: Catalog): Partman {
  return catalog.partman ?? none;
}

export function withRouter(catalog: Catalog, parent: RelationId, router: PartmanRouter): Catalog {
  const state = stateOf(catalog);
  return { ...catalog, partman: { ...state, routers: state.routers.with(parent, router) } };
}

/** The ranges of a time-custom set, by the names of their tables. */
export function* customRangesOf(catalog: Catalog, parent: string): Generator<CustomRange> {
  for (const [key, range] of stateOf(catalog).customRanges.entries(`${parent} `)) {
    if (!key.startsWith(`${parent} `)) return;
    yield range;
  }
}

/** Whether the set has a range of that table. */
export function hasCustomRange(catalog: Catalog, parent: string, child: string): boolean {
  return stateOf(catalog).customRanges.has(`${parent} ${child}`);
}

export function withCustomRange(catalog: Catalog, parent: string, range: CustomRange): Catalog {
  const state = stateOf(catalog);
  const customRanges = state.customRanges.with(`${parent} ${range.child}`, range, true);
  return { ...catalog, partman: { ...state, customRanges } };
}

export function withoutCustomRange(catalog: Catalog, parent: string, child: string): Catalog {
  if (!hasCustomRange(catalog, parent, child)) return catalog;
  const state = stateOf(catalog);
  return { ...catalog, partman: { ...state, customRanges: state.customRanges.without(`${parent} ${child}`) } };
}

const unixEpoch = 946_684_800n;

/** How many units of an epoch a second has. */
export function unitsOfEpoch(epoch: string): bigint {
  return { milliseconds: 1000n, microseconds: 1_000_000n, nanoseconds: 1_000_000_000n }[epoch] ?? 1n;
}

/** `to_timestamp((column/units)::float)`, in microseconds since 2000: the quotient is a whole number. */
export function instantOfEpoch(value: bigint, epoch: string): bigint {
  return (value / unitsOfEpoch(epoch) - unixEpoch) * 1_000_000n;
}

/** An instant as whole units of an epoch. */
export function epochOfInstant(instant: bigint, epoch: string): bigint {
  const micros = instant + unixEpoch * 1_000_000n;
  // `EXTRACT(epoch …)::bigint` rounds; partitions begin at whole seconds.
  const seconds = micros >= 0n ? (micros + 500_000n) / 1_000_000n : -((-micros + 500_000n) / 1_000_000n);
  return seconds * unitsOfEpoch(epoch);
}
