/** What client and server say to each other of connections: plain data, which `protocol.ts` hands on. */

export interface ConnectParams {
  /** What the status bar calls it. */
  readonly name: string;
  /**
   * A URI or libpq's `key=value` words. null takes the `PG*` variables of the server's environment. It may hold a
   * password; the server keeps it in memory only and writes it nowhere.
   */
  readonly connectionString: string | null;
  readonly password?: string | undefined;
}

export type ConnectResult =
  | { readonly ok: true; readonly name: string; readonly serverVersion: string }
  | {
      readonly ok: false;
      readonly kind:
        | "not-connected"
        | "settings"
        | "unreachable"
        | "tls"
        | "authentication"
        | "database-missing"
        | "timeout"
        | "locked"
        | "permission"
        | "runs-functions"
        | "rejected"
        | "died"
        | "cancelled";
      /** For people; holds no secret. */
      readonly message: string;
    };

export type RefreshResult =
  | { readonly ok: true; readonly name: string; readonly relations: number }
  /** For people; holds no secret. */
  | { readonly ok: false; readonly message: string };

/** Where the verdicts come from, for the status bar. */
export interface StatusParams {
  readonly source: "file" | "embedded" | "connected";
  readonly state: "ready" | "starting" | "failed";
  /** In a few words: `this file`, `embedded PostgreSQL 18`, the connection's name. */
  readonly label: string;
  /** What went wrong, or more about the source; null where there is nothing to add. */
  readonly message: string | null;
}
