/** What rules want to know of single statements at the end of a script: made once for each, and found again without a look at others. */

import type { Step } from "../../replay/step.ts";
import type { Statement } from "../../syntax/statement.ts";
import { rules } from "../index.ts";
import type { Marked, Rule, RuleFinding, StepMark } from "../rule.ts";

/** A mark that a step has. */
export interface MarkOfStep {
  readonly mark: StepMark<unknown>;
  readonly value: unknown;
}

export interface StepFinding {
  readonly rule: Rule;
  readonly finding: RuleFinding;
}

/** What was found in a step, and what rules want to know of it at the end. */
export interface Found {
  readonly found: readonly StepFinding[];
  readonly marks: readonly MarkOfStep[];
}

/** What was found in a script. */
export interface FoundInScript {
  /** The steps of which there is something to say or to know, in order. */
  readonly some: () => Iterable<Found & { readonly step: () => Step }>;
}

/** The steps with the mark, of those that have any. */
export function markedSteps<Value>(script: FoundInScript, wanted: StepMark<Value>): readonly Marked<Value>[] {
  const marked: Marked<Value>[] = [];
  for (const { marks, step } of script.some())
    for (const { mark, value } of marks) if (mark === wanted) marked.push({ step: step(), value: value as Value });
  return marked;
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
