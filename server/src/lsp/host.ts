/** What the language server needs of the process it runs in. */

import type { EmbeddedPostgres } from "../postgres/embedded-planner.ts";
import type { OpenSandbox } from "../rehearsal/sandbox.ts";
import type { Spellings } from "./canonical-uri.ts";
import type { InstalledParts } from "./installation.ts";
import type { LongStatements, LongStatementsOptions } from "./long-statements.ts";
import type { WorkspaceFiles } from "./workspace-files.ts";

/** What the server needs of the process it runs in. */
export interface Host extends InstalledParts {
  /** null where its files are missing. */
  readonly createEmbedded: (log: (line: string) => void) => EmbeddedPostgres | null;
  /** What rehearsals run in; null where the same files are missing. */
  readonly sandboxes: () => OpenSandbox | null;
  /** Reads long statements beside the server. */
  readonly createLongStatements: (reports: Pick<LongStatementsOptions, "log" | "onBug">) => LongStatements;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How the client names its files. */
  readonly spellings: Spellings;
  /** Tells of each exception, and each promise, that nobody in the process has waited for. */
  readonly onUncaught: (report: (error: unknown) => void) => void;
  /** ISO date. */
  readonly today: () => string;
  /** ISO date and time, in UTC. */
  readonly timestamp: () => string;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** The files of the workspace as they are on disk. */
  readonly createWorkspaceFiles: (log: (line: string) => void) => WorkspaceFiles;
}
