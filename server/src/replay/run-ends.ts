/** What holds where a run begins and where it ends: its transaction, and who sends it. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Client, psql, stoppingClient } from "./client.ts";
import { endOfSession } from "./new-session.ts";
import type { Run } from "./runs.ts";
import { keptStanding, type ReplayState, type Standing } from "./state.ts";
import { autocommit, committed, opened, type Session } from "./transaction.ts";

/** The state in front of a run's first statement. */
export function beginRun(run: Run, catalog: Catalog): ReplayState {
  const session = run.transaction === "block" ? transactionOn(catalog) : autocommit;
  return { real: { catalog, session }, imagined: null, client: clients[run.program] };
}

/** The same behind another run of the file, which `start` stood before; after an error nothing is run any more. */
export function nextRun(run: Run, before: Run, state: ReplayState, start: Catalog): ReplayState {
  if (state.client.stopped?.isFailure === true) return state;
  const { catalog, session } = endOfRun(before, state.real);
  return beginRun(run, endOfSession(start, catalog, session));
}

/** What a run leaves: a transaction that its tool has begun is committed by it. */
export function endOfRun({ transaction }: Run, standing: Standing): Standing {
  // Of what files and runs leave much is known by the very object.
  const kept = keptStanding(standing);
  if (transaction !== "block" && transaction !== "text") return kept;
  return { catalog: committed(kept), session: autocommit };
}

const clients: Readonly<Record<Run["program"], Client>> = {
  psql,
  "psql-stopping": stoppingClient,
  tool: stoppingClient,
};

/** The same session for the same catalog, so that equal states are known to be equal. */
function transactionOn(catalog: Catalog): Session {
  const known = transactions.get(catalog) ?? opened(catalog);
  transactions.set(catalog, known);
  return known;
}

const transactions = new WeakMap<Catalog, Session>();
