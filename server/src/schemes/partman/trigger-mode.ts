/** pg_partman 4 without declarative partitioning: the trigger on the parent and its function, which put rows into the children. */

import { relationById } from "../../catalog/catalog.ts";
import { type Edge, type GridUnit, type PartmanRouter, type RouterBranch, routerCode } from "../../catalog/partman.ts";
import { nameWithSuffix } from "../../catalog/partman-names.ts";
import { withRouter } from "../../catalog/partman-state.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import { largestIn, pointsIn } from "./known-data.ts";
import { flagIn, numberIn, textIn } from "./part-config.ts";
import { startFor } from "./partition-name.ts";
import { childrenIn, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  isTable,
  localOf,
  managerIn,
  now,
  plus,
  run,
  type Session,
  toChar,
} from "./session.ts";

/** `create_function_time/_id` and `create_trigger`. */
export function makeFunctionAndTrigger(session: Session, parent: Relation): void {
  makeFunction(session, parent);
  makeTrigger(session, parent);
}

/** `create_trigger`: the function has to be there. */
export function makeTrigger(session: Session, parent: Relation): void {
  const trigger = quoteQualifiedName(null, triggerName(parent));
  const table = quoteQualifiedName(parent.schema, parent.name);
  run(
    session,
    `CREATE TRIGGER ${trigger} BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE PROCEDURE ${functionOf(parent)}()`,
  );
}

/** `create_function_time` and `create_function_id`: the ranges around the newest row, each with the table that is there now. */
export function makeFunction(session: Session, parent: Relation): void {
  const manager = managerIn(session, `${parent.schema}.${parent.name}`);
  if (manager === null) return;
  run(
    session,
    `CREATE OR REPLACE FUNCTION ${functionOf(parent)}() RETURNS trigger LANGUAGE plpgsql AS $t$ ${routerCode} $t$`,
  );
  const current = relationById(session.work.catalog, parent.id) ?? parent;
  const set = setOf(session, manager, current);
  const { work } = session;
  let branches: readonly RouterBranch[] | null = null;
  const by = ruleOf(session, set);
  // Where rows are not known, neither is around which of them the function looks first.
  if (by.kind !== "custom") work.within(() => (branches = branchesOf(session, set)));
  const router: PartmanRouter = {
    function: functionName(parent),
    schema: parent.schema,
    table: parent.name,
    control: set.control,
    epoch: textIn(manager.row, "epoch") ?? "none",
    by,
    branches,
    returnsNull: flagIn(manager.row, "trigger_return_null"),
  };
  work.catalog = withRouter(work.catalog, parent.id, router);
}

/** `undo_partition` takes both away. */
export function dropFunctionAndTrigger(session: Session, parent: Relation): void {
  const table = quoteQualifiedName(parent.schema, parent.name);
  run(session, `DROP TRIGGER IF EXISTS ${quoteQualifiedName(null, triggerName(parent))} ON ${table}`);
  run(session, `DROP FUNCTION IF EXISTS ${functionOf(parent)}()`);
}

function triggerName({ name }: Relation): string {
  return nameWithSuffix(name, "_part_trig", false);
}

function functionName({ name }: Relation): string {
  return nameWithSuffix(name, "_part_trig_func", false);
}

function functionOf(parent: Relation): string {
  return quoteQualifiedName(parent.schema, functionName(parent));
}

function ruleOf(session: Session, { manager, isTime }: PartmanSet): PartmanRouter["by"] {
  const text = textIn(manager.row, "partition_interval") ?? "";
  if (!isTime) return { kind: "number", interval: castBigint(session, text) };
  if (textIn(manager.row, "partition_type") === "time-custom") return { kind: "custom" };
  const unit = gridUnit(castInterval(session, text));
  if (unit === null) session.work.decline(`the interval ${text} is not one that the trigger knows`);
  return { kind: "time", unit, pattern: textIn(manager.row, "datetime_string") ?? "" };
}

/** What the intervals that 4 has words for are cut back to: a unit, or so many minutes of the hour; null for any other. */
export function gridUnit(interval: IntervalValue): GridUnit | null {
  return gridUnits.get(intervalLength(interval)) ?? null;
}

const minute = 60_000_000n;
const day = 1440n * minute;

const gridUnits: ReadonlyMap<bigint, GridUnit> = new Map<bigint, GridUnit>([
  [15n * minute, 15],
  [30n * minute, 30],
  [60n * minute, "hour"],
  [day, "day"],
  [7n * day, "week"],
  [30n * day, "month"],
  [90n * day, "quarter"],
  [360n * day, "year"],
]);

function branchesOf(session: Session, set: PartmanSet): readonly RouterBranch[] {
  const text = textIn(set.manager.row, "partition_interval") ?? "";
  const interval = set.isTime ? castInterval(session, text) : castBigint(session, text);
  const at = (start: bigint, count: number): bigint =>
    typeof interval === "bigint" ? start + interval * BigInt(count) : plus(session, start, interval, count);
  const middle =
    typeof interval === "bigint" ? currentNumber(session, set, interval) : currentTime(session, set, interval);
  const first = branchOf(session, set, middle, at(middle, 1));
  const branches = [first];
  for (let count = 1; count <= (numberIn(set.manager.row, "optimize_trigger") ?? 4); count += 1) {
    for (const start of [at(middle, -count), at(middle, count)]) {
      const isBefore = start < middle;
      const branch = branchOf(session, set, start, at(start, 1));
      // Numbers below zero are looked for by their name, as is what has no table yet.
      if (branch.child !== null && (set.isTime || !isBefore || start >= 0n)) branches.push(branch);
    }
  }
  return branches;
}

function branchOf(session: Session, { parent, isTime, manager }: PartmanSet, from: bigint, to: bigint): RouterBranch {
  const suffix = isTime ? toChar(session, from, textIn(manager.row, "datetime_string") ?? "") : String(from);
  const child = nameWithSuffix(parent.name, suffix, true);
  const edge = (value: bigint): Edge => ({ value, local: isTime ? localOf(session, value) : value });
  return { from: edge(from), to: edge(to), child: isTable(session, parent.schema, child) ? child : null };
}

function currentNumber(session: Session, set: PartmanSet, interval: bigint): bigint {
  for (const { table } of [...childrenIn(session, set)].reverse()) {
    const largest = largestIn(session, table, set.control);
    if (largest !== null) return largest - (largest % interval);
  }
  return 0n;
}

function currentTime(session: Session, set: PartmanSet, interval: IntervalValue): bigint {
  const children = childrenIn(session, set);
  let current: bigint | null = null;
  if (!flagIn(set.manager.row, "infinite_time_partitions")) {
    for (const { table } of [...children].reverse()) {
      const points = pointsIn(session, set, table);
      if (points.length === 0) continue;
      current = points.reduce((most, each) => (each > most ? each : most));
      break;
    }
  }
  return startFor(session, children, current ?? now(session, interval), interval);
}
