/** PostgreSQL's refusal to drop what other things depend on (2BP01). */

import type { Drop } from "../../syntax/statement.ts";
import { type Refusal, rejected } from "../outcome.ts";

export const cascadeHint = "Use DROP ... CASCADE to drop the dependent objects too.";

/** `blockers` are the lines of the DETAIL; null where their order is not known. */
export function dependencyRefusal(message: string, blockers: readonly string[] | null, statement: Drop): Refusal {
  const range = statement.names[0]?.range ?? { start: 0, end: 0 };
  return rejected("statement-rejected", "2BP01", message, range, {
    detail: blockers === null ? undefined : shortened(blockers).join("\n"),
    hint: cascadeHint,
  });
}

/** PostgreSQL lists a hundred dependent objects at most. */
function shortened(blockers: readonly string[]): readonly string[] {
  const most = 100;
  if (blockers.length <= most) return blockers;
  const more = blockers.length - most;
  return [...blockers.slice(0, most), `and ${more} other object${more === 1 ? "" : "s"} (see server log for list)`];
}
