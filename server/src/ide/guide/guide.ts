/** The guide to an operation: what to ask next, what is wrong with the answers, and what they make so far. */

import { findRelation, parentOf } from "../../catalog/catalog.ts";
import { hasParts, layoutOf } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import { isWritten, writingScheme } from "../../ddl/generate.ts";
import type { Operation } from "../../ddl/operation.ts";
import type { OperationProblem, Script } from "../../ddl/script.ts";
import { resolveRelation } from "../../ddl/writer.ts";
import { inPortions } from "../../text/portions.ts";
import { atOnce, type Turns } from "../../text/turns.ts";
import { tableParts } from "../partition-rows.ts";
import { isPlaceRefused } from "../refused-places.ts";
import { fullName, shortName } from "../spelling.ts";
import {
  type Answers,
  type Asked,
  argumentsOf,
  askedOf,
  attempt,
  type Choice,
  cutTo,
  type GuideContext,
  isNarrowed,
  isWanted,
  pick,
  type Question,
} from "./answers.ts";
import { type PartChange, partChanges } from "./preview.ts";
import { inMenuOrder, questionsOf, unanswered, wordsOf } from "./questions.ts";

export interface GuideStep {
  /** The answers, with those that needed no asking because there was only one. */
  readonly answers: Answers;
  /** What to ask next; null where nothing is left, or a problem stands in the way. */
  readonly question: Question | null;
  /** What is wrong with an answer that was given. */
  readonly problem: OperationProblem | null;
  /** What the answers make so far, with what would be taken for the rest; null where that is nothing yet. */
  readonly script: Script | null;
  /** The partitions before and after it; null where that is not known. */
  readonly parts: readonly PartChange[] | null;
  /** The arguments of `partitionLens.generate` that the answers make. */
  readonly arguments: Answers;
  /** What has been chosen, for a title: `Split`, `sales`, `sales_2024_01`. */
  readonly trail: readonly string[];
}

/** Of more tables it is not tried out whether an operation can be had with them. */
const mostTables = 200;

/** Of tables that are divided alike so many are tried, where only the operations are asked for. */
const mostAlike = 10;

/** No operation asks more than this. */
const mostQuestions = 20;

/** The next step from the answers given: an operation, its table, then what the operation asks. Pauses after each that it tries out. */
export function* guideInTurns(given: Answers, context: GuideContext): Turns<GuideStep, unknown> {
  let answers = given;
  let question = yield* nextQuestion(answers, context);
  for (let asked = 0; asked < mostQuestions; asked += 1) {
    const [only, ...others] = question?.choices ?? [];
    if (question?.kind !== "pick" || question.argument === "operation" || question.argument === "style") break;
    if (only === undefined || others.length > 0 || isNarrowed(context)) break;
    answers = { ...answers, [question.argument]: null, ...only.answers };
    question = yield* nextQuestion(answers, context);
    yield;
  }
  return yield* stepOf(answers, question, context);
}

/** The same without pauses. */
export function guideStep(given: Answers, context: GuideContext): GuideStep {
  return atOnce(guideInTurns(given, context));
}

function* stepOf(answers: Answers, question: Question | null, context: GuideContext): Turns<GuideStep, unknown> {
  const asked = askedOf(answers, context);
  const result = asked === null ? null : yield* inPortions(() => attempt(answers, context));
  const pending = asked === null ? [] : pendingIn(asked);
  const isOpen = (problem: OperationProblem): boolean =>
    problem.argument !== undefined && pending.includes(problem.argument) && question !== null;
  const problem = result === null || result.ok || isOpen(result.problem) ? null : result.problem;
  const script = result?.ok === true ? result.value : null;
  const isAnswerable =
    question !== null && (question.kind === "text" || question.choices.length > 0 || isNarrowed(context));
  return {
    answers,
    question: problem === null && isAnswerable ? question : null,
    problem: problem ?? (question !== null && !isAnswerable ? nothingToPick(question, answers, context) : null),
    script,
    parts: script === null || asked === null ? null : yield* partChanges(script, asked.table, context),
    arguments: argumentsOf(answers),
    trail: trailOf(answers, asked),
  };
}

function trailOf(answers: Answers, asked: Asked | null): readonly string[] {
  const operation = inMenuOrder.find((each) => each === answers["operation"]);
  return [
    ...(operation === undefined ? [] : [wordsOf(operation)[0]]),
    ...(asked === null ? [] : [shortName(asked.table)]),
    ...(asked?.part == null ? [] : [shortName(asked.part)]),
  ];
}

function* nextQuestion(answers: Answers, context: GuideContext): Turns<Question | null> {
  const operation = inMenuOrder.find((each) => each === answers["operation"]);
  if (operation === undefined) return yield* operationQuestion(answers, context);
  const asked = askedOf(answers, context);
  return asked === null ? yield* tableQuestion(operation, context) : yield* inPortions(() => questionOf(asked));
}

function questionOf(asked: Asked): Question | null {
  for (const spec of unanswered(asked)) {
    const question = spec.ask(asked);
    if (question !== null) return question;
  }
  return null;
}

