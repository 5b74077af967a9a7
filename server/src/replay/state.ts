/** Where a replay stands between two statements: the database and its session, and what would be if more had been run. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Client } from "./client.ts";
import { type CatalogSource, keptCatalogOf } from "./later-catalog.ts";
import type { Session } from "./transaction.ts";

/** A database, and the state of the session that a script has with it. No `...` copies it: the catalog may be made only when asked for. */
export interface Standing {
  readonly catalog: Catalog;
  readonly session: Session;
  /** What the catalog is made of when somebody asks for it, where it is made only then. */
  readonly source?: CatalogSource | undefined;
}

export interface ReplayState {
  /** What PostgreSQL has, for all that is known. */
  readonly real: Standing;
  /**
   * What it would have if it had run what it does not: statements swallowed by an error above them, those that are never sent.
   * Hints may rest on it, errors may not. null where the last statement was run.
   */
  readonly imagined: Imagined | null;
  readonly client: Client;
}

export interface Imagined extends Standing {
  /** Whether it is an error that keeps the statements from being run, and not the script itself that leaves them out. */
  readonly afterError: boolean;
}

/** What the next statement seems to meet. */
export function seeming({ real, imagined }: ReplayState): Standing {
  return imagined ?? real;
}

/** false where one of them is not known. */
export function sameState(a: ReplayState | null, b: ReplayState | null): boolean {
  if (a === null || b === null) return false;
  if (a === b) return true;
  return a.client === b.client && sameStanding(a.real, b.real) && sameStanding(a.imagined, b.imagined);
}

function sameStanding(a: Standing | null, b: Standing | null): boolean {
  if (a === b) return true;
  if (a === null || b === null || a.session !== b.session) return false;
  // Two that are made when asked for are the same if they are made of the same; to make them would take longer than to go on.
  return a.source === undefined && b.source === undefined ? a.catalog === b.catalog : sourceOf(a) === sourceOf(b);
}

/** The catalog, or what it is made of. */
export function sourceOf(standing: Standing): CatalogSource {
  return standing.source ?? standing.catalog;
}

/** The same standing, whose catalog is the same object whenever it is asked for. */
export function keptStanding(standing: Standing): Standing {
  return standing.source === undefined
    ? standing
    : { session: standing.session, catalog: keptCatalogOf(standing.source) };
}
