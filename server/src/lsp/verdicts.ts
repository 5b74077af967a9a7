/** Who decides which partitions survive: the connected database, else the embedded PostgreSQL, else our own prediction. */

import { majorOf } from "../config.ts";
import type { Analysis } from "../ide/analysis.ts";
import { connectedVerdict } from "../ide/connected-verdict.ts";
import { partOf, type ScriptPart, schemaBefore } from "../ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../postgres/embedded-planner.ts";
import type { Planner } from "../pruning/planner.ts";
import type { Verdict, VerdictSource } from "../pruning/verdict.ts";
import { predictedVerdict, verdictFor } from "../pruning/verdict-of.ts";
import type { Step } from "../replay/step.ts";
import { textOfStatement } from "../syntax/document.ts";
import { inPortions } from "../text/portions.ts";
import type { Turns } from "../text/turns.ts";
import type { Database } from "./database.ts";
import { embeddedMissing } from "./installation.ts";
import { createPendingAnswers } from "./pending-answers.ts";
import type { StatusParams } from "./protocol.ts";

export interface Verdicts {
  /**
   * The verdict at once: a planner's where it has answered already or does so in a moment, else the prediction. When the
   * planner answers later, the lenses are refreshed.
   */
  readonly quickVerdictOf: (analysis: Analysis, step: Step, signal: AbortSignal) => Promise<Verdict>;
  /** The planner's verdict, however long it takes; the prediction where there is no planner. */
  readonly verdictOf: (analysis: Analysis, step: Step, signal: AbortSignal) => Promise<Verdict>;
  /** What a planner has said already; null where none has answered. */
  readonly answerTo: (step: Step) => Verdict | null;
  /** Another number whenever a planner has contradicted the prediction. */
  readonly revision: () => number;
  /** What is said of a verdict that no live database gave; null for one that did. */
  readonly sourceNote: (source: VerdictSource) => string | null;
  readonly status: () => StatusParams;
  /** Forgets all answers: settings or connection are others now. */
  readonly forget: () => void;
  readonly close: () => Promise<void>;
}

export interface VerdictsOptions {
  /** Why no SQL can be read; null where it can. */
  readonly unreadable: string | null;
  readonly database: Database;
  /** null where its files are missing. */
  readonly embedded: EmbeddedPostgres | null;
  readonly embeddedEnabled: (uri: string) => boolean;
  /** What goes before the file in its chain. */
  readonly partsBefore: (uri: string) => readonly ScriptPart[];
  /** Whether the client asks for lenses again when told to; else it waits longer for the first answer. */
  readonly refreshes: boolean;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly inTurns: <Result>(work: Turns<Result, unknown>) => Promise<Result>;
  /** Something answers otherwise than before: lenses and status are to be shown anew. */
  readonly onChange: () => void;
  /** A planner has contradicted the prediction: findings about pruning may be others now. */
  readonly onContradiction: () => void;
}

/** So long a lens waits for a planner before it shows the prediction. */
const patienceMilliseconds = { withRefresh: 120, withoutRefresh: 4_000 } as const;

