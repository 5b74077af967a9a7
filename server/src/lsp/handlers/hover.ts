/** `textDocument/hover`. */

import type { Hover, HoverParams } from "vscode-languageserver/node";
import { findRelation } from "../../catalog/catalog.ts";
import { hasParts } from "../../catalog/layout.ts";
import { hoverTarget } from "../../ide/hover.ts";
import { isPart, namedPartHover } from "../../ide/named-anywhere.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { pruningMarkdown } from "../../ide/pruning-hover.ts";
import { boundsTogether } from "../../ide/spelling.ts";
import { placeOfStep } from "../../ide/step-places.ts";
import { partitionMarkdown } from "../../ide/table-hover.ts";
import type { Step } from "../../replay/step.ts";
import { textOfStatement } from "../../syntax/document.ts";
import { offsetAt } from "../../text/line-index.ts";
import type { TextRange } from "../../text/range.ts";
import { analysedFile, markdownOptions, type Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

export async function hover(
  session: Session,
  { textDocument: { uri }, position }: HoverParams,
  signal: AbortSignal,
): Promise<Hover | null> {
  const settings = session.settingsFor(uri);
  const analysed = settings["hover.enabled"] ? await analysedFile(session, uri) : null;
  if (analysed === null) return null;
  const { file, analysis } = analysed;
  const sizeOf = session.database.current()?.sizes();
  const end = await session.schema.endOf(uri, analysis.final);
  const options = { ...markdownOptions(session), maxPartitions: settings["hover.maxPartitions"], sizeOf, end };
  const target = hoverTarget(analysis, offsetAt(file.lines, position), options);
  const answer = (value: string, range: TextRange): Hover => ({
    contents: session.features.markdownHover ? { kind: "markdown", value } : { kind: "plaintext", value },
    range: toRange(file.lines, range),
  });
  if (target === null) {
    const named = namedPartHover(analysis, offsetAt(file.lines, position), options);
    return named === null ? null : answer(named.markdown, named.range);
  }
  if (target.kind === "text") return answer(target.markdown, target.range);
  const { step, name } = target;
  const verdict = await session.verdicts.quickVerdictOf(analysis, step, signal);
  const meant = name === null ? null : findRelation(step.before, name);
  const relations =
    meant === null ? verdict.relations : verdict.relations.filter(({ relationId }) => relationId === meant.id);
  const shown = relations.length > 0 ? relations : verdict.relations;
  const markdown = pruningMarkdown(verdict, shown, textOfStatement(analysis.document, step.handle), {
    ...options,
    sourceNote: sourceNoteOf(step, analysis.file, session.verdicts.sourceNote),
    boundOf: (first, last) => boundsTogether(step.before, first, last),
    rewriteAt: await rewritesOf(session, uri, step),
  });
  // A partition that is read by its own name has siblings that the verdict does not speak of.
  const own = meant !== null && isPart(meant) ? partitionMarkdown(step.before, meant, options) : "";
  // That it is read is said already where it has no parts of its own.
  const isSaid =
    meant !== null && own !== "" && !hasParts(meant) && shown.every(({ survivors }) => survivors?.length !== 0);
  const whole = [isSaid ? "" : markdown, own].filter((part) => part !== "").join("\n\n");
  return whole === "" ? null : answer(whole, target.range);
}

/** What the fixes of findings make of conditions of the statement, by their place in it. */
async function rewritesOf(session: Session, uri: string, step: Step): Promise<(range: TextRange) => string | null> {
  const analysis = await session.files.checkedAnalysisOf(uri);
  if (analysis === null) return () => null;
  const { start, end } = placeOfStep(analysis, step);
  const findings = analysis.findings();
  const own = findings.filter(
    ({ rule, range }) => rule === "pruning-defeated" && range.start >= start && range.end <= end,
  );
  return (range) => {
    const found = own.find(({ range: at }) => at.start - start === range.start && at.end - start === range.end);
    const edits = found?.fixes[0]?.edits ?? [];
    return edits.length === 1 ? (edits[0]?.newText ?? null) : null;
  };
}
