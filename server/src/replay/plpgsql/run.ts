/** Runs a PL/pgSQL body whose every step can be told from its text: loops over constants that build and execute statements. */

// Whatever depends on data, on the time of day or on a function that is not known makes the whole body undecided.

import type { Catalog } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { EvaluateContext } from "../../catalog/values/evaluate.ts";
import { baseTypeNamed, resolveType } from "../../catalog/values/types.ts";
import { rejected } from "../../schemes/outcome.ts";
import type { Outcome, PostgresVersion, Rejection } from "../../schemes/scheme.ts";
import type { Expression } from "../../syntax/expression.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { assignTo, evaluateWith, type TypedValue, textOf, type Variables } from "./constants.ts";
import type { Block, Command, Handler, Snippet } from "./program.ts";
import { elementsOf, rowsOf } from "./rows.ts";

export interface BlockHost {
  readonly version: PostgresVersion;
  /** ISO date. */
  readonly today: string;
  /** The statements of a text, each with ranges relative to itself. */
  readonly read: (sql: string) => readonly PlacedStatement[];
  /** Applies a statement; `range` is the part of the body that it comes from. Where errors are caught it runs in a subtransaction. */
  readonly apply: (
    catalog: Catalog,
    statement: PlacedStatement,
    range: TextRange,
    dynamic: boolean,
    inSubtransaction: boolean,
  ) => Outcome;
}

export type BlockOutcome = Outcome | { readonly kind: "undecided"; readonly reason: string };

/** More statements and evaluations than this are not followed. */
const mostSteps = 50_000;

/** What the body does to the catalog, or what PostgreSQL refuses in it, or that this cannot be told. */
export function runBlock(block: Block, catalog: Catalog, host: BlockHost): BlockOutcome {
  const run: Run = {
    host,
    catalog,
    variables: new Map(),
    types: new Map(),
    declined: [],
    steps: 0,
    handlers: 0,
    expressions: new Map(),
  };
  const end = runBlockIn(run, block);
  switch (end.kind) {
    case "undecided":
      return end;
    case "refused":
      return { kind: "rejected", rejection: end.rejection };
    default:
      return { kind: "applied", catalog: run.catalog, declined: run.declined };
  }
}

interface Run {
  readonly host: BlockHost;
  catalog: Catalog;
  variables: Map<string, TypedValue>;
  readonly types: Map<string, DataType>;
  readonly declined: string[];
  steps: number;
  /** How many blocks around catch errors. */
  handlers: number;
  readonly expressions: Map<string, Expression | null>;
}

/** How a list of commands ended. */
type End =
  | { readonly kind: "through" }
  | { readonly kind: "leave"; readonly again: boolean }
  | { readonly kind: "return" }
  | { readonly kind: "refused"; readonly rejection: Rejection }
  | { readonly kind: "undecided"; readonly reason: string };

const through: End = { kind: "through" };

function undecided(reason: string): End {
  return { kind: "undecided", reason };
}

function runBlockIn(run: Run, block: Block): End {
  const before = run.catalog;
  for (const { name, type, initial } of block.declarations) {
    const declared = declaredType(run, type);
    if (declared === null) return undecided(`the type of variable "${name}" is not known`);
    run.types.set(name, declared);
    const value: TypedValue | null =
      initial === null ? { value: null, type: declared } : assign(run, initial, declared);
    if (value === null) return undecided(`the value of variable "${name}" cannot be told`);
    run.variables.set(name, value);
  }
  const catching = block.handlers === null ? 0 : 1;
  run.handlers += catching;
  const end = runCommands(run, block.body);
  run.handlers -= catching;
  if (end.kind !== "refused" || block.handlers === null) return end;
  // An EXCEPTION part takes back what the block did.
  run.catalog = before;
  const handler = block.handlers.find((candidate) => handles(candidate, end.rejection.sqlstate));
  return handler === undefined ? end : runCommands(run, handler.body);
}

function runCommands(run: Run, commands: readonly Command[]): End {
  for (const command of commands) {
    run.steps += 1;
    if (run.steps > mostSteps) return undecided("the block runs for too long to be followed");
    const end = runCommand(run, command);
    if (end.kind !== "through") return end;
  }
  return through;
}

