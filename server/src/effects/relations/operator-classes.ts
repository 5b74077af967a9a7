/** CREATE OPERATOR CLASS: which operator classes there are besides PostgreSQL's own. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { PlacedStatement } from "../../syntax/statement.ts";
import { type ApplyContext, applied, type Outcome } from "../outcome.ts";

/** Applies CREATE OPERATOR CLASS; null for any other statement. */
export function applyCreateOperatorClass(
  catalog: Catalog,
  placed: PlacedStatement,
  _context: ApplyContext,
): Outcome | null {
  const { statement } = placed;
  if (statement.kind !== "create-operator-class") return null;
  const key = `${statement.method} ${statement.name.name}`;
  const operatorClasses = catalog.operatorClasses.with(key, { isDefault: statement.isDefault }, true);
  return applied({ ...catalog, operatorClasses });
}

/** Whether the script has created an operator class of that name. */
export function hasOwnOperatorClass(catalog: Catalog, method: string, name: string): boolean {
  return catalog.operatorClasses.has(`${method} ${name}`);
}

/** Whether the script has made an operator class a type's default. */
export function hasOwnDefaultClass(catalog: Catalog, method: string): boolean {
  return [...catalog.operatorClasses.entries()].some(
    ([key, { isDefault }]) => isDefault && key.startsWith(`${method} `),
  );
}
