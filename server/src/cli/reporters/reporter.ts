/** What a reporter is given, and gives: one text for all files. */

import type { Finding, Severity } from "../../text/finding.ts";
import { lineText } from "../../text/foreign-text.ts";
import { type LineIndex, positionAt } from "../../text/line-index.ts";
import type { TextRange } from "../../text/range.ts";
import type { Terminal } from "../terminal.ts";

export interface CheckedFile {
  /** As people see it. */
  readonly path: string;
  readonly uri: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly findings: readonly Finding[];
  /** What is to be said of the file beside its findings. */
  readonly remark: string | null;
}

export interface CheckResult {
  readonly files: readonly CheckedFile[];
  readonly summary: CheckSummary;
  /** The gravity from which on a finding makes the check fail; null where none does. */
  readonly failOn: Severity | null;
  /** The version of the tool. */
  readonly version: string;
}

export interface CheckSummary {
  readonly files: number;
  readonly errors: number;
  readonly warnings: number;
  readonly others: number;
  /** Findings that the baseline knows, and which are in no other number here; absent without a baseline. */
  readonly known?: number | undefined;
}

/** The terminal is where the report is read at once; null for files, pipes, and reports for programs. */
export type Reporter = (result: CheckResult, terminal: Terminal | null) => string;

/** From the gravest on. */
export const severityOrder: readonly Severity[] = ["error", "warning", "information", "hint"];

/** Whether a finding of this severity makes the check fail. */
export function fails(severity: Severity, failOn: Severity | null): boolean {
  return failOn !== null && severityOrder.indexOf(severity) <= severityOrder.indexOf(failOn);
}

/** Lines and columns that begin at 1, columns in UTF-16 code units; the end column is the first behind the range. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export function regionOf(lines: LineIndex, range: TextRange): Region {
  const [start, end] = [positionAt(lines, range.start), positionAt(lines, range.end)];
  return {
    startLine: start.line + 1,
    startColumn: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** The message with what to do about it, on one line, for reports in which each message is one. */
export function messageOf({ message, advice }: Pick<Finding, "message" | "advice">): string {
  return lineText(advice === undefined ? message : `${message} ${advice}`);
}
