/** `textDocument/hover`. */

import type { Hover, HoverParams } from "vscode-languageserver/node";
import { findRelation } from "../../catalog/catalog.ts";
import { hoverTarget } from "../../ide/hover.ts";
import { pruningMarkdown } from "../../ide/pruning-hover.ts";
import { boundLabel } from "../../ide/spelling.ts";
import { offsetAt } from "../../text/line-index.ts";
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
  const options = { ...markdownOptions(session), maxPartitions: settings["hover.maxPartitions"] };
  const target = hoverTarget(analysis, offsetAt(file.lines, position), options);
  if (target === null) return null;
  const answer = (value: string): Hover => ({
    contents: session.features.markdownHover ? { kind: "markdown", value } : { kind: "plaintext", value },
    range: toRange(file.lines, target.range),
  });
  if (target.kind === "text") return answer(target.markdown);
  const { step, name } = target;
  const verdict = await session.verdicts.quickVerdictOf(analysis, step, signal);
  const meant = name === null ? null : findRelation(step.before, name);
  const relations =
    meant === null ? verdict.relations : verdict.relations.filter(({ relationId }) => relationId === meant.id);
  const shown = relations.length > 0 ? relations : verdict.relations;
  const markdown = pruningMarkdown(verdict, shown, file.text.slice(step.statement.start, step.statement.end), {
    ...options,
    sourceNote: session.verdicts.sourceNote,
    boundOf: (partition) => {
      const relation = findRelation(step.before, partition);
      return relation === null ? null : boundLabel(step.before, relation);
    },
  });
  return markdown === "" ? null : answer(markdown);
}
