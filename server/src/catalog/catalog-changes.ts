/** What a statement has changed in a catalog, for whoever keeps that instead of the catalog behind it. */

import type { Catalog } from "./catalog.ts";
import { IdMap, type MapChanges } from "./id-map.ts";
import { NameMap } from "./name-map.ts";

/**
 * Names of a catalog's parts, each followed by how many items there are of it: one is its new value, others are the keys that have
 * changed in a map, each with its value. One array, for there are as many as statements.
 */
export type CatalogChanges = readonly unknown[];

type AnyMap = IdMap<NonNullable<unknown>> | NameMap<NonNullable<unknown>>;

/** More entries of a map are no small change. */
const mostEntries = 16;

/** What is to be changed in the earlier catalog to have the later one, with the very same values in it; null where that is much. */
export function changesSince(earlier: Catalog, later: Catalog): CatalogChanges | null {
  const changes: unknown[] = [];
  for (const name in later) {
    const before = earlier[name as keyof Catalog];
    const after = later[name as keyof Catalog];
    if (before === after) continue;
    const ofMap = changesOfMap(before, after);
    if (ofMap === null) changes.push(name, 1, after);
    else if (ofMap === "many") return null;
    else {
      changes.push(name, ofMap.length);
      for (const item of ofMap) changes.push(item);
    }
  }
  for (const name in earlier) if (!(name in later)) changes.push(name, 1, undefined);
  // No longer than what is in it: an array that has grown has room for as much again.
  return changes.slice();
}

/** What has changed in a map, an even number of items; null where the values are none of one kind. */
function changesOfMap(before: unknown, after: unknown): MapChanges<number | string, unknown> | "many" | null {
  if (before instanceof IdMap && after instanceof IdMap) return after.changesSince(before, mostEntries) ?? "many";
  if (before instanceof NameMap && after instanceof NameMap) return after.changesSince(before, mostEntries) ?? "many";
  return null;
}

/** The catalog in which that is changed. What it makes was there before, so that nothing of it is noted as looked at. */
export function withChanges(catalog: Catalog, changes: CatalogChanges): Catalog {
  const next: Record<string, unknown> = { ...catalog };
  for (let at = 0; at < changes.length; ) {
    const name = changes[at] as string;
    const [first, count] = [at + 2, changes[at + 1] as number];
    at = first + count;
    if (count === 1) next[name] = changes[first];
    else next[name] = withChangedEntries(next[name] as AnyMap, changes.slice(first, at));
  }
  return next as unknown as Catalog;
}

function withChangedEntries(map: AnyMap, entries: readonly unknown[]): AnyMap {
  return map instanceof IdMap
    ? map.withChanges(entries as MapChanges<number, NonNullable<unknown>>)
    : map.withChanges(entries as MapChanges<string, NonNullable<unknown>>);
}
