/** Verdicts for the command line: of a database where one is named, else of the embedded PostgreSQL, else predicted. */

import type { Settings } from "../config.ts";
import type { Analysis } from "../ide/analysis.ts";
import { schemaBefore } from "../ide/schema-statements.ts";
import { createConnectedPlanner } from "../postgres/connected-planner.ts";
import { createDatabaseConnection, type DatabaseConnection } from "../postgres/connection.ts";
import { readConnectionSettings } from "../postgres/connection-settings.ts";
import { createInstalledEmbedded } from "../postgres/installed-files.ts";
import type { Planner } from "../pruning/planner.ts";
import type { Verdict, VerdictSource } from "../pruning/verdict.ts";
import { verdictFor } from "../pruning/verdict-of.ts";
import type { Step } from "../replay/step.ts";
import type { Analyser } from "./analyse.ts";
import { type CommandContext, textOption, UsageError } from "./command.ts";

export interface CommandVerdicts {
  readonly verdictOf: (analysis: Analysis, step: Step, settings: Settings) => Promise<Verdict>;
  /** What is said of a verdict that no live database gave; null for one that did. */
  readonly sourceNote: (source: VerdictSource) => string | null;
  readonly close: () => Promise<void>;
}

export const verdictOptions = { connect: { type: "string" } } as const;

export const verdictOptionHelp = [
  ["--connect string", "a database to ask (a URI or key=value words), read-only; PG* variables fill in the rest"],
] as const;

/** Connects where `--connect` says so; throws UsageError where that fails. Call `close` when done. */
export async function createVerdicts(context: CommandContext, analyser: Analyser): Promise<CommandVerdicts> {
  const connection = await connectionOf(context);
  const connected = connection === null ? null : createConnectedPlanner(connection);
  const embedded = connection === null ? createInstalledEmbedded(() => {}) : null;
  const signal = new AbortController().signal;

  const plannerFor = (analysis: Analysis, step: Step, settings: Settings): Planner | null => {
    if (connected !== null) return connected;
    if (embedded === null || !settings["embedded.enabled"]) return null;
    return embedded.after(schemaBefore([...analyser.partsBefore(analysis.file), partOf(analysis)], step));
  };

  return {
    verdictOf: async (analysis, step, settings) => {
      const planner = plannerFor(analysis, step, settings);
      const { start, end } = step.statement;
      const text = analysis.document.text.slice(start, end);
      const verdict = await verdictFor(step, text, planner, analysis.options, signal);
      // A file that is not the whole schema cannot always be run; the prediction then is not worse than nothing.
      return connected === null ? { ...verdict, problem: null } : verdict;
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
    close: async () => {
      await embedded?.close();
      await connection?.close();
    },
  };
}

function partOf(analysis: Analysis) {
  const { text } = analysis.document;
  const textOf = ({ statement }: Step): string => text.slice(statement.start, statement.end);
  return { start: analysis.start, steps: analysis.steps, textOf };
}

async function connectionOf(context: CommandContext): Promise<DatabaseConnection | null> {
  const connectionString = textOption(context, "connect");
  if (connectionString === undefined) return null;
  const { variables } = context.environment;
  const settings = readConnectionSettings({ connectionString, password: null, environment: variables });
  if (!settings.ok) throw new UsageError(settings.problem.message);
  const connection = createDatabaseConnection(settings.value, {
    statementTimeoutMilliseconds: 10_000,
    lockTimeoutMilliseconds: 1_000,
    idleInTransactionTimeoutMilliseconds: 20_000,
    idleCloseMilliseconds: 60_000,
    firstBackOffMilliseconds: 1_000,
    longestBackOffMilliseconds: 1_000,
    now: () => performance.now(),
    log: () => {},
  });
  const opened = await connection.connect(new AbortController().signal);
  if (opened.ok) return connection;
  await connection.close();
  throw new UsageError(opened.problem.message);
}
