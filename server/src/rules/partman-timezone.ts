/** Partitions of pg_partman are made in a session of another time zone than that which made those that are there. */

import type { Catalog } from "../catalog/catalog.ts";
import { layoutOf } from "../catalog/layout.ts";
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
  summary:
    "Partitions of pg_partman are made in a session of another time zone than that which made those that are there.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  statements: ["query", "call-procedure"],
  *check({ step, options }) {
    if (step.before.managers === undefined) return;
    for (const call of callsIn(step.statement.statement)) {
      const name = call.name.at(-1) ?? "";
      if (!makingCalls.has(name) || name.startsWith("create_p")) continue;
      const { timeZone } = step.before.settings;
      const meant = [...managersBy(step.before, "pg_partman")].filter(
        (manager) => isMeant(call, manager) && dependsOnZone(step.before, manager, options.version),
      );
      const stored = meant.flatMap((manager) => startOfDay(step.before, manager, timeZone) ?? [])[0];
      if (stored !== undefined) {
        yield {
          statement: step.handle,
          range: call.range,
          message: `The newest partition of "${stored.table}" begins at ${stored.clock} in the time zone of this session, ${timeZone}, so it was made in another: ${consequence}.`,
          advice: "Run it in the time zone in which its days begin at midnight.",
        };
        continue;
      }
      const set = meant.find(
        (manager) => isOfScript(step.before, manager) && areOther(manager.timeZone, timeZone, options.today),
      );
      if (set === undefined) continue;
      yield {
        statement: step.handle,
        range: call.range,
        message: `The partitions of "${set.table}" were made in the time zone ${set.timeZone}, and this session is in ${timeZone}: ${consequence}.`,
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

const consequence =
  "days and months begin at other instants here, so pg_partman finds the next name taken and makes nothing, or makes a range that is shifted";

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
  const type = parent?.columns.find(({ name }) => name === control)?.type;
  const isInstant = type?.kind === "base" && !["date", "timestamp"].includes(type.name);
  return interval !== null && (interval.months !== 0 || interval.days !== 0) && isInstant;
}

/** Whether the script has made the set: else nobody tells in which zone that was done. */
function isOfScript(catalog: Catalog, manager: Manager): boolean {
  return parentOfSet(catalog, manager)?.origin.kind === "statement";
}

/**
 * Of a set that a database brings: at which time of a session's day its newest partition begins, where that is not midnight, at
 * which pg_partman lets days, weeks and months begin; null where it is, or where the set has been told another beginning.
 */
function startOfDay(
  catalog: Catalog,
  manager: Manager,
  timeZone: string,
): { readonly table: string; readonly clock: string } | null {
  const parent = parentOfSet(catalog, manager);
  const zone = timeZoneOfSetting(timeZone);
  const isTold = textIn(manager.row, "date_trunc_interval") !== null;
  if (parent === null || zone === null || isTold || isOfScript(catalog, manager)) return null;
  let newest: bigint | null = null;
  for (const { lower } of layoutOf(parent)?.partitions.ranges.values() ?? []) {
    const [datum] = lower;
    if (datum?.kind !== "value" || datum.value.family !== "timestamp") continue;
    const { micros } = datum.value;
    if (typeof micros === "bigint" && (newest === null || micros > newest)) newest = micros;
  }
  const seconds = newest === null ? null : Number(newest / 1_000_000n);
  const offset = seconds === null ? null : offsetAt(zone, seconds);
  if (seconds === null || offset === null) return null;
  const ofDay = (((seconds + offset) % 86_400) + 86_400) % 86_400;
  const clock = [Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60].map((part) => String(part).padStart(2, "0"));
  return ofDay === 0 ? null : { table: manager.table, clock: clock.join(":") };
}

/** Whether the clocks of two zones differ, now or in half a year. */
function areOther(one: string, other: string, today: string): boolean {
  if (one.toLowerCase() === other.toLowerCase()) return false;
  const [a, b] = [timeZoneOfSetting(one), timeZoneOfSetting(other)];
  const seconds = Date.parse(`${today.slice(0, 10)}T00:00:00Z`) / 1000 - 946_684_800;
  if (a === null || b === null || Number.isNaN(seconds)) return false;
  return [seconds, seconds + 182 * 86400].some((at) => offsetAt(a, at) !== offsetAt(b, at));
}
