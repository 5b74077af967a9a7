/** Show Stage: what each stage of the pipeline made of a file, through the printers that the tests use too. */

import { printCatalog } from "../catalog/print.ts";
import { generate } from "../ddl/generate.ts";
import { printVerdict } from "../pruning/print.ts";
import type { Verdict } from "../pruning/verdict.ts";
import { printSteps } from "../replay/print.ts";
import type { Step } from "../replay/step.ts";
import { printStatements } from "../syntax/print.ts";
import type { Analysis } from "./analysis.ts";
import type { ActionContext } from "./code-actions.ts";
import { partitionActions } from "./code-actions.ts";
import { partitionedQuerySteps } from "./lenses.ts";

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
): Promise<string> {
  const { document, steps } = analysis;
  const textOf = ({ statement }: Step): string => document.text.slice(statement.start, statement.end);
  const isMeant = ({ statement }: Step): boolean =>
    offset === null || (statement.start <= offset && offset <= statement.terminatorEnd);
  switch (stage) {
    case "statements":
      return printStatements(document.statements);
    case "steps":
      return printSteps(steps, textOf);
    case "catalog": {
      const last = offset === null ? undefined : steps.findLast(({ statement }) => statement.start <= offset);
      return printCatalog(offset === null ? analysis.final : (last?.after ?? analysis.start));
    }
    case "script":
      return scripts(analysis, offset, actions);
    case "verdict": {
      const queries = partitionedQuerySteps(analysis).filter(isMeant);
      const printed: string[] = [];
      for (const step of queries) printed.push(`${textOf(step).trim()}\n${printVerdict(await verdictOf(step))}`);
      return printed.length === 0 ? "-- no statement here touches a partitioned table\n" : `${printed.join("\n\n")}\n`;
    }
  }
}

/** Every script that the operations offered at the offset write, or at all statements. */
function scripts(analysis: Analysis, offset: number | null, context: ActionContext): string {
  const offsets = offset === null ? analysis.steps.map(({ statement }) => statement.start) : [offset];
  const seen = new Set<string>();
  const printed = offsets
    .flatMap((at) => partitionActions(context, at))
    .filter(({ title, proposal }) => proposal === null && !seen.has(title) && seen.add(title))
    .map(({ title, request }) => {
      const { version, today, typedValues } = context;
      const result = generate(request, {
        catalog: analysis.final,
        version,
        today,
        typedValues,
        inTransaction: false,
      });
      return `-- ${title}\n${result.ok ? result.value.sql : `-- ${result.problem.message}\n`}`;
    });
  return printed.length === 0 ? "-- no partition operation fits here\n" : printed.join("\n");
}
