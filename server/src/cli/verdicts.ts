/** Verdicts for the command line: of a database where one is named, else of the embedded PostgreSQL, else predicted. */

import type { Settings } from "../config.ts";
import type { Analysis } from "../ide/analysis.ts";
import { connectedVerdict } from "../ide/connected-verdict.ts";
import { partOf, schemaBefore } from "../ide/schema-statements.ts";
import type { Planner } from "../pruning/planner.ts";
import type { Verdict, VerdictSource } from "../pruning/verdict.ts";
import { verdictFor } from "../pruning/verdict-of.ts";
import type { Step } from "../replay/step.ts";
import type { Analyser } from "./analyse.ts";

export interface CommandVerdicts {
  readonly verdictOf: (analysis: Analysis, step: Step, settings: Settings) => Promise<Verdict>;
  /** What is said of a verdict that no live database gave; null for one that did. */
  readonly sourceNote: (source: VerdictSource) => string | null;
}

/** Starts nothing before the first verdict is asked for. */
export function createVerdicts(analyser: Analyser): CommandVerdicts {
  const { database, embedded } = analyser;
  const signal = new AbortController().signal;

  const plannerFor = (analysis: Analysis, step: Step, settings: Settings): Planner | null => {
    if (embedded === null || !settings["embedded.enabled"]) return null;
    const schema = schemaBefore([...analyser.partsBefore(analysis.file), partOf(analysis)], step);
    return schema === null ? null : embedded.after(schema);
  };

  return {
    verdictOf: async (analysis, step, settings) => {
      const { start, end } = step.statement;
      const text = analysis.document.text.slice(start, end);
      if (database !== null) return connectedVerdict(step, text, database.planner, database.catalog, analysis, signal);
      const planner = plannerFor(analysis, step, settings);
      const verdict = await verdictFor(step, text, planner, analysis.options, signal);
      // A file that is not the whole schema cannot always be run; the prediction then is not worse than nothing.
      return { ...verdict, problem: null };
    },
    sourceNote: (source) => {
      switch (source) {
        case "predicted":
          return "from this file";
        case "embedded":
          return `embedded PostgreSQL ${Math.floor((embedded?.serverVersion() ?? 180_000) / 10_000)}`;
        case "connected":
          return null;
      }
    },
  };
}