function runCommand(run: Run, command: Command): End {
  switch (command.kind) {
    case "nothing":
      return through;
    case "block":
      return runBlockIn(run, command.block);
    case "return":
      return { kind: "return" };
    case "assign": {
      const type = run.types.get(command.variable);
      const value = type === undefined ? null : assign(run, command.value, type);
      if (value === null) return undecided(`the value of "${command.variable}" cannot be told`);
      run.variables.set(command.variable, value);
      return through;
    }
    case "if":
      for (const { condition, body } of command.branches) {
        const holds = condition === null ? true : truth(run, condition);
        if (holds === null) return undecided("a condition cannot be told");
        if (holds) return runCommands(run, body);
      }
      return through;
    case "for-range":
      return runRange(run, command);
    case "for-query":
      return runQueryLoop(run, command);
    case "for-each":
      return runElements(run, command);
    case "loop":
      for (;;) {
        run.steps += 1;
        if (run.steps > mostSteps) return undecided("the block runs for too long to be followed");
        const holds = command.condition === null ? true : truth(run, command.condition);
        if (holds === null) return undecided("a condition cannot be told");
        if (!holds) return through;
        const end = runCommands(run, command.body);
        if (end.kind === "leave" && !end.again) return through;
        if (end.kind !== "through" && end.kind !== "leave") return end;
      }
    case "leave": {
      const holds = command.condition === null ? true : truth(run, command.condition);
      if (holds === null) return undecided("a condition cannot be told");
      return holds ? { kind: "leave", again: command.again } : through;
    }
    case "execute": {
      if (command.using.length > 0) return undecided("EXECUTE has parameters");
      const value = evaluateSnippet(run, command.command);
      const sql = value === null ? undefined : textOf(value, evaluation(run));
      if (typeof sql !== "string") return undecided("the text of EXECUTE cannot be told");
      return runSql(run, sql, command.range, true);
    }
    case "sql":
      return runSql(run, command.statement.text, command.statement.range, false);
    case "raise": {
      if (!command.exception) return through;
      if (command.message === null) return undecided("the message of RAISE cannot be told");
      const outcome = rejected("statement-rejected", "P0001", command.message, { start: 0, end: 0 });
      return { kind: "refused", rejection: outcome.rejection };
    }
  }
}

function runRange(run: Run, command: Extract<Command, { kind: "for-range" }>): End {
  const integer = baseTypeNamed("int4");
  const [from, to, by] = [command.from, command.to, command.by].map((bound) =>
    bound === null ? { value: { family: "integer", value: 1n } as const, type: integer } : assign(run, bound, integer),
  );
  const [first, last, step] = [from, to, by].map((bound) =>
    bound?.value?.family === "integer" ? bound.value.value : null,
  );
  if (first == null || last == null || step == null || step <= 0n)
    return undecided("the ends of a loop cannot be told");
  for (let value = first; command.reverse ? value >= last : value <= last; value += command.reverse ? -step : step) {
    run.variables.set(command.variable, { value: { family: "integer", value }, type: integer });
    const end = runCommands(run, command.body);
    if (end.kind === "leave" && !end.again) return through;
    if (end.kind !== "through" && end.kind !== "leave") return end;
    if (run.steps > mostSteps) return undecided("the block runs for too long to be followed");
    run.steps += 1;
  }
  return through;
}

/** `FOR x IN SELECT …`, where the query itself tells its rows. */
function runQueryLoop(run: Run, command: Extract<Command, { kind: "for-query" }>): End {
  const [statement, ...more] = run.host.read(command.query.text);
  const query = statement?.statement.kind === "query" ? statement.statement.query : null;
  const rows = query?.kind === "select" && more.length === 0 ? rowsOf(query, run.variables, evaluation(run)) : null;
  if (rows === null) return undecided("the rows of a query cannot be told");
  for (const row of rows) {
    const [variable = ""] = command.variables;
    const isRecord = command.variables.length === 1 && !isScalar(run.types.get(variable));
    for (const [index, field] of row.entries()) {
      const name = isRecord ? `${variable}.${field.name}` : command.variables[index];
      const type = name === undefined ? undefined : run.types.get(name);
      const value = type === undefined ? field.value : assignTo(field.value, type, evaluation(run));
      if (name === undefined || value === null) return undecided("the rows of a query cannot be told");
      run.variables.set(name, value);
    }
    const end = runCommands(run, command.body);
    if (end.kind === "leave" && !end.again) return through;
    if (end.kind !== "through" && end.kind !== "leave") return end;
    run.steps += 1;
    if (run.steps > mostSteps) return undecided("the block runs for too long to be followed");
  }
  return through;
}

