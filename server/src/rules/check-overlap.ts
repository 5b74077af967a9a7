/** The CHECK constraints of two inheritance children let both take the same values. */

import { boundsOverlap, compareBoundValues } from "../catalog/check-intervals.ts";
import type { Column } from "../catalog/relation.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import {
  boundingConstraint,
  type ChildPart,
  type PartitionedByChecks,
  partitionedByChecks,
} from "./support/child-checks.ts";
import { type ChildRange, childNeighbours, type Neighbours } from "./support/child-order.ts";
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
      const parts = partitionedByChecks(context, parent);
      if (parts !== null) yield* findingsOf(context, parts);
    }
  },
};

function* findingsOf(context: ScriptContext, parts: PartitionedByChecks): Generator<RuleFinding> {
  const reported = new Set<ChildPart>();
  const all = [...childNeighbours(parts)];
  const areApart = all.some(({ relation }) => relation !== "overlap");
  for (const neighbours of all) {
    const { below, above, relation } = neighbours;
    if (relation !== "overlap" || reported.has(above.part)) continue;
    // `amount > 0` on each of the children was never meant to tell them apart.
    if (!areApart && isOpenAtSameSide(below, above)) continue;
    if (mayBeApart(context, parts.parent, below.part.child, above.part.child, parts.column.name)) continue;
    reported.add(above.part);
    yield* findingFor(context, parts.column, below.part, above.part, neighbours);
  }
  const remainders = parts.children.filter(({ bounds }) => bounds?.kind === "remainder");
  for (const [index, part] of remainders.slice(0, mostRemainders).entries()) {
    const other = remainders.slice(0, index).find(({ bounds, child }) => {
      return (
        bounds !== null &&
        part.bounds !== null &&
        boundsOverlap(bounds, part.bounds, null) === true &&
        !mayBeApart(context, parts.parent, child, part.child, parts.column.name)
      );
    });
    if (other !== undefined) yield* findingFor(context, parts.column, other, part, null);
  }
}

function isOpenAtSameSide(a: ChildRange, b: ChildRange): boolean {
  return (a.upper === null && b.upper === null) || (a.lower === null && b.lower === null);
}

/** They are compared one by one. */
const mostRemainders = 512;

function* findingFor(
  context: ScriptContext,
  column: Column,
  first: ChildPart,
  second: ChildPart,
  neighbours: Neighbours | null,
): Generator<RuleFinding> {
  const [a, b] = [boundingConstraint(first), boundingConstraint(second)];
  const [placeA, placeB] = [a, b].map((constraint) =>
    constraint === null ? null : placeInFile(context, constraint.origin),
  );
  const place = placeB ?? placeA;
  const other = place === placeB ? a : b;
  if (place == null || other === null) return;
  yield {
    statement: place.statement,
    range: place.range,
    message: `\`${first.child.name}\` and \`${second.child.name}\` both allow some values of \`${column.name}\`. Rows with them may lie in either, so queries read both and duplicates go unseen. Let each value belong to one child, and let one end with \`<\` where the next begins with \`>=\`.`,
    related: [
      {
        origin: other.origin,
        message: `\`${place === placeB ? first.child.name : second.child.name}\` allows them too`,
      },
    ],
    fixes:
      neighbours === null || placeA == null ? [] : [...exclusiveEnd(context, column, neighbours, placeA.statement)],
  };
}

/** Where they share nothing but one end, written with `<=` or BETWEEN, the earlier child ends before it. */
function* exclusiveEnd(
  context: ScriptContext,
  { name, collation }: Column,
  { below, above }: Neighbours,
  statement: number,
): Generator<RuleFix> {
  const expression = boundingConstraint(below.part)?.expression;
  if (below.upper === null || above.lower === null || expression == null) return;
  if (compareBoundValues(below.upper.written, above.lower.written, collation) !== 0) return;
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
