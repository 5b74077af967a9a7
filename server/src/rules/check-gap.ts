/** Between the CHECK constraints of two inheritance children there are values that none allows. */

import { pathmanTableOf } from "../catalog/pathman-config.ts";
import type { Column } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { inIsoStyle } from "../catalog/values/date-style.ts";
import { printValue } from "../catalog/values/print.ts";
import { baseTypeNamed } from "../catalog/values/types.ts";
import type { Expression } from "../syntax/expression.ts";
import { insideOut } from "../syntax/expression-walk.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { boundingConstraint, type PartitionedByChecks, partitionedByChecks } from "./support/child-checks.ts";
import { type ChildEnd, childNeighbours, type Neighbours } from "./support/child-order.ts";
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
      const parts = partitionedByChecks(context, parent);
      if (parts === null || !isKnownAtEnd(context, parent)) continue;
      // pg_pathman puts no row where none of its partitions takes it.
      if (pathmanTableOf(context.final, parent) !== null) continue;
      // A child whose values are not known may fill any gap.
      if (parts.children.some(({ bounds }) => bounds === null)) continue;
      for (const neighbours of childNeighbours(parts)) {
        if (neighbours.relation === "gap") yield* findingFor(context, parts, neighbours);
      }
      yield* missingRemainders(context, parts);
    }
  },
};

function* findingFor(
  context: ScriptContext,
  { column, parent }: PartitionedByChecks,
  { below, above }: Neighbours,
): Generator<RuleFinding> {
  const constraints = [boundingConstraint(below.part), boundingConstraint(above.part)];
  const [a, b] = constraints.map((constraint) =>
    constraint === null ? null : placeInFile(context, constraint.origin),
  );
  const place = b ?? a;
  const other = place === b ? constraints[0] : constraints[1];
  const [from, to] = [below.upper, above.lower];
  if (place == null || other == null || from === null || to === null) return;
  const [lower, upper] = [readable(from), readable(to)];
  const [fromText, toText] = [lower, upper].map(({ value }) => literal(context, value, column));
  const missing = `${column.name} ${lower.after ? ">" : ">="} ${fromText} AND ${column.name} ${upper.after ? "<=" : "<"} ${toText}`;
  const [first, second] = [below.part.child.name, above.part.child.name];
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of \`${parent.name}\` allows \`${missing}\`, between \`${first}\` and \`${second}\`. Rows with these values are refused by the children, or stay in the parent, which every query reads. Close the gap.`,
    related: [{ origin: other.origin, message: `\`${place === b ? first : second}\` is on the other side of the gap` }],
    fixes:
      a == null || to.after
        ? []
        : [...extension(context, column, first, constraints[0]?.expression, a.statement, to.value)],
  };
}

/** Nobody writes the microsecond behind a moment. */
function readable({ value, after, written, writtenAfter }: ChildEnd): Pick<ChildEnd, "value" | "after"> {
  const isWhole = value.family === "integer" || value.family === "date";
  return isWhole ? { value, after } : { value: written, after: writtenAfter };
}

/** Lets the lower child end with `<` where the next one begins. */
function* extension(
  context: ScriptContext,
  column: Column,
  child: string,
  expression: Expression | null | undefined,
  statement: number,
  next: Value,
): Generator<RuleFix> {
  const text = context.textOf(statement);
  const source = ({ range }: Expression): string => text.slice(range.start, range.end);
  const end = literal(context, next, column);
  const title = `Extend \`${child}\` to ${end}`;
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
  { column, parent, children }: PartitionedByChecks,
): Generator<RuleFinding> {
  const tests = children.flatMap((part) => (part.bounds?.kind === "remainder" ? [{ part, ...part.bounds }] : []));
  const modulus = tests[0]?.modulus;
  if (modulus === undefined || tests.some((test) => test.modulus !== modulus) || modulus > 10_000n || modulus < 1n)
    return;
  const taken = new Set(tests.map(({ remainder }) => Number(remainder)));
  const missing = Array.from({ length: Number(modulus) }, (_, remainder) => remainder).filter((one) => !taken.has(one));
  const places = tests
    .map(({ part }) => boundingConstraint(part))
    .map((one) => (one === null ? null : placeInFile(context, one.origin)));
  const place = places.findLast((one) => one !== null);
  if (missing.length === 0 || place == null) return;
  const shown = missing.slice(0, 8).join(", ") + (missing.length > 8 ? ` and ${missing.length - 8} more` : "");
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of \`${parent.name}\` allows \`${column.name} % ${modulus}\` = ${shown}. Rows with these values are refused by the children, or stay in the parent, which every query reads. Create a child for each remainder.`,
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
