/** Where a new session begins: at the start of the next file, and where psql's `\connect` opens one. */

import { type Catalog, emptyCatalog } from "../catalog/catalog.ts";
import { applied, type Outcome } from "../effects/outcome.ts";
import { withoutTemporary } from "../effects/relations/temporary.ts";
import { afterRunning } from "../effects/running/apply-running.ts";
import { whatRunsAtLogin } from "../effects/running/what-runs.ts";
import type { Connect } from "../syntax/statement.ts";
import type { Session } from "./transaction.ts";

/** What a session leaves to the next one: an open transaction is rolled back, settings and temporary relations are gone. */
export function endOfSession(start: Catalog, after: Catalog, session: Session): Catalog {
  const committed = session.kind === "autocommit" ? after : { ...session.beginning, nextId: after.nextId };
  if (committed === start) return start;
  return {
    ...withoutTemporary(committed, start.nextId),
    settings: start.settings,
    prepared: start.prepared,
    pending: undefined,
  };
}

/** A session of the same database as `\connect` leaves it, or of another one, of which nothing is known. */
export function connect({ elsewhere }: Connect, catalog: Catalog, session: Session, start: Catalog): Outcome {
  if (elsewhere === null) {
    const next = endOfSession(start, catalog, session);
    return applied(afterRunning(next, whatRunsAtLogin(next)));
  }
  const other = emptyCatalog({ complete: false, timeZone: start.settings.timeZone });
  const { nextId } = catalog;
  return applied({ ...other, settings: start.settings, nextId }, `what \\connect leads to is not known: ${elsewhere}`);
}
