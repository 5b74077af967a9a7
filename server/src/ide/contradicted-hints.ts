/** Findings about pruning rest on the prediction: where a planner has answered otherwise, they are dropped. */

import type { RelationVerdict, Verdict } from "../pruning/verdict.ts";
import type { Step } from "../replay/step.ts";
import type { Finding } from "../text/finding.ts";
import type { Turns } from "../text/turns.ts";
import type { Analysis } from "./analysis.ts";
import { stepTouching } from "./step-places.ts";

/** `answerTo` is what a planner has said of a step; null where none has answered. Pauses now and then. */
export function* withoutContradicted(
  findings: readonly Finding[],
  analysis: Pick<Analysis, "document" | "steps">,
  answerTo: (step: Step) => Verdict | null,
): Turns<readonly Finding[]> {
  const kept: Finding[] = [];
  for (const [index, finding] of findings.entries()) {
    if (index % betweenPauses === 0) yield;
    if (!isContradicted(finding, analysis, answerTo)) kept.push(finding);
  }
  return kept;
}

/** So many findings are looked at between two pauses. */
const betweenPauses = 256;

function isContradicted(
  finding: Finding,
  analysis: Pick<Analysis, "document" | "steps">,
  answerTo: (step: Step) => Verdict | null,
): boolean {
  const agrees = agreements[finding.rule];
  if (agrees === undefined) return false;
  const step = stepTouching(analysis, finding.range.start);
  const answer = step === null ? null : answerTo(step);
  const planned = (answer?.relations ?? []).filter(
    ({ source, relation }) =>
      source !== "predicted" && relation.name === finding.table?.name && relation.schema === finding.table.schema,
  );
  return planned.length > 0 && !planned.some(agrees);
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
