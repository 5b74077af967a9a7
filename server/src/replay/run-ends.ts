/** What holds where a run begins and where it ends: its transaction, and who sends it. */

import type { Catalog } from "../catalog/catalog.ts";
import { type Client, psql, stoppingClient } from "./client.ts";
import { endOfSession } from "./new-session.ts";
import type { Run } from "./runs.ts";
import { keptStanding, type ReplayState, type Standing } from "./state.ts";
import { autocommit, committed, opened, type Session } from "./transaction.ts";

/** The state in front of a run's first statement. */
export function beginRun(run: Run, catalog: Catalog): ReplayState {
  // Statements that are sent as one text share one without a BEGIN.
  const begins = run.transaction === "block" || run.transaction === "text";
  const session = begins ? transactionOn(catalog, run.transaction === "text") : autocommit;
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
function transactionOn(catalog: Catalog, implicit: boolean): Session {
  const transactions = implicit ? implicitTransactions : openTransactions;
  const known = transactions.get(catalog) ?? opened(catalog, implicit);
  transactions.set(catalog, known);
  return known;
}

const openTransactions = new WeakMap<Catalog, Session>();
const implicitTransactions = new WeakMap<Catalog, Session>();
