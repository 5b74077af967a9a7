/** The settings of the session that change what statements mean. */

import type { SettingsDoubt } from "./doubt.ts";

export interface SessionSettings extends SettingsDoubt {
  readonly searchPath: readonly string[];
  /** What RESET and SET … TO DEFAULT return to, where a setting or the connection says so; else that is `"$user", public`. */
  readonly initialSearchPath?: readonly string[] | undefined;
  /** IANA name or a fixed offset as PostgreSQL takes it. */
  readonly timeZone: string;
  /** What RESET and SET … TO DEFAULT return to. */
  readonly initialTimeZone?: string | undefined;
  readonly dateStyle: { readonly output: "ISO" | "SQL" | "Postgres" | "German"; readonly order: "MDY" | "DMY" | "YMD" };
  /** `IntervalStyle`, where it is not `postgres`. */
  readonly intervalStyle?: "sql_standard" | "postgres_verbose" | "iso_8601" | undefined;
  /** Whether `x = NULL` stands for `x IS NULL`. */
  readonly transformNullEquals?: true | undefined;
  /** Whether a backslash escapes in every string: `standard_conforming_strings` is off. */
  readonly backslashEscapes?: true | undefined;
  readonly user: string;
  /** The role of SET ROLE or SET SESSION AUTHORIZATION; absent where it is the user. */
  readonly role?: string | undefined;
  /** That of SET SESSION AUTHORIZATION alone, to which RESET ROLE returns. */
  readonly sessionRole?: string | undefined;
  /** `default_tablespace`, where a statement set it. */
  readonly defaultTablespace?: string | undefined;
  /** `session_replication_role`, where it is not `origin`: which triggers fire, and with them whether foreign keys are checked. */
  readonly replicationRole?: string | undefined;
  /** Whether transactions are read only from their beginning on. */
  readonly defaultReadOnly?: boolean | undefined;
  /** Whether the current transaction is read only, where it says so itself. */
  readonly readOnly?: boolean | undefined;
  /** Settings with planner effect, by name, where a statement set them. */
  readonly planner: Readonly<Record<string, string>>;
  /** Settings of Citus by name without `citus.`, where a statement set them. */
  readonly citus?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether this transaction has run a command on several shards at once (`perhaps`: not known); set together with `hidden`, so
   * that it ends with the transaction.
   */
  readonly citusParallel?: "ran" | "perhaps" | undefined;
  /** The settings that hold again after the transaction, where a SET LOCAL hides them now. */
  readonly hidden?: SessionSettings | undefined;
}
