/** A statement needs a newer PostgreSQL than the one it is meant for. */

import type { Rule } from "./rule.ts";
import { presentRejection } from "./support/present.ts";

export const versionUnsupported: Rule = {
  id: "version-unsupported",
  severity: "error",
  summary: "The statement needs a newer PostgreSQL than the target (setting `postgresVersion`).",
  source: "https://www.postgresql.org/docs/release/",
  present: (context) =>
    presentRejection(context, { advice: adviceFor(context.rejection.message, context.options.version) }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [
    /"(?:split|merge)"$/i,
    "SPLIT PARTITION and MERGE PARTITIONS came with PostgreSQL 19: before, detach the partitions, create the new ones, move the rows and attach.",
  ],
  [
    /"concurrently"$/i,
    "DETACH PARTITION … CONCURRENTLY came with PostgreSQL 14: before, detach without it, under a short lock_timeout.",
  ],
  [/"finalize"$/i, "DETACH PARTITION … FINALIZE came with PostgreSQL 14."],
  [/"default"$/i, "Default partitions came with PostgreSQL 11."],
  [/"with"$|partitioning strategy "hash"/i, "Hash partitions came with PostgreSQL 11."],
  [
    /(?:primary key|unique|foreign key) constraints are not supported/,
    "Before PostgreSQL 11 they are declared on each partition.",
  ],
  [/exclusion constraints are not supported/, "Before PostgreSQL 17 they are declared on each partition."],
];

function adviceFor(message: string, version: number): string {
  const known = advices.find(([pattern]) => pattern.test(message))?.[1];
  return known ?? `PostgreSQL ${version} does not have this yet.`;
}
