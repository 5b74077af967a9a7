/** Which partition a value belongs to, whether it is there or not: `show_partition_name`, and the grid that it counts on. */

import { nameWithSuffix } from "../../catalog/partman-names.ts";
import { type IntervalValue, intervalLength } from "../../catalog/values/interval.ts";
import type { BoundCall, CallValue } from "../extension.ts";
import { textIn } from "./part-config.ts";
import { type Child, childrenIn, noStart, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInstant,
  castInterval,
  isTable,
  knowsAbsence,
  managerIn,
  plus,
  raise,
  raiseUnmanaged,
  type Session,
  tableOf,
  textArgument,
  toChar,
} from "./session.ts";

/** Where the partition begins, or would begin, that takes a point. */
export function startFor(session: Session, children: readonly Child[], point: bigint, interval: IntervalValue): bigint {
  let start: bigint | null = null;
  for (const child of [...children].reverse()) {
    // A child without a beginning is passed over.
    if (child.start === noStart) continue;
    start = child.start;
    if (point >= start) break;
  }
  if (start === null)
    return raise(
      session,
      "Unexpected code path encountered in show_partition_name(). Please report this issue to author with relevant partition config info.",
    );
  return gridStart(session, start, interval, point);
}

/** The last beginning at or before a point, so many whole intervals from one that is given. */
export function gridStart(session: Session, from: bigint, interval: IntervalValue, point: bigint): bigint {
  let start = jumped(session, from, interval, point);
  for (let rounds = 0; ; rounds += 1) {
    if (rounds > mostSteps) return session.work.decline("a row is too far away");
    if (point < start) start = plus(session, start, interval, -1);
    else {
      const next = plus(session, start, interval);
      if (point < next) return start;
      start = next;
    }
  }
}

const mostSteps = 20_000;

/** Near the point at once, where no month is cut short on the way. */
function jumped(session: Session, from: bigint, interval: IntervalValue, point: bigint): bigint {
  const length = intervalLength(interval);
  if (interval.months !== 0 || length <= 0n) return from;
  const steps = Number((point - from) / length);
  const short = steps > 8 ? steps - 4 : steps < -8 ? steps + 4 : 0;
  return short === 0 ? from : plus(session, from, interval, short);
}

/** `show_partition_name`. */
export function showPartitionName(session: Session, call: BoundCall): CallValue {
  const table = textArgument(session, call, "p_parent_table") ?? "";
  const value = textArgument(session, call, "p_value");
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `Parent table given is not managed by pg_partman (${table})`);
  const parent = tableOf(session, table);
  if (parent === null) {
    if (!knowsAbsence(session)) return session.work.decline(`${table} is not known`);
    return raise(session, `Parent table given does not exist (${table})`);
  }
  const set = setOf(session, manager, parent);
  const text = textIn(manager.row, "partition_interval") ?? "";
  if (!set.isTime) {
    if (value === null)
      return [[{ family: "text", value: parent.schema }, null, null, null, { family: "boolean", value: false }]];
    const [id, interval] = [castBigint(session, value), castBigint(session, text)];
    if (interval === 0n) return raise(session, "division by zero", { sqlstate: "22012" });
    const start = id - (id % interval);
    return answered(session, parent.schema, nameWithSuffix(parent.name, String(start), true), null, start);
  }
  const point = value === null ? null : castInstant(session, value);
  const children = childrenIn(session, set);
  if (point === null) return undefined;
  const start = startFor(session, children, point, castInterval(session, children.length === 0 ? "0" : text));
  const suffix = toChar(session, start, textIn(manager.row, "datetime_string") ?? "");
  return answered(session, parent.schema, nameWithSuffix(parent.name, suffix, true), start, null);
}

function answered(
  session: Session,
  schema: string,
  name: string,
  instant: bigint | null,
  id: bigint | null,
): CallValue {
  return [
    [
      { family: "text", value: schema },
      { family: "text", value: name },
      instant === null ? null : { family: "timestamp", micros: instant },
      id === null ? null : { family: "integer", value: id },
      { family: "boolean", value: isTable(session, schema, name) },
    ],
  ];
}
