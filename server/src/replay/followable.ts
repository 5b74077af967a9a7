/** Which statements need not be run again behind an edit where nothing that they look at is other. */

import type { Statement } from "../syntax/statement.ts";
import { mayBeLearned } from "./learned.ts";
import type { Step } from "./step.ts";

/** Whether what a statement does is told by what it looks at in the catalog in front of it. */
export function canFollow(statement: Statement, old: Step): boolean {
  const { kind } = statement;
  const taken = old.followed?.taken ?? old;
  return (
    kind !== "transaction" &&
    kind !== "connect" &&
    kind !== "psql" &&
    (kind === "query" || !mayBeLearned(statement)) &&
    old.learned === undefined &&
    old.written === undefined &&
    isBehind(taken)
  );
}

/** Whether what the statement leaves is what there is behind it; other objects may get other ids. */
function isBehind(step: Step): boolean {
  if (step.back !== undefined) return true;
  const { before, after, behind } = step;
  const { catalog } = behind.real;
  return (
    catalog === after || (before === after && catalog.relations === after.relations && catalog.names === after.names)
  );
}
