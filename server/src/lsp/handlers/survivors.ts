/** `partitionLens/survivors`, and the answer to a click on a lens. */

import { findRelation } from "../../catalog/catalog.ts";
import type { Analysis } from "../../ide/analysis.ts";
import { lensTitle, withoutIcons } from "../../ide/lens-title.ts";
import { partitionedQuerySteps } from "../../ide/lenses.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { boundLabel } from "../../ide/spelling.ts";
import { placeOfStep, stepBefore } from "../../ide/step-places.ts";
import { fatesOf, survivorsOf } from "../../ide/survivors.ts";
import type { QualifiedName } from "../../pruning/verdict.ts";
import type { Step } from "../../replay/step.ts";
import { textOfStatement } from "../../syntax/document.ts";
import { fromRange } from "../from-proto.ts";
import { RefusedError } from "../guard.ts";
import type {
  PartitionFate,
  PruningAnswer,
  PruningArguments,
  StatementSurvivors,
  SurvivorsParams,
  SurvivorsResult,
} from "../protocol.ts";
import { definitionOf, requiredAnalysis, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

export async function survivors(
  session: Session,
  { textDocument }: SurvivorsParams,
  signal: AbortSignal,
): Promise<SurvivorsResult> {
  const { file, analysis } = await requiredAnalysis(session, textDocument.uri);
  const statements: StatementSurvivors[] = [];
  for (const step of partitionedQuerySteps(analysis)) {
    const verdict = await session.verdicts.verdictOf(analysis, step, signal);
    if (verdict.relations.length === 0) continue;
    const { start, end } = placeOfStep(analysis, step);
    statements.push({ range: toRange(file.lines, { start, end }), relations: survivorsOf(verdict) });
  }
  return { statements };
}

export async function showPruning(
  session: Session,
  { uri, range }: PruningArguments,
  signal: AbortSignal,
): Promise<PruningAnswer> {
  const { file, analysis } = await requiredAnalysis(session, uri);
  const { start } = fromRange(file.lines, range);
  const step = stepBefore(analysis, start);
  if (step === null || placeOfStep(analysis, step).terminatorEnd <= start)
    throw new RefusedError("there is no statement here any more");
  const verdict = await session.verdicts.verdictOf(analysis, step, signal);
  const title = lensTitle(verdict, textOfStatement(analysis.document, step.handle), {
    names: session.settingsFor(uri)["codeLens.names"],
    sourceNote: sourceNoteOf(step, analysis.file, session.verdicts.sourceNote),
  });
  const relations = survivorsOf(verdict).map((relation, index) => {
    const leaves = verdict.relations[index]?.leaves ?? [];
    const fates = fatesOf(relation);
    return {
      ...relation,
      partitions: leaves.map((leaf, at) => fate(session, analysis, step, leaf, fates[at]?.survives ?? null)),
    };
  });
  return { title: withoutIcons(title), relations };
}

function fate(
  session: Session,
  analysis: Analysis,
  step: Step,
  leaf: QualifiedName,
  survives: boolean | null,
): PartitionFate {
  const catalog = findRelation(step.before, leaf) === null ? analysis.final : step.before;
  const relation = findRelation(catalog, leaf);
  return {
    name: `${leaf.schema}.${leaf.name}`,
    bound: relation === null ? "" : boundLabel(catalog, relation),
    survives,
    definition: relation === null ? null : definitionOf(session, relation.partitionOf?.origin ?? relation.origin),
  };
}
