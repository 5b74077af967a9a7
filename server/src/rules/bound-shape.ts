/** A bound has another form than the strategy or the number of key columns asks for. */

import { findRelation } from "../catalog/catalog.ts";
import type { BoundDatum } from "../syntax/statement.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replace, replacement } from "./support/fixes.ts";
import { type Placement, placementsOf, sidesOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const boundShape: Rule = {
  id: "bound-shape",
  severity: "error",
  summary: "A partition bound does not have the form that the partition key asks for.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) =>
    presentRejection(context, { advice: adviceFor(context.rejection.message), fixes: [...fixesFor(context)] }),
};

const advices: readonly (readonly [message: RegExp, advice: string])[] = [
  [/for a range partition$/, "The table is partitioned by RANGE: write FOR VALUES FROM (…) TO (…)."],
  [/for a list partition$/, "The table is partitioned by LIST: write FOR VALUES IN (…)."],
  [/for a hash partition$/, "The table is partitioned by HASH: write FOR VALUES WITH (MODULUS n, REMAINDER r)."],
  [
    /must specify exactly one value per partitioning column$/,
    "Give one value for each column of the partition key, in its order.",
  ],
  [
    /^cannot specify NULL/,
    "Rows with NULL in a range key go to the default partition only; MINVALUE and MAXVALUE stand for an open end.",
  ],
  [/^every bound following MINVALUE/, "MINVALUE already comes before every value of the columns after it."],
  [/^every bound following MAXVALUE/, "MAXVALUE already comes after every value of the columns after it."],
];

function adviceFor(message: string): string {
  return advices.find(([pattern]) => pattern.test(message))?.[1] ?? "";
}

function* fixesFor(context: RejectionContext): Generator<RuleFix> {
  const { message } = context.rejection;
  for (const placement of placementsOf(context.step.statement.statement)) {
    if (/must specify exactly one value/.test(message)) yield* padWithMinvalue(context, placement);
    for (const { side, datums } of sidesOf(placement.bound)) {
      if (/^cannot specify NULL/.test(message)) yield* openEnds(context, side, datums);
      else if (/^every bound following/.test(message)) yield* repeatInfinite(context, datums);
    }
  }
}

function* openEnds(context: RejectionContext, side: "FROM" | "TO", datums: readonly BoundDatum[]): Generator<RuleFix> {
  const word = side === "FROM" ? "MINVALUE" : "MAXVALUE";
  for (const datum of datums) {
    if (datum.kind === "value" && datum.expression.kind === "constant" && datum.expression.value.type === "null") {
      yield replacement(`Change NULL to ${word}`, context.step.handle, datum.range, word, { preferred: true });
    }
  }
}

function* repeatInfinite(context: RejectionContext, datums: readonly BoundDatum[]): Generator<RuleFix> {
  const first = datums.findIndex((datum) => datum.kind !== "value");
  const kind = datums[first]?.kind;
  if (kind !== "minvalue" && kind !== "maxvalue") return;
  const word = kind.toUpperCase();
  const wrong = datums.slice(first + 1).filter((datum) => datum.kind !== kind);
  if (wrong.length === 0) return;
  const edits = wrong.map((datum) => replace(context.step.handle, datum.range, word));
  yield { title: `Write ${word} for the columns that follow`, edits, preferred: true };
}

/** `FROM (a) TO (b)` means all of a and nothing of b: MINVALUE says so on both sides, and neighbours still meet. */
function padWithMinvalue({ step }: RejectionContext, placement: Placement): RuleFix[] {
  const columns = findRelation(step.before, placement.parent)?.partitioning?.key.elements.length ?? 0;
  const edits = sidesOf(placement.bound).flatMap(({ datums }) => {
    const end = datums.at(-1)?.range.end;
    const padding = ", MINVALUE".repeat(Math.max(0, columns - datums.length));
    return end === undefined || padding === "" ? [] : [replace(step.handle, { start: end, end }, padding)];
  });
  return edits.length === 0 ? [] : [{ title: "Add MINVALUE for the missing columns", edits, preferred: true }];
}
