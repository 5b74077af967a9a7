/** What a rehearsal said of statements, for the ends of their lines: as long as nothing in front of them has changed. */

import { statementPhrases } from "../rehearsal/phrases.ts";
import type { RehearsalReport } from "../rehearsal/report.ts";
import type { RehearsalStatement } from "../rehearsal/run-script.ts";

export interface RehearsalHint {
  /** Where the statement begins. */
  readonly offset: number;
  /** In a few words. */
  readonly label: string;
  /** All that is known, line by line. */
  readonly details: readonly string[];
}

/** A rehearsal that was made, and the statements that it ran, or took for the schema. */
export interface RehearsedScript {
  readonly report: RehearsalReport;
  readonly statements: readonly RehearsalStatement[];
  /** How many of them are the schema. */
  readonly above: number;
}

const longestLabel = 120;

/** For the statements as they stand now: those up to the first that is another than when they were run. */
export function rehearsalHints(
  { report, statements: ran, above }: RehearsedScript,
  statements: readonly RehearsalStatement[],
): readonly RehearsalHint[] {
  const changed = statements.findIndex(({ sql }, index) => ran[index]?.sql !== sql);
  const same = changed < 0 ? statements : statements.slice(0, changed);
  return same.flatMap(({ range }, index) => {
    const told = report.statements[index - above];
    const phrases = told === undefined ? [] : statementPhrases(told, (until) => ran[until + above]?.title ?? "its end");
    if (phrases.length === 0) return [];
    const label = phrases.join(" · ");
    return [
      {
        offset: range.start,
        label: label.length > longestLabel ? `${label.slice(0, longestLabel - 1)}…` : label,
        details: phrases,
      },
    ];
  });
}
