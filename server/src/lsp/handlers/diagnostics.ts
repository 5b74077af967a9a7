/** Diagnostics: pulled by clients that ask for them, sent to the others. */

import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  type Location,
} from "vscode-languageserver/node";
import { diagnosticsInTurns } from "../../ide/diagnostics.ts";
import { rulePage } from "../../ide/rule-page.ts";
import { type Finding, findingText, type Place, type Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { fullReport, keepDiagnostics } from "../kept-diagnostics.ts";
import type { OpenFile } from "../open-files.ts";
import type { Session } from "../session.ts";
import { toRange } from "../to-proto.ts";

/** For `data` of a diagnostic: what programs may want of a finding. */
export interface DiagnosticData {
  readonly sqlstate?: string | undefined;
}

export async function pullDiagnostics(
  session: Session,
  { textDocument: { uri }, previousResultId }: DocumentDiagnosticParams,
): Promise<DocumentDiagnosticReport> {
  // What the files in front of it leave is a part of it, and may take long to find out.
  await session.prepared(uri);
  const resultId = session.resultId(uri);
  if (resultId !== null && resultId === previousResultId) return { kind: "unchanged", resultId };
  const found = await diagnosticsFor(session, uri);
  // The file may have changed meanwhile; what was found is of the file as it is now.
  const now = session.resultId(uri);
  if (now === null) return { kind: "full", items: found };
  const answers = answersOf(session);
  const last = answers.get(uri);
  const { items, isSame } = keepDiagnostics(last?.items ?? [], found);
  answers.set(uri, { resultId: now, items });
  // A client that has the last answer is not sent it again.
  if (isSame && last !== undefined && last.resultId === previousResultId) return { kind: "unchanged", resultId: now };
  return fullReport(items, now);
}

/** What was answered last of a file. */
interface Answer {
  readonly resultId: string;
  readonly items: readonly Diagnostic[];
}

const lastAnswers = new WeakMap<Session, Map<string, Answer>>();

/** The last answers of the files that are open. */
function answersOf(session: Session): Map<string, Answer> {
  const answers = lastAnswers.get(session) ?? new Map<string, Answer>();
  lastAnswers.set(session, answers);
  for (const uri of answers.keys()) if (session.files.get(uri) === null) answers.delete(uri);
  return answers;
}

export async function diagnosticsFor(session: Session, uri: string): Promise<Diagnostic[]> {
  const settings = session.settingsFor(uri);
  const analysis = settings["diagnostics.enabled"]
    ? await session.files.checkedAnalysisOf(uri)
    : await session.files.analysisOf(uri);
  const file = session.files.get(uri);
  if (analysis === null || file === null)
    return file?.tooLarge === true && !file.isProgram && session.unreadable === null
      ? [tooLarge(file, settings["limits.maxFileSizeKb"])]
      : [];
  const asked = diagnosticsInTurns(analysis, {
    enabled: settings["diagnostics.enabled"],
    limit: settings["diagnostics.maxPerFile"],
    answerTo: session.verdicts.answerTo,
    ...(file.isProgram ? { choose: hintsForPrograms } : {}),
  });
  const { shown, omitted } = await session.inTurns(asked);
  const diagnostics = shown.map((finding) => toDiagnostic(session, file, finding));
  if (omitted !== null) {
    diagnostics.push({
      range: toRange(file.lines, omitted.range),
      severity: DiagnosticSeverity.Information,
      source: "partition-lens",
      code: "too-many-findings",
      message: omitted.message,
    });
  }
  return diagnostics;
}

/** In a program only what its author can do something about is told, and quietly: the SQL is not known to be complete. */
function hintsForPrograms(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .filter(({ rule }) => rule === "pruning-defeated")
    .map((finding) => ({ ...finding, severity: "hint", fixes: [] }));
}

export function toDiagnostic(session: Session, file: OpenFile, finding: Finding): Diagnostic {
  const { features } = session;
  const related = finding.related.flatMap(({ place, message }) => {
    const location = locationOf(session, place);
    return location === null ? [] : [{ location, message: lineText(message) }];
  });
  const data: DiagnosticData = { sqlstate: finding.sqlstate };
  return {
    range: toRange(file.lines, finding.range),
    severity: severities[finding.severity],
    source: "partition-lens",
    code: finding.rule,
    ...(features.codeDescription ? { codeDescription: { href: rulePage(finding.rule) } } : {}),
    message: findingText(finding),
    ...(features.relatedInformation && related.length > 0 ? { relatedInformation: related } : {}),
    ...(features.diagnosticTags && finding.unnecessary === true ? { tags: [DiagnosticTag.Unnecessary] } : {}),
    ...(finding.sqlstate === undefined ? {} : { data }),
  };
}

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

function locationOf(session: Session, { file: uri, range }: Place): Location | null {
  const places = session.placesIn(uri);
  return places === null ? null : { uri, range: toRange(places.lines, range) };
}

function tooLarge(file: OpenFile, limitKb: number): Diagnostic {
  const sizeKb = Math.ceil(file.text.length / 1024);
  return {
    range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
    severity: DiagnosticSeverity.Information,
    source: "partition-lens",
    code: "file-too-large",
    message: `This file of ${sizeKb} kB is not analysed: the setting partitionLens.limits.maxFileSizeKb is ${limitKb}.`,
  };
}
