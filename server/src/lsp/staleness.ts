/** What a script says of a database that has gone since its schema was read. */

import type { Session } from "./session.ts";

/** That the connected database has gone, and what is written for it; undefined where it is there, or shows no schema. */
export function staleness({ database }: Pick<Session, "database">): string | undefined {
  const connected = database.current();
  const state = connected?.connection.state();
  return connected === null || connected.catalog() === null || state?.kind !== "failed"
    ? undefined
    : `${connected.name} does not answer (${state.problem.message}): this is written for its schema as it was last read.`;
}
