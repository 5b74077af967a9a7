/** What was answered last of a file, and what of it holds: most keys leave all findings but one as they are. */

import type { Diagnostic, Position, Range } from "vscode-languageserver/node";
import type { Finding } from "../text/finding.ts";
import { jsonOf, noteWriter } from "./written-messages.ts";

/** What was told of a version of a file. */
export interface ToldDiagnostics {
  readonly items: readonly Diagnostic[];
  /** What each of them tells. */
  readonly told: readonly Told[];
}

/** What is told of a finding but the places, its own and the related ones. */
type Told = Pick<Finding, "rule" | "severity" | "message" | "advice" | "sqlstate" | "unnecessary">;

/**
 * The diagnostics of the findings, of which those that are as they were before are the same objects: they are neither made nor written
 * out again, and two answers are the same when their parts are. They are compared from both ends.
 *
 * @param placed the range as it is now
 * @param make the diagnostic of a finding
 */
export function keepDiagnostics(
  before: ToldDiagnostics,
  findings: readonly Finding[],
  placed: (finding: Finding) => Range,
  make: (finding: Finding, range: Range) => Diagnostic,
): ToldDiagnostics & { readonly isSame: boolean } {
  const shorter = Math.min(before.told.length, findings.length);
  const items: Diagnostic[] = new Array(findings.length);
  const told: Told[] = new Array(findings.length);
  const isKept = (old: number, at: number): boolean => {
    const [last, known, finding] = [before.items[old], before.told[old], findings[at]];
    if (last === undefined || known === undefined || finding === undefined) return false;
    const range = placed(finding);
    if (!tellsTheSame(known, finding) || !isSameRange(last.range, range)) return false;
    const hasOthers = finding.related.length > 0 || last.relatedInformation !== undefined;
    if (hasOthers && !isSame(last.relatedInformation, make(finding, range).relatedInformation)) return false;
    [items[at], told[at]] = [last, known];
    return true;
  };
  let [first, behind] = [0, 0];
  while (first < shorter && isKept(first, first)) first++;
  while (behind < shorter - first && isKept(before.told.length - 1 - behind, findings.length - 1 - behind)) behind++;
  for (let at = first; at < findings.length - behind; at++) {
    const finding = findings[at] as Finding;
    const { rule, severity, message, advice, sqlstate, unnecessary } = finding;
    told[at] = { rule, severity, message, advice, sqlstate, unnecessary };
    items[at] = make(finding, placed(finding));
  }
  return { items, told, isSame: first === before.items.length && first === findings.length };
}

function tellsTheSame(known: Told, finding: Finding): boolean {
  return (
    known.message === finding.message &&
    known.rule === finding.rule &&
    known.severity === finding.severity &&
    known.advice === finding.advice &&
    known.sqlstate === finding.sqlstate &&
    known.unnecessary === finding.unnecessary
  );
}

function isSameRange(a: Range, b: Range): boolean {
  return isSamePosition(a.start, b.start) && isSamePosition(a.end, b.end);
}

function isSamePosition(a: Position, b: Position): boolean {
  return a.line === b.line && a.character === b.character;
}

/** Whether both read the same as JSON; members that stand in another order make them different. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key, index) => key === others[index] && isSame((a as Plain)[key], (b as Plain)[key]))
  );
}

type Plain = Readonly<Record<string, unknown>>;

/** A full report of them, with what it reads as. */
export function fullReport(items: readonly Diagnostic[], resultId: string) {
  const report = { kind: "full" as const, items: [...items], resultId };
  noteWriter(
    report,
    () => `{"kind":"full","items":[${items.map(jsonOf).join(",")}],"resultId":${JSON.stringify(resultId)}}`,
  );
  return report;
}
