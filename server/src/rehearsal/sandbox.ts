/** The port to a PostgreSQL of one's own that may run anything and is thrown away; implemented in `postgres/`. */

export type SandboxRow = Readonly<Record<string, unknown>>;

/** PostgreSQL's error, with what it says of the place. */
export interface SandboxError {
  readonly sqlstate: string;
  readonly message: string;
  readonly detail: string | null;
  readonly hint: string | null;
  /** Characters into the statement, as PostgreSQL counts them: from 1, in code points; null where it names no place. */
  readonly position: number | null;
  /** The table of a violated constraint, `schema.name`; null where it names none. */
  readonly table: string | null;
}

export type SandboxAnswer =
  | {
      readonly kind: "done";
      readonly rows: readonly SandboxRow[];
      /** Rows inserted, changed or deleted; null where the command has none. */
      readonly affected: number | null;
    }
  | { readonly kind: "refused"; readonly error: SandboxError };

export type SandboxEnd = "cancelled" | "timeout" | "memory" | "died";

/** Thrown by every call once the sandbox is gone; caught where a rehearsal is put together. */
export class SandboxEndedError extends Error {
  override readonly name = "SandboxEndedError";
  readonly reason: SandboxEnd;
  constructor(reason: SandboxEnd, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** One session. Calls wait for each other. */
export interface Sandbox {
  /** As `server_version_num`. */
  readonly serverVersion: number;
  /** One statement, outside of transactions unless one was begun before. */
  run(sql: string): Promise<SandboxAnswer>;
  /**
   * Each statement in a savepoint of one transaction, in which constraints are checked at once; null for one that went well.
   * What the others do is committed.
   */
  tryEach(statements: readonly string[]): Promise<readonly (SandboxError | null)[]>;
  close(): Promise<void>;
}

/** Starts a PostgreSQL with an empty database, which ends when the signal is raised. */
export type OpenSandbox = (
  signal: AbortSignal,
) => Promise<
  | { readonly ok: true; readonly value: Sandbox }
  | { readonly ok: false; readonly problem: { readonly message: string } }
>;

/** The rows of a query of our own, which never fails on a PostgreSQL that lives. */
export async function rowsOf(sandbox: Sandbox, sql: string): Promise<readonly SandboxRow[]> {
  const answer = await sandbox.run(sql);
  if (answer.kind === "done") return answer.rows;
  throw new SandboxEndedError("died", `a query of the rehearsal failed: ${answer.error.message}`);
}
