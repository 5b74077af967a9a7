/** What the functions that a statement calls do to the catalog, where a scheme knows it. */

import type { Catalog } from "../../catalog/catalog.ts";
import type { FunctionCall } from "../../syntax/expression.ts";
import { type ApplyContext, applied, type Outcome } from "../outcome.ts";
import { applySetConfig } from "../relations/settings.ts";

/** Applies a call of one of a scheme's functions, or returns null for one that is not its business. */
export type ApplyCall = (catalog: Catalog, call: FunctionCall, context: ApplyContext) => Outcome | null;

/** The schemes that know functions, in the order in which they are asked. */
const callers: readonly ApplyCall[] = [];

/** What one call does by itself; what other functions may do is told apart, for the whole statement (`effects/`). */
export function applyCall(catalog: Catalog, call: FunctionCall, context: ApplyContext): Outcome {
  for (const caller of callers) {
    const outcome = caller(catalog, call, context);
    if (outcome !== null) return outcome;
  }
  return applied(applySetConfig(catalog, call) ?? catalog);
}
