/** Between the CHECK constraints of two inheritance children there are values that none allows. */

import { printValue } from "../catalog/values/print.ts";
import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { type PartitionedByChecks, partitionedByChecks } from "./support/child-checks.ts";
import { type ChildEnd, type ChildRange, childRanges, compareEnds } from "./support/child-order.ts";
import { replacement } from "./support/fixes.ts";
import { placeInFile } from "./support/script-places.ts";

export const checkGap: Rule = {
  id: "check-gap",
  severity: "warning",
  summary: "Between the CHECK constraints of inheritance children there are values that none allows.",
  source: "https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-USING-INHERITANCE",
  *checkScript(context) {
    for (const parent of context.relations.inherited) {
      const parts = partitionedByChecks(context, parent);
      if (parts === null) continue;
      yield* gapsBetween(context, parts);
      yield* missingRemainders(context, parts);
    }
  },
};

function* gapsBetween(context: ScriptContext, parts: PartitionedByChecks): Generator<RuleFinding> {
  const values = { catalog: context.final, settings: context.final.settings, version: context.options.version };
  let reach: ChildRange | null = null;
  for (const range of childRanges(parts, values)) {
    const before: ChildRange | null = reach;
    if (before?.upper != null && range.lower !== null && (compareEnds(before.upper, range.lower, 1, values) ?? 0) < 0) {
      yield* findingFor(context, parts, before, range, before.upper, range.lower);
    }
    const further =
      before === null || (before.upper !== null && (compareEnds(range.upper, before.upper, 1, values) ?? 0) > 0);
    if (further) reach = range;
  }
}

function* findingFor(
  context: ScriptContext,
  { column, parent }: PartitionedByChecks,
  below: ChildRange,
  above: ChildRange,
  from: ChildEnd,
  to: ChildEnd,
): Generator<RuleFinding> {
  const [a, b] = [placeInFile(context, below.constraint.origin), placeInFile(context, above.constraint.origin)];
  const place = b ?? a;
  if (place === null) return;
  const other = place === b ? below : above;
  const [lower, upper] = [literal(context, from), literal(context, to)];
  const missing = `${column} ${from.after ? ">" : ">="} ${lower} AND ${column} ${to.after ? "<=" : "<"} ${upper}`;
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of \`${parent.name}\` allows \`${missing}\`, between \`${below.child.name}\` and \`${above.child.name}\`. Rows with these values are refused by the children, or stay in the parent, which every query reads. Close the gap.`,
    related: [{ origin: other.constraint.origin, message: `\`${other.child.name}\` is on the other side of the gap` }],
    fixes: a === null ? [] : [...extension(context, column, below, a.statement, to)],
  };
}

/** Lets the lower child end with `<` where the next one begins. */
function* extension(
  context: ScriptContext,
  column: string,
  { upper, child }: ChildRange,
  statement: number,
  next: ChildEnd,
): Generator<RuleFix> {
  if (upper === null || next.after) return;
  const { range, operator } = upper.test;
  const text = context.textOf(statement);
  const source = text.slice(range.start, range.end);
  const end = text.slice(next.test.range.start, next.test.range.end);
  const side = /^(.*?)\s*(?:<=|<)\s*(.*)$/s.exec(source);
  const between = /^(.*?)\s+BETWEEN\s+(.*)\s+AND\s+(.*)$/is.exec(source);
  const title = `Extend \`${child.name}\` to ${literal(context, next)}`;
  if (side !== null && (operator === "<" || operator === "<=") && end !== "") {
    const newText = `${side[1]} < ${literal(context, next)}`;
    yield replacement(title, statement, range, newText, { preferred: true });
  } else if (between !== null) {
    const [, name = column, from = ""] = between;
    const newText = `${name} >= ${from} AND ${name} < ${literal(context, next)}`;
    yield replacement(title, statement, range, newText, { preferred: true });
  }
}

/** `k % 4 = 0` and `k % 4 = 1` leave two remainders out. */
function* missingRemainders(
  context: ScriptContext,
  { column, parent, children }: PartitionedByChecks,
): Generator<RuleFinding> {
  const checks = children.flatMap(({ checks: all }) =>
    all.filter(({ modulos }) => modulos.some((test) => test.column === column)),
  );
  const tests = checks.flatMap(({ modulos }) => modulos);
  const [first] = tests;
  if (first === undefined || tests.some(({ modulus }) => modulus !== first.modulus) || first.modulus > 10_000) return;
  const taken = new Set(tests.map(({ remainder }) => remainder));
  const missing = Array.from({ length: first.modulus }, (_, remainder) => remainder).filter((one) => !taken.has(one));
  const place = checks.map(({ constraint }) => placeInFile(context, constraint.origin)).findLast((one) => one !== null);
  if (missing.length === 0 || place === undefined || place === null) return;
  const shown = missing.slice(0, 8).join(", ") + (missing.length > 8 ? ` and ${missing.length - 8} more` : "");
  yield {
    statement: place.statement,
    range: place.range,
    message: `No child of \`${parent.name}\` allows \`${column} % ${first.modulus}\` = ${shown}. Rows with these values are refused by the children, or stay in the parent, which every query reads. Create a child for each remainder.`,
  };
}

function literal({ final }: ScriptContext, { value, type }: ChildEnd): string {
  const text = printValue(value, type, final.settings).replace(/ 00:00:00$/, "");
  return value.family === "integer" || value.family === "numeric" || value.family === "float"
    ? text
    : `'${text.replaceAll("'", "''")}'`;
}
