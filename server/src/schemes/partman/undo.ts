/** `undo_partition` and its procedure: rows go to another table, and the partitions leave the set. */

import { relationById } from "../../catalog/catalog.ts";
import type { Manager } from "../../catalog/manager.ts";
import { managersBy } from "../../catalog/managers.ts";
import { withoutCustomRange } from "../../catalog/partman-state.ts";
import type { Value } from "../../catalog/value.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall } from "../extension.ts";
import { raiseMissing } from "./data.ts";
import { pointsIn } from "./known-data.ts";
import { storeRows, takeRows } from "./moved-rows.ts";
import { changed, textIn } from "./part-config.ts";
import { childrenIn, defaultOf, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  flagArgument,
  forget,
  keep,
  knowsAbsence,
  listArgument,
  managerIn,
  numberArgument,
  plus,
  raise,
  raiseUnmanaged,
  run,
  type Session,
  tableOf,
  textArgument,
} from "./session.ts";
import { dropFunctionAndTrigger } from "./trigger-mode.ts";

interface Request {
  readonly table: string;
  readonly target: string | null;
  readonly count: number;
  readonly interval: string | null;
  readonly keepTable: boolean;
  readonly cascade: boolean;
  readonly ignored: readonly string[];
}

interface Undone {
  readonly partitions: number;
  readonly rows: number;
}

/** `undo_partition`. */
export function undoPartition(session: Session, call: BoundCall): readonly (readonly Value[])[] {
  const count = numberArgument(session, call, session.version === 5 ? "p_loop_count" : "p_batch_count");
  const done = undo(session, requestOf(session, call, count ?? 0, "p_batch_interval"));
  return [
    [
      { family: "integer", value: BigInt(done.partitions) },
      { family: "integer", value: BigInt(done.rows) },
    ],
  ];
}

/** `CALL undo_partition_proc(…)`: a COMMIT after each round, even if it has moved nothing. */
export function undoPartitionProc(session: Session, call: BoundCall): void {
  const most = numberArgument(session, call, session.version === 5 ? "p_loop_count" : "p_batch") ?? 0;
  const request = requestOf(session, call, 1, "p_interval");
  const { table, target } = request;
  const manager =
    managerIn(session, table) ??
    raiseUnmanaged(session, table, `ERROR: No entry in part_config found for given table: ${table}`);
  if (textIn(manager.row, "partition_type") === "native" && target === null)
    raise(
      session,
      "Natively partitioned table sets require setting the p_target_table parameter to undo partitioning.",
    );
  if (tableOf(session, table) === null) raiseMissing(session, "parent", table);
  if (target !== null && tableOf(session, target) === null) raiseMissing(session, "target", target);
  for (let round = 1; ; round += 1) {
    if (round > 2000) session.work.decline("it takes too many rounds");
    const { rows } = undo(session, request);
    if (session.work.isAtomic) session.work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
    if (rows === 0 || (most > 0 && round >= most) || managerIn(session, table) === null) return;
  }
}

function requestOf(session: Session, call: BoundCall, count: number, interval: string): Request {
  return {
    table: textArgument(session, call, "p_parent_table") ?? "",
    target: textArgument(session, call, "p_target_table"),
    count,
    interval: textArgument(session, call, interval),
    keepTable: flagArgument(session, call, "p_keep_table") !== false,
    cascade: flagArgument(session, call, "p_drop_cascade") === true,
    ignored: listArgument(session, call, "p_ignored_columns") ?? [],
  };
}

