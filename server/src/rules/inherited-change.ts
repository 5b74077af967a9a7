/** ALTER TABLE tries on a partition or its parent what must stay the same on all of them. */

import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { presentRejection } from "./support/present.ts";

export const inheritedChange: Rule = {
  id: "inherited-change",
  severity: "error",
  summary: "ALTER TABLE changes on one partition, or on the parent ONLY, what all partitions have to share.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE",
  present: (context) =>
    presentRejection(context, { advice: adviceFor(context.rejection.message), fixes: [...fixesFor(context)] }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [
    /part of the partition key/,
    "The rows would have to move: create a new partitioned table with the other key and copy them.",
  ],
  [/to child tables too$|only the partitioned table/, "Without ONLY it is done on all partitions as well."],
  [
    /inherited (?:column|constraint)|marked NOT NULL in parent/,
    "It comes from the parent: change it there, and the partitions follow.",
  ],
  [/^cannot add column to a partition$/, "Add it to the parent, and the partitions get it."],
  [
    /^cannot change inheritance of|^cannot inherit/,
    "Partitions and partitioned tables take no part in INHERITS: use ATTACH PARTITION and DETACH PARTITION.",
  ],
  [/^cannot truncate only/, "A partitioned table holds no rows itself: leave ONLY out, or truncate a partition."],
];

function adviceFor(message: string): string {
  return (
    advices.find(([pattern]) => pattern.test(message))?.[1] ?? "All partitions and their parent have to agree in this."
  );
}

function* fixesFor({ step, rejection, text }: RejectionContext): Generator<RuleFix> {
  const { statement } = step.statement;
  const relations =
    statement.kind === "alter-table" ? [statement.relation] : statement.kind === "truncate" ? statement.relations : [];
  if (!/child tables too$|only (?:the|a) partitioned table/.test(rejection.message)) return;
  for (const relation of relations) {
    const only = /\bONLY\s+\(?\s*$/i.exec(text.slice(0, relation.range.start));
    if (!relation.only || only === null || only[0].includes("(")) continue;
    const range = { start: only.index, end: relation.range.start };
    yield replacement("Remove ONLY", step.handle, range, "", { preferred: true });
  }
}
