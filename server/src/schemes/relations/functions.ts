/** CREATE FUNCTION: how volatile it is, for keys, CHECKs and bounds that call it. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { CreateFunction, PlacedStatement } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
import { callsOf } from "../queries/query-walk.ts";
import type { ApplyContext, Outcome } from "../scheme.ts";

/** Applies CREATE FUNCTION and CREATE PROCEDURE; null for any other statement. */
export function applyCreateFunction(catalog: Catalog, placed: PlacedStatement, _context: ApplyContext): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-function") return null;
  return applied({ ...catalog, functions: withFunction(catalog, statement) });
}

/** Functions are kept by name: overloads of different volatility leave none that a call could be told to mean. */
function withFunction(catalog: Catalog, create: CreateFunction): Catalog["functions"] {
  const { name } = create.name;
  const { volatility, returns } = create;
  const before = catalog.functions.get(name);
  const changesSchema =
    mayChangeSchema(catalog, create) || (before !== undefined && !create.replace && before.changesSchema !== false);
  const ambiguous = before !== undefined && !create.replace && before.volatility !== volatility;
  return catalog.functions.with(
    name,
    {
      volatility: ambiguous ? "volatile" : volatility,
      returns,
      changesSchema,
      inlined: create.language.toLowerCase() === "sql",
    },
    true,
  );
}

/** Whether a call of the function may create, change or drop anything: one that cannot be read may. */
function mayChangeSchema(catalog: Catalog, create: CreateFunction): boolean {
  const { body } = create;
  if (create.volatility !== "volatile") return false;
  if (body === null || body.dynamic || !["sql", "plpgsql"].includes(create.language.toLowerCase())) return true;
  return body.statements.some(({ statement }) => {
    switch (statement.kind) {
      case "query":
        return callsOf(statement.query).some(
          (call) => catalog.functions.get(call.name.at(-1) ?? "")?.changesSchema === true,
        );
      case "set":
      case "transaction":
      case "truncate":
      case "copy":
        return false;
      default:
        return true;
    }
  });
}
