/** Every scheme in one place: applies a statement to a catalog by whoever knows its kind. */

import type { Catalog } from "../catalog/catalog.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { applyPartitionCommand } from "./declarative/partition-command.ts";
import { applied } from "./outcome.ts";
import { applyAlterTable } from "./relations/alter-table.ts";
import { applyCreateTable } from "./relations/create-table.ts";
import type { Apply, ApplyContext, Outcome } from "./scheme.ts";

/** In the order in which they are asked; each statement kind belongs to one of them. */
const schemes: readonly Apply[] = [applyCreateTable, applyPartitionCommand, applyAlterTable];

/**
 * What the statement does to the catalog, or PostgreSQL's refusal. A statement that nobody knows leaves the catalog as it
 * is. Transaction control, `invalid` statements and DO blocks are the replay's.
 */
export function applyStatement(catalog: Catalog, statement: PlacedStatement, context: ApplyContext): Outcome {
  for (const apply of schemes) {
    const outcome = apply(catalog, statement, context);
    if (outcome !== null) return outcome;
  }
  return applied(catalog);
}
