/** SELECT of constants alone: what PostgreSQL refuses when it computes them. */

import type { Catalog } from "../../catalog/catalog.ts";
import { evaluate } from "../../catalog/values/evaluate.ts";
import type { SelectQuery } from "../../syntax/query.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";

/** The refusal of a value that cannot be computed, such as `1 / 0`; null where there is none, or where rows decide. */
export function refuseConstants(catalog: Catalog, query: SelectQuery, context: ApplyContext): Refusal | null {
  const { from, where, having, groupBy, values, setOperation, hasLimit, offset } = query;
  const isPlain =
    !hasLimit && offset === null && from.length === 0 && where === null && having === null && groupBy.length === 0;
  if (!isPlain || values !== null || setOperation !== null || query.with.length > 0) return null;
  const { settings } = catalog;
  for (const { expression } of query.targets) {
    const evaluation = evaluate(expression, { settings, version: context.version, catalog, today: context.today });
    // Operators and functions may be the user's; what a value cannot be is certain (data exceptions).
    if (evaluation.kind !== "problem" || !evaluation.sqlstate.startsWith("22")) continue;
    const { sqlstate, message, detail, hint, range } = evaluation;
    return rejected("statement-rejected", sqlstate, message, range, { detail, hint });
  }
  return null;
}
