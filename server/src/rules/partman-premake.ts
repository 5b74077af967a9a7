/** The partitions that pg_partman makes ahead end before maintenance can be expected to come by again. */

import type { Manager } from "../catalog/manager.ts";
import { microsPerDay } from "../catalog/values/calendar.ts";
import { multiplyInterval } from "../catalog/values/datetime-arithmetic.ts";
import { type IntervalValue, intervalLength, printInterval } from "../catalog/values/interval.ts";
import { numberIn, textIn } from "../schemes/partman/part-config.ts";
import type { FunctionCall } from "../syntax/expression.ts";
import type { Rule, RuleFix, StepContext } from "./rule.ts";
import { callsIn, changedSets, isBelowSet, placeOfWork, timeInterval } from "./support/partman-sets.ts";

export const partmanPremake: Rule = {
  id: "partman-premake",
  severity: "warning",
  summary: "The partitions that pg_partman makes ahead end before maintenance can be expected to come by again.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  statements: ["query", "call-procedure", "do"],
  *check(context) {
    const { step, options } = context;
    for (const { was, is } of changedSets(step)) {
      const premake = numberIn(is.row, "premake");
      const interval = timeInterval(step.after, is, options.version);
      const isOld =
        was !== null && numberIn(was.row, "premake") === premake && intervalTextOf(was) === intervalTextOf(is);
      if (interval === null || premake === null || isOld || isBelowSet(step.after, is)) continue;
      const length = intervalLength(interval);
      if (length <= 0n || length * BigInt(premake) >= microsPerDay) continue;
      const enough = Number((microsPerDay + length - 1n) / length);
      yield {
        statement: step.handle,
        range: placeOfWork(step, creating),
        // The background worker comes by every hour where nobody says otherwise; who calls it from cron mostly does so daily.
        severity: length * BigInt(premake) < hour ? "warning" : "information",
        message: `The partitions of "${is.table}" reach no farther than ${shown(interval, premake)} ahead of the newest row: if maintenance is run less often, new rows go to the ${isByTrigger(is) ? "parent" : "default"}, from which they have to be moved.`,
        advice: `A premake of ${enough} covers a day.`,
        fixes: fixesFor(context, enough),
      };
    }
  },
};

const hour = microsPerDay / 24n;
const creating: ReadonlySet<string> = new Set(["create_parent", "create_partition"]);

function intervalTextOf({ row }: Manager): string | null {
  return textIn(row, "partition_interval");
}

function isByTrigger({ row }: Manager): boolean {
  const type = textIn(row, "partition_type");
  return type === "partman" || type === "time-custom";
}

function shown(interval: IntervalValue, premake: number): string {
  const whole = multiplyInterval(interval, premake);
  return whole.kind === "value" && whole.value?.family === "interval"
    ? printInterval(whole.value)
    : `${premake} intervals`;
}

/** The argument of the one call that makes the set. */
function fixesFor({ step, text }: StepContext, premake: number): readonly RuleFix[] {
  const [call, ...others] = callsIn(step.statement.statement).filter(({ name }) => creating.has(name.at(-1) ?? ""));
  if (call === undefined || others.length > 0) return [];
  const edit = editOf(call, text, premake);
  if (edit === null) return [];
  const edits = [{ kind: "replace" as const, statement: step.handle, ...edit }];
  return [{ title: `Make ${premake} partitions ahead`, edits, preferred: true }];
}

function editOf(
  { arguments: given, range }: FunctionCall,
  text: string,
  premake: number,
): { readonly range: { readonly start: number; readonly end: number }; readonly newText: string } | null {
  const named = given.find(({ name }) => name === "p_premake");
  if (named !== undefined) return { range: named.value.range, newText: String(premake) };
  const last = given.at(-1);
  // By position it is the sixth in both versions.
  const sixth = given[5];
  if (sixth !== undefined && sixth.name === undefined) return { range: sixth.value.range, newText: String(premake) };
  if (last === undefined || text.slice(range.start, range.end).at(-1) !== ")") return null;
  const end = last.value.range.end;
  return { range: { start: end, end }, newText: `, p_premake => ${premake}` };
}
