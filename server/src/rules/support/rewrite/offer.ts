/** Offers a rewrite as a fix: where it means the same, and where the planner then leaves partitions out by it. */

import type { Column, Relation } from "../../../catalog/relation.ts";
import { type PredictedRelation, predictedRelations } from "../../../pruning/verdict-of.ts";
import { changedStep } from "../../../replay/step.ts";
import { parseDocument } from "../../../syntax/document.ts";
import type { Expression } from "../../../syntax/expression.ts";
import { createStatementCache } from "../../../syntax/statement-cache.ts";
import type { TextRange } from "../../../text/range.ts";
import type { Rewriting, RuleFix, ScriptContext, StepContext } from "../../rule.ts";
import { replacement } from "../fixes.ts";
import { conditionAt } from "../query-parts.ts";
import { rewriteCondition } from "./rewrite.ts";

/** The fix for a condition of the statement on the first column of the table's key; nothing where none is known. */
export function* rewriteFixes(context: StepContext, relation: Relation, range: TextRange): Generator<RuleFix> {
  const { step, text, options, rewriting } = context;
  const condition = conditionAt(step.statement.statement, range);
  const [element] = relation.partitioning?.key.elements ?? [];
  if (rewriting === null || condition === null || element?.column == null || element.type === null) return;
  const { conjunction } = condition;
  const whole = text.slice(conjunction.range.start, conjunction.range.end);
  const part = { start: range.start - conjunction.range.start, end: range.end - conjunction.range.start };
  const key = { name: element.column, type: element.type, settings: step.before.settings };
  const rewritten = rewriteCondition({ text: whole, part, key, today: options.today }, rewriting);
  if (rewritten === null) return;
  const changed = changedPart(whole, rewritten, part);
  const place = { start: conjunction.range.start + changed.start, end: conjunction.range.start + changed.end };
  const edited = text.slice(0, place.start) + changed.text + text.slice(place.end);
  if (!prunes(edited, relation, context, rewriting)) return;
  // The year of a date before our era reads as one after it.
  const preferred = !/\bto_char\b/i.test(whole);
  yield replacement(`Change to ${changed.text}`, step.handle, place, changed.text, { preferred });
}

/** Whether the edited statement leaves out partitions of the table by its conditions, or would if it had others. */
function prunes(edited: string, relation: Relation, context: StepContext, rewriting: Rewriting): boolean {
  return predictedOf(edited, relation, context, rewriting).some(
    ({ survivors, leaves, decided, reasons }) =>
      survivors !== null && (survivors.length < leaves().length || decided !== "planning" || reasons.length === 0),
  );
}

/** What is predicted of a table where another text stands in the statement's place. */
export function predictedOf(
  edited: string,
  relation: Relation,
  { step, options }: StepContext,
  rewriting: Rewriting,
): readonly PredictedRelation[] {
  const document = parseDocument(edited, { ...rewriting, cache: createStatementCache(4) });
  const [statement] = document.read;
  if (statement === undefined || document.read.length !== 1) return [];
  const changed = changedStep(step, { statement, followed: undefined });
  return predictedRelations(changed, options).filter(({ relationId }) => relationId === relation.id);
}

/** The part in which two texts differ, and at least the condition that the finding is about, in whole words. */
function changedPart(before: string, after: string, part: TextRange): TextRange & { readonly text: string } {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  let tail = 0;
  while (
    tail < Math.min(before.length, after.length) - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail++;
  // Behind the first difference and before the last, both texts are the same at both ends.
  start = Math.min(start, part.start);
  tail = Math.min(tail, before.length - part.end);
  const isInWord = (text: string, at: number): boolean => /[\w'".]/.test(text[at] ?? " ");
  while (start > 0 && isInWord(before, start - 1)) start--;
  while (tail > 0 && isInWord(before, before.length - tail)) tail--;
  return { start, end: before.length - tail, text: after.slice(start, after.length - tail) };
}

/** The expression of a CHECK with the column alone in its comparisons; null where no such form is known to mean the same. */
export function rewriteCheck(
  { rewriting, final, options }: Pick<ScriptContext, "rewriting" | "final" | "options">,
  expression: Expression,
  { name, type }: Pick<Column, "name" | "type">,
  text: string,
): string | null {
  if (rewriting === null) return null;
  const key = { name, type, settings: final.settings };
  const own = text.slice(expression.range.start, expression.range.end);
  return rewriteCondition({ text: own, part: null, key, today: options.today }, rewriting);
}
