/** PostgreSQL's refusal to drop what other things depend on (2BP01). */

import type { RelationId } from "../../catalog/relation.ts";
import type { Drop } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { type Refusal, rejected } from "../outcome.ts";

export const cascadeHint = "Use DROP ... CASCADE to drop the dependent objects too.";

/** One thing that depends on what is to be dropped. */
export interface Blocker {
  /** Its line of the DETAIL. */
  readonly line: string;
  /** The relation that it is, or belongs to: if that is not there, it is not in the way. null where it is something else. */
  readonly relation: RelationId | null;
}

/** `ordered` is false where the order in which PostgreSQL lists the blockers is not known. */
export function dependencyRefusal(
  message: string,
  blockers: readonly Blocker[],
  { names }: Drop,
  ordered = true,
): Refusal {
  return refuseBlocked(message, blockers, names[0]?.range ?? { start: 0, end: 0 }, ordered);
}

/** The same of any part of a statement that drops something. */
export function refuseBlocked(
  message: string,
  blockers: readonly Blocker[],
  range: TextRange,
  ordered = true,
): Refusal {
  const relations = blockers.map(({ relation }) => relation).filter((relation) => relation !== null);
  return rejected("statement-rejected", "2BP01", message, range, {
    detail: ordered ? shortened(blockers.map(({ line }) => line)).join("\n") : undefined,
    hint: cascadeHint,
    ...(relations.length === blockers.length ? { blockedBy: relations } : {}),
  });
}

/** PostgreSQL lists a hundred dependent objects at most. */
function shortened(blockers: readonly string[]): readonly string[] {
  const most = 100;
  if (blockers.length <= most) return blockers;
  const more = blockers.length - most;
  return [...blockers.slice(0, most), `and ${more} other object${more === 1 ? "" : "s"} (see server log for list)`];
}
