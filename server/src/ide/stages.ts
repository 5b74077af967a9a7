/** Show Stage: what each stage of the pipeline made of a file, through the printers that the tests use too. */

import { printCatalog } from "../catalog/print.ts";
import { generate } from "../ddl/generate.ts";
import { printVerdict } from "../pruning/print.ts";
import type { Verdict } from "../pruning/verdict.ts";
import { printStepsInTurns } from "../replay/print.ts";
import type { Step } from "../replay/step.ts";
import { textOfStatement } from "../syntax/document.ts";
import { printStatements } from "../syntax/print.ts";
import { inPortions } from "../text/portions.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import type { Analysis } from "./analysis.ts";
import type { ActionContext } from "./code-actions.ts";
import { partitionActionsInTurns } from "./code-actions.ts";
import { partitionedQuerySteps } from "./lenses.ts";
import { placeOfStep, stepBefore } from "./step-places.ts";

export const stages = ["statements", "catalog", "steps", "script", "verdict"] as const;
export type Stage = (typeof stages)[number];

export interface StageRequest {
  readonly stage: Stage;
  /** The statement at this offset is meant; null: the last, or all. */
  readonly offset: number | null;
}

export async function stageText(
  analysis: Analysis,
  { stage, offset }: StageRequest,
  actions: ActionContext,
  verdictOf: (step: Step) => Promise<Verdict>,
  inTurns: <Result>(work: Turns<Result>) => Promise<Result> = async (work) => atOnce(work),
): Promise<string> {
  const { document, steps } = analysis;
  const textOf = ({ handle }: Step): string => textOfStatement(document, handle);
  const isMeant = (step: Step): boolean => {
    const { start, terminatorEnd } = placeOfStep(analysis, step);
    return offset === null || (start <= offset && offset <= terminatorEnd);
  };
  switch (stage) {
    case "statements":
      return printStatements(document.statements);
    case "steps":
      return inTurns(printStepsInTurns(steps, textOf));
    case "catalog": {
      const last = offset === null ? null : stepBefore(analysis, offset);
      return printCatalog(offset === null ? analysis.final : (last?.after ?? analysis.start));
    }
    case "script":
      return inTurns(scripts(analysis, offset, actions));
    case "verdict": {
      const queries = (await inTurns(partitionedQuerySteps(analysis))).filter(isMeant);
      const printed: string[] = [];
      for (const step of queries) printed.push(`${textOf(step).trim()}\n${printVerdict(await verdictOf(step))}`);
      return printed.length === 0 ? "-- no statement here touches a partitioned table\n" : `${printed.join("\n\n")}\n`;
    }
  }
}

/** Every script that the operations offered at the offset write, or at all statements. */
function* scripts(analysis: Analysis, offset: number | null, context: ActionContext): Turns<string> {
  const offsets = offset === null ? analysis.document.statements.map(({ start }) => start) : [offset];
  const seen = new Set<string>();
  const printed: string[] = [];
  const { version, today, typedValues } = context;
  const writing = { catalog: analysis.final, version, today, typedValues, inTransaction: false };
  for (const at of offsets) {
    for (const { title, request, proposal } of yield* partitionActionsInTurns(context, at)) {
      if (proposal !== null || seen.has(title)) continue;
      seen.add(title);
      const result = yield* inPortions(() => generate(request, writing));
      printed.push(`-- ${title}\n${result.ok ? result.value.sql : `-- ${result.problem.message}\n`}`);
    }
    yield;
  }
  return printed.length === 0 ? "-- no partition operation fits here\n" : printed.join("\n");
}
