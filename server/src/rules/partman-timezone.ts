/** pg_partman makes partitions in a session of another time zone than that which made those that are there. */

import type { Catalog } from "../catalog/catalog.ts";
import type { Manager } from "../catalog/manager.ts";
import { managersBy } from "../catalog/managers.ts";
import { quoteConstant } from "../catalog/values/print.ts";
import { offsetAt, timeZoneOfSetting } from "../catalog/values/time-zone.ts";
import { flagIn, textIn } from "../schemes/partman/part-config.ts";
import type { FunctionCall } from "../syntax/expression.ts";
import type { Rule } from "./rule.ts";
import { callsIn, makingCalls, parentOfSet, timeInterval } from "./support/partman-sets.ts";

export const partmanTimezone: Rule = {
  id: "partman-timezone",
  severity: "warning",
  summary: "pg_partman makes partitions in a session of another time zone than that which made those that are there.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  statements: ["query", "call-procedure"],
  *check({ step, options }) {
    if (step.before.managers === undefined) return;
    for (const call of callsIn(step.statement.statement)) {
      const name = call.name.at(-1) ?? "";
      if (!makingCalls.has(name) || name.startsWith("create_p")) continue;
      const { timeZone } = step.before.settings;
      const set = [...managersBy(step.before, "pg_partman")].find(
        (manager) =>
          isMeant(call, manager) &&
          dependsOnZone(step.before, manager, options.version) &&
          areOther(manager.timeZone, timeZone, options.today),
      );
      if (set === undefined) continue;
      yield {
        statement: step.handle,
        range: call.range,
        message: `The partitions of "${set.table}" were made in the time zone ${set.timeZone}, and this session is in ${timeZone}: days and months begin at other instants here, so pg_partman finds the next name taken and makes nothing, or makes a range that is shifted.`,
        advice: `Run it in ${set.timeZone}.`,
        fixes: [
          {
            title: `SET TimeZone = ${quoteConstant(set.timeZone)} before`,
            edits: [
              { kind: "insert-before", statement: step.handle, sql: `SET TimeZone = ${quoteConstant(set.timeZone)}` },
            ],
            preferred: true,
          },
        ],
      };
    }
  },
};

/** Whether a call is about the set: it names it, or names none. */
function isMeant({ arguments: given }: FunctionCall, { table, row }: Manager): boolean {
  const named = given.find(({ name }) => name === "p_parent_table" || name === "p_top_parent");
  const first = named ?? (given[0]?.name === undefined ? given[0] : undefined);
  const value = first?.value;
  const told = value?.kind === "constant" && value.value.type === "string" ? value.value.text : null;
  if (told?.includes(".") === true) return told === table;
  return textIn(row, "automatic_maintenance") === "on" && !flagIn(row, "undo_in_progress");
}

/** Only instants are cut into days by the clocks of a zone; what has no zone, or is shorter than an hour, is not. */
function dependsOnZone(catalog: Catalog, manager: Manager, version: number): boolean {
  const interval = timeInterval(catalog, manager, version);
  const control = textIn(manager.row, "control");
  const parent = parentOfSet(catalog, manager);
  // Of a set that a database brings nobody tells in which zone it was made.
  if (parent?.origin.kind !== "statement") return false;
  const type = parent.columns.find(({ name }) => name === control)?.type;
  const isInstant = type?.kind === "base" && !["date", "timestamp"].includes(type.name);
  return interval !== null && (interval.months !== 0 || interval.days !== 0) && isInstant;
}

/** Whether the clocks of two zones differ, now or in half a year. */
function areOther(one: string, other: string, today: string): boolean {
  if (one.toLowerCase() === other.toLowerCase()) return false;
  const [a, b] = [timeZoneOfSetting(one), timeZoneOfSetting(other)];
  const seconds = Date.parse(`${today.slice(0, 10)}T00:00:00Z`) / 1000 - 946_684_800;
  if (a === null || b === null || Number.isNaN(seconds)) return false;
  return [seconds, seconds + 182 * 86400].some((at) => offsetAt(a, at) !== offsetAt(b, at));
}
