/** Calls of the script's own functions in queries, and what psql's `\\gexec` runs: followed where bodies and rows tell what they do. */

import type { Catalog } from "../catalog/catalog.ts";
import { type ApplyContext, type Outcome, type Refusal, rejected } from "../effects/outcome.ts";
import { callsInside } from "../effects/queries/query-walk.ts";
import { isSetConfig } from "../effects/relations/settings.ts";
import { mayChange } from "../effects/running/apply-running.ts";
import { whatRunsUnnamed } from "../effects/running/what-runs.ts";
import { configurationTable, extensionFunction } from "../schemes/extensions.ts";
import type { FunctionCall } from "../syntax/expression.ts";
import type { SelectQuery } from "../syntax/query.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { hostOf, type ScriptSource, withDoubts } from "./do-block.ts";
import { changesConfiguration } from "./plpgsql/configuration.ts";
import { type FollowedOutcome, followCall, followChange, followQuery } from "./plpgsql/follow.ts";
import { callMayChange, evaluation, isOwnCall, type Machine, type Rows, undecided } from "./plpgsql/machine.ts";
import { runText } from "./plpgsql/run-sql.ts";
import { textOf } from "./plpgsql/typed-value.ts";

/**
 * What a query or a CALL does by the functions of the script that it calls. null where it calls none that may change anything.
 */
export function applyCallsOfOwn(
  catalog: Catalog,
  placed: PlacedStatement,
  source: ScriptSource | null,
  context: ApplyContext,
): FollowedOutcome | null {
  const { statement } = placed;
  const isOfExtension = usesExtension(catalog, statement);
  if (source === null || (catalog.functions.size === 0 && !isOfExtension) || placed.masked) return null;
  if (mayChange(whatRunsUnnamed(catalog))) return null;
  const host = hostOf(source, context, 0);
  const isToFollow = (call: FunctionCall): boolean =>
    isOwnCall(catalog, call) && !isSetConfig(call) && callMayChange(catalog, call, host.mayChange);
  if (statement.kind === "call-procedure") {
    const { call } = statement;
    if (call.kind !== "call" || !isToFollow(call)) return null;
    return told(catalog, followCall(call, catalog, host));
  }
  if (statement.kind !== "query" || statement.wrapper !== "none") return null;
  const { query } = statement;
  if (changesConfiguration({ catalog }, query)) return told(catalog, followChange(query, catalog, host));
  if (query.kind !== "select" || query.into !== null) return null;
  if (!callsInside(query).some(isToFollow)) return null;
  return columnOfNothing(catalog, query) ?? told(catalog, followQuery(query, catalog, host));
}

/** `SELECT f(t)` without FROM: there is no column to pass, whatever table has the name. */
function columnOfNothing(catalog: Catalog, query: SelectQuery): Refusal | null {
  if (query.from.length > 0 || query.values !== null || query.setOperation !== null) return null;
  for (const { expression } of query.targets) {
    if (expression.kind !== "call" || extensionFunction(catalog, expression.name) === null) continue;
    for (const { value } of expression.arguments) {
      if (value.kind !== "column" || value.star || value.names.length !== 1) continue;
      const message = `column "${value.names[0]}" does not exist`;
      return rejected("statement-rejected", "42703", message, value.range, { position: value.range.start });
    }
  }
  return null;
}

/** Whether the statement calls a function of an extension, or changes one of its configuration tables. */
function usesExtension(catalog: Catalog, { uses }: PlacedStatement["statement"]): boolean {
  if (uses === undefined) return false;
  return (
    uses.calls.some((name) => extensionFunction(catalog, name) !== null) ||
    uses.writes.some(({ relation }) => configurationTable(catalog, relation) !== null)
  );
}

/** The statement without the configuration tables of extensions that it reads: nobody's code runs when they are read. */
export function withoutConfiguration(catalog: Catalog, placed: PlacedStatement): PlacedStatement {
  const { statement } = placed;
  const { uses } = statement;
  if (uses === undefined || !uses.reads.some((name) => configurationTable(catalog, name) !== null)) return placed;
  const reads = uses.reads.filter((name) => configurationTable(catalog, name) === null);
  return { ...placed, statement: { ...statement, uses: { ...uses, reads } } };
}

function told(before: Catalog, outcome: FollowedOutcome): FollowedOutcome {
  return outcome.kind === "undecided" ? outcome : withDoubts(before, outcome);
}

/**
 * What psql runs where `\\gexec` ends a query: each value of each row is a statement, of which one that fails does not keep the
 * next from running. null where the rows are not known, or where a statement is refused.
 */
export function applyGexec(
  catalog: Catalog,
  placed: PlacedStatement,
  source: ScriptSource,
  context: ApplyContext,
): Outcome | null {
  const { statement } = placed;
  if (placed.masked || statement.kind !== "query" || statement.query.kind !== "select") return null;
  if (statement.wrapper !== "none" || statement.query.into !== null) return null;
  const host = hostOf(source, context, null, context);
  const outcome = followQuery(statement.query, catalog, host, runValues);
  return outcome.kind === "applied" ? withDoubts(catalog, outcome) : null;
}

function runValues(machine: Machine, rows: Rows): void {
  for (const field of rows.flat()) {
    const sql = field.value === null ? undefined : textOf(field.value, evaluation(machine));
    if (sql === undefined) undecided(machine, "a statement cannot be told");
    else if (sql !== null) runText(machine, { sql, range: { start: 0, end: 0 }, dynamic: true }, nothing, false);
  }
}

const nothing = { variables: new Map(), ctes: new Map() };
