/** What has been answered of an operation so far, and what the operations make of it. */

import type { Relation } from "../../catalog/relation.ts";
import { type Division, divisionOf, type KnownPart } from "../../ddl/division.ts";
import { generate } from "../../ddl/generate.ts";
import { newRequest, type Operation, operations, readOperationRequest } from "../../ddl/operation.ts";
import type { OperationResult } from "../../ddl/script.ts";
import { resolveRelation, type WriterContext } from "../../ddl/writer.ts";
import type { Reading } from "../../syntax/read-statement.ts";
import type { AnalysisOptions } from "../analysis.ts";
import type { RefusedPlaces } from "../refused-places.ts";
import type { SizeOf } from "../relation-sizes.ts";

/**
 * Arguments of an operation, as `partitionLens.generate` takes them, and what only the guide knows: `subject`, what is meant,
 * and `way`, how it goes. What is there has been answered; null and the empty text are answers too.
 */
export type Answers = Readonly<Record<string, unknown>>;

/** What questions are made from. */
export interface GuideContext extends WriterContext {
  readonly reading: Reading;
  /** Whose calls a script is replayed with. */
  readonly versions: Pick<AnalysisOptions, "pathmanVersion" | "partmanVersion">;
  readonly refused: RefusedPlaces;
  readonly sizeOf: SizeOf;
  /** What the choices of the next question hold in their names, where more can be had than are listed; empty for all. */
  readonly narrowed: string;
}

export interface Choice {
  readonly label: string;
  readonly description: string;
  readonly detail?: string | undefined;
  /** What choosing it answers. Of several chosen ones, lists are put together. */
  readonly answers: Answers;
}

export interface Question {
  /** The argument that it answers, besides those of its choices. */
  readonly argument: string;
  readonly kind: "pick" | "pick-many" | "text";
  /** A sentence without its full stop. */
  readonly prompt: string;
  readonly choices: readonly Choice[];
  /** What a text begins with. */
  readonly value: string;
  /** More could be chosen than are listed: to be asked again with what they are to hold. */
  readonly isCut?: true | undefined;
}

/** An operation on a table that has been chosen. */
export interface Asked {
  readonly operation: Operation;
  readonly table: Relation;
  /** null where nothing is known of how its rows are divided. */
  readonly division: Division | null;
  /** The partition that has been chosen. */
  readonly part: KnownPart | null;
  readonly answers: Answers;
  readonly context: GuideContext;
  /** Whether it is only asked if there is anything to choose, and not what. */
  readonly oneIsEnough: boolean;
}

/** What may be asked for one argument. */
export interface Spec {
  readonly argument: string;
  /** The arguments that its answers fill, where they are others. */
  readonly fills?: readonly string[] | undefined;
  /** null where it is not to be asked. */
  readonly ask: (asked: Asked) => Question | null;
}

/** The operation and table of the answers, with what is known of them; null where one of them is missing. */
export function askedOf(answers: Answers, context: GuideContext, oneIsEnough = false): Asked | null {
  const operation = operations.find((each) => each === answers["operation"]);
  const named = answers["table"];
  const table = typeof named === "string" ? resolveRelation(context.catalog, named) : null;
  if (operation === undefined || table === null) return null;
  const division = divisionOf(table, context);
  const known = "message" in division ? null : division;
  const partition = answers["partition"];
  const relation = typeof partition === "string" ? resolveRelation(context.catalog, partition) : null;
  const part = known?.parts.find((each) => each.relation.id === relation?.id) ?? null;
  return { operation, table, division: known, part, answers, context, oneIsEnough };
}

/** The arguments of `partitionLens.generate` that the answers make. */
export function argumentsOf(answers: Answers): Answers {
  const { way, subject, ...given } = answers;
  const said = Object.entries(given).filter(([name, value]) => !isBlank(value) || (name !== "name" && value === ""));
  // What is copied is copied ahead.
  const request = Object.fromEntries(way === "copy" ? [["style", "online"], ...said] : said);
  // The partition that is asked for first keeps its table.
  if (request["operation"] !== "merge" || typeof request["partition"] !== "string") return request;
  const others = Array.isArray(request["partitions"]) ? request["partitions"] : [];
  return { ...request, partition: undefined, partitions: [request["partition"], ...others] };
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
}

/** The script that the answers make as they are, or what is wrong with them. */
export function attempt(answers: Answers, context: GuideContext): OperationResult {
  const request = readOperationRequest(argumentsOf(answers));
  return request.ok ? generate(newRequest(request.value), context) : request;
}

/** Whether the answers are wrong in none of these arguments. */
export function isFit(answers: Answers, context: GuideContext, wrong: readonly string[]): boolean {
  const result = attempt(answers, context);
  return result.ok || (result.problem.argument !== undefined && !wrong.includes(result.problem.argument));
}

export function pick(argument: string, prompt: string, choices: readonly Choice[]): Question {
  return { argument, kind: "pick", prompt, choices, value: "" };
}

export function text(argument: string, prompt: string, value: string): Question {
  return { argument, kind: "text", prompt, choices: [], value };
}

/** Says of a question that only so many of the things that there are were looked at. */
export function cutTo(most: number, all: number, question: Question, which: "first" | "last" = "first"): Question {
  const isCut = all > most;
  return isCut
    ? {
        ...question,
        prompt: `${question.prompt} (the ${which} ${grouped(most)} of ${grouped(all)}: type to narrow)`,
        isCut,
      }
    : question;
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

export function isNarrowed({ narrowed }: GuideContext): boolean {
  return narrowed.trim() !== "";
}

/** Whether a name holds what the choices are narrowed to. */
export function isWanted(name: string, { narrowed }: GuideContext): boolean {
  return name.toLowerCase().includes(narrowed.trim().toLowerCase());
}