/** `FOREACH x IN ARRAY …` */
function runElements(run: Run, command: Extract<Command, { kind: "for-each" }>): End {
  const array = evaluateSnippet(run, command.array);
  const type = run.types.get(command.variable);
  const elements = array === null || type === undefined ? null : elementsOf(array);
  if (elements === null || type === undefined) return undecided("the elements of an array cannot be told");
  for (const element of elements) {
    const value = assignTo(element, type, evaluation(run));
    if (value === null) return undecided("the elements of an array cannot be told");
    run.variables.set(command.variable, value);
    const end = runCommands(run, command.body);
    if (end.kind === "leave" && !end.again) return through;
    if (end.kind !== "through" && end.kind !== "leave") return end;
  }
  return through;
}

function isScalar(type: DataType | undefined): boolean {
  return type !== undefined && type !== recordType;
}

const recordType: DataType = { kind: "unknown", schema: "pg_catalog", name: "record" };

function runSql(run: Run, sql: string, range: TextRange, dynamic: boolean): End {
  for (const statement of run.host.read(dynamic ? sql : sql.replace(/^perform\b/i, "select "))) {
    const kind = statement.statement.kind;
    if (kind === "transaction" || kind === "do" || kind === "call-procedure")
      return undecided("the block controls transactions");
    const outcome = run.host.apply(run.catalog, statement, range, dynamic, run.handlers > 0);
    if (outcome.kind === "rejected") return { kind: "refused", rejection: outcome.rejection };
    run.catalog = outcome.catalog;
    run.declined.push(...outcome.declined);
  }
  return through;
}

function handles({ conditions }: Handler, sqlstate: string): boolean {
  return conditions.some(
    (condition) => condition === "others" || condition === sqlstate || conditionNames.get(condition) === sqlstate,
  );
}

/** The names that EXCEPTION gives to the errors of partition DDL. */
const conditionNames: ReadonlyMap<string, string> = new Map([
  ["duplicate_table", "42P07"],
  ["duplicate_object", "42710"],
  ["duplicate_schema", "42P06"],
  ["duplicate_column", "42701"],
  ["undefined_table", "42P01"],
  ["undefined_column", "42703"],
  ["undefined_object", "42704"],
  ["invalid_object_definition", "42P17"],
  ["invalid_table_definition", "42P16"],
  ["wrong_object_type", "42809"],
  ["check_violation", "23514"],
  ["feature_not_supported", "0A000"],
  ["raise_exception", "P0001"],
]);

function declaredType(run: Run, written: string): DataType | null {
  if (/^record$/i.test(written)) return recordType;
  if (written.includes("%")) return null;
  const expression = expressionOf(run, `null::${written}`);
  const type = expression?.kind === "cast" ? resolveType(run.catalog, expression.type) : null;
  return type === null || type.kind === "unknown" ? null : type;
}

function assign(run: Run, snippet: Snippet, type: DataType): TypedValue | null {
  const value = evaluateSnippet(run, snippet);
  return value === null ? null : assignTo(value, type, evaluation(run));
}

function truth(run: Run, snippet: Snippet): boolean | null {
  const value = evaluateSnippet(run, snippet);
  if (value === null) return null;
  if (value.value === null) return false;
  return value.value.family === "boolean" ? value.value.value : null;
}

function evaluateSnippet(run: Run, snippet: Snippet): TypedValue | null {
  const expression = expressionOf(run, snippet.text);
  const variables: Variables = run.variables;
  return expression === null ? null : evaluateWith(expression, variables, evaluation(run));
}

function expressionOf(run: Run, text: string): Expression | null {
  const known = run.expressions.get(text);
  if (known !== undefined) return known;
  const [statement, ...more] = run.host.read(`SELECT ${text}`);
  const query = statement?.statement.kind === "query" ? statement.statement.query : null;
  const isLone = query?.kind === "select" && query.from.length === 0 && query.targets.length === 1 && more.length === 0;
  const expression = isLone ? (query.targets[0]?.expression ?? null) : null;
  run.expressions.set(text, expression);
  return expression;
}

function evaluation({ catalog, host }: Run): EvaluateContext {
  const { settings } = catalog;
  // The date that is given is that of UTC's clocks: those of another zone may show the day before or after.
  const today = /^(?:UTC|GMT|Etc\/UTC)$/i.test(settings.timeZone) ? host.today : null;
  return { settings, version: host.version, catalog, today };
}
