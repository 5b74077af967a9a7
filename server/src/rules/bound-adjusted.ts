/** A bound is stored with another value than the one written. */

import type { Bound, KeyElement } from "../catalog/partitioning.ts";
import type { Value } from "../catalog/value.ts";
import { baseType, formatType, typeFamily } from "../catalog/values/types.ts";
import { spellValue } from "../catalog/written-bound.ts";
import type { Step } from "../replay/step.ts";
import type { ConstantValue, Expression } from "../syntax/expression.ts";
import type { BoundSpecification } from "../syntax/statement.ts";
import type { Rule, RuleFinding, RuleFix, StepContext } from "./rule.ts";
import { type PlacedBound, placedBound, wouldConflict } from "./support/bounds.ts";
import { constantOf, endsWithDay, isDateKey } from "./support/cut-dates.ts";
import { replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";

export const boundAdjusted: Rule = {
  id: "bound-adjusted",
  severity: "warning",
  summary: "A bound is stored with another value than the one written.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  statements: ["create-table", "alter-table"],
  *check(context) {
    for (const placement of placementsOf(context.step.statement.statement)) {
      const placed = placedBound(context, placement);
      if (placed !== null) yield* changedValues(context, placement.bound, placed);
    }
  },
};

function* changedValues(
  { step, text }: StepContext,
  written: BoundSpecification,
  placed: PlacedBound,
): Generator<RuleFinding> {
  const { partitioning, bound } = placed;
  for (const { expression, value, element, isUpper } of pairs(written, bound, partitioning.key.elements)) {
    const constant = constantOf(expression);
    if (constant === null || element.type === null || !isChanged(constant, value, element)) continue;
    // That the last day was to be included is said by inclusive-end.
    const losesDay = isUpper && isDateKey(partitioning.key);
    if (losesDay && endsWithDay(expression)) continue;
    const stored = spellValue(value, element.type, step.before.settings);
    const source = text.slice(expression.range.start, expression.range.end);
    const why =
      value.family === "text"
        ? "and text is ordered by its characters, so that '10' comes before '9'"
        : `so ${source} is rounded or cut when the bound is stored`;
    yield {
      statement: step.handle,
      range: expression.range,
      message: `The bound is stored as ${stored}: the key is of type ${formatType(element.type)}, ${why}.`,
      advice: "Rows are routed by the stored value: write that.",
      fixes: [
        // What of the day was meant to be in is lost with the stored value.
        ...(losesDay ? nextDay(placed, value, element, step, expression) : []),
        replacement(`Write the stored value ${stored}`, step.handle, expression.range, stored, {
          preferred: !losesDay,
        }),
      ],
    };
  }
}

function* nextDay(
  placed: PlacedBound,
  value: Value,
  { type }: KeyElement,
  step: Step,
  { range }: Expression,
): Generator<RuleFix> {
  if (value.family !== "date" || placed.bound.kind !== "range" || type === null) return;
  const next: Value = { family: "date", days: value.days + 1 };
  const others = { ...placed.bound, lower: placed.bound.upper, upper: [{ kind: "value" as const, value: next }] };
  if (wouldConflict(placed, others)) return;
  const text = spellValue(next, type, step.before.settings);
  yield replacement(`End with the day: ${text}`, step.handle, range, text, { preferred: true });
}

interface Pair {
  readonly expression: Expression;
  readonly value: Value;
  readonly element: KeyElement;
  readonly isUpper: boolean;
}

/** Each written constant with the value stored for it. */
function* pairs(written: BoundSpecification, bound: Bound, elements: readonly KeyElement[]): Generator<Pair> {
  if (written.kind === "range" && bound.kind === "range") {
    for (const [datums, stored] of [[written.from, bound.lower] as const, [written.to, bound.upper] as const]) {
      for (const [index, datum] of datums.entries()) {
        const [value, element] = [stored[index], elements[index]];
        if (datum.kind !== "value" || value?.kind !== "value" || element === undefined) continue;
        yield { expression: datum.expression, value: value.value, element, isUpper: stored === bound.upper };
      }
    }
  }
  const [element] = elements;
  if (written.kind !== "list" || bound.kind !== "list" || element === undefined) return;
  // Duplicates are dropped when a list is stored; then it is not told which value is whose.
  if (written.values.length !== bound.values.length) return;
  for (const [index, expression] of written.values.entries()) {
    const value = bound.values[index];
    if (value !== null && value !== undefined) yield { expression, value, element, isUpper: false };
  }
}

function isChanged(constant: ConstantValue, value: Value, element: KeyElement): boolean {
  const { text } = constant.type === "null" ? { text: "" } : constant;
  switch (value.family) {
    case "integer":
      return /\.\d*[1-9]/.test(text);
    case "numeric":
      return "digits" in value && /^\s*[+-]?\d*\.?\d+\s*$/.test(text) && fractionLength(text) > value.scale;
    case "date":
      return /[ T](?=[\d:.]*[1-9])\d{1,2}:\d/.test(text);
    case "timestamp":
      return precisionOf(element) < 6 && fractionLength(/:[\d.]+/.exec(text)?.[0] ?? "") > precisionOf(element);
    case "text":
      return constant.type === "integer" || constant.type === "decimal";
    default:
      return false;
  }
}

/** The digits after the point, without zeros at their end. */
function fractionLength(text: string): number {
  return /\.(\d*?)0*\s*$/.exec(text)?.[1]?.length ?? 0;
}

function precisionOf({ type }: KeyElement): number {
  const base = type === null ? null : baseType(type);
  return base?.kind === "base" && typeFamily(base) === "timestamp" ? (base.modifier?.precision ?? 6) : 6;
}
