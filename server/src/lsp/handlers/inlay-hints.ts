/** `textDocument/inlayHint`: what the lenses say, at the end of lines, for editors without lenses. */

import type { InlayHint, InlayHintParams } from "vscode-languageserver/node";
import { ddlLensTitle, rejectedTitle } from "../../ide/ddl-lens.ts";
import { lensTitle, withoutIcons } from "../../ide/lens-title.ts";
import { isRejected, isWanted, type Lens, stepOfLens, whyKept } from "../../ide/lenses.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { containedLater } from "../../text/bug.ts";
import { titleText } from "../../text/foreign-text.ts";
import { lineAt } from "../../text/line-index.ts";
import { intersects } from "../../text/range.ts";
import { fromRange } from "../from-proto.ts";
import { analysedFile, type Session } from "../session.ts";

export async function inlayHints(
  session: Session,
  { textDocument: { uri }, range }: InlayHintParams,
  signal: AbortSignal,
): Promise<InlayHint[]> {
  const settings = session.settingsFor(uri);
  if (!settings["inlayHints.enabled"]) return [];
  const lenses = await session.files.lensesOf(uri);
  const analysed = await analysedFile(session, uri);
  if (lenses === null || analysed === null || signal.aborted) return [];
  const { file, analysis } = analysed;
  const asked = fromRange(file.lines, range);
  const shown = lenses.filter(
    (lens) => isWanted(lens.kind, settings["codeLens.statements"]) && intersects(lens.range, asked),
  );
  const hintOf = async (lens: Lens): Promise<InlayHint | null> => {
    const line = lineAt(file.lines, lens.range.start);
    const position = { line, character: (file.lines.ends[line] ?? 0) - (file.lines.starts[line] ?? 0) };
    const hint = (title: string): InlayHint => ({ position, label: withoutIcons(title), paddingLeft: true });
    const step = stepOfLens(analysis, lens);
    if (step === null || whyKept(analysis, step) !== null) return null;
    if (isRejected(step)) return hint(titleText(rejectedTitle(step)));
    if (lens.table !== null) {
      const end = await session.schema.endOf(uri, analysis.final);
      const all = settings["codeLens.statements"].includes("partition");
      const title = ddlLensTitle(analysis, step, { end, all });
      return title === null ? null : hint(title);
    }
    const verdict = await session.verdicts.quickVerdictOf(analysis, step, signal);
    const text = file.text.slice(step.statement.start, step.statement.end);
    return hint(
      lensTitle(verdict, text, {
        names: settings["codeLens.names"],
        sourceNote: sourceNoteOf(step, analysis.file, session.verdicts.sourceNote),
      }),
    );
  };
  const hints = shown.map((lens) =>
    containedLater(
      "an inlay hint",
      analysis.onBug,
      signal,
      () => hintOf(lens),
      () => null,
    ),
  );
  return (await Promise.all(hints)).filter((hint) => hint !== null);
}
