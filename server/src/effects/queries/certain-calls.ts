/** The calls that a query certainly makes, and what PostgreSQL refuses of the functions that they call. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { Origin } from "../../catalog/relation.ts";
import type { FunctionStep, UserFunction } from "../../catalog/routine.ts";
import { functionsNamed } from "../../catalog/values/builtins.ts";
import type { Expression, FunctionCall } from "../../syntax/expression.ts";
import { operandsOf } from "../../syntax/expression-walk.ts";
import type { Query } from "../../syntax/query.ts";
import type { CreateFunction, PlacedStatement, Statement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import type { ApplyContext, Refusal } from "../outcome.ts";
import { originHere } from "../relations/lookup.ts";
import { commandOutsideOnly, detachConcurrently, refuseInTransaction } from "../relations/outside-transaction.ts";

/** The calls of a query that are made whatever rows there are: those of a SELECT without FROM, and a function alone in FROM. */
export function certainCalls(query: Query): readonly FunctionCall[] {
  if (query.kind !== "select" || query.with.length > 0 || query.setOperation !== null || query.hasLimit) return [];
  if (query.where !== null || query.having !== null || query.groupBy.length > 0 || query.values !== null) return [];
  const [item, ...more] = query.from;
  if (more.length > 0 || (item !== undefined && item.kind !== "function")) return [];
  const expressions = item === undefined ? query.targets.map(({ expression }) => expression) : item.calls;
  return expressions.flatMap(callsIn);
}

/** The calls in an expression that no condition keeps from being made. */
function callsIn(expression: Expression): readonly FunctionCall[] {
  if (["case", "coalesce", "and", "or", "nullif", "subquery", "other"].includes(expression.kind)) return [];
  const inner = operandsOf(expression).flatMap(callsIn);
  return expression.kind === "call" && !expression.aggregateSyntax && expression.window === null
    ? [...inner, expression]
    : inner;
}

/** More calls of each other are not followed. */
const deepest = 8;

/** The refusal (25001) of a call of a function that comes to a command which no function may run; null where none is certain. */
export function refuseCall(catalog: Catalog, call: FunctionCall, context: ApplyContext): Refusal | null {
  const found = commandOf(catalog, call, deepest);
  if (found === null) return null;
  const { command, origin } = found;
  const rule = command === detachConcurrently ? "detach-concurrently-blocked" : "statement-rejected";
  const refusal = refuseInTransaction(command, call.range, { ...context, inFunction: true }, rule);
  const related = [{ relation: null, origin, message: "the function comes to this command" }];
  return refusal === null ? null : { ...refusal, rejection: { ...refusal.rejection, related } };
}

function commandOf(
  catalog: Catalog,
  call: FunctionCall,
  depth: number,
): { readonly command: string; readonly origin: Origin } | null {
  const name = call.name.at(-1) ?? "";
  const called = catalog.functions.get(name);
  if (called?.comesTo === undefined || depth === 0 || functionsNamed(name).length > 0) return null;
  const { parameters } = called;
  if (called.overloaded === true || parameters?.count !== call.arguments.length) return null;
  if (parameters.strict && !call.arguments.every(({ value }) => isNotNull(value))) return null;
  for (const step of called.comesTo) {
    if (step.kind === "command") return step;
    const inner = commandOf(catalog, step.call, depth - 1);
    if (inner !== null) return inner;
  }
  return null;
}

function isNotNull(value: Expression): boolean {
  return value.kind === "constant" && value.value.type !== "null";
}

/** What is kept of a function that is created, for calls of it; nothing where another of its name may be called instead. */
export function comesTo(
  create: CreateFunction,
  before: UserFunction | undefined,
  context: ApplyContext,
): Pick<UserFunction, "comesTo" | "parameters"> {
  const { body, volatility, language, argumentTypes, strict } = create;
  const types = argumentTypes.map(({ names, arrayDimensions }) => `${names.at(-1)}${arrayDimensions}`).join(" ");
  const replaces = before === undefined || (create.replace && before.parameters?.types === types);
  // Those that are not volatile are refused in other words.
  if (body === null || volatility !== "volatile" || !["sql", "plpgsql"].includes(language) || !replaces) return {};
  const steps = stepsOf(body.statements.slice(0, body.certain), context);
  const parameters = { types, count: argumentTypes.length, strict };
  return { parameters, ...(steps.length === 0 ? {} : { comesTo: steps }) };
}

const mostSteps = 8;

function stepsOf(statements: readonly PlacedStatement[], context: ApplyContext): readonly FunctionStep[] {
  const steps: FunctionStep[] = [];
  for (const { statement, start, end } of statements) {
    // What was done before the procedure commits stays done.
    if (statement.kind === "transaction" || steps.length >= mostSteps) break;
    const origin = originHere(context, { start, end });
    const command = commandOutsideOnly(statement);
    if (command !== null) steps.push({ kind: "command", command, origin });
    else
      addAll(
        steps,
        callsOfStatement(statement).map((call): FunctionStep => ({ kind: "call", call, origin })),
      );
  }
  return steps.slice(0, mostSteps);
}

function callsOfStatement(statement: Statement): readonly FunctionCall[] {
  if (statement.kind === "query") return statement.wrapper === "none" ? certainCalls(statement.query) : [];
  return statement.kind === "call-procedure" && statement.call.kind === "call" ? [statement.call] : [];
}
