/** The SQL that a body runs: statements that change the schema, queries that give rows, calls of other functions. */

import { callsInside } from "../../effects/queries/query-walk.ts";
import { extensionFunction } from "../../schemes/extensions.ts";
import type { Expression } from "../../syntax/expression.ts";
import { mapOperands } from "../../syntax/expression-walk.ts";
import type { InsertQuery, Query, SelectQuery } from "../../syntax/query.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import { addAll } from "../../text/long-lists.ts";
import type { TextRange } from "../../text/range.ts";
import { withoutLocalSettings } from "../transaction.ts";
import { changeConfiguration, changesConfiguration } from "./configuration.ts";
import { withKnownVariables } from "./constants.ts";
import {
  argumentsOf,
  evaluation,
  isOwnCall,
  type Machine,
  mayChange,
  mayGoOn,
  type Rows,
  type Scope,
  type StatementPlace,
  undecided,
} from "./machine.ts";

export interface SqlText {
  readonly sql: string;
  /** The part of the body that it comes from. */
  readonly range: TextRange;
  /** Whether the text was built: no place in it is one of the body. */
  readonly dynamic: boolean;
}

/** Runs the statements of a text; the rows of the last one where `wantsRows`, null where they are not known. */
export function runText(machine: Machine, text: SqlText, scope: Scope, wantsRows: boolean): Rows | null {
  let rows: Rows | null = null;
  for (const placed of machine.host.read(text.sql)) {
    if (!mayGoOn(machine)) return null;
    const { at } = machine;
    machine.at = placeIn(text, placed);
    rows = runStatement(machine, placed, text, scope, wantsRows);
    machine.at = at;
  }
  return machine.stop === null ? rows : null;
}

function placeIn({ range, dynamic }: SqlText, { start, end }: PlacedStatement): StatementPlace {
  return { range: dynamic ? range : { start: range.start + start, end: range.start + end }, dynamic };
}

function runStatement(
  machine: Machine,
  placed: PlacedStatement,
  text: SqlText,
  scope: Scope,
  wantsRows: boolean,
): Rows | null {
  const { statement } = placed;
  switch (statement.kind) {
    case "invalid":
      return undecided(machine, "it runs a text that is not read");
    case "do":
      return undecided(machine, "it runs another DO block");
    case "transaction":
      return controlTransaction(machine, statement.action);
    case "call-procedure":
      if (statement.call.kind === "call" && isOwnCall(machine.catalog, statement.call))
        return machine.invoke(statement.call, argumentsOf(machine, statement.call, scope), "call");
      return apply(machine, placed, text);
    case "query":
      if (statement.wrapper === "none") return runQuery(machine, placed, statement.query, text, scope, wantsRows);
      return apply(machine, placed, text);
    default:
      return apply(machine, placed, text);
  }
}

function apply(machine: Machine, placed: PlacedStatement, { sql, range, dynamic }: SqlText): null {
  const place = machine.depth > 0 ? null : { range, dynamic };
  const outcome = machine.host.apply(machine.catalog, placed, sql, place, machine.handlers > 0);
  if (outcome.kind === "rejected") {
    machine.stop ??= { kind: "refused", rejection: outcome.rejection };
    return null;
  }
  machine.catalog = outcome.catalog;
  addAll(machine.declined, outcome.declined);
  return null;
}

/** COMMIT inside a procedure or DO block, where there is no transaction around it. */
function controlTransaction(machine: Machine, action: string): null {
  if (machine.host.inTransaction || action !== "commit") return undecided(machine, "the block controls transactions");
  machine.catalog = withoutLocalSettings(machine.catalog);
  machine.committed = true;
  return null;
}

function runQuery(
  machine: Machine,
  placed: PlacedStatement,
  query: Query,
  text: SqlText,
  scope: Scope,
  wantsRows: boolean,
): Rows | null {
  if (changesConfiguration(machine, query)) {
    changeConfiguration(machine, query, scope);
    return null;
  }
  const changes = callsInside(query).some((call) => isOwnCall(machine.catalog, call) && mayChange(machine, call));
  if (query.kind !== "select") {
    if (changes) return undecided(machine, "what a function does for each row is not known");
    const known = query.kind === "insert" ? withValues(machine, query, scope) : query;
    const { statement } = placed;
    const bound =
      known === query || statement.kind !== "query" ? placed : { ...placed, statement: { ...statement, query: known } };
    return apply(machine, bound, text);
  }
  if (!changes) {
    if (query.from.length > 0 || !wantsRows) apply(machine, placed, text);
    return wantsRows && machine.stop === null ? machine.rowsOf(query, scope) : null;
  }
  const rows = machine.rowsOf(query, scope);
  if (rows === null && isToldWithoutRows(machine, query)) return null;
  return rows ?? undecided(machine, "how often a function is called cannot be told");
}

/** Whether all that the query does is told though its rows are not: it calls one function, of an extension, once. */
export function isToldWithoutRows(machine: Machine, query: SelectQuery): boolean {
  if (machine.stop !== null || query.from.length > 1 || query.where !== null) return false;
  const own = callsInside(query).filter((call) => isOwnCall(machine.catalog, call));
  const [call] = own;
  return (
    own.length === 1 &&
    call !== undefined &&
    query.from.every((item) => item.kind === "function" && item.calls[0] === call) &&
    extensionFunction(machine.catalog, call.name)?.item.returnsSet === true
  );
}

/** The rows of a VALUES list with the values of variables in them, by which they are routed. */
function withValues(machine: Machine, query: InsertQuery, scope: Scope): InsertQuery {
  const { source } = query;
  if (source === null || source.values === null) return query;
  const context = evaluation(machine);
  const bind = (expression: Expression): Expression =>
    withKnownVariables(mapOperands(expression, bind), scope.variables, context);
  return { ...query, source: { ...source, values: source.values.map((row) => row.map(bind)) } };
}
