/** Folds several expressions, long lists of them in portions; and what may be said where one of them is not understood. */

import type { Expression } from "../../syntax/expression.ts";
import { addAll } from "../../text/long-lists.ts";
import { cutForPortions, itemsOfPortion } from "../../text/portions.ts";
import { notedPortion } from "../access.ts";
import { type Fold, type FoldContext, type Folded, folded, isSure, type Problem, unsureType } from "./folded.ts";

/** All parts in order. What comes after a part that is not understood may be preceded by an error of that part. */
export function foldEach(
  expressions: readonly Expression[],
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): readonly Folded[] | Problem {
  // Most lists are short, and there are very many of them.
  if (expressions.length * itemsOfFold <= itemsOfPortion) return foldSome(expressions, true, context, fold);
  const parts: Folded[] = [];
  const state = { areSure: true };
  for (const some of cutForPortions(expressions, itemsOfFold)) {
    const found: readonly Folded[] | Problem = notedPortion(some.length * itemsOfFold, () =>
      foldSome(some, state.areSure, context, fold),
    );
    if ("kind" in found) return found;
    state.areSure &&= found.every(isSure);
    addAll(parts, found);
  }
  return parts;
}

/** As much as this is an expression of a list that is folded. */
const itemsOfFold = 8;

function foldSome(
  expressions: readonly Expression[],
  wereSure: boolean,
  context: FoldContext,
  fold: (expression: Expression, context: FoldContext) => Fold,
): readonly Folded[] | Problem {
  const parts: Folded[] = [];
  let areSure = wereSure;
  for (const expression of expressions) {
    const part = fold(expression, context);
    if (part.kind === "problem" && areSure) return part;
    const next = part.kind === "problem" ? unsure(part.message) : part;
    areSure &&= isSure(next);
    parts.push(next);
  }
  return parts;
}

/** Where a part is not understood, it may be that which PostgreSQL refuses. */
export function unlessUnsure(parts: readonly Folded[], result: Fold): Fold {
  return result.kind === "folded" || parts.every(isSure) ? result : unsure(result.message);
}

export function unsure(reason: string): Folded {
  return folded(unsureType, { volatility: null, reason });
}
