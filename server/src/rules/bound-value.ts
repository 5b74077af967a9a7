/** A bound's value cannot be read as the key's type, or is no constant. */

import type { Expression } from "../syntax/expression.ts";
import type { TextRange } from "../text/range.ts";
import type { RejectionContext, Rule, RuleFix } from "./rule.ts";
import { replacement } from "./support/fixes.ts";
import { placementsOf } from "./support/placements.ts";
import { presentRejection } from "./support/present.ts";

export const boundValue: Rule = {
  id: "bound-value",
  severity: "error",
  summary: "A value in a partition bound cannot be read as the key's type, or is no constant.",
  source: "https://www.postgresql.org/docs/current/sql-createtable.html#SQL-CREATETABLE-PARTITION",
  present: (context) => presentRejection(context, { advice: adviceFor(context), fixes: [...fixesFor(context)] }),
};

function adviceFor({ rejection: { message, sqlstate }, text, rejection }: RejectionContext): string {
  const written = text.slice(rejection.range.start, rejection.range.end);
  if (looksLikeDate(written)) return `Without quotes "${written}" is a subtraction: put dates in single quotes.`;
  if (/^cannot use column reference/.test(message)) {
    return "A bound is a constant: text and dates stand in single quotes (double quotes make a name), and MINVALUE and MAXVALUE belong to RANGE bounds only.";
  }
  if (/^(?:aggregate|window|set-returning|cannot use subquery|grouping)/.test(message)) {
    return "A bound is computed once, without looking at any row: write the value itself.";
  }
  if (/cannot be cast to type/.test(message)) return "Write a constant of the key column's type.";
  if (sqlstate === "22008" || sqlstate === "22007") {
    return "Write dates as '2024-01-31'; an upper bound is exclusive, so a month ends with the first day of the next.";
  }
  return "Write a constant that the key column's type can hold.";
}

function* fixesFor({ step, text }: RejectionContext): Generator<RuleFix> {
  for (const { bound } of placementsOf(step.statement.statement)) {
    for (const { range, expression } of valuesOf(bound)) {
      const written = text.slice(range.start, range.end);
      const fixed = quotedDate(written, expression) ?? existingDay(expression);
      if (fixed !== null) {
        yield replacement(`Change to ${fixed}`, step.handle, range, fixed, { preferred: true });
      }
    }
  }
}

type Bound = ReturnType<typeof placementsOf>[number]["bound"];

function valuesOf(bound: Bound): readonly { readonly range: TextRange; readonly expression: Expression }[] {
  if (bound.kind === "list") return bound.values.map((expression) => ({ range: expression.range, expression }));
  if (bound.kind !== "range") return [];
  return [...bound.from, ...bound.to].flatMap((datum) =>
    datum.kind === "value" ? [{ range: datum.range, expression: datum.expression }] : [],
  );
}

function looksLikeDate(written: string): boolean {
  return /^\d{4}\s*-\s*\d{1,2}\s*-\s*\d{1,2}$/.test(written);
}

/** `2024-01-31` and `"2024-01-31"` in single quotes. */
function quotedDate(written: string, expression: Expression): string | null {
  if (looksLikeDate(written)) return `'${written.replaceAll(/\s/g, "")}'`;
  const name = expression.kind === "column" ? expression.names[0] : undefined;
  return written.startsWith('"') && name !== undefined ? `'${name.replaceAll("'", "''")}'` : null;
}

/** For a day that its month does not have, the first of the next month. */
function existingDay(expression: Expression): string | null {
  if (expression.kind !== "constant" || expression.value.type !== "string") return null;
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(expression.value.text) ?? [];
  if (year === undefined || Number(month) > 12 || Number(month) === 0) return null;
  const daysInMonth = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) <= daysInMonth || Number(day) > 31) return null;
  const next = new Date(Date.UTC(Number(year), Number(month), 1));
  return `'${next.toISOString().slice(0, 10)}'`;
}
