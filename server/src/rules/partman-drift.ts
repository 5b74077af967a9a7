/** Partitions of pg_partman begin on a day that not every month has, or in the middle of a week. */

import type { Catalog } from "../catalog/catalog.ts";
import { findRelation } from "../catalog/catalog.ts";
import type { Manager } from "../catalog/manager.ts";
import { managersBy } from "../catalog/managers.ts";
import { civilDate, floorDivide, microsPerDay } from "../catalog/values/calendar.ts";
import { instantToLocal, printDate } from "../catalog/values/datetime.ts";
import { readInterval } from "../catalog/values/interval.ts";
import { timeZoneOfSetting } from "../catalog/values/time-zone.ts";
import { textIn } from "../schemes/partman/part-config.ts";
import type { Rule, RuleFinding } from "./rule.ts";

export const partmanDrift: Rule = {
  id: "partman-drift",
  severity: "warning",
  summary: "Partitions of pg_partman begin on a day that not every month has, or in the middle of a week.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  statements: ["query", "call-procedure", "do"],
  *check({ step, text, options }) {
    if (step.before.managers === step.after.managers) return;
    for (const manager of managersBy(step.after, "pg_partman")) {
      if (step.before.managers?.has(`pg_partman ${manager.table}`) === true) continue;
      const isStartGiven = /\bp_start_partition\b/i.test(text);
      const words = driftOf(step.after, manager, options.version, isStartGiven);
      if (words === null) continue;
      const { statement } = step.statement;
      const range = statement.kind === "query" ? statement.query.range : { start: 0, end: step.statement.length };
      yield { statement: step.handle, range, ...words };
    }
  },
};

/** What is wrong with where the set begins; null where nothing is. */
function driftOf(
  catalog: Catalog,
  { row, table }: Manager,
  version: number,
  isStartGiven: boolean,
): Pick<RuleFinding, "message" | "advice"> | null {
  const read = readInterval(textIn(row, "partition_interval") ?? "", null, {
    settings: catalog.settings,
    version,
    catalog,
  });
  const start = firstDay(catalog, table);
  if (read.kind !== "value" || read.value.family !== "interval" || start === null) return null;
  const { months, days } = read.value;
  const { day } = civilDate(start);
  if (months > 0 && months % 12 !== 0 && day > 28)
    return {
      message: `The partitions of "${table}" begin on ${printDate(start)}: in a month without a day ${day} pg_partman ends the partition earlier, and the next one begins on day ${day} again, so the days between them have no partition.`,
      advice: "Begin on the first of a month.",
    };
  const isMonday = (((start - 2) % 7) + 7) % 7 === 0;
  // Who gives the start has chosen the day; without it, it is whichever day the migration runs on.
  if (months === 0 && days === 7 && !isMonday && !isStartGiven)
    return {
      message: `The weeks of "${table}" begin on ${weekdays[(((start - 2) % 7) + 7) % 7] ?? ""}, the day of the week on which the call was run.`,
      advice: "Let p_start_partition or p_date_trunc_interval => 'week' say on which day they begin.",
    };
  return null;
}

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** The local day on which the first partition begins; null where it is no time. */
function firstDay(catalog: Catalog, name: string): number | null {
  const [schema = "", table = ""] = name.split(".");
  const partitioning = findRelation(catalog, { schema, name: table })?.partitioning;
  const [lower] = partitioning?.partitions.ranges.minKey() ?? [];
  if (lower?.kind !== "value" || partitioning === null || partitioning === undefined) return null;
  if (lower.value.family === "date") return Number.isFinite(lower.value.days) ? lower.value.days : null;
  if (lower.value.family !== "timestamp" || typeof lower.value.micros !== "bigint") return null;
  const type = partitioning.key.elements[0]?.type;
  const isZoned = type?.kind === "base" && type.name === "timestamptz";
  const zone = timeZoneOfSetting(catalog.settings.timeZone);
  const local = isZoned ? instantToLocal(lower.value.micros, zone) : lower.value.micros;
  return typeof local === "bigint" ? Number(floorDivide(local, microsPerDay)) : null;
}
