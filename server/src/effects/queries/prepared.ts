/** Prepared statements: what PREPARE keeps of a session, and the query that EXECUTE runs with its arguments. */

import { type Catalog, nameKey } from "../../catalog/catalog.ts";
import type { PreparedStatement } from "../../catalog/prepared-statement.ts";
import { mapByText } from "../../catalog/sorted-map.ts";
import { lacksCast } from "../../catalog/values/cast.ts";
import { expressionType } from "../../catalog/values/evaluate.ts";
import { formatTypeName, resolveType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { Query } from "../../syntax/query.ts";
import type { Deallocate, Execute, PlacedStatement, QueryStatement } from "../../syntax/statement.ts";
import { type Apply, type ApplyContext, applied, type Outcome, type Refusal, rejected } from "../outcome.ts";

/** The query of an EXECUTE, and where its text stands. */
export interface ExecutedQuery {
  /** With the arguments in the place of the parameters; ranges count in the text of the PREPARE. */
  readonly query: Query;
  readonly prepared: PreparedStatement;
  /** Whether the plan is made without looking at the arguments. */
  readonly generic: boolean;
}

/** null where no such statement is known to be prepared, or the arguments do not fit it. */
export function executedQuery(catalog: Catalog, execute: Execute): ExecutedQuery | null {
  const prepared = catalog.prepared.get(execute.name.name);
  if (prepared === undefined || !takesArguments(prepared, execute)) return null;
  const generic = catalog.settings.planner["plan_cache_mode"] === "force_generic_plan";
  const known = executed.get(execute);
  if (known !== undefined && known.prepared === prepared && known.generic === generic) return known;
  const found = { query: withArguments(prepared.statement, execute.arguments, generic), prepared, generic };
  executed.set(execute, found);
  return found;
}

/** Every look at a file asks anew. */
const executed = new WeakMap<Execute, ExecutedQuery>();

/** PREPARE after its analysis, EXECUTE and DEALLOCATE; null for any other statement. `run` applies the query that is executed. */
export function applyPrepared(
  catalog: Catalog,
  placed: PlacedStatement,
  context: ApplyContext,
  run: Apply,
): Outcome | null {
  const { statement } = placed;
  switch (statement.kind) {
    case "execute":
      return execute(catalog, placed, statement, context, run);
    case "deallocate":
      return deallocate(catalog, statement);
    default:
      return null;
  }
}

/** The catalog of a session in which the query is prepared (42P05 where its name is taken). */
export function prepare(catalog: Catalog, statement: QueryStatement, context: ApplyContext): Outcome {
  const { name = "", queryRange } = statement;
  if (catalog.prepared.has(name)) {
    const message = `prepared statement "${name}" already exists`;
    return rejected("statement-rejected", "42P05", message, { start: 0, end: queryRange.start });
  }
  const text = context.text ?? null;
  return applied({ ...catalog, prepared: catalog.prepared.with(name, { statement, text }, true) });
}

function execute(
  catalog: Catalog,
  placed: PlacedStatement,
  statement: Execute,
  context: ApplyContext,
  run: Apply,
): Outcome {
  const { name, wrapper } = statement;
  const prepared = catalog.prepared.get(name.name);
  if (prepared === undefined) return missing(catalog, statement.name);
  if (!takesArguments(prepared, statement)) {
    const expected = parameterCount(prepared.statement);
    const message = `wrong number of parameters for prepared statement "${name.name}"`;
    const detail = `Expected ${expected} parameters but got ${statement.arguments.length}.`;
    return rejected("statement-rejected", "42601", message, name.range, { detail });
  }
  const wrong = wrongArgument(catalog, prepared, statement, context);
  if (wrong !== null) return wrong;
  const found = executedQuery(catalog, statement);
  if (found === null || wrapper === "explain" || wrapper === "create-table-as") return applied(catalog);
  const query: QueryStatement = { ...prepared.statement, wrapper: "none", name: undefined, query: found.query };
  const outcome = run(catalog, { ...placed, statement: query }, { ...context, text: prepared.text ?? context.text });
  // What is refused stands in another statement.
  if (outcome?.kind === "rejected")
    return { ...outcome, rejection: { ...outcome.rejection, range: name.range, position: undefined } };
  return outcome ?? applied(catalog);
}

/** `EvaluateParams`: an argument of a type without a cast to that of its parameter. */
function wrongArgument(
  catalog: Catalog,
  { statement: { parameterTypes = [] } }: PreparedStatement,
  execute: Execute,
  { version, today }: ApplyContext,
): Refusal | null {
  const evaluating = { settings: catalog.settings, version, catalog, today };
  for (const [index, argument] of execute.arguments.entries()) {
    const written = parameterTypes[index];
    const from = written === undefined ? null : expressionType(argument, evaluating);
    if (written === undefined || from === null) continue;
    const to = resolveType(catalog, written);
    if (!lacksCast(from, to, "assignment", catalog)) continue;
    const types = [formatTypeName(from), formatTypeName(to)];
    const message = `parameter $${index + 1} of type ${types[0]} cannot be coerced to the expected type ${types[1]}`;
    return rejected("statement-rejected", "42804", message, argument.range, {
      hint: "You will need to rewrite or cast the expression.",
      position: argument.range.start,
    });
  }
  return null;
}

function deallocate(catalog: Catalog, { name }: Deallocate): Outcome {
  if (name === null) return applied(withoutPrepared(catalog));
  if (!catalog.prepared.has(name.name)) return missing(catalog, name);
  const knownAbsent = catalog.knownAbsent.with(absentKey(name.name), true);
  return applied({ ...catalog, prepared: catalog.prepared.without(name.name), knownAbsent });
}

/** As DEALLOCATE ALL and DISCARD ALL leave the session. */
export function withoutPrepared(catalog: Catalog): Catalog {
  return catalog.prepared.size === 0 ? catalog : { ...catalog, prepared: mapByText() };
}

/** In `Catalog.knownAbsent`: the script itself has deallocated it. */
function absentKey(name: string): string {
  return nameKey("prepared statement", name);
}

/** In a session that somebody else has begun, or in which something unreadable ran, it may be there all the same. */
function missing(catalog: Catalog, name: Execute["name"]): Outcome {
  const message = `prepared statement "${name.name}" does not exist`;
  const isKnown = (catalog.complete && !catalog.tainted) || catalog.knownAbsent.has(absentKey(name.name));
  if (isKnown) return rejected("statement-rejected", "26000", message, name.range);
  return applied(catalog, `where "${name.name}" is prepared is not known`);
}

/** `ExecuteQuery`: arguments for a statement without parameters are not looked at, however many there are. */
function takesArguments({ statement }: PreparedStatement, execute: Execute): boolean {
  const expected = parameterCount(statement);
  return expected === 0 || expected === execute.arguments.length;
}

/** The types that are given count as well as the parameters that are used. */
function parameterCount({ query, parameterTypes = [] }: QueryStatement): number {
  const known = counts.get(query);
  if (known !== undefined) return known;
  let count = parameterTypes.length;
  mapParameters(query, (parameter) => {
    count = Math.max(count, parameter.number);
    return parameter;
  });
  counts.set(query, count);
  return count;
}

const counts = new WeakMap<Query, number>();

type Parameter = Extract<Expression, { kind: "parameter" }>;

/** A custom plan is made for the arguments as constants; a generic one knows them when it starts. */
function withArguments(
  { query, parameterTypes = [] }: QueryStatement,
  values: readonly Expression[],
  generic: boolean,
): Query {
  return mapParameters(query, (parameter) => {
    const { number, range } = parameter;
    const argument = values[number - 1];
    if (argument === undefined) return parameter;
    const type = parameterTypes[number - 1];
    const value: Expression = type === undefined ? argument : { kind: "cast", operand: argument, type, range };
    return generic ? { ...parameter, value } : value;
  });
}

/** Parameters stand in expressions of many kinds; whatever holds one is walked alike. */
function mapParameters<Part>(part: Part, change: (parameter: Parameter) => Expression): Part {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((item: unknown) => mapParameters(item, change)) as Part;
  if ("kind" in part && part.kind === "parameter") return change(part as unknown as Parameter) as Part;
  const entries = Object.entries(part).map(([key, value]) => [key, mapParameters(value as unknown, change)]);
  return Object.fromEntries(entries) as Part;
}
