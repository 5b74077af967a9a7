/** What the embedded server cannot do, so that an error there says nothing of other servers. */

import type { SandboxError } from "./sandbox.ts";

/** What was left out so far: what rests on it fails for no fault of the script. */
export interface LeftOut {
  /** In a few words, for people: `the extension pg_partman`. */
  readonly things: readonly string[];
}

/** Why the error is one of the sandbox alone; null where PostgreSQL would refuse the statement elsewhere too. */
export function beyondSandbox({ sqlstate, message }: SandboxError, { things }: LeftOut): string | null {
  if (sqlstate === "0A000" && /^extension ".*" is not available$/s.test(message))
    return `${message} in the embedded server`;
  if (sqlstate === "42704" && /^foreign-data wrapper /.test(message)) return "the embedded server has no foreign data";
  if (sqlstate === "42704" && /^(?:tablespace|server) /.test(message))
    return `the embedded server has none: ${message}`;
  if (sqlstate === "HV000" || /^HV/.test(sqlstate)) return "the embedded server has no foreign data";
  // Files of the server, shared libraries.
  if (sqlstate === "58P01" || sqlstate === "58030") return `the embedded server has no such file: ${message}`;
  if (sqlstate === "42501") return `the embedded server does not allow it: ${message}`;
  if (["08001", "08006", "57P03"].includes(sqlstate)) return `the embedded server reaches no other: ${message}`;
  if (/^5[34]/.test(sqlstate)) return `the embedded server's limits: ${message}`;
  if (/PL\/|procedural language|language ".*" does not exist/.test(message) && sqlstate === "42704")
    return `the embedded server has no such language: ${message}`;
  if (sqlstate === "55000" && message === "prepared transactions are disabled")
    return `${message} in the embedded server`;
  if (things.length > 0 && isMissing(sqlstate))
    return `${message}; it may need what was left out: ${things.slice(0, 3).join(", ")}`;
  return null;
}

/** Something that is named is not there, or not of the kind. */
function isMissing(sqlstate: string): boolean {
  return ["42P01", "42703", "42883", "42704", "3F000", "42809", "42P17", "55000"].includes(sqlstate);
}

/** The role that a statement names and that is not there: roles are the server's, and no file need make them. */
export function missingRole({ sqlstate, message }: SandboxError): string | null {
  if (sqlstate !== "42704") return null;
  return /^role "(.*)" does not exist$/s.exec(message)?.[1] ?? null;
}
