/** What code that a statement runs leaves of the catalog: nothing is claimed any more of what it may have touched. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { type Outcome, withDeclined } from "../outcome.ts";
import { withoutKnownRows, withUndecidedRows } from "../queries/known-rows.ts";
import { withSettingsInDoubt } from "../relations/settings.ts";
import { taintAll, taintNamed } from "../taint.ts";
import type { Running } from "./closure.ts";

/** Whether the code may change the schema. */
export function mayChange(running: Running | null): running is Running {
  return running !== null && running.reach.kind !== "nothing";
}

/** The catalog after the code has run. `own` are relations whose rows the statement itself has changed, as it is known. */
export function afterRunning(catalog: Catalog, running: Running | null, own: ReadonlySet<number> = new Set()): Catalog {
  if (running === null) return catalog;
  const { reach, rows, anyRows, pending, settings } = running;
  let next = withSettingsInDoubt(catalog, settings);
  if (reach.kind === "anything") next = taintAll(next);
  else {
    if (reach.kind === "named") next = taintNamed(next, reach);
    if (anyRows && next.rowsUnfollowed !== true) next = { ...next, rowsUnfollowed: true };
    for (const id of anyRows ? next.rows.keys() : rows) if (!own.has(id)) next = withChangedRows(next, id);
  }
  return pending.length === 0 ? next : { ...next, pending: [...(next.pending ?? []), ...pending].slice(-mostPending) };
}

const mostPending = 100;

function withChangedRows(catalog: Catalog, id: number): Catalog {
  return relationById(catalog, id) === null ? catalog : withUndecidedRows(withoutKnownRows(catalog, id), id);
}

/** The outcome of a statement with what it runs besides. */
export function outcomeAfter(outcome: Outcome, running: Running | null, own: ReadonlySet<number>): Outcome {
  if (outcome.kind === "rejected" || running === null) return outcome;
  const catalog = afterRunning(outcome.catalog, running, own);
  const declined = running.because === null || running.reach.kind === "nothing" ? [] : [running.because];
  return withDeclined({ ...outcome, catalog, ...(running.raises ? { mayFail: true } : {}) }, declined);
}
