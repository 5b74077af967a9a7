/** Modulus and remainder of a hash partition do not make sense, or do not go with those of the siblings. */

import { findRelation } from "../catalog/catalog.ts";
import { findConflict } from "../catalog/partition-set.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const hashModulus: Rule = {
  id: "hash-modulus",
  severity: "error",
  since: 11,
  summary: "The modulus or remainder of a hash partition is impossible, or does not go with its siblings.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) =>
    presentRejection(context, { advice: adviceFor(context.rejection.message), fixes: [...fixesFor(context)] }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [/must be less than modulus$/, "Remainders count from 0: n partitions have MODULUS n and REMAINDER 0 to n - 1."],
  [/greater than zero$/, "MODULUS is the number of partitions that share the rows."],
  [/next larger modulus$/, "Give all partitions the same modulus; while splitting, a multiple of the old one."],
  [/must be specified$/, "Write FOR VALUES WITH (MODULUS n, REMAINDER r)."],
  [/more than once$/, "Write each of MODULUS and REMAINDER once."],
  [/^unrecognized hash partition bound/, "Only MODULUS and REMAINDER stand there."],
];

function adviceFor(message: string): string {
  return advices.find(([pattern]) => pattern.test(message))?.[1] ?? "";
}

/** Somebody who counted from 1 gets the remainder that is still free. */
function* fixesFor({ step, rejection }: RejectionContext): Generator<RuleFix> {
  if (!/must be less than modulus$/.test(rejection.message)) return;
  for (const { parent, bound } of placementsOf(step.statement.statement)) {
    const partitioning = findRelation(step.before, parent)?.partitioning;
    if (bound.kind !== "hash" || partitioning === null || partitioning === undefined) continue;
    const { modulus } = bound;
    const remainder = bound.remainder % modulus;
    const conflict = findConflict(partitioning.partitions, partitioning.key, { kind: "hash", modulus, remainder });
    if (conflict !== null) continue;
    yield replacement(`Change to REMAINDER ${remainder}`, step.handle, bound.remainderRange, `${remainder}`, {
      preferred: true,
    });
  }
}
