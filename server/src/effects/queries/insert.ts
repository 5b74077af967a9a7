/** INSERT of constants: the leaf partition that takes each row, or PostgreSQL's refusal of it. */

import { notedPortion } from "../../catalog/access.ts";
import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import { route } from "../../catalog/partition-set.ts";
import type { KeyElement, Partitioning, RangeDatum } from "../../catalog/partitioning.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import type { Value } from "../../catalog/value.ts";
import { restsOnCollation } from "../../catalog/values/compare.ts";
import { printValue } from "../../catalog/values/print.ts";
import type { InsertQuery } from "../../syntax/query.ts";
import { addAll } from "../../text/long-lists.ts";
import { cutForPortions, itemsOfRow } from "../../text/portions.ts";
import { assumedCollation } from "../declarative/partition-bound.ts";
import { type ApplyContext, type Refusal, regarding, rejected } from "../outcome.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { refuseConflict, type TakenRow } from "./conflict-rows.ts";
import { mostRowsFollowed, type Row, readRows } from "./insert-rows.ts";
import { refuseDuplicate, withRow } from "./known-rows.ts";
import { resolveOnConflict } from "./on-conflict.ts";
import { keyValues, passesCheck } from "./row-values.ts";
import { refuseReturning } from "./rule-returning.ts";
import { isRoutedByPartman, triggerTarget } from "./trigger-route.ts";

/** Where one row goes. */
export type RowRoute =
  | { readonly kind: "leaf"; readonly relation: RelationId }
  | { readonly kind: "undecided"; readonly reason: string }
  /** With the leaf, where it is one of the leaf's constraints that refuses the row. */
  | (Refusal & { readonly leaf?: RelationId | undefined });

interface RoutedRow {
  readonly route: RowRoute;
  readonly row: Row | null;
}

/** One route for each row that the statement spells out; null where its rows are not known. */
export function routeInsert(catalog: Catalog, insert: InsertQuery, context: ApplyContext): readonly RowRoute[] | null {
  const found = lookUpRelation(catalog, insert.target);
  if (found.kind !== "found") return null;
  const table = found.relation;
  if (!["table", "partitioned-table", "foreign-table"].includes(table.kind)) return null;
  const unreturned = refuseReturning(insert, table);
  if (unreturned !== null) return [unreturned];
  return routeRows(catalog, insert, table, context)?.map(({ route: chosen }) => chosen) ?? null;
}

const notFollowed: RowRoute = {
  kind: "undecided",
  reason: `of an INSERT the first ${mostRowsFollowed} rows are followed`,
};

/** The routes of an INSERT with the rows that take them. */
export function routeRows(
  catalog: Catalog,
  insert: InsertQuery,
  table: Relation,
  context: ApplyContext,
): readonly RoutedRow[] | null {
  const rows = readRows(catalog, insert, table, context, mostRowsFollowed);
  if (rows.kind === "rejected") return [{ route: rows, row: null }];
  const conflict = resolveOnConflict(catalog, insert, "planned", context);
  if (conflict?.kind === "rejected") return [{ route: conflict, row: null }];
  if (rows.kind === "unknown") return null;
  let current = catalog;
  const taken: TakenRow[] | null = conflict?.kind === "arbiters" ? [] : null;
  const routeOne = (row: Row): RoutedRow => {
    const chosen = routeRow(current, table, row, context);
    if (chosen.kind !== "leaf") return { route: chosen, row };
    if (insert.onConflict !== null) {
      taken?.push({ row, leaf: chosen.relation });
      const arbiters = conflict?.kind === "arbiters" ? conflict.indexes : null;
      const refused = taken === null ? null : refuseConflict(catalog, insert, table, arbiters, taken);
      return { route: refused ?? chosen, row };
    }
    const leaf = relationById(current, chosen.relation);
    const duplicate = leaf === null ? null : regarding(refuseDuplicate(current, leaf, row.values, row.range), leaf);
    // Each row meets those before it.
    if (rows.rows.length > 1) current = withRow(current, chosen.relation, row.values, context) ?? current;
    return { route: duplicate === null ? chosen : { ...duplicate, leaf: chosen.relation }, row };
  };
  const routes: RoutedRow[] = [];
  // Those that meet ON CONFLICT are gathered as they come, and so belong together.
  for (const some of taken === null ? cutForPortions(rows.rows, itemsOfRow) : [rows.rows]) {
    const before = current;
    const done = notedPortion(some.length * itemsOfRow, () => {
      current = before;
      return { routed: some.map(routeOne), behind: current };
    });
    current = done.behind;
    addAll(routes, done.routed);
  }
  return rows.complete ? routes : [...routes, { route: notFollowed, row: null }];
}

/**
 * Where a row goes after an UPDATE of `target` has changed it in a leaf: a row that fits its partition no more moves, as if
 * inserted into the target, unless the leaf is the target itself (or before 11, when none moved).
 */
