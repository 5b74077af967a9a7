/** The CHECK constraints of two inheritance children let both take the same values. */

import type { Rule, RuleFinding, RuleFix, ScriptContext } from "./rule.ts";
import { type PartitionedByChecks, partitionedByChecks } from "./support/child-checks.ts";
import { type ChildEnd, type ChildRange, childRanges, compareEnds } from "./support/child-order.ts";
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
      if (parts === null) continue;
      yield* overlappingRanges(context, parts);
      yield* sharedValues(context, parts);
    }
  },
};

function* overlappingRanges(context: ScriptContext, parts: PartitionedByChecks): Generator<RuleFinding> {
  const values = { catalog: context.final, settings: context.final.settings, version: context.options.version };
  const ranges = childRanges(parts, values);
  for (const [index, range] of ranges.entries()) {
    const previous = ranges[index - 1];
    const order = previous === undefined ? null : compareEnds(range.lower, previous.upper, -1, values);
    // The open ends of the two sides are different ones: below an open upper end is everything.
    const meet =
      previous !== undefined && (previous.upper === null || range.lower === null || (order !== null && order < 0));
    if (meet) yield* findingFor(context, parts, previous, range);
  }
}

function* findingFor(
  context: ScriptContext,
  { column }: PartitionedByChecks,
  previous: ChildRange,
  range: ChildRange,
): Generator<RuleFinding> {
  const [a, b] = [placeInFile(context, previous.constraint.origin), placeInFile(context, range.constraint.origin)];
  const place = b ?? a;
  if (place === null) return;
  const other = place === b ? previous : range;
  yield {
    statement: place.statement,
    range: place.range,
    message: `\`${previous.child.name}\` and \`${range.child.name}\` both allow some values of \`${column}\`. Rows with them may lie in either, so queries read both and duplicates go unseen. Let one end with \`<\` where the other begins with \`>=\`.`,
    related: [{ origin: other.constraint.origin, message: `\`${other.child.name}\` allows them too` }],
    fixes: a === null ? [] : [...exclusiveEnd(context, column, previous, a.statement, range.lower)],
  };
}

/** Where the children share nothing but one end, written with `<=` or BETWEEN, the earlier one ends before it. */
function* exclusiveEnd(
  context: ScriptContext,
  column: string,
  { upper, lower, constraint }: ChildRange,
  statement: number,
  next: ChildEnd | null,
): Generator<RuleFix> {
  if (upper === null || next === null || upper.test.operator !== "<=") return;
  const values = { catalog: context.final, settings: context.final.settings, version: context.options.version };
  const written = { ...upper, value: upper.test.value, after: false };
  if (compareEnds(written, { ...next, after: false }, 1, values) !== 0) return;
  const text = context.textOf(statement);
  const expression = constraint.expression;
  const { range } = upper.test;
  const source = text.slice(range.start, range.end);
  const between = /^(.*?)\s+BETWEEN\s+(.*)\s+AND\s+(.*)$/is.exec(source);
  if (between !== null && lower !== null) {
    const [, name = column, from = "", to = ""] = between;
    const form = `${name} >= ${from} AND ${name} < ${to}`;
    const isWhole = expression !== null && expression.range.start === range.start && expression.range.end === range.end;
    yield replacement(`Change to ${form}`, statement, range, isWhole ? form : `(${form})`, { preferred: true });
  } else if (source.includes("<=")) {
    yield replacement("Change <= to <", statement, range, source.replace("<=", "<"), { preferred: true });
  }
}

/** The same value in two lists, or the same remainder. */
function* sharedValues(context: ScriptContext, { column, children }: PartitionedByChecks): Generator<RuleFinding> {
  const owners = new Map<string, (typeof children)[number]>();
  for (const owner of children) {
    for (const check of owner.checks) {
      const keys = [
        ...check.lists.flatMap((list) =>
          list.column === column ? list.values.map(({ value }) => Object.values(value).join(":")) : [],
        ),
        ...check.modulos.flatMap((test) =>
          test.column === column ? [`${test.modulus} remainder ${test.remainder}`] : [],
        ),
      ];
      const first = keys.find((key) => owners.has(key) && owners.get(key) !== owner);
      for (const key of keys) if (!owners.has(key)) owners.set(key, owner);
      const other = first === undefined ? undefined : owners.get(first);
      const place = placeInFile(context, check.constraint.origin);
      if (other === undefined || place === null) continue;
      yield {
        statement: place.statement,
        range: place.range,
        message: `\`${other.child.name}\` and \`${owner.child.name}\` both allow some values of \`${column}\`. Rows with them may lie in either, so queries read both and duplicates go unseen. Let each value belong to one child.`,
        related: other.checks.slice(0, 1).map(({ constraint }) => ({
          origin: constraint.origin,
          message: `\`${other.child.name}\` allows them too`,
        })),
      };
    }
  }
}
