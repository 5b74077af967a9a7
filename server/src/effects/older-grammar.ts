/** What our parser reads and an older PostgreSQL's grammar does not: refused before anything else is looked at. */

import type { Statement } from "../syntax/statement.ts";
import { type ApplyContext, type Refusal, rejected } from "./outcome.ts";

/** The syntax error (mostly 42601) that a statement is in the version at hand; null where its grammar goes on. */
export function refuseOlderGrammar({ newerSyntax }: Statement, { version }: ApplyContext): Refusal | null {
  const stop = newerSyntax?.find(({ since, from = 0 }) => from <= version && version < since);
  if (stop === undefined) return null;
  const { sqlstate, message, hint, range, withoutPosition } = stop;
  const position = withoutPosition === true ? undefined : range.start;
  return rejected("version-unsupported", sqlstate, message, range, { hint, position });
}
