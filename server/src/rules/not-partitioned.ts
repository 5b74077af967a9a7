/** A command for partitions meets a table that is not partitioned, or one that is or is not a partition. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const notPartitioned: Rule = {
  id: "not-partitioned",
  severity: "error",
  summary: "PARTITION OF, ATTACH or DETACH names a table that is not partitioned, or no partition.",
  source: "https://www.postgresql.org/docs/current/sql-altertable.html#SQL-ALTERTABLE-DESC-ATTACH-PARTITION",
  present: (context) => presentRejection(context, { advice: adviceFor(context.rejection.message) }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [/is already a partition$/, "Detach it from its table first, or leave this statement out."],
  [
    /is not a partition of relation/,
    "Name the table that it is a partition of; a sub-partition is detached from its own parent, not from the root.",
  ],
  [
    /^cannot complete detaching/,
    "FINALIZE ends a DETACH … CONCURRENTLY that was interrupted: write DETACH PARTITION alone.",
  ],
  [
    /ATTACH PARTITION|DETACH PARTITION|is not partitioned$/,
    "A table is partitioned when it is created, with PARTITION BY; an ordinary table cannot become so later: create a partitioned table and attach this one to it.",
  ],
];

function adviceFor(message: string): string {
  return advices.find(([pattern]) => pattern.test(message))?.[1] ?? "";
}