export function createVerdicts(options: VerdictsOptions): Verdicts {
  const { database, embedded } = options;
  let revision = 0;
  let embeddedState: "idle" | "starting" | "ready" | "failed" = "idle";
  const answers = createPendingAnswers<Verdict>({ now: options.now, isFailure: ({ problem }) => problem !== null });

  const setEmbeddedState = (state: typeof embeddedState): void => {
    if (state === embeddedState) return;
    embeddedState = state;
    options.onChange();
  };

  const status = (): StatusParams => {
    if (options.unreadable !== null)
      return { source: "file", state: "failed", label: "nothing", message: options.unreadable };
    const connected = database.current();
    if (connected !== null) {
      const state = connected.connection.state();
      const unread = connected.catalog() === null ? connected.unread() : null;
      if (state.kind === "open" && unread !== null)
        return {
          source: "connected",
          state: "failed",
          label: `${connected.name}: schema not read`,
          message: `the schema cannot be read: ${unread}`,
        };
      const message = state.kind === "failed" ? state.problem.message : connected.connection.description;
      // Whoever runs functions as a superuser by mistake runs them with all rights.
      const isSuperuser = state.kind === "open" && state.isSuperuser;
      return {
        source: "connected",
        state: state.kind === "failed" ? "failed" : state.kind === "connecting" ? "starting" : "ready",
        label: `${connected.name}${state.kind === "failed" ? ": disconnected" : isSuperuser ? " (superuser)" : ""}`,
        message: isSuperuser ? `${message}: a superuser; a role that may only read is enough` : message,
      };
    }
    if (embedded !== null && embeddedState === "failed")
      return {
        source: "file",
        state: "failed",
        label: "this file",
        message: "the embedded PostgreSQL does not start",
      };
    if (embedded !== null && embeddedState !== "idle")
      return {
        source: "embedded",
        state: embeddedState === "starting" ? "starting" : "ready",
        label: embeddedLabel(embedded),
        message: null,
      };
    const message = embedded === null ? embeddedMissing : null;
    return { source: "file", state: "ready", label: "this file", message };
  };

  /** Of a long statement in turns. */
  const predict = (analysis: Analysis, step: Step): Promise<Verdict> =>
    options.inTurns(inPortions(() => predictedVerdict(step, analysis.options)));

  /** null where there is nobody to ask, or nothing that a plan would tell: rows of an INSERT are routed without one. */
  const plannerFor = (analysis: Analysis, step: Step, predicted: Verdict): Planner | null => {
    if (predicted.relations.every(({ access }) => access === "insert")) return null;
    const connected = database.current();
    if (connected !== null) return connected.planner;
    if (embedded === null || !options.embeddedEnabled(analysis.file)) return null;
    const schema = schemaBefore([...options.partsBefore(analysis.file), partOf(analysis)], step);
    return schema === null ? null : embedded.after(schema);
  };

  const ask = async (analysis: Analysis, step: Step, planner: Planner, signal: AbortSignal): Promise<Verdict> => {
    const shown = JSON.stringify(status());
    if (planner.source === "embedded" && embeddedState === "idle") setEmbeddedState("starting");
    const text = textOfStatement(analysis.document, step.handle);
    if (planner.source === "connected") {
      const connected = database.current();
      connected?.checkSchema();
      const catalog = connected?.catalog() ?? null;
      const first = await connectedVerdict(step, text, planner, catalog, analysis, signal);
      // The answer may have shown that the schema is not the one last read; then it was about another one.
      const latest = connected?.catalog() ?? null;
      const verdict =
        latest === catalog ? first : await connectedVerdict(step, text, planner, latest, analysis, signal);
      if (JSON.stringify(status()) !== shown) options.onChange();
      return verdict;
    }
    const verdict = await verdictFor(step, text, planner, analysis.options, signal);
    if (embedded?.serverVersion() != null) setEmbeddedState("ready");
    else if (embeddedState === "starting") setEmbeddedState(verdict.problem === null ? "idle" : "failed");
    // A file that is not the whole schema cannot always be run; the prediction then is not worse than nothing.
    return { ...verdict, problem: null };
  };

  const contradicts = (verdict: Verdict, predicted: Verdict): boolean => {
    const told = ({ relations }: Verdict) => JSON.stringify(relations.map((one) => [one.survivors, one.decided]));
    return told(verdict) !== told(predicted);
  };

  const askAndCompare = async (
    analysis: Analysis,
    step: Step,
    planner: Planner,
    signal: AbortSignal,
  ): Promise<Verdict> => {
    const verdict = await ask(analysis, step, planner, signal);
    if (contradicts(verdict, await predict(analysis, step))) {
      revision++;
      options.onContradiction();
    }
    return verdict;
  };

  const answerOf = (analysis: Analysis, step: Step, planner: Planner, signal: AbortSignal): Promise<Verdict> =>
    answers.get(step.before, step.statement.hash, signal, (shared) => askAndCompare(analysis, step, planner, shared));

  return {
    verdictOf: async (analysis, step, signal) => {
      const predicted = await predict(analysis, step);
      const planner = plannerFor(analysis, step, predicted);
      return planner === null ? predicted : answerOf(analysis, step, planner, signal);
    },
    quickVerdictOf: async (analysis, step, signal) => {
      const known = answers.known(step.before, step.statement.hash);
      if (known !== null) return known;
      const predicted = await predict(analysis, step);
      const planner = plannerFor(analysis, step, predicted);
      if (planner === null) return predicted;
      const patience = options.refreshes ? patienceMilliseconds.withRefresh : patienceMilliseconds.withoutRefresh;
      // The answer is wanted even if this request is given up meanwhile: the next one finds it.
      const answer = answerOf(analysis, step, planner, new AbortController().signal);
      const first = await Promise.race([answer, pause(patience, signal)]);
      if (first !== null) return first;
      answer.then(() => options.onChange()).catch(() => {});
      return predicted;
    },
    answerTo: (step) => answers.known(step.before, step.statement.hash),
    revision: () => revision,
    sourceNote: (source) => {
      switch (source) {
        case "predicted":
          return "from this file";
        case "embedded":
          return embeddedLabel(embedded);
        case "connected":
          return null;
      }
    },
    status,
    forget: () => answers.clear(),
    close: async () => {
      answers.clear();
      await embedded?.close();
    },
  };
}

function embeddedLabel(embedded: EmbeddedPostgres | null): string {
  return `embedded PostgreSQL ${majorOf(embedded?.serverVersion() ?? null)}`;
}

function pause(milliseconds: number, signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve(null);
    });
  });
}
