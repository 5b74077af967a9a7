/** Long series of partitions in runs, so that thousands of them stay legible: what the tree and the outline fold alike. */

import type { Catalog } from "../catalog/catalog.ts";
import { placeOf } from "../catalog/layout.ts";
import type { Relation } from "../catalog/relation.ts";
import { shortExtent } from "../catalog/short-bound.ts";
import { titleText } from "../text/foreign-text.ts";
import { shortName } from "./spelling.ts";

/** More parts stand in runs of so many, and more runs in runs of runs. */
export const longestList = 50;

/** The places `[from, to)` in equal runs, of which there are no more than a list may have; each by itself while they are few. */
export function runsWithin(from: number, to: number): readonly (readonly [from: number, to: number])[] {
  let length = 1;
  while (Math.ceil((to - from) / length) > longestList) length *= longestList;
  const runs: (readonly [number, number])[] = [];
  for (let start = from; start < to; start += length) runs.push([start, Math.min(to, start + length)]);
  return runs;
}

/** How a run is called: from where its first range begins to where its last one ends, else by the names of both, as a title. */
export function runLabel(catalog: Catalog, first: Relation, last: Relation): string {
  const [from, to] = [placeOf(catalog, first), placeOf(catalog, last)];
  return from?.bound.kind === "range" && to?.bound.kind === "range"
    ? titleText(shortExtent(from.bound.lower, to.bound.upper, from.layout.key, catalog.settings))
    : namesOfRun(first, last);
}

export function namesOfRun(first: Relation, last: Relation): string {
  return titleText(`${shortName(first)} … ${shortName(last)}`);
}