export function routeUpdated(
  catalog: Catalog,
  target: Relation,
  leaf: Relation,
  row: Row,
  context: ApplyContext,
): RowRoute {
  const outside = outsideBound(catalog, leaf, row, context);
  if (outside === null) return constraintRefusal(catalog, leaf, row, context) ?? accepted(catalog, leaf, row, context);
  return leaf.id === target.id || context.version < 11 ? outside : routeRow(catalog, target, row, context);
}

/** Where one row goes that is inserted into a table. */
export function routeRow(catalog: Catalog, target: Relation, row: Row, context: ApplyContext, level = 0): RowRoute {
  if (target.rules.length > 0)
    return { kind: "undecided", reason: `rules rewrite what is inserted into "${target.name}"` };
  if (isRoutedByPartman(catalog, target)) {
    const taker = triggerTarget(catalog, target, row.values, row.range, context);
    if (taker === null || level > mostLevels)
      return { kind: "undecided", reason: `where the trigger of "${target.name}" puts a row is not known` };
    if (taker.kind === "rejected") return taker;
    if (taker.id !== target.id) return routeRow(catalog, taker, row, context, level + 1);
    // NOT NULL and CHECKs of the parent are looked at for what the trigger lets through alone.
    return refusedByConstraint(catalog, target, row, context) ?? accepted(catalog, target, row, context);
  }
  if (!isPartitioned(target)) {
    if (target.knowledge === "assumed")
      return { kind: "undecided", reason: `whether "${target.name}" is partitioned is not known` };
    return (
      constraintRefusal(catalog, target, row, context) ??
      outsideBound(catalog, target, row, context) ??
      accepted(catalog, target, row, context)
    );
  }
  const outside = outsideBound(catalog, target, row, context);
  if (outside !== null) return outside;
  let table = target;
  for (;;) {
    const step = choosePartition(catalog, table, row, context);
    if (step.kind !== "partition") return step;
    const partition = relationById(catalog, step.partition);
    if (partition === null) return { kind: "undecided", reason: "a partition is not known" };
    if (!isPartitioned(partition)) {
      const refusal = constraintRefusal(catalog, partition, row, context);
      if (refusal === null) return accepted(catalog, partition, row, context);
      return refusal.kind === "rejected" ? { ...refusal, leaf: partition.id } : refusal;
    }
    table = partition;
  }
}

/** More triggers than that do not follow one another. */
const mostLevels = 20;

type Step =
  | { readonly kind: "partition"; readonly partition: RelationId }
  | { readonly kind: "undecided"; readonly reason: string }
  | Refusal;

