/** Diagnostics: pulled by clients that ask for them, sent to the others. */

import {
  type Diagnostic,
  DiagnosticSeverity,
  DiagnosticTag,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  type Location,
  type Range,
} from "vscode-languageserver/node";
import { diagnosticsInTurns } from "../../ide/diagnostics.ts";
import { rulePage } from "../../ide/rule-page.ts";
import { type Finding, findingText, type Place, type Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { fullReport, keepDiagnostics, type ToldDiagnostics } from "../kept-diagnostics.ts";
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
  const found = await foundIn(session, uri);
  // The file may have changed meanwhile; what was found is of the file as it is now.
  const now = session.resultId(uri);
  if (now === null || found.file === null) return { kind: "full", items: diagnosticsOf(session, found) };
  const { file, findings } = found;
  const answers = answersOf(session);
  const last = answers.get(uri);
  const placed = ({ range }: Finding): Range => toRange(file.lines, range);
  const make = (finding: Finding, range: Range): Diagnostic => diagnosticAt(session, finding, range);
  const { items, told, isSame } = keepDiagnostics(last ?? { items: [], told: [] }, findings, placed, make);
  answers.set(uri, { resultId: now, items, told });
  // A client that has the last answer is not sent it again.
  if (isSame && last !== undefined && last.resultId === previousResultId) return { kind: "unchanged", resultId: now };
  return fullReport(items, now);
}

/** What was answered last of a file. */
interface Answer extends ToldDiagnostics {
  readonly resultId: string;
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
  return diagnosticsOf(session, await foundIn(session, uri));
}

/** What is to be shown of a file, and the file; null where it is not known, and there is nothing to show. */
type Found =
  | { readonly file: OpenFile; readonly findings: readonly Finding[] }
  | { readonly file: null; readonly findings: readonly [] };

async function foundIn(session: Session, uri: string): Promise<Found> {
  const settings = session.settingsFor(uri);
  const analysis = settings["diagnostics.enabled"]
    ? await session.files.checkedAnalysisOf(uri)
    : await session.files.analysisOf(uri);
  const file = session.files.get(uri);
  if (file === null) return { file, findings: [] };
  if (analysis === null) {
    const isTooLarge = file.tooLarge && !file.isProgram && session.unreadable === null;
    return { file, findings: isTooLarge ? [tooLarge(file, settings["limits.maxFileSizeKb"])] : [] };
  }
  const asked = diagnosticsInTurns(analysis, {
    enabled: settings["diagnostics.enabled"],
    limit: settings["diagnostics.maxPerFile"],
    answerTo: session.verdicts.answerTo,
    ...(file.isProgram ? { choose: hintsForPrograms } : {}),
  });
  const { shown, omitted } = await session.inTurns(asked);
  return { file, findings: omitted === null ? shown : [...shown, aboutFile("too-many-findings", omitted)] };
}

function diagnosticsOf(session: Session, { file, findings }: Found): Diagnostic[] {
  return file === null ? [] : findings.map((finding) => toDiagnostic(session, file, finding));
}

/** In a program only what its author can do something about is told, and quietly: the SQL is not known to be complete. */
function hintsForPrograms(findings: readonly Finding[]): readonly Finding[] {
  return findings
    .filter(({ rule }) => rule === "pruning-defeated")
    .map((finding) => ({ ...finding, severity: "hint", fixes: [] }));
}

export function toDiagnostic(session: Session, file: OpenFile, finding: Finding): Diagnostic {
  return diagnosticAt(session, finding, toRange(file.lines, finding.range));
}

function diagnosticAt(session: Session, finding: Finding, range: Range): Diagnostic {
  const { features } = session;
  const related = finding.related.flatMap(({ place, message }) => {
    const location = locationOf(session, place);
    return location === null ? [] : [{ location, message: lineText(message) }];
  });
  const data: DiagnosticData = { sqlstate: finding.sqlstate };
  return {
    range,
    severity: severities[finding.severity],
    source: "partition-lens",
    code: finding.rule,
    ...(features.codeDescription && !ofFiles.has(finding.rule)
      ? { codeDescription: { href: rulePage(finding.rule) } }
      : {}),
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

function tooLarge(file: OpenFile, limitKb: number): Finding {
  const sizeKb = Math.ceil(file.text.length / 1024);
  const message = `This file of ${sizeKb} kB is not analysed: the setting partitionLens.limits.maxFileSizeKb is ${limitKb}.`;
  return aboutFile("file-too-large", { range: { start: 0, end: 0 }, message });
}

/** What is said of a file as a whole; no rule finds it, and it has no page. */
function aboutFile(rule: OfFile, { range, message }: Pick<Finding, "range" | "message">): Finding {
  return { range, rule, severity: "information", message, related: [], fixes: [] };
}

type OfFile = "file-too-large" | "too-many-findings";

const ofFiles: ReadonlySet<string> = new Set<OfFile>(["file-too-large", "too-many-findings"]);
