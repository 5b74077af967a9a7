/** `partition_gap_fill`: partitions between the first and the last that are not there. */

import { createParent } from "./create-parent.ts";
import { createIdPartitions, createTimePartitions } from "./create-partitions.ts";
import { raiseMissing } from "./data.ts";
import { textIn } from "./part-config.ts";
import { childrenIn, lastStart, noStart, setOf } from "./partition-set.ts";
import { castBigint, castInterval, managerIn, plus, raiseUnmanaged, type Session, tableOf } from "./session.ts";

/** How many were made. */
export function fillGaps(session: Session, table: string): number {
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `Given parent table has no configuration in pg_partman: ${table}`);
  const parent = tableOf(session, table) ?? raiseMissing(session, "parent", table);
  const set = setOf(session, manager, parent);
  const text = textIn(manager.row, "partition_interval") ?? "";
  const interval = set.isTime ? castInterval(session, text) : castBigint(session, text);
  const next = (at: bigint): bigint => (typeof interval === "bigint" ? at + interval : plus(session, at, interval));
  const create = (at: bigint): boolean =>
    (set.isTime ? createTimePartitions : createIdPartitions)(session, table, [at], null, createParent);
  const last = lastStart(session, set);
  let made = 0;
  if (last === noStart) session.work.decline("a partition has no beginning");
  const children = childrenIn(session, set);
  for (const [index, { start }] of children.entries()) {
    const previous = children[index - 1]?.start;
    if (previous === undefined) continue;
    let expected = next(previous);
    if (expected === last) break;
    for (let rounds = 0; expected !== start; rounds += 1) {
      // Where a child begins off the grid pg_partman goes on until PostgreSQL refuses a partition; else it never ends.
      if (rounds > mostRounds) session.work.decline("a partition off the grid: the call does not end");
      if (create(expected)) made += 1;
      expected = next(expected);
    }
  }
  return made;
}

const mostRounds = 5000;
