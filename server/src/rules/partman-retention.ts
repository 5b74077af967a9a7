/** The retention of pg_partman takes a partition away that later statements of the file use. */

import { type Catalog, relationById } from "../catalog/catalog.ts";
import type { Manager } from "../catalog/manager.ts";
import { managersBy } from "../catalog/managers.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { Value } from "../catalog/value.ts";
import { microsPerDay } from "../catalog/values/calendar.ts";
import { addInterval, negateInterval } from "../catalog/values/datetime-arithmetic.ts";
import { readInterval } from "../catalog/values/interval.ts";
import { lookUpRelation } from "../effects/relations/lookup.ts";
import { isRun, type Step } from "../replay/step.ts";
import { flagIn, textIn } from "../schemes/partman/part-config.ts";
import type { UsedRelation } from "../syntax/uses.ts";
import type { Rule, RuleFinding, RuleOptions, ScriptContext } from "./rule.ts";
import { changedSets, parentOfSet, placeOfWork } from "./support/partman-sets.ts";

export const partmanRetention: Rule = {
  id: "partman-retention",
  severity: "warning",
  summary: "The retention of pg_partman takes a partition away that later statements of the file use.",
  source: "https://github.com/pgpartman/pg_partman/blob/development/doc/pg_partman.md",
  *checkScript(context) {
    if (context.final.managers === undefined) return;
    const steps = (["query", "call-procedure", "do"] as const).flatMap((kind) => context.stepsOf(kind));
    for (const step of steps) {
      if (step.rejection !== null || !isRun(step) || step.before.managers === undefined) continue;
      yield* takenBy(context, step);
      yield* dueAfter(context, step);
    }
  },
};

const retaining: ReadonlySet<string> = new Set([
  "run_maintenance",
  "run_maintenance_proc",
  "drop_partition_time",
  "drop_partition_id",
]);

/** What a call has taken away, and a later statement names. */
function* takenBy(context: ScriptContext, step: Step): Generator<RuleFinding> {
  if (!callsRetention(context, step)) return;
  const gone = new Map<string, { readonly table: Relation; readonly manager: Manager }>();
  for (const manager of managersBy(step.before, "pg_partman")) {
    const parent = parentOfSet(step.before, manager);
    for (const table of parent === null ? [] : partsOf(step.before, parent)) {
      const now = relationById(step.after, table.id);
      if (now === null || now.schema !== table.schema) gone.set(`${table.schema}.${table.name}`, { table, manager });
    }
  }
  if (gone.size === 0) return;
  const use = firstUse(context, step, ({ schema, name }, { before }) => {
    const found = lookUpRelation(before, { schema, name });
    const entry = [...gone.values()].find(
      ({ table }) => table.name === name && (schema ?? table.schema) === table.schema,
    );
    return found.kind === "found" ? null : (entry ?? null);
  });
  if (use === null) return;
  const { table, manager } = use.what;
  yield finding(context, step, use.step, {
    message: `"${table.name}" is taken away here by the retention of "${manager.table}", and a later statement uses it.`,
    advice: "Let the statement come first, or keep the table.",
  });
}

/** Whether the statement, or the body of a block, calls what drops by retention. */
function callsRetention({ textOf }: ScriptContext, { handle, statement: { statement } }: Step): boolean {
  if (statement.kind !== "do") return statement.uses?.calls.some((name) => retaining.has(name.at(-1) ?? "")) === true;
  const words = new Set(textOf(handle).match(/\w+/g));
  return [...retaining].some((name) => words.has(name));
}

