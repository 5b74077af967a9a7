/** Between the CHECK constraints of two inheritance children there are values that none allows. */

import { relationById } from "../catalog/catalog.ts";
import type { End } from "../catalog/check-intervals.ts";
import { type CoverageGap, coverageOf } from "../catalog/coverage.ts";
import { layoutOf } from "../catalog/layout.ts";
import type { RangeDatum } from "../catalog/partitioning.ts";
import type { Column } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { inIsoStyle } from "../catalog/values/date-style.ts";
import { printValue } from "../catalog/values/print.ts";
import { baseTypeNamed } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import {
  boundingConstraint,
  type PartitionedByChecks,
  partitionedByChecks,
  writtenEnd,
} from "./support/child-checks.ts";
import { replacement } from "./support/fixes.ts";
import { placeInFile } from "./support/script-places.ts";
import { isKnownAtEnd } from "./support/whole-tables.ts";

export const checkGap: Rule = {
  id: "check-gap",
  severity: "warning",
  summary: "Between the CHECK constraints of inheritance children there are values that none allows.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-USING-INHERITANCE",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      const parts = partitionedByChecks(parent);
      if (parts === null || !isKnownAtEnd(context, parent)) continue;
      // Where a row that no part takes is refused, or makes a part of its own, nothing is missed.
      if (layoutOf(parent)?.stray !== "parent") continue;
      const coverage = coverageOf(parent);
      // Between the values of lists nothing is missed.
      const gaps = layoutOf(parent)?.key.strategy === "range" ? coverage?.gaps : [];
      for (const gap of gaps ?? []) yield* findingFor(context, parts, gap);
      yield* missingRemainders(context, parts, coverage?.missingRemainders ?? []);
    }
  },
};

function* findingFor(
  context: ScriptContext,
  { column, parent }: PartitionedByChecks,
  gap: CoverageGap,
): Generator<RuleFinding> {
  const [below, above] = [gap.below, gap.above].map((id) => (id === null ? null : relationById(context.final, id)));
  const [lower, upper] = [gap.lower[0], gap.upper[0]];
  if (below == null || above == null || lower?.kind !== "value" || upper?.kind !== "value") return;
  const constraints = [below, above].map((child) => boundingConstraint(context, child, column));
  const [a, b] = constraints.map((constraint) =>
    constraint === null ? null : placeInFile(context, constraint.origin),
  );
  const place = b ?? a;
  const other = place === b ? constraints[0] : constraints[1];
  if (place == null || other == null) return;
  const [from, to] = [
    readable(lower, writtenEnd(context, below, column, "upper", lower), "upper"),
    readable(upper, writtenEnd(context, above, column, "lower", upper), "lower"),
  ];
  const [fromText, toText] = [from, to].map(({ value }) => literal(context, value, column));
  const missing = `${column.name} ${from.after ? ">" : ">="} ${fromText} AND ${column.name} ${to.after ? "<=" : "<"} ${toText}`;
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of "${parent.name}" allows "${missing}", between "${below.name}" and "${above.name}". Rows with these values are refused by the children, or stay in the parent, which every query reads.`,
    advice: "Close the gap.",
    related: [
      {
        origin: other.origin,
        message: `"${place === b ? below.name : above.name}" is on the other side of the gap`,
      },
    ],
    fixes:
      a == null || upper.after === true
        ? []
        : (script) => extension(script, column, below.name, constraints[0]?.expression, a.statement, upper.value),
  };
}

interface Place {
  readonly value: Value;
  readonly after: boolean;
}

/** Nobody writes the microsecond behind a moment. */
function readable({ value, after }: RangeDatum & { kind: "value" }, end: End | null, side: "lower" | "upper"): Place {
  const isWhole = value.family === "integer" || value.family === "date";
  if (isWhole || end === null) return { value, after: after === true };
  return { value: end.value, after: (side === "upper") === end.inclusive };
}

/** Lets the lower child end with `<` where the next one begins. */
function* extension(
  context: ScriptContext,
  column: Column,
  child: string,
  expression: Expression | null | undefined,
  statement: StatementHandle,
  next: Value,
): Generator<RuleFix> {
  const text = context.textOf(statement);
  const source = ({ range }: Expression): string => text.slice(range.start, range.end);
  const end = literal(context, next, column);
  const title = `Extend "${child}" to ${end}`;
  for (const part of expression == null ? [] : insideOut(expression)) {
    if (part.kind === "between" && !part.negated) {
      const newText = `${source(part.operand)} >= ${source(part.low)} AND ${source(part.operand)} < ${end}`;
      yield replacement(title, statement, part.range, newText, { preferred: true });
      return;
    }
    const isUpper = part.kind === "operator" && (part.operator === "<" || part.operator === "<=");
    if (isUpper && part.left?.kind === "column" && part.left.names.at(-1) === column.name) {
      yield replacement(title, statement, part.range, `${source(part.left)} < ${end}`, { preferred: true });
      return;
    }
  }
}

/** `k % 4 = 0` and `k % 4 = 1` leave two remainders out. */
function* missingRemainders(
  context: ScriptContext,
  { column, parent }: PartitionedByChecks,
  missing: readonly { readonly modulus: number; readonly remainder: number }[],
): Generator<RuleFinding> {
  const modulus = missing[0]?.modulus;
  if (modulus === undefined) return;
  const places = [...parent.children.keys()].map((id) => {
    const child = relationById(context.final, id);
    const constraint = child === null ? null : boundingConstraint(context, child, column);
    return constraint === null ? null : placeInFile(context, constraint.origin);
  });
  const place = places.findLast((one) => one !== null);
  if (place == null) return;
  const remainders = missing.map(({ remainder }) => remainder);
  const shown = remainders.slice(0, 8).join(", ") + (remainders.length > 8 ? ` and ${remainders.length - 8} more` : "");
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of "${parent.name}" allows "${column.name} % ${modulus}" = ${shown}. Rows with these values are refused by the children, or stay in the parent, which every query reads.`,
    advice: "Create a child for each remainder.",
  };
}

function literal({ final }: ScriptContext, value: Value, { type }: Column): string {
  // A date column may be bounded by timestamps.
  const own =
    value.family === "timestamp" && type.kind === "base" && type.name === "date" ? baseTypeNamed("timestamp") : type;
  const text = printValue(value, own, inIsoStyle(final.settings)).replace(/ 00:00:00$/, "");
  const isNumber = value.family === "integer" || value.family === "numeric" || value.family === "float";
  return isNumber ? text : `'${text.replaceAll("'", "''")}'`;
}
