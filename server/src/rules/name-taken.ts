/** A relation of that name exists already. */

import { findRelation } from "../catalog/catalog.ts";
import { identifierByteLimit } from "../syntax/names.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { differenceOf, underFreeName, wantedBound } from "./support/existing-partition.ts";
import { findWord, replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const nameTaken: Rule = {
  id: "name-taken",
  severity: "error",
  summary: "A table, index, view or sequence of that name exists already.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARMS-IF-NOT-EXISTS",
  present: (context) => presentRejection(context, { advice: adviceFor(context), fixes: [...fixesFor(context)] }),
};

function adviceFor({ text, rejection }: RejectionContext): string {
  const written = text.slice(rejection.range.start, rejection.range.end);
  return new TextEncoder().encode(written).length > identifierByteLimit
    ? `PostgreSQL keeps the first ${identifierByteLimit} bytes of a name, and so much of it is taken: choose a shorter name.`
    : "Tables, indexes, views and sequences share their names: choose another one, or drop what has it first.";
}

/**
 * IF NOT EXISTS keeps the table that exists, whatever its columns are: never the fix to apply blindly. For a partition with
 * another bound it is none.
 */
function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  const { step, text } = context;
  const { statement } = step.statement;
  for (const placement of placementsOf(statement)) {
    const [existing, placed] = [findRelation(step.before, placement.partition), wantedBound(context, placement)];
    if (existing === null || placed === null || differenceOf(context, existing, placed) === null) continue;
    yield* underFreeName(context, placement, placed);
    return;
  }
  if (statement.kind !== "create-table" && statement.kind !== "create-index") return;
  if (statement.kind === "create-index" && statement.name === null) return;
  const word = findWord(text, statement.kind === "create-table" ? "TABLE" : "INDEX(?:\\s+CONCURRENTLY)?", 0);
  if (word === null || statement.ifNotExists) return;
  const at = { start: word.end, end: word.end };
  yield replacement("Add IF NOT EXISTS", step.handle, at, "IF NOT EXISTS ", { preferred: false });
}
