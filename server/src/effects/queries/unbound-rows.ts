/** Rows of a statement that foreign keys refuse: what they refer to is certainly not there, and nothing else comes before. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import type { Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { type ApplyContext, type Refusal, regarding, rejected } from "../outcome.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { descendantsOf } from "../relations/descendants.ts";
import { areUnequal } from "./certain-rows.ts";
import type { Row } from "./insert-rows.ts";
import { printKey, rowsOf } from "./kept-rows.ts";
import { mostRows, withRow } from "./known-rows.ts";
import { firesOtherwise, isQuiet } from "./referenced-rows.ts";
import { refersToKnownRow, tablesAbove } from "./referred-rows.ts";
import type { RowValues } from "./row-values.ts";

/** A row of a statement, with the table that takes it. */
export interface StoredRow {
  readonly leaf: RelationId;
  readonly row: Row;
  /** What the row was before in the same table, of an UPDATE; a row that moves is inserted where it goes, and has none. */
  readonly before?: RowValues | undefined;
}

/**
 * `RI_FKey_check`: the refusal of the first row that lacks what it refers to, after all rows of the statement are stored; null where
 * none certainly does, or where it is not certain that it is the first thing to be refused.
 */
export function refuseUnbound(catalog: Catalog, rows: readonly StoredRow[], context: ApplyContext): Refusal | null {
  if (rows.length === 0 || rows.length > mostRows) return null;
  if (
    catalog.tainted ||
    catalog.rowsUnfollowed === true ||
    catalog.settings.role !== undefined ||
    firesOtherwise(catalog)
  )
    return null;
  let stored = catalog;
  for (const { leaf, row } of rows) {
    const next = withRow(stored, leaf, row.values, context, false);
    if (next === null) return null;
    stored = next;
  }
  for (const { leaf: id, row, before } of rows) {
    const leaf = relationById(catalog, id);
    if (leaf === null || ![leaf, ...tablesAbove(catalog, leaf)].every((table) => isQuiet(catalog, table))) return null;
    const keys = leaf.constraints.filter(
      (key) => key.type === "foreign-key" && key.enforced && !refersToKnownRow(catalog, key, row.values),
    );
    const [key] = keys;
    if (key === undefined) continue;
    // Which of several comes first hangs on the numbers of their triggers.
    return keys.length === 1 &&
      (before === undefined || isChanged(leaf, key, before, row.values)) &&
      lacks(catalog, leaf, key, row.values, context)
      ? refusal(catalog, leaf, key, row)
      : null;
  }
  return null;
}

/**
 * `RI_FKey_fk_upd_check_required`: a key that stays as it was is not looked up, so that it may lack what it refers to for good, as
 * under NOT VALID; it is only where its own transaction has inserted the row, which is not followed.
 */
function isChanged(leaf: Relation, key: TableConstraint, before: RowValues, after: RowValues): boolean {
  return key.columns.some((name) => {
    const [old, given] = [before.get(name), after.get(name)];
    if (old === undefined || given === undefined) return false;
    if (old === null || given === null) return old !== given;
    return old.family === given.family && areUnequal(old, given, columnNamed(leaf, name)?.collation ?? null);
  });
}

/** Whether the row certainly lacks what a foreign key asks for, and that is seen at once. */
function lacks(catalog: Catalog, leaf: Relation, key: TableConstraint, row: RowValues, context: ApplyContext): boolean {
  const { references } = key;
  const target = references === null ? null : relationById(catalog, references.relation);
  if (references === null || target === null || key.doubtful === true) return false;
  if (/\bDEFERRABLE\b/i.test(references.terms) || references.columns.length !== key.columns.length) return false;
  const tables = target.kind === "partitioned-table" ? [target, ...descendantsOf(catalog, target)] : [target];
  // Among the rows of the statement itself may be those that are referred to.
  const own = new Set([leaf, ...tablesAbove(catalog, leaf)].map(({ id }) => id));
  return (
    tables.every((table) => !own.has(table.id) && knowsAllRows(catalog, table, context)) &&
    key.columns.every((name, index) => areAlike(leaf, name, target, references.columns[index] ?? "")) &&
    key.columns.every((name) => row.get(name) != null) &&
    tables.every((table) =>
      rowsOf(catalog, table).rows.every((other) =>
        key.columns.some((name, index) => {
          const column = references.columns[index] ?? "";
          const [mine, theirs] = [row.get(name) ?? null, other.get(column) ?? null];
          return (
            mine !== null &&
            theirs !== null &&
            mine.family === theirs.family &&
            [columnNamed(leaf, name), columnNamed(target, column)].every((each) =>
              areUnequal(mine, theirs, each?.collation ?? null),
            )
          );
        }),
      ),
    )
  );
}

/** Whether there are certainly no rows of a table but those that are known. Between two files of a chain others may have come. */
export function knowsAllRows(catalog: Catalog, table: Relation, { file }: ApplyContext): boolean {
  const { origin, kind } = table;
  if (catalog.tainted || catalog.rowsUnfollowed === true || table.perhapsOlder === true) return false;
  if (origin.kind !== "statement" || origin.file !== file || (kind !== "table" && kind !== "partitioned-table"))
    return false;
  const isPlain = table.knowledge === "full" && table.rules.length === 0 && table.emptiedOnCommit !== true;
  return isPlain && isQuiet(catalog, table) && rowsOf(catalog, table).complete;
}

/** Whether two columns are compared as we compare their values. */
function areAlike(one: Relation, name: string, other: Relation, target: string): boolean {
  const [mine, theirs] = [kindOf(columnNamed(one, name)?.type), kindOf(columnNamed(other, target)?.type)];
  return mine !== null && mine === theirs;
}

function kindOf(type: DataType | undefined): string | null {
  if (type?.kind !== "base") return null;
  return integers.has(type.name) ? "integer" : plain.has(type.name) ? type.name : null;
}

const integers: ReadonlySet<string> = new Set(["int2", "int4", "int8"]);

const plain: ReadonlySet<string> = new Set("numeric text varchar uuid date timestamp timestamptz bool".split(" "));

function refusal(catalog: Catalog, leaf: Relation, key: TableConstraint, row: Row): Refusal | null {
  const target = key.references === null ? null : relationById(catalog, key.references.relation);
  if (target === null) return null;
  const shown = key.columns.map((name) => printKey(catalog, leaf, name, row.values)).join(", ");
  const refused = rejected(
    "statement-rejected",
    "23503",
    `insert or update on table "${leaf.name}" violates foreign key constraint "${key.name}"`,
    row.range,
    {
      detail: `Key (${key.columns.join(", ")})=(${shown}) is not present in table "${target.name}".`,
      related: [{ relation: leaf.id, origin: key.origin, message: "the foreign key" }],
    },
  );
  return regarding(refused, leaf, target);
}
