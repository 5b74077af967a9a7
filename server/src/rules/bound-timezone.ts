/** Bounds of a timestamptz key without an offset mean another moment under another TimeZone. */

import { relationById } from "../catalog/catalog.ts";
import { inclusiveEndsOf } from "../catalog/inclusive-ends.ts";
import { isPartitioned } from "../catalog/layout.ts";
import type { KeyElement, Partitioning, RangeDatum } from "../catalog/partitioning.ts";
import type { Relation } from "../catalog/relation.ts";
import { baseType } from "../catalog/values/types.ts";
import { spellDatum } from "../catalog/written-bound.ts";
import type { Expression } from "../syntax/expression.ts";
import type { StatementHandle } from "../syntax/statement-handle.ts";
import type { TextRange } from "../text/range.ts";
import type { Rule, RuleFinding, ScriptContext } from "./rule.ts";
import { calendarOf } from "./support/calendar.ts";
import { replace } from "./support/fixes.ts";
import { boundInFile } from "./support/script-places.ts";

export const boundTimezone: Rule = {
  id: "bound-timezone",
  severity: "warning",
  summary: "Bounds of a timestamptz key have no offset, so they depend on the session's TimeZone.",
  source: "https://www.postgresql.org/docs/current/datatype-datetime.html#DATATYPE-TIMEZONES",
  *checkScript(context) {
    const tables = context.relations.partitioned.filter(({ partitioning }) =>
      partitioning?.key.elements.some(isTimestamptz),
    );
    const zoneSet = tables.length === 0 ? null : firstZoneSetting(context);
    for (const table of tables) yield* findingFor(context, table, zoneSet ?? Number.POSITIVE_INFINITY);
  },
};

function isTimestamptz({ type }: KeyElement): boolean {
  const base = type === null ? null : baseType(type);
  return base?.kind === "base" && base.name === "timestamptz";
}

/** Behind SET TimeZone the script itself says which zone it means. */
function firstZoneSetting({ stepsOf, placeOf }: ScriptContext): number | null {
  const found = stepsOf("set").find(
    ({ statement: { statement } }) => statement.kind === "set" && statement.name === "timezone",
  );
  return found === undefined ? null : placeOf(found);
}

interface NakedLiteral {
  readonly statement: StatementHandle;
  readonly range: TextRange;
  readonly withOffset: string;
}

/** One finding for a table, at its first bound without an offset; its fix mends them all. */
function* findingFor(context: ScriptContext, table: Relation, until: number): Generator<RuleFinding> {
  const literals: NakedLiteral[] = [];
  let first: NakedLiteral | null = null;
  let firstIndex = until;
  for (const literal of cachedLiterals(context, table)) {
    const step = context.stepWith(literal.statement);
    const index = step === null ? 0 : context.placeOf(step);
    if (index >= until) continue;
    literals.push(literal);
    if (first !== null && (index > firstIndex || (index === firstIndex && literal.range.start >= first.range.start)))
      continue;
    first = literal;
    firstIndex = index;
  }
  if (first === null) return;
  const all = literals.length > 1 ? `${literals.length} bounds of "${table.name}" have` : "This bound has";
  yield {
    statement: first.statement,
    range: first.range,
    message: `${all} no offset, so what is stored depends on the session's TimeZone: run elsewhere, the partitions leave gaps or overlap.`,
    advice: `Write the offset, as in ${first.withOffset}.`,
    fixes: () => [
      {
        title: literals.length > 1 ? `Write the offset in all ${literals.length} bounds` : "Write the offset",
        edits: literals.map(({ statement, range, withOffset }) => replace(statement, range, withOffset)),
        preferred: true,
      },
    ],
  };
}

const literalsByPartitioning = new WeakMap<
  Partitioning,
  { readonly file: string; readonly literals: readonly NakedLiteral[] }
>();

/** Kept with the partitioning, which is another one as soon as a statement that makes it is, for the file that asked last. */
function cachedLiterals(context: ScriptContext, table: Relation): readonly NakedLiteral[] {
  const { partitioning } = table;
  if (partitioning === null) return [];
  const known = literalsByPartitioning.get(partitioning);
  if (known?.file === context.file) return known.literals;
  const literals = [...nakedLiterals(context, table)];
  literalsByPartitioning.set(partitioning, { file: context.file, literals });
  return literals;
}

function* nakedLiterals(context: ScriptContext, table: Relation): Generator<NakedLiteral> {
  if (!isPartitioned(table)) return;
  const { key, partitions } = table.partitioning;
  const ends = inclusiveEndsOf(table.partitioning, calendarOf(key, context.final));
  for (const id of partitions.all.keys()) {
    const partition = relationById(context.final, id);
    const place = partition === null ? null : boundInFile(context, partition);
    const [written, stored] = [place?.placement?.bound, partition?.partitionOf?.bound];
    if (place === null || written?.kind !== "range" || stored?.kind !== "range") continue;
    const sides = [[written.from, stored.lower] as const, [written.to, stored.upper] as const];
    // An end that was meant to be included is mended as a whole, with its offset.
    for (const [datums, values] of ends.has(id) ? sides.slice(0, 1) : sides) {
      for (const [index, datum] of datums.entries()) {
        const [element, value] = [key.elements[index], values[index]];
        if (datum.kind !== "value" || value === undefined || element === undefined) continue;
        if (!isTimestamptz(element) || !isFiniteMoment(value) || !lacksOffset(datum.expression)) continue;
        const withOffset = spellDatum(value, index, key, {
          ...context.final.settings,
          timeZone: context.options.timeZone,
        });
        yield { statement: place.statement, range: datum.range, withOffset };
      }
    }
  }
}

function isFiniteMoment(datum: RangeDatum): boolean {
  return datum.kind === "value" && datum.value.family === "timestamp" && typeof datum.value.micros === "bigint";
}

/** Whether an ISO date or timestamp has neither an offset nor the name of a zone behind it. */
function lacksOffset(expression: Expression): boolean {
  if (expression.kind === "cast") return lacksOffset(expression.operand);
  if (expression.kind !== "constant" || expression.value.type !== "string") return false;
  return /^\s*\d{4,}-\d{1,2}-\d{1,2}(?:[T ]\s*\d{1,2}(?::\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?)?\s*$/i.test(
    expression.value.text,
  );
}
