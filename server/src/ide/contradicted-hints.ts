/** Findings about pruning rest on the prediction: where a planner has answered otherwise, they are dropped. */

import type { RelationVerdict, Verdict } from "../pruning/verdict.ts";
import type { Step } from "../replay/step.ts";
import type { Finding } from "../text/finding.ts";
import type { Analysis } from "./analysis.ts";

/** `answerTo` is what a planner has said of a step; null where none has answered. */
export function withoutContradicted(
  findings: readonly Finding[],
  { steps }: Pick<Analysis, "steps">,
  answerTo: (step: Step) => Verdict | null,
): readonly Finding[] {
  return findings.filter((finding) => {
    const agrees = agreements[finding.rule];
    if (agrees === undefined) return true;
    const step = stepAt(steps, finding.range.start);
    const answer = step === null ? null : answerTo(step);
    const planned = (answer?.relations ?? []).filter(
      ({ source, relation }) =>
        source !== "predicted" && relation.name === finding.table?.name && relation.schema === finding.table.schema,
    );
    return planned.length === 0 || planned.some(agrees);
  });
}

/** What a planner's verdict is where the finding of a rule is right. */
const agreements: Readonly<Record<string, (verdict: RelationVerdict) => boolean>> = {
  "pruning-none": readsAll,
  "pruning-defeated": readsAll,
  "pruning-late": ({ decided }) => decided === "executor-start",
};

function readsAll({ survivors, leaves, decided }: RelationVerdict): boolean {
  return survivors?.length === leaves.length && decided === "planning";
}

function stepAt(steps: readonly Step[], offset: number): Step | null {
  let [low, high] = [0, steps.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const step = steps[middle];
    if (step === undefined) return null;
    if (offset < step.statement.start) high = middle - 1;
    else if (offset > step.statement.end) low = middle + 1;
    else return step;
  }
  return null;
}
