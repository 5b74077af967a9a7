/** A statement needs a newer PostgreSQL than the one it is meant for. */

import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { statementsBefore19 } from "./support/before-19.ts";
import { replacement, withoutConcurrently } from "./support/fixes.ts";
import { hintForSyntax } from "./support/other-forms.ts";
import { presentRejection } from "./support/present.ts";

export const versionUnsupported: Rule = {
  id: "version-unsupported",
  severity: "error",
  summary: "The statement needs a newer PostgreSQL than the target (setting `postgresVersion`).",
  source: "https://www.postgresql.org/docs/release/",
  present: (context) =>
    presentRejection(context, {
      advice: otherProductAdvice(context) ?? adviceFor(context),
      fixes: [...withoutConcurrently(context), ...olderStatements(context)],
    }),
};

function* olderStatements(context: RejectionContext): Generator<RuleFix> {
  const sql = statementsBefore19(context);
  if (sql === null) return;
  const { handle, statement } = context.step;
  const whole = { start: 0, end: statement.length };
  yield replacement("Write it for the target version", handle, whole, sql, { preferred: true });
}

/** What to do instead, by the major that brought it and the word at which older ones stop. */
const advices: readonly (readonly [since: number, word: RegExp, advice: string])[] = [
  [
    19,
    /"(?:split|merge)"$/i,
    "SPLIT PARTITION and MERGE PARTITIONS came with PostgreSQL 19: before, detach the partitions, create the new ones, move the rows and attach.",
  ],
  [
    14,
    /"concurrently"$/i,
    "DETACH PARTITION … CONCURRENTLY came with PostgreSQL 14: before, detach without it, under a short lock_timeout.",
  ],
  [14, /"finalize"$/i, "DETACH PARTITION … FINALIZE came with PostgreSQL 14."],
  [11, /"default"$/i, "Default partitions came with PostgreSQL 11."],
  [11, /"with"$/i, "Hash partitions came with PostgreSQL 11."],
  [11, /"only"$/i, "Indexes on partitioned tables came with PostgreSQL 11."],
  [11, /"function"$/i, "Before PostgreSQL 11 it is EXECUTE PROCEDURE."],
  [12, /"\("$/, "Generated columns came with PostgreSQL 12."],
];

/** What newer grammars do not take either, such as Oracle's SPLIT PARTITION … AT. */
function otherProductAdvice({ step, text, rejection }: RejectionContext): string | null {
  if (step.statement.statement.kind !== "invalid") return null;
  return hintForSyntax(text, rejection.range, step.handle)?.advice ?? null;
}

function adviceFor({ rejection, step, options }: RejectionContext): string {
  const { message } = rejection;
  if (/partitioning strategy "hash"/.test(message)) return "Hash partitions came with PostgreSQL 11.";
  if (/constraints are not supported/.test(message)) {
    const since = /^exclusion/.test(message) ? 17 : 11;
    return `Before PostgreSQL ${since} they are declared on each partition.`;
  }
  const since = step.statement.statement.newerSyntax?.find((stop) => stop.message === message)?.since;
  const known = advices.find(([major, word]) => major === since && word.test(message))?.[2];
  if (known !== undefined) return known;
  return since === undefined
    ? `PostgreSQL ${options.version} does not have this yet.`
    : `PostgreSQL ${since} is the first to take this.`;
}
