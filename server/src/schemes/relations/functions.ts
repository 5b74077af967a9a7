/** CREATE FUNCTION: how volatile it is, for keys, CHECKs and bounds that call it. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { CreateFunction, PlacedStatement } from "../../syntax/statement.ts";
import { applied } from "../outcome.ts";
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
  const ambiguous = before !== undefined && !create.replace && before.volatility !== volatility;
  return catalog.functions.with(name, { volatility: ambiguous ? "volatile" : volatility, returns }, true);
}
