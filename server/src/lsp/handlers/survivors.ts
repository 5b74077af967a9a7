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
  let names = 0;
  const tell = async (step: Step): Promise<void> => {
    // Where the answer is too long already nobody need be asked.
    const verdict = names > mostNames ? null : await session.verdicts.verdictOf(analysis, step, signal);
    if (verdict === null || verdict.relations.length === 0) return;
    const { start, end } = placeOfStep(analysis, step);
    statements.push({ range: toRange(file.lines, { start, end }), relations: survivorsOf(verdict) });
    names += verdict.relations.reduce(
      (sum, { leaves, survivors }) => sum + leaves.length + (survivors?.length ?? 0),
      0,
    );
  };
  await session.allInTurns(await session.inTurns(partitionedQuerySteps(analysis)), tell, signal);
  if (names > mostNames)
    throw new RefusedError(
      `the answer would be longer than ${mostNames} names: ask for the catalog, and of a part of the file`,
    );
  return {
    statements: statements.sort(
      (a, b) => a.range.start.line - b.range.start.line || a.range.start.character - b.range.start.character,
    ),
  };
}

/** Of queries times partitions; more of them are a gigabyte before long. */
const mostNames = 1_000_000;

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
