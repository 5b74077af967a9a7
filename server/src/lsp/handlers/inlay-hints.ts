/** `textDocument/inlayHint`: what a rehearsal said; and what the lenses say, for editors without lenses. At the end of lines. */

import type { InlayHint, InlayHintParams } from "vscode-languageserver/node";
import { ddlLensTitle, rejectedTitle } from "../../ide/ddl-lens.ts";
import { lensTitle, withoutIcons } from "../../ide/lens-title.ts";
import { isRejected, isWanted, type Lens, stepOfLens, whyKept } from "../../ide/lenses.ts";
import { sourceNoteOf } from "../../ide/prediction-source.ts";
import { textOfStatement } from "../../syntax/document.ts";
import { containedLater } from "../../text/bug.ts";
import { lineText, titleText } from "../../text/foreign-text.ts";
import { lineAt, lineEnd, lineStart } from "../../text/line-index.ts";
import { intersects } from "../../text/range.ts";
import { fromRange } from "../from-proto.ts";
import type { OpenFile } from "../open-files.ts";
import { analysedFile, type Session } from "../session.ts";

export async function inlayHints(
  session: Session,
  { textDocument: { uri }, range }: InlayHintParams,
  signal: AbortSignal,
): Promise<InlayHint[]> {
  const told = await rehearsed(session, uri, range);
  const settings = session.settingsFor(uri);
  if (!settings["inlayHints.enabled"]) return told;
  const lenses = await session.files.lensesOf(uri);
  const analysed = await analysedFile(session, uri);
  if (lenses === null || analysed === null || signal.aborted) return told;
  const { file, analysis } = analysed;
  const asked = fromRange(file.lines, range);
  const sizeOf = session.database.current()?.sizes();
  const shown = lenses.filter(
    (lens) => isWanted(lens, settings["codeLens.statements"], sizeOf) && intersects(lens.range, asked),
  );
  const hintOf = async (lens: Lens): Promise<InlayHint | null> => {
    const position = endOfLine(file, lens.range.start);
    const hint = (title: string): InlayHint => ({ position, label: withoutIcons(title), paddingLeft: true });
    const step = stepOfLens(analysis, lens);
    if (step === null || whyKept(analysis, step) !== null) return null;
    if (isRejected(step)) return hint(titleText(rejectedTitle(step)));
    if (lens.table !== null) {
      const end = await session.schema.endOf(uri, analysis.final);
      const all = settings["codeLens.statements"].includes("partition");
      const title = ddlLensTitle(analysis, step, { end, all, sizeOf });
      return title === null ? null : hint(title);
    }
    const verdict = await session.verdicts.quickVerdictOf(analysis, step, signal);
    const text = textOfStatement(analysis.document, step.handle);
    return hint(
      lensTitle(verdict, text, {
        names: settings["codeLens.names"],
        sourceNote: sourceNoteOf(step, analysis.file, session.verdicts.sourceNote),
      }),
    );
  };
  const hints = await session.allInTurns(
    shown,
    (lens) =>
      containedLater(
        "an inlay hint",
        analysis.onBug,
        signal,
        () => hintOf(lens),
        () => null,
      ),
    signal,
  );
  return [...told, ...hints.filter((hint) => hint !== null)];
}

/** Whoever rehearses a file wants to see what was found, whatever the setting says of lenses. */
async function rehearsed(session: Session, uri: string, range: InlayHintParams["range"]): Promise<InlayHint[]> {
  const analysed = await analysedFile(session, uri);
  if (analysed === null) return [];
  const { file, analysis } = analysed;
  const asked = fromRange(file.lines, range);
  return session.rehearsals
    .hintsOf(analysis)
    .filter(({ offset }) => offset >= asked.start && offset <= asked.end)
    .map(({ offset, label, details }) => ({
      position: endOfLine(file, offset),
      label: titleText(label),
      tooltip: details.map(lineText).join("\n"),
      paddingLeft: true,
    }));
}

function endOfLine({ lines }: OpenFile, offset: number): InlayHint["position"] {
  const line = lineAt(lines, offset);
  return { line, character: lineEnd(lines, line) - lineStart(lines, line) };
}
