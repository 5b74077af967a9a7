/** `undo_partition` and its procedure: rows go to another table, and the partitions leave the set. */

import { relationById } from "../../catalog/catalog.ts";
import type { Value } from "../../catalog/value.ts";
import { rowsOf, withRows } from "../../effects/queries/known-rows.ts";
import { childrenOf } from "../../effects/relations/descendants.ts";
import { quoteQualifiedName } from "../../syntax/names.ts";
import type { BoundCall } from "../extension.ts";
import { pointsIn } from "./known-data.ts";
import { changed, textIn } from "./part-config.ts";
import { childrenIn, defaultOf, type PartmanSet, setOf } from "./partition-set.ts";
import {
  castBigint,
  castInterval,
  flagArgument,
  forget,
  keep,
  knowsAbsence,
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

interface Request {
  readonly table: string;
  readonly target: string | null;
  readonly count: number;
  readonly interval: string | null;
  readonly keepTable: boolean;
  readonly cascade: boolean;
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

/** `CALL undo_partition_proc(…)`. */
export function undoPartitionProc(session: Session, call: BoundCall): void {
  const count = numberArgument(session, call, session.version === 5 ? "p_loop_count" : "p_batch");
  const request = requestOf(session, call, 1, "p_interval");
  if (managerIn(session, request.table) === null)
    raiseUnmanaged(session, request.table, `ERROR: No entry in part_config found for given table: ${request.table}`);
  const { target } = request;
  if (session.version === 4 && target !== null && tableOf(session, target) === null && knowsAbsence(session))
    raise(session, `Unable to find given target table in system catalogs. Ensure it is schema qualified: ${target}`);
  let loops = 0;
  for (let round = 0; ; round += 1) {
    if (round > 2000) session.work.decline("it takes too many rounds");
    const { partitions, rows } = undo(session, request);
    if (managerIn(session, request.table) === null || (rows === 0 && partitions === 0)) break;
    if (session.work.isAtomic) session.work.refuse({ sqlstate: "2D000", message: "invalid transaction termination" });
    loops += 1;
    if (count !== null && loops >= count) break;
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
  return emptied(session, set, request, into.id, (at) =>
    typeof step === "bigint" ? at + step : plus(session, at, step),
  );
}

function emptied(
  session: Session,
  set: PartmanSet,
  request: Request,
  target: number,
  next: (at: bigint) => bigint,
): Undone {
  let [partitions, rows, batches] = [0, 0, 0];
  for (let round = 0; round < 5000; round += 1) {
    const child = firstChild(session, set);
    if (child === null) {
      forget(session, request.table);
      break;
    }
    const points = pointsIn(session, set, child);
    const [first] = points;
    if (first === undefined) {
      detach(session, set, child, request);
      partitions += 1;
      if (batches >= request.count) break;
      continue;
    }
    if (batches >= request.count) break;
    const limit = next(points.reduce((least, each) => (each < least ? each : least), first));
    const known = rowsOf(session.work.catalog, child);
    const moves = points.map((point) => point <= limit);
    const gone = known.rows.filter((_, at) => moves[at] === true);
    const there = relationById(session.work.catalog, target);
    session.work.catalog = withRows(session.work.catalog, child.id, {
      ...known,
      rows: known.rows.filter((_, at) => moves[at] !== true),
    });
    if (there !== null) {
      const before = rowsOf(session.work.catalog, there);
      session.work.catalog = withRows(session.work.catalog, target, { ...before, rows: [...before.rows, ...gone] });
    }
    rows += gone.length;
    batches += 1;
    const isEmpty = known.rows.length === gone.length;
    if (!isEmpty && batches >= request.count) break;
  }
  return { partitions, rows };
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
}
