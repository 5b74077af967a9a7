/** The verdict of a planner, a connected or the embedded one: what it is asked, and what of its answer is believed. */

import { type Catalog, effectivePath } from "../catalog/catalog.ts";
import type { RelationId } from "../catalog/relation.ts";
import { readsClock } from "../syntax/clock.ts";
import type { TableReference } from "./conditions.ts";
import { verdictsByShards } from "./distributed-plan.ts";
import { executionSql } from "./execution-sql.ts";
import { leavesOf } from "./leaves.ts";
import { type PlanReading, readPlan } from "./plan.ts";
import { type MentionSurvivors, survivorsByMention } from "./plan-survivors.ts";
import type { PlannedTree, Planner, PlanRequest } from "./planner.ts";
import { readingSql } from "./reading-sql.ts";
import { nameOf, namesOf } from "./relation-names.ts";
import type { PlacedQuery } from "./statement-queries.ts";
import type { RelationVerdict, Verdict } from "./verdict.ts";

/** What our own rules say of one of the tables that a query names. */
export interface Predicted {
  readonly reference: TableReference;
  readonly prediction: { readonly survivors: readonly RelationId[] | null };
  readonly verdict: RelationVerdict;
}

/** What of a request is text; null for EXECUTE where that of the PREPARE is not at hand. */
function textToPlan(
  { query, offset, executed }: PlacedQuery,
  text: string,
): Pick<PlanRequest, "sql" | "readOnlySql" | "execution"> | null {
  if (executed !== undefined) return executionSql(executed.found, executed.statement, text.slice(offset));
  const source = text.slice(offset);
  return { sql: source.slice(query.range.start, query.range.end), readOnlySql: readingSql(query, source) };
}

/**
 * What the planner says of the query's tables, and what was predicted of those about which it says nothing, or is not believed;
 * `problem` tells why. `text` is the text of the statement, `today` the day for which its file is looked at.
 */
export async function askPlanner(
  placed: PlacedQuery,
  text: string,
  predicted: readonly Predicted[],
  catalog: Catalog,
  planner: Planner,
  today: string,
  signal: AbortSignal,
): Promise<Verdict> {
  const own = predicted.map(({ verdict }) => verdict);
  // What could not be read of the files has not been run in the embedded PostgreSQL either.
  const isKnown = ({ mention }: TableReference): boolean =>
    planner.source === "connected" || mention.relation.knowledge === "full";
  const asked = predicted.filter(({ reference, verdict }) => verdict.access !== "insert" && isKnown(reference));
  if (asked.length === 0) return { relations: own, problem: null };
  const { settings } = catalog;
  const statement = textToPlan(placed, text);
  if (statement === null) return { relations: own, problem: null };
  const request: PlanRequest = {
    ...statement,
    searchPath: effectivePath(catalog),
    timeZone: settings.timeZone,
    plannerSettings: {
      ...settings.planner,
      datestyle: `${settings.dateStyle.output}, ${settings.dateStyle.order}`,
      intervalstyle: settings.intervalStyle ?? "postgres",
      ...(settings.transformNullEquals === true ? { transform_null_equals: "on" } : {}),
    },
    roots: asked.map(({ verdict }) => verdict.relation),
    ...(planner.source === "embedded" ? { trees: asked.map(({ reference }) => treeOf(catalog, reference)) } : {}),
    ...(dependsOnClock(statement.sql, asked) ? { today } : {}),
  };
  const answer = await planner.explain(request, signal);
  if (!answer.ok) return { relations: own, problem: answer.problem.message };
  const plan = readPlan(answer.plan);
  if (plan === null) return { relations: own, problem: null };
  // A distributed plan names shards, which are no relations of the catalog.
  if (plan.distributed) {
    const tables = predicted.map(({ reference, verdict }) => ({ table: reference.mention.relation, verdict }));
    return { relations: verdictsByShards(answer.plan, tables, catalog, planner.source), problem: null };
  }
  const mentions = asked.map(({ reference, prediction }) => ({
    mention: reference.mention,
    predicted: prediction.survivors === null ? null : new Set(prediction.survivors),
  }));
  const found = survivorsByMention(plan, mentions, catalog, answer.serverVersion);
  if (found === null)
    return { relations: own, problem: "the database has other partitions than are known from the files" };
  return {
    relations: predicted.map(({ reference, verdict }) => {
      const survivors = found.find(({ mention }) => mention === reference.mention);
      return survivors === undefined ? verdict : plannedVerdict(verdict, survivors, plan, planner.source, catalog);
    }),
    problem: null,
  };
}

/** Whether another day may give another plan: by the text, or because something is decided when it starts (in a view too). */
function dependsOnClock(sql: string, asked: readonly Predicted[]): boolean {
  return readsClock(sql) || asked.some(({ verdict }) => verdict.decided === "executor-start");
}

/** What a server that was told the files must have below the table, for its plans to be believed. */
function treeOf(catalog: Catalog, { mention: { relation } }: TableReference): PlannedTree {
  return { root: nameOf(relation), leaves: leavesOf(catalog, relation).map(({ name }) => name) };
}

/** The plan's survivors in the place of the predicted ones; what may still be decided later is known from the prediction alone. */
function plannedVerdict(
  predicted: RelationVerdict,
  found: MentionSurvivors,
  plan: PlanReading,
  source: Planner["source"],
  catalog: Catalog,
): RelationVerdict {
  const survivors = namesOf(catalog, found.survivors);
  const planned = { ...predicted, survivors, source } as const;
  if (found.unused) {
    const message = "the planner finds that the query does not need this table";
    return {
      ...planned,
      decided: "planning",
      certainty: "exact",
      reasons: [{ kind: "not-modelled", message, range: null }],
    };
  }
  const decided = decidedWith(predicted, found, plan);
  const isLate = decided === "execution" || (decided === "executor-start" && hasParameter(predicted));
  return {
    ...planned,
    decided,
    certainty: found.shared || (isLate && survivors.length > 1) ? "at-most" : "exact",
    reasons: survivors.length > 1 || decided !== "planning" ? predicted.reasons : [],
  };
}

/** A plan shows what it does while it runs; of what is done when it starts it shows only what is gone by then. */
function decidedWith(
  predicted: RelationVerdict,
  found: MentionSurvivors,
  plan: Pick<PlanReading, "subplansRemoved" | "choosesWhileRunning">,
): RelationVerdict["decided"] {
  const mayPrune = found.survivors.length > 1;
  if (mayPrune && (found.decided === "execution" || plan.choosesWhileRunning)) return "execution";
  // In the conditions of a plan a volatile function looks like one that only depends on the session.
  const isVolatile = predicted.reasons.some(({ kind }) => kind === "volatile-expression");
  const atStart = predicted.decided === "executor-start" || (found.decided === "executor-start" && !isVolatile);
  return plan.subplansRemoved > 0 || (mayPrune && atStart) ? "executor-start" : "planning";
}

function hasParameter({ reasons }: RelationVerdict): boolean {
  return reasons.some(({ kind }) => kind === "parameter");
}
