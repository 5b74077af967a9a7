/** Which leaf partitions a statement of a script touches: predicted at once, or asked from a planner. */

import { notedPortion, noteEverything } from "../catalog/access.ts";
import { type Catalog, effectivePath, relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import type { ApplyContext } from "../effects/outcome.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Step } from "../replay/step.ts";
import type { InsertQuery, Query } from "../syntax/query.ts";
import type { Statement } from "../syntax/statement.ts";
import { addAll } from "../text/long-lists.ts";
import { itemsIn } from "../text/portions.ts";
import { shiftRange } from "../text/range.ts";
import type { TableReference } from "./conditions.ts";
import { verdictsByShards } from "./distributed-plan.ts";
import { executionSql } from "./execution-sql.ts";
import { isInTree, leavesOf } from "./leaves.ts";
import { type PlanReading, readPlan } from "./plan.ts";
import { type MentionSurvivors, survivorsByMention } from "./plan-survivors.ts";
import type { PlannedTree, Planner, PlanRequest } from "./planner.ts";
import { predict, type ReferenceInput } from "./predict.ts";
import { readingSql } from "./reading-sql.ts";
import { referencesOf } from "./references.ts";
import { predictInsert } from "./route.ts";
import { asPlannedByCitus, shardsOfMentions } from "./shard-verdict.ts";
import { hasShards, withNode } from "./shards.ts";
import { type PlacedQuery, queriesOf } from "./statement-queries.ts";
import type { PruningReason, QualifiedName, RelationVerdict, Verdict } from "./verdict.ts";
import { reasonsFor } from "./why.ts";

/** A verdict by ids: what the rules, which look at every query of a script, need of it. */
export interface PredictedRelation extends Omit<RelationVerdict, "leaves" | "survivors"> {
  /** As in a verdict, but listed when asked for: of most queries nobody wants to know. */
  readonly leaves: () => readonly Relation[];
  readonly survivors: readonly RelationId[] | null;
}

/**
 * What our own rules say, without asking anybody. Nothing for a statement that does not run. Kept with the statement as long
 * as it stands in the same catalog: rules, lenses and hovers all ask for it.
 */
export function predictedRelations(step: Step, options: ReplayOptions): readonly PredictedRelation[] {
  const { statement } = step.statement;
  const known = predictions.get(statement);
  if (known !== undefined && holdsFor(known, step, options)) {
    noteEverything();
    return known.relations;
  }
  const relations = queriesOf(step).flatMap((query) =>
    predictQuery(query, step, options).flatMap(({ prediction, reference }) =>
      isInTree(reference.mention.relation) ? [prediction] : [],
    ),
  );
  predictions.set(statement, { step, options, relations });
  return relations;
}

/** The same as a verdict. */
export function predictedVerdict(step: Step, options: ReplayOptions): Verdict {
  const predicted =
    step.before.sharded === undefined
      ? predictedRelations(step, options)
      : queriesOf(step).flatMap((query) => predictQuery(query, step, options).map(({ prediction }) => prediction));
  const relations = predicted.map((prediction) => verdictOf(prediction, step.before));
  return { relations, problem: null };
}

function verdictOf(prediction: PredictedRelation, catalog: Catalog): RelationVerdict {
  const { leaves, survivors } = prediction;
  return {
    ...prediction,
    leaves: leaves().map(nameOf),
    survivors: survivors === null ? null : namesOf(catalog, survivors),
  };
}

interface KnownPrediction {
  readonly step: Step;
  readonly options: ReplayOptions;
  readonly relations: readonly PredictedRelation[];
}

const predictions = new WeakMap<Statement, KnownPrediction>();

function holdsFor(
  { step: known, options: knownOptions }: KnownPrediction,
  step: Step,
  options: ReplayOptions,
): boolean {
  return (
    known.before === step.before &&
    known.file === step.file &&
    known.handle === step.handle &&
    known.rejection === step.rejection &&
    known.transaction.state === step.transaction.state &&
    knownOptions.version === options.version &&
    knownOptions.pathmanVersion === options.pathmanVersion &&
    knownOptions.partmanVersion === options.partmanVersion &&
    knownOptions.today === options.today
  );
}

/**
 * What the planner says, and our own rules where it cannot be asked; `problem` tells why it could not. `text` is the text of
 * the statement. Without a planner as `predictedVerdict`.
 */
export async function verdictFor(
  step: Step,
  text: string,
  planner: Planner | null,
  options: ReplayOptions,
  signal: AbortSignal,
): Promise<Verdict> {
  if (planner === null || step.statement.masked) return predictedVerdict(step, options);
  const relations: RelationVerdict[] = [];
  let problem: string | null = null;
  for (const query of queriesOf(step)) {
    const predicted = predictQuery(query, step, options).map(({ reference, prediction }) => ({
      reference,
      prediction,
      verdict: verdictOf(prediction, step.before),
    }));
    const answer = await askPlanner(query, text, predicted, step.before, planner, signal);
    addAll(relations, answer.relations);
    problem ??= answer.problem;
  }
  return { relations, problem };
}

interface Predicted {
  readonly reference: TableReference;
  readonly prediction: PredictedRelation;
  readonly verdict: RelationVerdict;
}

function predictQuery(
  placed: PlacedQuery,
  step: Step,
  options: ReplayOptions,
): readonly { readonly reference: TableReference; readonly prediction: PredictedRelation }[] {
  const catalog = step.before;
  // What the clock will say is not known; who asks a planner learns it.
  const context: EvaluateContext = { settings: catalog.settings, version: options.version, catalog, today: null };
  const environment = { catalog, context, commonTables: new Map(), outer: null, joinsOuter: false, view: null };
  const items = itemsIn(step.statement.length);
  const together = referencesOf(placed.query, environment, items);
  const query = catalog.sharded === undefined ? placed.query : asPlannedByCitus(placed.query, together, catalog);
  const all = query === placed.query ? together : referencesOf(query, environment, items);
  const references = all.filter(({ mention }) => isInTree(mention.relation) || hasShards(mention.relation));
  const predicted = references.map((reference) => ({
    reference,
    prediction: notedPortion(items, () => predictReference(reference, placed, step, options)),
  }));
  if (catalog.sharded === undefined) return predicted;
  const shards = shardsOfMentions(references, placed.query, catalog, contextOf(step, options));
  return predicted.map(({ reference, prediction }) => {
    const own = shards.get(reference);
    if (own === undefined) return { reference, prediction };
    return { reference, prediction: { ...prediction, shards: withNode(catalog, reference.mention.relation, own) } };
  });
}

function predictReference(
  reference: TableReference,
  { query, offset, executed }: PlacedQuery,
  step: Step,
  options: ReplayOptions,
): PredictedRelation {
  const catalog = step.before;
  const { mention, scope, clauses } = reference;
  const { relation, access, only } = mention;
  const base = {
    relation: nameOf(relation),
    relationId: relation.id,
    range: shiftRange(executed === undefined ? mention.range : executed.statement.name.range, offset),
    access,
    leaves: () => leavesOf(catalog, relation),
    source: "predicted",
  } as const;
  if (relation.knowledge !== "full") return { ...base, ...unknownTree(relation) };
  if (access === "insert") return { ...base, ...insertVerdict(reference, query, step, options) };
  const writes = access !== "select";
  const input: ReferenceInput = { relation, reference: mention.reference, only, writes, clauses, scope };
  const prediction = reference.prediction ?? predict(catalog, input);
  const { survivors, decided } = prediction;
  const unread = unreadVerdict(reference);
  if (unread !== null) return { ...base, ...unread };
  const { incomplete } = reference;
  const mayBeFewer =
    (incomplete === "view" && survivors.length > 1) || (incomplete === "length" && survivors.length > 0);
  const unsure = mayBeFewer || reference.unread === "maybe-empty";
  const found = reasonsFor(catalog, input, prediction, reference.barred).map((reason): PruningReason => {
    const isElsewhere = mention.throughView || executed !== undefined;
    const range = reason.range === null || isElsewhere ? null : shiftRange(reason.range, offset);
    return { ...reason, range };
  });
  const message =
    incomplete === "length"
      ? "the query has more conditions than are looked into, which may prune more"
      : "conditions further out may prune more";
  const unseen: PruningReason = { kind: "not-modelled", message, range: null };
  return {
    ...base,
    survivors,
    decided,
    certainty: unsure ? "at-most" : prediction.certainty,
    reasons: unsure ? [unseen, ...found] : found,
  };
}

/** A table that the planner finds not to be read at all. */
function unreadVerdict({
  unread,
  prediction,
}: TableReference): Pick<PredictedRelation, "survivors" | "decided" | "certainty" | "reasons"> | null {
  if (unread === null || unread === "maybe-empty" || prediction?.survivors.length === 0) return null;
  const message =
    unread === "unneeded"
      ? "the planner finds that the query does not need this table"
      : "the planner finds that what it is joined with gives no rows";
  return {
    survivors: [],
    decided: "planning",
    certainty: "exact",
    reasons: [{ kind: "not-modelled", message, range: null }],
  };
}

/** A table that no statement creates, or that something unreadable has changed, may have partitions that nobody knows of. */
function unknownTree({
  knowledge,
}: Relation): Pick<PredictedRelation, "survivors" | "decided" | "certainty" | "reasons"> {
  const message =
    knowledge === "assumed"
      ? "the table is created elsewhere and may have other partitions"
      : "something that cannot be read from the text may have changed the table";
  return {
    survivors: null,
    decided: "planning",
    certainty: "unknown",
    reasons: [{ kind: "no-source", message, range: null }],
  };
}

function insertVerdict(
  { mention }: TableReference,
  query: Query,
  step: Step,
  options: ReplayOptions,
): Pick<PredictedRelation, "survivors" | "decided" | "certainty" | "reasons"> {
  const context = contextOf(step, options);
  const insert = mention.throughView ? null : findInsert(query, mention.range.start);
  if (insert === null) return { survivors: null, decided: "execution", certainty: "unknown", reasons: [] };
  const { leaves, reasons } = predictInsert(insert, step.before, context);
  if (leaves === null) return { survivors: null, decided: "execution", certainty: "unknown", reasons };
  return { survivors: leaves, decided: "execution", certainty: "exact", reasons };
}

function contextOf(step: Step, options: ReplayOptions): ApplyContext {
  return { ...options, file: step.file, statement: step.handle, inTransaction: true, inFunction: false };
}

/** The INSERT whose target stands there: the query itself, or a common table expression of it. */
function findInsert(query: Query, target: number): InsertQuery | null {
  if (query.kind === "insert" && query.target.range.start === target) return query;
  for (const { query: inner } of query.with) {
    const found = findInsert(inner, target);
    if (found !== null) return found;
  }
  return null;
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

async function askPlanner(
  placed: PlacedQuery,
  text: string,
  predicted: readonly Predicted[],
  catalog: Catalog,
  planner: Planner,
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

function namesOf(catalog: Catalog, ids: readonly RelationId[]): readonly QualifiedName[] {
  return ids.flatMap((id) => {
    const relation = relationById(catalog, id);
    return relation === null ? [] : [nameOf(relation)];
  });
}

function nameOf(relation: Relation): QualifiedName {
  return { schema: relation.schema, name: relation.name };
}
