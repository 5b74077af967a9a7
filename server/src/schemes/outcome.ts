/** Small steps from which outcomes are composed: applied, rejected, one after the other. */

import type { Catalog } from "../catalog/catalog.ts";
import type { TextRange } from "../text/range.ts";
import type { ErrorRule, Outcome, Rejection } from "./scheme.ts";

export type Refusal = Extract<Outcome, { kind: "rejected" }>;

export function applied(catalog: Catalog, ...declined: readonly string[]): Outcome {
  return { kind: "applied", catalog, declined };
}

/** A refusal without related places; `extra` adds them, DETAIL, HINT, or the position that PostgreSQL reports. */
export function rejected(
  rule: ErrorRule,
  sqlstate: string,
  message: string,
  range: TextRange,
  extra: Partial<Pick<Rejection, "detail" | "hint" | "position" | "related" | "assumption">> = {},
): Refusal {
  return { kind: "rejected", rejection: { rule, sqlstate, message, range, related: [], assumption: null, ...extra } };
}

/** The refusal where PostgreSQL does not say where in the statement it stands. */
export function withoutPosition(refusal: Refusal): Refusal {
  return { ...refusal, rejection: { ...refusal.rejection, position: undefined } };
}

/** Runs `next` on the catalog that an applied outcome leaves; what was declined before stays declined. */
export function andThen(outcome: Outcome, next: (catalog: Catalog) => Outcome): Outcome {
  if (outcome.kind === "rejected") return outcome;
  return withDeclined(next(outcome.catalog), outcome.declined);
}

/** Runs `step` for each item, each on the catalog that the one before left; stops at the first refusal. */
export function applyEach<T>(
  catalog: Catalog,
  items: Iterable<T>,
  step: (catalog: Catalog, item: T) => Outcome,
): Outcome {
  let current = catalog;
  const declined: string[] = [];
  for (const item of items) {
    const outcome = step(current, item);
    if (outcome.kind === "rejected") return outcome;
    current = outcome.catalog;
    declined.push(...outcome.declined);
  }
  return { kind: "applied", catalog: current, declined };
}

/** The outcome with sentences put in front of its own. */
export function withDeclined(outcome: Outcome, declined: readonly string[]): Outcome {
  if (outcome.kind === "rejected" || declined.length === 0) return outcome;
  return { ...outcome, declined: [...declined, ...outcome.declined] };
}