function undo(session: Session, request: Request): Undone {
  const { table, target } = request;
  if (table === target) raise(session, "Target table cannot be the same as the parent table");
  const manager = managerIn(session, table);
  if (manager === null)
    return raiseUnmanaged(session, table, `No configuration found for pg_partman for given parent table: ${table}`);
  const isNative = session.version === 5 || textIn(manager.row, "partition_type") === "native";
  if (isNative && target === null)
    raise(session, "Natively partitioned tables require setting the p_target_table option");
  const parent = tableOf(session, table);
  if (parent === null) return raise(session, `Given parent table not found in system catalogs: ${table}`);
  const set = setOf(session, manager, parent);
  const text = request.interval ?? textIn(manager.row, "partition_interval") ?? "";
  const step = set.isTime ? castInterval(session, text) : castBigint(session, text);
  for (const { table: child } of childrenIn(session, set)) {
    if (childrenOf(session.work.catalog, child).length > 0)
      raise(
        session,
        `Child table for this parent has child table(s) itself (${child.schema}.${child.name}). Run undo partitioning on this table ${session.version === 5 ? "to ensure all data is properly moved to target table" : "or remove inheritance first to ensure all data is properly moved to parent"}`,
      );
  }
  const into = target === null ? parent : tableOf(session, target);
  if (into === null) {
    if (!knowsAbsence(session)) session.work.decline(`${target} is not known`);
    return raise(session, `Given target table not found in system catalogs: ${target ?? ""}`);
  }
  keep(session, table, changed(manager.row, { undo_in_progress: true }));
  if (!isNative) dropFunctionAndTrigger(session, parent);
  const limit = (least: bigint, count: number): bigint =>
    typeof step === "bigint" ? least + step * BigInt(count) : plus(session, least, step, count);
  const done = emptied(session, set, request, into.id, limit);
  if (firstChild(session, set) === null) dropConfiguration(session, manager);
  return done;
}

function emptied(
  session: Session,
  set: PartmanSet,
  request: Request,
  target: number,
  limit: (least: bigint, count: number) => bigint,
): Undone {
  let [partitions, rows, batches] = [0, 0, 0];
  // How often rows have been moved out of the child in hand: each time reaches one interval farther.
  let visits = 0;
  for (let round = 0; round < 5000; round += 1) {
    const child = firstChild(session, set);
    if (child === null) break;
    const points = pointsIn(session, set, child);
    const [first] = points;
    if (first === undefined) {
      detach(session, set, child, request);
      visits = 0;
      partitions += 1;
      if (batches >= request.count) break;
      continue;
    }
    visits += 1;
    const end = limit(
      points.reduce((least, each) => (each < least ? each : least), first),
      visits,
    );
    const gone = takeRows(session, child, (place) => (points[place] ?? end) <= end);
    const into = relationById(session.work.catalog, target);
    if (into !== null)
      rows += storeRows(session, gone, {
        schema: into.schema,
        name: into.name,
        source: into,
        ignored: request.ignored,
      });
    batches += 1;
    if (points.length > gone.length && batches >= request.count) break;
  }
  return { partitions, rows };
}

/** With the last child the configuration goes, and the template that no other set has. */
function dropConfiguration(session: Session, { table, row }: Manager): void {
  forget(session, table);
  const template = textIn(row, "template_table");
  if (template === null) return;
  const others = [...managersBy(session.work.catalog, "pg_partman")];
  if (others.some((other) => textIn(other.row, "template_table") === template)) return;
  const there = tableOf(session, template);
  if (there !== null) run(session, `DROP TABLE IF EXISTS ${quoteQualifiedName(there.schema, there.name)}`);
}

/** The default first, then the children in their order. */
function firstChild(session: Session, set: PartmanSet): ReturnType<typeof tableOf> {
  return defaultOf(session, set.parent) ?? childrenIn(session, set)[0]?.table ?? null;
}

function detach(
  session: Session,
  { parent }: PartmanSet,
  child: NonNullable<ReturnType<typeof tableOf>>,
  { keepTable, cascade }: Request,
): void {
  const name = quoteQualifiedName(child.schema, child.name);
  const above = quoteQualifiedName(parent.schema, parent.name);
  run(
    session,
    child.partitionOf === null
      ? `ALTER TABLE ${name} NO INHERIT ${above}`
      : `ALTER TABLE ${above} DETACH PARTITION ${name}`,
  );
  if (!keepTable) run(session, `DROP TABLE ${name}${cascade ? " CASCADE" : ""}`);
  session.work.catalog = withoutCustomRange(
    session.work.catalog,
    `${parent.schema}.${parent.name}`,
    `${child.schema}.${child.name}`,
  );
}
