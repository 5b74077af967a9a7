/** `partitionLens.rehearse`: runs the file in an embedded PostgreSQL with made rows, and answers what it did; nothing else is run. */

import { outcomePhrase } from "../../rehearsal/phrases.ts";
import { reportText } from "../../rehearsal/print.ts";
import type { RehearsalProgress } from "../../rehearsal/rehearse.ts";
import { createLineIndex, lineAt, offsetAt } from "../../text/line-index.ts";
import { fileNameOf } from "../../text/uri-name.ts";
import { RefusedError } from "../guard.ts";
import type { RehearseArguments, RehearseResult } from "../protocol.ts";
import { requiredAnalysis, type Session } from "../session.ts";

export async function rehearseFile(
  session: Session,
  { textDocument, from, ...given }: RehearseArguments,
  signal: AbortSignal,
  progress: RehearsalProgress,
): Promise<RehearseResult> {
  const { file, analysis: opened } = await requiredAnalysis(session, textDocument.uri);
  if (file.isProgram) throw new RefusedError("programs are not rehearsed, only SQL is");
  const request = { ...given, from: from === undefined ? null : offsetAt(file.lines, from) };
  const { report, analysis } = await session.rehearsals.run(opened, request, signal, progress);
  const lines = analysis === opened ? file.lines : createLineIndex(analysis.document.text);
  const name =
    given.sql === undefined ? fileNameOf(textDocument.uri) : `a script behind ${fileNameOf(textDocument.uri)}`;
  return {
    outcome: report.outcome,
    title: outcomePhrase(report),
    text: reportText(report, {
      name,
      lineOf: (offset) => lineAt(lines, offset) + 1,
      version: analysis.options.version,
    }),
    report,
  };
}
