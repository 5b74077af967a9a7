/** Which leaf partitions a statement of a script touches: predicted at once, or asked from a planner. */

import { notedPortion, noteReads, noting, type Reads, rememberedPortion } from "../catalog/access.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import type { ApplyContext } from "../effects/outcome.ts";
import type { ReplayOptions } from "../replay/replay.ts";
import type { Step } from "../replay/step.ts";
import type { InsertQuery, Query } from "../syntax/query.ts";
import type { Statement } from "../syntax/statement.ts";
import { addAll } from "../text/long-lists.ts";
import { itemsIn, leastOfPortion } from "../text/portions.ts";
import { shiftRange } from "../text/range.ts";
import type { TableReference } from "./conditions.ts";
import { isInTree, leavesOf } from "./leaves.ts";
import { askPlanner } from "./planned-verdict.ts";
import type { Planner } from "./planner.ts";
import { predict, type ReferenceInput } from "./predict.ts";
import { referencesOf } from "./references.ts";
import { nameOf, namesOf, namesOfLeaves } from "./relation-names.ts";
import { predictInsert } from "./route.ts";
import { asPlannedByCitus, shardsOfMentions } from "./shard-verdict.ts";
import { hasShards, withNode } from "./shards.ts";
import { type PlacedQuery, queriesOf } from "./statement-queries.ts";
import type { PruningReason, RelationVerdict, Verdict } from "./verdict.ts";
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
  const remembered = (): readonly PredictedRelation[] | undefined => {
    const known = predictions.get(statement);
    if (known === undefined || !holdsFor(known, step, options)) return undefined;
    noteReads(known.reads);
    return known.relations;
  };
  return rememberedPortion(itemsOfQuery(step.statement.length), remembered, () => {
    const { result: relations, reads } = noting(() =>
      queriesOf(step).flatMap((query) =>
        predictQuery(query, step, options).flatMap(({ prediction, reference }) =>
          isInTree(reference.mention.relation) ? [prediction] : [],
        ),
      ),
    );
    predictions.set(statement, { step, options, relations, reads });
    return relations;
  });
}

/** As much as that is a query of so many characters; those of some hundred conditions are looked into in portions. */
function itemsOfQuery(characters: number): number {
  return characters < shortQuery ? 0 : Math.max(leastOfPortion, itemsIn(characters));
}

const shortQuery = 4_096;

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
    leaves: namesOfLeaves(leaves()),
    survivors: survivors === null ? null : namesOf(catalog, survivors),
  };
}

interface KnownPrediction {
  readonly step: Step;
  readonly options: ReplayOptions;
  readonly relations: readonly PredictedRelation[];
  /** What it was made of: whoever is told of it again has looked at that too. */
  readonly reads: Reads;
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
    const answer = await askPlanner(query, text, predicted, step.before, planner, options.today, signal);
    addAll(relations, answer.relations);
    problem ??= answer.problem;
  }
  return { relations, problem };
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
  const items = itemsOfQuery(step.statement.length);
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
  const inside = mention.throughView ? null : { query, alias: mention.alias, range: mention.range };
  const found = reasonsFor(catalog, input, prediction, reference.barred, inside).map((reason): PruningReason => {
    const isElsewhere = mention.throughView || executed !== undefined;
    const range = reason.range === null || isElsewhere ? null : shiftRange(reason.range, offset);
    return { ...reason, range };
  });
  const message =
    incomplete === "length"
      ? "the query has more conditions than are looked into, which may prune more"
      : mayBeFewer
        ? "conditions further out may prune more"
        : "the planner may find that what it is joined with gives no rows";
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
