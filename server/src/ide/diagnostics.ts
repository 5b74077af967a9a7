/** The findings of a file as an editor shows them: at most so many, the gravest kept. */

import type { Verdict } from "../pruning/verdict.ts";
import type { Step } from "../replay/step.ts";
import type { Finding, Severity } from "../text/finding.ts";
import type { TextRange } from "../text/range.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import type { Analysis } from "./analysis.ts";
import { withoutContradicted } from "./contradicted-hints.ts";

export interface DiagnosticOptions {
  /** `diagnostics.enabled` */
  readonly enabled: boolean;
  /** `diagnostics.maxPerFile` */
  readonly limit: number;
  /** What a planner has said of a step; null where none has answered. */
  readonly answerTo: (step: Step) => Verdict | null;
  /** Those of the findings that are to be told, asked before the limit leaves any out; absent: all. */
  readonly choose?: ((findings: readonly Finding[]) => readonly Finding[]) | undefined;
}

export interface Diagnostics {
  /** Sorted by place. */
  readonly shown: readonly Finding[];
  /** What the limit leaves out: how many, and the first place, where a last message may say so; null for nothing. */
  readonly omitted: { readonly count: number; readonly range: TextRange; readonly message: string } | null;
}

/** The diagnostics of an analysed file, in offsets of its text. */
export function diagnosticsOf(analysis: Analysis, options: DiagnosticOptions): Diagnostics {
  return atOnce(diagnosticsInTurns(analysis, options));
}

/** The same, pausing now and then. */
export function* diagnosticsInTurns(analysis: Analysis, options: DiagnosticOptions): Turns<Diagnostics> {
  const { enabled, limit, answerTo, choose = (all) => all } = options;
  const findings = enabled ? choose(yield* withoutContradicted(analysis.findings(), analysis, answerTo)) : [];
  yield;
  if (findings.length <= limit) return { shown: findings, omitted: null };
  const gravestFirst = findings.toSorted((a, b) => gravity[a.severity] - gravity[b.severity]);
  const kept = new Set(gravestFirst.slice(0, limit));
  const omitted = findings.filter((finding) => !kept.has(finding));
  const range = omitted[0]?.range ?? { start: 0, end: 0 };
  const message = `${omitted.length} more findings are not shown: the setting diagnostics.maxPerFile is ${limit}.`;
  return { shown: findings.filter((finding) => kept.has(finding)), omitted: { count: omitted.length, range, message } };
}

const gravity: Readonly<Record<Severity, number>> = { error: 0, warning: 1, information: 2, hint: 3 };
