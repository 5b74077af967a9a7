/** What rules want to know of single statements at the end of a script: made once for each, and found again without a look at others. */

import type { Step } from "../../replay/step.ts";
import type { Statement } from "../../syntax/statement.ts";
import { rules } from "../index.ts";
import type { Marked, Rule, StepMark } from "../rule.ts";

/** A mark that a step has. */
export interface MarkOfStep {
  readonly mark: StepMark<unknown>;
  readonly value: unknown;
}

/** The steps with the mark, of those that have any. */
export function markedSteps<Value>(
  steps: readonly Step[],
  some: readonly { readonly index: number; readonly marks: readonly MarkOfStep[] }[],
  wanted: StepMark<Value>,
): readonly Marked<Value>[] {
  return some.flatMap(({ index, marks }) => {
    const step = steps[index];
    return step === undefined
      ? []
      : marks.flatMap(({ mark, value }) => (mark === wanted ? [{ step, value: value as Value }] : []));
  });
}

/** The marks of a step, each made by the rule that it is of. */
export function marksOf(
  step: Step,
  byRule: <Found>(rule: Rule, find: () => readonly Found[]) => readonly Found[],
): readonly MarkOfStep[] {
  return (byKind.get(step.statement.statement.kind) ?? []).flatMap(([rule, mark]) =>
    byRule(rule, () => {
      const value = mark.of(step);
      return value === null ? [] : [{ mark, value }];
    }),
  );
}

const byKind: ReadonlyMap<Statement["kind"], readonly (readonly [Rule, StepMark<unknown>])[]> = groupByKind();

function groupByKind(): ReadonlyMap<Statement["kind"], readonly (readonly [Rule, StepMark<unknown>])[]> {
  const groups = new Map<Statement["kind"], (readonly [Rule, StepMark<unknown>])[]>();
  for (const rule of rules)
    for (const mark of rule.marks ?? [])
      for (const kind of mark.statements) groups.set(kind, [...(groups.get(kind) ?? []), [rule, mark]]);
  return groups;
}
