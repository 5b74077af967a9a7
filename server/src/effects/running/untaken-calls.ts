/** Calls that no function of the script takes, where others may that nobody shows: PostgreSQL may refuse the statement. */

import { type Catalog, findRelation } from "../../catalog/catalog.ts";
import { fitsNoneShown } from "../../catalog/values/own-functions.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Statement } from "../../syntax/statement.ts";
import type { ApplyContext } from "../outcome.ts";
import { callsInside } from "../queries/query-walk.ts";
import { analyzeExpression } from "../relations/expression-text.ts";

/** The first such call of a statement that makes, alters or writes something; null where there is none. */
export function untakenCall(
  before: Catalog,
  after: Catalog,
  statement: Statement,
  context: ApplyContext,
): FunctionCall | null {
  if (before.functions.size === 0 || !mayCall(before, statement)) return null;
  for (const call of callsInside(statement)) {
    if (!before.functions.has(call.name.at(-1) ?? "")) continue;
    const name = tableOf(statement);
    const table = name === null ? null : findRelation(after, name);
    const scope = {
      catalog: before,
      context,
      table: table?.name ?? "",
      columns: table?.columns ?? [],
      allColumns: false,
      place: "expressions",
    };
    const types = call.arguments.map(({ value }) => {
      const analysis = analyzeExpression(value, scope);
      return analysis.kind === "analysis" ? analysis.type : null;
    });
    if (fitsNoneShown(call, types, before)) return call;
  }
  return null;
}

/** Whether it is of a kind that is left undone then; rows may be many, and are looked through only where the function is named. */
function mayCall({ functions }: Catalog, statement: Statement): boolean {
  if (statement.kind !== "query") return stores.has(statement.kind);
  const isRun = statement.wrapper === "none" || statement.wrapper === "explain-analyze";
  return isRun && statement.uses?.calls.some((name) => functions.has(name.at(-1) ?? "")) === true;
}

const stores: ReadonlySet<Statement["kind"]> = new Set<Statement["kind"]>([
  "create-table",
  "create-table-as",
  "create-view",
  "create-index",
  "create-schema",
  "create-type",
  "alter-table",
]);

/** The table whose columns the expressions of the statement mean; null where they may mean those of others. */
function tableOf(statement: Statement): RelationName | null {
  switch (statement.kind) {
    case "create-table":
      return statement.name;
    case "alter-table":
    case "create-index":
      return statement.relation;
    case "query":
      return statement.query.kind === "update" || statement.query.kind === "delete" ? statement.query.target : null;
    default:
      return null;
  }
}
