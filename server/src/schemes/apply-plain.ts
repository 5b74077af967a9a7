/** Plain statements as a server runs them that has extensions: they refuse some, and do more than PostgreSQL after others. */

import type { Catalog } from "../catalog/catalog.ts";
import { applyStatement } from "../effects/apply-statement.ts";
import { type ApplyContext, applied, type Outcome, type Refusal, withDeclined } from "../effects/outcome.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { refusalOf } from "./citus/fault.ts";
import { followStatement } from "./citus/follow-statement.ts";
import { refuseAfterParallel, withParallel } from "./citus/parallel.ts";
import { refuseQuery } from "./citus/refuse-query.ts";
import { refuseStatement } from "./citus/refuse-statement.ts";

/** What the statement does to the catalog, or the refusal of PostgreSQL or an extension. */
export function applyPlain(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Outcome {
  if (context.describes === true || !knowsCitus(catalog, placed)) return applyStatement(catalog, placed, context);
  const refusal = refuseStatement(catalog, placed);
  if (refusal !== null) return refusal;
  const parallel = refuseAfterParallel(catalog, placed.statement);
  const outcome = applyStatement(catalog, placed, context);
  if (outcome.kind === "rejected" && !isOfRows(outcome)) return outcome;
  const whole = { start: 0, end: placed.end - placed.start };
  if (parallel !== null) return refusalOf(parallel, whole);
  const planned = refusePlan(catalog, placed, context);
  if (planned !== null || outcome.kind === "rejected") return planned ?? outcome;
  const change = followStatement(catalog, outcome.catalog, placed);
  if (change.kind === "refused") return refusalOf(change.fault, whole);
  return withDeclined(applied(withParallel(catalog, change.catalog, placed.statement, context)), outcome.declined);
}

/** Whether Citus has a say: where it has divided something, or a setting of its own is set. */
function knowsCitus(catalog: Catalog, { statement }: PlacedStatement): boolean {
  if (catalog.unread?.includes("citus") === true) return false;
  if (catalog.sharded !== undefined || catalog.settings.citus !== undefined) return true;
  return statement.kind === "set" && statement.name.startsWith("citus.");
}

/** Whether it is said only when rows are stored, which is after planning. */
function isOfRows({ rejection }: Refusal): boolean {
  return rejection.sqlstate.startsWith("23");
}

/** The refusal of a query by an extension's planner. */
function refusePlan(catalog: Catalog, placed: PlacedStatement, context: ApplyContext): Refusal | null {
  const { statement } = placed;
  if (statement.kind !== "query" || catalog.sharded === undefined) return null;
  const fault = refuseQuery(catalog, statement.query, context);
  return fault === null ? null : refusalOf(fault, statement.query.range);
}