/** What the next maintenance drops by a retention that is set here, and a later statement names. */
function* dueAfter(context: ScriptContext, step: Step): Generator<RuleFinding> {
  for (const { was, is } of changedSets(step)) {
    const retention = textIn(is.row, "retention");
    const keeps = flagIn(is.row, "retention_keep_table") || textIn(is.row, "retention_schema") !== null;
    const parent = parentOfSet(step.after, is);
    if (retention === null || keeps || parent === null || (was !== null && isSame(was, is))) continue;
    const end = endOfRetention(step.after, retention, context.options);
    if (end === null) continue;
    const use = firstUse(context, step, ({ schema, name }, later) => {
      const found = lookUpRelation(later.before, { schema, name });
      const table = found.kind === "found" ? found.relation : null;
      return table?.partitionOf?.parent === parent.id && isOlder(table, end) ? table : null;
    });
    if (use === null) continue;
    yield finding(context, step, use.step, {
      message: `"${use.what.name}" is older than the retention of "${is.table}" (${retention}), so the next maintenance drops it, with what a later statement does to it.`,
      advice: "Keep the table (retention_keep_table), or set the retention later.",
    });
  }
}

function isSame(was: Manager, is: Manager): boolean {
  const flag = (row: Manager["row"]): boolean => flagIn(row, "retention_keep_table");
  return textIn(was.row, "retention") === textIn(is.row, "retention") && flag(was.row) === flag(is.row);
}

function partsOf(catalog: Catalog, { children, partitioning }: Relation): readonly Relation[] {
  const ids: readonly RelationId[] =
    partitioning === null
      ? [...children.keys()]
      : [...partitioning.partitions.ranges.values()].map(({ partition }) => partition);
  return ids.flatMap((id) => relationById(catalog, id) ?? []);
}

interface Use<T> {
  readonly step: Step;
  readonly what: T;
}

/** The first later statement that names what is meant, other than to drop it. */
function firstUse<T>(
  { steps }: ScriptContext,
  after: Step,
  meant: (name: UsedRelation, step: Step) => T | null,
): Use<T> | null {
  for (const step of steps.slice(steps.indexOf(after) + 1)) {
    const { kind, uses } = step.statement.statement;
    if (uses === undefined || kind === "drop" || !isRun(step)) continue;
    for (const name of [...uses.reads, ...uses.writes.map(({ relation }) => relation)]) {
      const what = meant(name, step);
      if (what !== null) return { step, what };
    }
  }
  return null;
}

function finding(
  { file }: ScriptContext,
  step: Step,
  use: Step,
  said: Pick<RuleFinding, "message" | "advice">,
): RuleFinding {
  const range = { start: 0, end: use.statement.length };
  return {
    statement: step.handle,
    range: placeOfWork(step, retaining),
    ...said,
    related: [
      { origin: { kind: "statement", file, statement: use.handle, range }, message: "the partition is used here" },
    ],
  };
}

/** The instant before which partitions are dropped; null where it is no time. */
function endOfRetention(catalog: Catalog, retention: string, { version, today }: RuleOptions): bigint | null {
  if (/^\s*\d+\s*$/.test(retention)) return null;
  const read = readInterval(retention, null, { settings: catalog.settings, version, catalog });
  const noon = Date.parse(today.length > 10 ? today : `${today}T12:00:00Z`);
  if (read.kind !== "value" || read.value.family !== "interval" || Number.isNaN(noon)) return null;
  const now = (BigInt(Math.trunc(noon / 1000)) - 946_684_800n) * 1_000_000n;
  const end = addInterval(now, negateInterval(read.value), null);
  return end.kind === "value" && end.value?.family === "timestamp" && typeof end.value.micros === "bigint"
    ? end.value.micros
    : null;
}

/** Whether a partition ends more than a day before: which zone its bounds are in does not matter then. */
function isOlder({ partitionOf }: Relation, end: bigint): boolean {
  const bound = partitionOf?.bound;
  const datum = bound?.kind === "range" ? bound.upper[0] : undefined;
  const upper = datum?.kind === "value" ? microsOf(datum.value) : null;
  return upper !== null && upper < end - microsPerDay;
}

function microsOf(value: Value): bigint | null {
  if (value.family === "date") return Number.isFinite(value.days) ? BigInt(value.days) * microsPerDay : null;
  return value.family === "timestamp" && typeof value.micros === "bigint" ? value.micros : null;
}
