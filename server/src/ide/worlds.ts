/** What the first statement of a file finds: nothing, or a connected database without what the files create. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Settings } from "../config.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Document } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { emptyWorld } from "./analysis.ts";
import { databaseStart, removalsFrom, withoutCreated } from "./database-world.ts";

/** `documents` are the file, or all files of its chain. */
export type WorldFor = (settings: Settings, documents: readonly Document[]) => Catalog;

export interface WorldsOptions {
  readonly reading: Reading;
  /** The schema of the connected database; null while there is none. */
  readonly databaseCatalog: () => Catalog | null;
  readonly replayOptions: (settings: Settings) => ReplayOptions;
}

/** Beyond this number all are forgotten: they are made again when wanted. */
const mostWorlds = 100;

/** Equal questions get the same catalog: the steps of an earlier analysis are kept only if they begin at the same one. */
export function createWorlds({ reading, databaseCatalog, replayOptions }: WorldsOptions): WorldFor {
  const worlds = new Map<string, Catalog>();
  let database: Catalog | null = null;

  const remembered = (key: string, make: () => Catalog): Catalog => {
    const known = worlds.get(key);
    if (known !== undefined) return known;
    if (worlds.size >= mostWorlds) worlds.clear();
    const made = make();
    worlds.set(key, made);
    return made;
  };

  return (settings, documents) => {
    const connected = databaseCatalog();
    if (connected !== database) worlds.clear();
    database = connected;
    const key = JSON.stringify([
      settings["schema.complete"],
      settings["schema.searchPath"],
      settings["schema.collation"],
      settings.timeZone,
    ]);
    if (connected === null) return remembered(key, () => emptyWorld(settings));
    const start = remembered(key, () => databaseStart(connected, settings));
    const removals = removalsFrom(start, documents);
    // What neither has does not exist. But where files have made parts of the database, it is further than they are.
    if (removals === "") return remembered(`${key}\n`, () => ({ ...start, complete: true }));
    return remembered(`${key}\n${removals}`, () => withoutCreated(start, removals, reading, replayOptions(settings)));
  };
}
