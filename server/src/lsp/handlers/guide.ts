/** `partitionLens/guide`: what to ask next for an operation, and what the answers make; nothing is written. */

import { readOperationRequest } from "../../ddl/operation.ts";
import { partsOfChain } from "../../ide/chain.ts";
import { subjectAt } from "../../ide/code-actions.ts";
import type { GuideContext } from "../../ide/guide/answers.ts";
import { type GuideStep, guideInTurns, subjectNamed } from "../../ide/guide/guide.ts";
import { refusedPlacesInTurns } from "../../ide/refused-places.ts";
import { sizesUnknown } from "../../ide/relation-sizes.ts";
import { offsetAt } from "../../text/line-index.ts";
import { fileNameOf } from "../../text/uri-name.ts";
import { RefusedError } from "../guard.ts";
import type { GuideParams, GuideResult } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";
import { schemaOfSource } from "../shown-schemas.ts";
import { staleness } from "../staleness.ts";
import { actionContext, scriptPlan } from "./write-script.ts";

export async function guide(session: Session, params: GuideParams): Promise<GuideResult> {
  const { context, subject } = await contextOf(session, params);
  const isNew = subject !== null && !("operation" in params.answers) && !("subject" in params.answers);
  const step = await session.inTurns(guideInTurns(isNew ? { ...params.answers, subject } : params.answers, context));
  const { answers, question, problem, script, parts, trail } = step;
  return {
    answers,
    question,
    problem,
    preview:
      script === null
        ? null
        : {
            title: script.title,
            sql: script.sql,
            undo: script.undo,
            parts,
            target: await targetOf(session, params, step),
          },
    arguments: step.arguments,
    trail,
  };
}

async function contextOf(
  session: Session,
  { textDocument, source, position, narrowed = "" }: GuideParams,
): Promise<{ readonly context: GuideContext; readonly subject: string | null }> {
  const sizeOf = session.database.current()?.sizes() ?? sizesUnknown;
  const common = {
    inTransaction: false,
    typedValues: session.typedValues,
    stale: staleness(session),
    reading: session.reading,
    sizeOf,
    narrowed,
  };
  if (textDocument === undefined) {
    if (source === undefined) throw new RefusedError('pass "textDocument" or "source"');
    const schema = await schemaOfSource(session, source);
    if (schema === null) throw new RefusedError("the schema that the tree showed is gone");
    const options = session.analysisOptions("");
    const { version, today } = options;
    const context = {
      ...common,
      catalog: schema.catalog,
      version,
      today,
      versions: options,
      refused: await schema.refused(),
    };
    return { context, subject: null };
  }
  const { file, analysis } = await requiredAnalysis(session, textDocument.uri);
  if (file.isProgram) throw new RefusedError("scripts are not written into programs");
  const acting = actionContext(session, file, analysis);
  const { version, today } = acting;
  const chain = session.schema.memberOf(file.uri);
  const steps = chain === null ? analysis.steps : partsOfChain(chain).flatMap((part) => part.steps);
  const context: GuideContext = {
    ...common,
    catalog: acting.end ?? analysis.final,
    version,
    today,
    versions: analysis.options,
    refused: await session.inTurns(refusedPlacesInTurns(steps, version)),
  };
  const relation = position === undefined ? null : subjectAt(acting, offsetAt(file.lines, position));
  return { context, subject: relation === null ? null : subjectNamed(relation, context) };
}

/** Only where there is nothing else to ask: to plan it takes as long as to write it. */
async function targetOf(
  session: Session,
  { textDocument }: GuideParams,
  { question, arguments: given }: GuideStep,
): Promise<string | null> {
  if (question !== null && question.argument !== "style") return null;
  if (textDocument === undefined) return "an untitled document";
  const request = readOperationRequest(given);
  if (!request.ok) return null;
  try {
    const [first] = (await scriptPlan(session, { ...request.value, textDocument })).files;
    if (first === undefined) return null;
    const name = fileNameOf(first.uri);
    return first.range === null ? `the new file ${name}` : name;
  } catch (error) {
    if (error instanceof RefusedError) return null;
    throw error;
  }
}
