/** `partitionLens/stage`: what one stage of the pipeline made of a file, in its own words. */

import { type StageRequest, stageText } from "../../ide/stages.ts";
import type { Step } from "../../replay/step.ts";
import { offsetAt } from "../../text/line-index.ts";
import type { StageParams, StageResult } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { actionContext } from "./write-script.ts";

export async function showStage(
  session: Session,
  { textDocument, stage, position }: StageParams,
  signal: AbortSignal,
): Promise<StageResult> {
  const { file, analysis } = await requiredAnalysis(session, textDocument.uri);
  const request: StageRequest = { stage, offset: position === undefined ? null : offsetAt(file.lines, position) };
  const actions = actionContext(session, file, analysis);
  const verdictOf = (step: Step) => session.verdicts.verdictOf(analysis, step, signal);
  return { text: await stageText(analysis, request, actions, verdictOf, session.inTurns) };
}
