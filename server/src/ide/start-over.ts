/** The end of a chain as the start of a file outside it: what the file creates itself is not there yet. */

import type { Catalog } from "../catalog/catalog.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { removalsFrom, withoutCreated } from "./database-world.ts";

/** Beyond this number all are forgotten: they are made again when wanted. */
const mostStarts = 50;

/** Equal questions get the same catalog: the steps of an earlier analysis are kept only if they begin at the same one. */
export function createStartOver(
  reading: Reading,
): (end: Catalog, document: Document, options: ReplayOptions) => Catalog {
  const starts = new WeakMap<Catalog, Map<string, Catalog>>();
  return (end, document, options) => {
    const removals = removalsFrom(end, [document]);
    if (removals === "") return end;
    const known = starts.get(end) ?? new Map<string, Catalog>();
    starts.set(end, known);
    const made = known.get(removals) ?? withoutCreated(end, removals, reading, options);
    if (known.size >= mostStarts) known.clear();
    known.set(removals, made);
    return made;
  };
}