/** The operations that apply to what is meant: to one relation, where the answers have a `subject`; else to any table. */
function* operationQuestion({ subject }: Answers, context: GuideContext): Turns<Question> {
  const relation = typeof subject === "string" ? resolveRelation(context.catalog, subject) : null;
  if (relation === null) return yield* operationOfAny(context);
  const table = fullName(relation);
  const parent = parentOf(context.catalog, relation);
  const isWhole = parent === null || hasParts(relation);
  const [ofPart, ofTable]: [Choice[], Choice[]] = [[], []];
  for (const operation of inMenuOrder) {
    const asksForPart = questionsOf[operation].some(({ argument }) => argument === "partition");
    const answers = parent === null ? null : { table: fullName(parent), partition: table };
    const isOfPart = answers !== null && asksForPart && operation !== "attach";
    if (isOfPart && (yield* inPortions(() => applies(operation, answers, context))))
      ofPart.push(operationChoice(operation, answers));
    yield;
    if (isWhole && (yield* inPortions(() => applies(operation, { table }, context))))
      ofTable.push(operationChoice(operation, { table }));
    yield;
  }
  return pick("operation", `What is to be done with ${shortName(relation)}`, [...ofPart, ...ofTable]);
}

function* operationOfAny(context: GuideContext): Turns<Question> {
  const tables = unlikeOf(tablesOf(context), context);
  const choices: Choice[] = [];
  for (const operation of inMenuOrder) {
    for (const table of tables) {
      const isOffered = yield* inPortions(() => applies(operation, { table: fullName(table) }, context));
      if (isOffered) choices.push(operationChoice(operation, {}));
      yield;
      if (isOffered) break;
    }
  }
  return pick("operation", "What is to be done", choices);
}

/** Of many tables the first of each kind: what an operation goes by is how a table is divided, and what it has. */
function unlikeOf(tables: readonly Relation[], { catalog }: GuideContext): readonly Relation[] {
  if (tables.length <= mostTables) return tables;
  const counts = new Map<string, number>();
  const first = tables.filter((table) => {
    const layout = layoutOf(table);
    const { partitions, key } = layout ?? { partitions: null, key: null };
    const has = [partitions?.defaultPartition != null, (partitions?.all.size ?? 0) > 0, table.kind];
    const kind = [writingScheme(catalog, table), key?.strategy, key?.elements[0]?.type?.kind, ...has].join(" ");
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    return count <= mostAlike;
  });
  return first.slice(0, mostTables);
}

function operationChoice(operation: Operation, answers: Answers): Choice {
  const [label, description] = wordsOf(operation);
  return { label, description, answers: { operation, ...answers } };
}

function* tableQuestion(operation: Operation, context: GuideContext): Turns<Question> {
  const [label] = wordsOf(operation);
  const tables = tablesOf(context).filter((table) => isWanted(shortName(table), context));
  const choices: Choice[] = [];
  for (const table of tables.slice(0, mostTables)) {
    if (yield* inPortions(() => applies(operation, { table: fullName(table) }, context))) {
      const description = hasParts(table) ? tableParts(context.catalog, table).join(" · ") : "not partitioned";
      choices.push({ label: shortName(table), description, answers: { table: fullName(table) } });
    }
    yield;
  }
  return cutTo(mostTables, tables.length, pick("table", `${label}: which table`, choices));
}

/** Those with parts first, in order of creation; then plain ones, which can be converted; then partitions that are divided themselves. */
function tablesOf({ catalog }: GuideContext): readonly Relation[] {
  const [roots, plain, inner]: [Relation[], Relation[], Relation[]] = [[], [], []];
  for (const relation of catalog.relations.values()) {
    const isTop = relation.partitionOf === null && relation.inherits.length === 0;
    if (hasParts(relation)) (isTop ? roots : inner).push(relation);
    else if (relation.kind === "table" && isTop) plain.push(relation);
  }
  return [...roots, ...plain, ...inner];
}

/**
 * Whether the operation can be had with these answers: taking what is proposed leads to a script, or to something that only a
 * person can say.
 */
function applies(operation: Operation, given: Answers, context: GuideContext): boolean {
  let answers: Answers = { ...given, operation };
  const first = askedOf(answers, context);
  if (first === null || (hasParts(first.table) && !isWritten(context.catalog, first.table, operation))) return false;
  if (isPlaceRefused(operation, first.table, context, context.refused)) return false;
  for (let questions = 0; questions < mostQuestions; questions += 1) {
    const asked = askedOf(answers, context, true);
    const result = attempt(answers, context);
    if (result.ok) return true;
    if (asked === null || !pendingIn(asked).includes(result.problem.argument ?? "")) return false;
    const question = questionOf(asked);
    if (question === null) return false;
    const [choice] = question.choices;
    if (question.kind === "text") {
      if (question.value === "") return true;
      answers = { ...answers, [question.argument]: question.value };
    } else if (choice === undefined) return false;
    else answers = { ...answers, [question.argument]: null, ...choice.answers };
  }
  return false;
}

/** The arguments that are still to be asked for. */
function pendingIn(asked: Asked): readonly string[] {
  return unanswered(asked).flatMap(({ argument, fills = [] }) => [argument, ...fills]);
}

function nothingToPick({ argument }: Question, answers: Answers, context: GuideContext): OperationProblem {
  if (argument === "operation" || argument === "table")
    return { message: "there is no table that this can be done with", argument };
  const result = attempt(answers, context);
  return result.ok
    ? { message: "there is nothing to choose from", argument }
    : { message: result.problem.message, argument };
}

/** The relation that is meant by a name in SQL, as a subject of the guide; null where there is none with parts, or as a part. */
export function subjectNamed(
  name: { readonly schema: string | null; readonly name: string },
  { catalog }: Pick<GuideContext, "catalog">,
): string | null {
  const relation = findRelation(catalog, name);
  if (relation === null || (!hasParts(relation) && parentOf(catalog, relation) === null)) return null;
  return fullName(relation);
}
