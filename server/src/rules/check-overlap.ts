/** The CHECK constraints of two inheritance children let both take the same values. */

import { relationById } from "../catalog/catalog.ts";
import { compareBoundValues } from "../catalog/check-intervals.ts";
import { layoutOf } from "../catalog/layout.ts";
import { type Overlap, overlapsOf } from "../catalog/overlap.ts";
import type { RangeDatum } from "../catalog/partitioning.ts";
import type { Column, Relation } from "../catalog/relation.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import {
  boundingConstraint,
  boundsOf,
  type PartitionedByChecks,
  partitionedByChecks,
  writtenEnd,
} from "./support/child-checks.ts";
import { mayBeApart } from "./support/children-apart.ts";
import { replacement } from "./support/fixes.ts";
import { placeInFile } from "./support/script-places.ts";

export const checkOverlap: Rule = {
  id: "check-overlap",
  severity: "warning",
  summary: "The CHECK constraints of two inheritance children allow the same values.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-USING-INHERITANCE",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      const parts = partitionedByChecks(parent);
      if (parts === null) continue;
      for (const overlap of overlapsOf(parent)) yield* findingFor(context, parts, overlap);
    }
  },
};

function* findingFor(
  context: ScriptContext,
  { parent, column }: PartitionedByChecks,
  { first, second, lower }: Overlap,
): Generator<RuleFinding> {
  const [below, above] = [first, second].map((id) => relationById(context.final, id));
  // What could not be read may have changed their constraints.
  if (below?.knowledge !== "full" || above?.knowledge !== "full") return;
  if (mayBeApart(context, parent, below, above, column.name)) return;
  const [a, b] = [below, above].map((child) => boundingConstraint(context, child, column));
  const [placeA, placeB] = [a, b].map((constraint) =>
    constraint == null ? null : placeInFile(context, constraint.origin),
  );
  const place = placeB ?? placeA;
  const other = place === placeB ? a : b;
  if (place == null || other == null) return;
  const shared = lower[0];
  // Values that are listed, as those of a boolean are, have no ends.
  const isByRanges = layoutOf(parent)?.key.strategy === "range";
  yield {
    statement: place.statement,
    range: place.range,
    message: `"${below.name}" and "${above.name}" both allow some values of "${column.name}". Rows with them may lie in either, so queries read both and duplicates go unseen.`,
    advice: isByRanges
      ? `Let each value belong to one child, and let one end with "<" where the next begins with ">=".`
      : "Let each value belong to one child.",
    related: [
      {
        origin: other.origin,
        message: `"${place === placeB ? below.name : above.name}" allows them too`,
      },
    ],
    fixes:
      shared?.kind !== "value" || placeA == null
        ? []
        : (script) => exclusiveEnd(script, column, { below, above, shared }, placeA.statement),
  };
}

interface SharedEnd {
  readonly below: Relation;
  readonly above: Relation;
  /** Where `above` begins. */
  readonly shared: RangeDatum;
}

/** Where they share nothing but one end, written with `<=` or BETWEEN, the earlier child ends before it. */
function* exclusiveEnd(
  context: ScriptContext,
  column: Column,
  { below, above, shared }: SharedEnd,
  statement: StatementHandle,
): Generator<RuleFix> {
  const { name, collation } = column;
  const expression = boundingConstraint(context, below, column)?.expression;
  const begins = writtenEnd(context, above, column, "lower", shared);
  const { bounds } = boundsOf(context, below, name);
  if (expression == null || begins === null || bounds?.kind !== "intervals") return;
  const ends = bounds.intervals.flatMap(({ upper }) => upper ?? []);
  if (!ends.some(({ value }) => compareBoundValues(value, begins.value, collation) === 0)) return;
  const text = context.textOf(statement);
  const source = ({ range }: Expression): string => text.slice(range.start, range.end);
  for (const part of insideOut(expression)) {
    if (part.kind === "between" && !part.negated) {
      const form = `${source(part.operand)} >= ${source(part.low)} AND ${source(part.operand)} < ${source(part.high)}`;
      const newText = part === expression ? form : `(${form})`;
      yield replacement(`Change to ${form}`, statement, part.range, newText, { preferred: true });
      return;
    }
    if (
      part.kind === "operator" &&
      part.operator === "<=" &&
      part.left?.kind === "column" &&
      part.left.names.at(-1) === name
    ) {
      const form = `${source(part.left)} < ${source(part.right)}`;
      yield replacement("Change <= to <", statement, part.range, form, { preferred: true });
      return;
    }
  }
}