/** `ExecFindPartition` on one level. */
function choosePartition(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Step {
  const { partitioning } = table;
  if (partitioning === null) return { kind: "undecided", reason: `"${table.name}" is not partitioned` };
  if (table.knowledge !== "full") {
    return { kind: "undecided", reason: `the partitions of "${table.name}" are not known for sure` };
  }
  const values = keyValues(catalog, table, row.values, context);
  if (values === null) return { kind: "undecided", reason: `the key of the row for "${table.name}" is not known` };
  // Their input is not read, so a bound with such a value may have been refused, and its partition not be there.
  if (values.some((value) => value?.family === "opaque"))
    return { kind: "undecided", reason: `the values of the key of "${table.name}" are not read` };
  const chosen = route(partitioning.partitions, partitioning.key, values);
  if (chosen.kind !== "none") return chosen;
  const names = partitioning.key.elements.map(shownKey).join(", ");
  const shown = values.map((value, index) => printed(catalog, value, partitioning.key.elements[index]?.type ?? null));
  return rejected(
    "insert-without-partition",
    "23514",
    `no partition of relation "${table.name}" found for row`,
    row.range,
    {
      detail: `Partition key of the failing row contains (${names}) = (${shown.join(", ")}).`,
      assumption: rowAssumption(partitioning, values),
      unrouted: { table: table.id, key: values },
      related: [{ relation: table.id, origin: table.origin, message: "the partitioned table is created here" }],
    },
  );
}

/** As `pg_get_partkeydef` prints a key for people: an operator at the top stands without parentheses of its own. */
function shownKey({ expression, text }: KeyElement): string {
  return expression?.kind === "operator" || expression?.kind === "like"
    ? text.replace(/^\(\((.*)\)\)$/s, "($1)")
    : text;
}

function keyAssumption(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): string | null {
  const values = !isPartitioned(table) ? null : keyValues(catalog, table, row.values, context);
  return !isPartitioned(table) || values === null ? null : rowAssumption(table.partitioning, values);
}

/** What the route of a row takes for granted, where the order of its key and a bound depends on the database's collation. */
function rowAssumption({ key, partitions }: Partitioning, values: readonly (Value | null)[]): string | null {
  const restsOn = (bound: readonly RangeDatum[]): boolean =>
    bound.some((datum, index) => {
      const value = values[index] ?? null;
      const comparison = key.elements[index]?.comparison ?? null;
      return value !== null && datum.kind === "value" && restsOnCollation(value, datum.value, comparison);
    });
  for (const { lower, upper } of partitions.ranges.values()) {
    if (restsOn(lower) || restsOn(upper)) return assumedCollation;
  }
  return null;
}

/** A row that is inserted directly into a partition must fit its bound, and those of the tables above it. */
function outsideBound(catalog: Catalog, target: Relation, row: Row, context: ApplyContext): RowRoute | null {
  let partition = target;
  while (partition.partitionOf !== null) {
    const parent = relationById(catalog, partition.partitionOf.parent);
    if (parent === null) return null;
    const chosen = choosePartition(catalog, parent, row, context);
    const elsewhere = chosen.kind === "rejected" || (chosen.kind === "partition" && chosen.partition !== partition.id);
    if (elsewhere) {
      const message = `new row for relation "${target.name}" violates partition constraint`;
      return rejected("insert-without-partition", "23514", message, row.range, {
        detail: failingRow(catalog, target, row),
        assumption: keyAssumption(catalog, parent, row, context),
        related: [
          {
            relation: partition.id,
            origin: partition.partitionOf.origin,
            message: "the bound of the partition stands here",
          },
        ],
      });
    }
    partition = parent;
  }
  return null;
}

/** `ExecConstraints`: a NULL for a column that is NOT NULL, a CHECK that is false; a trigger may still change the row. */
function constraintRefusal(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Refusal | null {
  return isChanged(table) ? null : refusedByConstraint(catalog, table, row, context);
}

function refusedByConstraint(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Refusal | null {
  return regarding(brokenConstraint(catalog, table, row, context), table);
}

function brokenConstraint(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): Refusal | null {
  if (table.knowledge === "assumed") return null;
  const column = table.columns.find((candidate) => candidate.notNull && row.values.get(candidate.name) === null);
  if (column !== undefined) {
    const relation = context.version >= 13 ? ` of relation "${table.name}"` : "";
    const message = `null value in column "${column.name}"${relation} violates not-null constraint`;
    return rejected("statement-rejected", "23502", message, row.range, { detail: failingRow(catalog, table, row) });
  }
  for (const check of checksOf(table)) {
    if (check.expression === null || check.doubtful === true) continue;
    if (passesCheck(catalog, table, check.expression, row.values, context) !== false) continue;
    const message = `new row for relation "${table.name}" violates check constraint "${check.name}"`;
    return rejected("statement-rejected", "23514", message, row.range, { detail: failingRow(catalog, table, row) });
  }
  return null;
}

/** The leaf, unless a constraint that cannot be evaluated may refuse the row. */
function accepted(catalog: Catalog, table: Relation, row: Row, context: ApplyContext): RowRoute {
  const open = checksOf(table).find(
    (check) => check.expression === null || passesCheck(catalog, table, check.expression, row.values, context) !== true,
  );
  const isMissing = table.columns.some((column) => column.notNull && row.values.get(column.name) === null);
  if (isMissing && isChanged(table)) {
    return { kind: "undecided", reason: `a trigger of "${table.name}" may change the row` };
  }
  if (open !== undefined) {
    return {
      kind: "undecided",
      reason: `whether the row passes constraint "${open.name}" of "${table.name}" is not known`,
    };
  }
  return { kind: "leaf", relation: table.id };
}

/** The CHECK constraints that are enforced, in the order in which PostgreSQL checks them. */
function checksOf(table: Relation): readonly TableConstraint[] {
  return table.constraints
    .filter((constraint) => constraint.type === "check" && constraint.enforced)
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/** Whether a trigger may change a row before it is stored. */
function isChanged(table: Relation): boolean {
  return table.triggers.some(
    (trigger) => trigger.row && trigger.timing === "before" && trigger.events.includes("insert"),
  );
}

/** The DETAIL of a refused row; undefined where a value is not known. */
function failingRow(catalog: Catalog, table: Relation, row: Row): string | undefined {
  const shown: string[] = [];
  for (const column of table.columns) {
    const value = row.values.get(column.name);
    if (value === undefined) return undefined;
    shown.push(printed(catalog, value, column.type));
  }
  return `Failing row contains (${shown.join(", ")}).`;
}

/** Values are cut to 64 bytes in these details. */
function printed(catalog: Catalog, value: Value | null, type: DataType | null): string {
  if (value === null) return "null";
  const text = type === null ? "?" : printValue(value, type, catalog.settings);
  return text.length > 64 ? `${text.slice(0, 64)}...` : text;
}
