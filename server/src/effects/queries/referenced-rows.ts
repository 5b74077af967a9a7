/** DELETE and UPDATE of rows to which others are bound: PostgreSQL's refusal, where both rows are the script's own and nothing else decides. */

import { belongingsOf } from "../../catalog/belongings.ts";
import { type Catalog, dependentsOf, relationById } from "../../catalog/catalog.ts";
import type { Relation, TableConstraint } from "../../catalog/relation.ts";
import { compareValues } from "../../catalog/values/compare.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { mayHoldOthers, printKey, rowsOf } from "./kept-rows.ts";
import { areRowsBound, findHolder, isKeyTo, nameForPartition, tablesAbove } from "./referred-rows.ts";
import type { RowValues } from "./row-values.ts";

/** A row that is there for sure and goes, or is given other values. */
export interface ChangedRow {
  readonly leaf: Relation;
  readonly row: RowValues;
  /** null where it is deleted. */
  readonly values: RowValues | null;
}

/**
 * `RI_FKey_noaction_del`, `…_upd` and those of RESTRICT: the refusal of a change of these rows, which are all that the statement
 * changes in these tables; null where none of them is bound, or anything else may come before it.
 */
export function refuseUnbinding(
  catalog: Catalog,
  tables: readonly Relation[],
  changed: readonly ChangedRow[],
  range: TextRange,
  context: ApplyContext,
): Refusal | null {
  if (changed.length === 0 || firesOtherwise(catalog) || !tables.every((leaf) => rowsOf(catalog, leaf).complete))
    return null;
  const bound = changed.flatMap((each) => bindingsOf(catalog, each));
  // Which of several is named hangs on the order in which rows lie and triggers were made.
  const [first] = bound;
  if (first === undefined || bound.length > 1) return null;
  const keys = keysTo(catalog, tables);
  const isPlain = keys.every(({ key, holder, target }) => {
    const others = [holder, ...tablesAbove(catalog, holder)];
    const own = new Set([target, ...tablesAbove(catalog, target), ...tables].map(({ id }) => id));
    if (others.some(({ id }) => own.has(id)) || holder.knowledge !== "full") return false;
    if (key === first.key) return isImmediate(key);
    // Those of other keys may be checked before.
    return isImmediate(key) && !mayHoldOthers(catalog, holder);
  });
  const quiet = [...new Set([...tables, ...tables.flatMap((leaf) => tablesAbove(catalog, leaf))])];
  if (!isPlain || !quiet.every((table) => isQuiet(catalog, table))) return null;
  if (first.values !== null && mayFailBefore(catalog, first, changed)) return null;
  return refusal(catalog, first, range, context);
}

interface Key {
  readonly key: TableConstraint;
  /** The table with the foreign key, and the one to which it refers. */
  readonly holder: Relation;
  readonly target: Relation;
}

type Binding = ChangedRow & Key;

function bindingsOf(catalog: Catalog, changed: ChangedRow): readonly Binding[] {
  const { leaf, row, values } = changed;
  return keysTo(catalog, [leaf]).flatMap(({ key, holder, target }): Binding[] => {
    const isKept = values !== null && (key.references?.columns ?? []).every((name) => isSameValue(row, values, name));
    if (isKept || !key.enforced || key.doubtful === true) return [];
    const isBound = findHolder(catalog, holder, (other) => areRowsBound(key, other, row)) !== null;
    return isBound ? [{ ...changed, key, holder, target }] : [];
  });
}

/** The foreign keys to these tables or to those above them; of a partitioned table with one, that one and not its partitions'. */
function keysTo(catalog: Catalog, tables: readonly Relation[]): readonly Key[] {
  const found = new Map<string, Key>();
  for (const target of tables.flatMap((leaf) => [leaf, ...tablesAbove(catalog, leaf)])) {
    for (const id of dependentsOf(catalog, target.id)) {
      const holder = relationById(catalog, id);
      if (holder === null || tablesAbove(catalog, holder)[0]?.constraints.some(isKeyTo(target)) === true) continue;
      for (const key of holder.constraints.filter(isKeyTo(target)))
        found.set(`${holder.id} ${key.name}`, { key, holder, target });
    }
  }
  return [...found.values()];
}

/** Whether a key refuses, at once; else what refers goes along, or is looked at when the transaction ends. */
function isImmediate({ references, enforced, doubtful }: TableConstraint): boolean {
  if (!enforced) return true;
  const terms = references?.terms ?? "";
  return doubtful !== true && !/\bDEFERRABLE\b|\bCASCADE\b|\bSET (?:NULL|DEFAULT)\b/i.test(terms);
}

/** No trigger of the table is switched off or on, and no policy hides its rows. */
export function isQuiet(catalog: Catalog, table: Relation): boolean {
  return (
    table.triggers.length === 0 &&
    !belongingsOf(catalog, table).some(
      ({ kind }) => kind === "trigger state" || kind === "policy" || kind === "row security",
    )
  );
}

/** Under `session_replication_role = replica` foreign keys look at nothing. */
export function firesOtherwise({ settings }: Catalog): boolean {
  return settings.replicationRole !== undefined || settings.inDoubt?.includes("replicationRole") === true;
}

/** Whether the new values may be refused before anybody looks at foreign keys: by a check, another key, or NULL; or the row moves. */
function mayFailBefore(catalog: Catalog, { leaf, row, values, key }: Binding, changed: readonly ChangedRow[]): boolean {
  if (values === null || changed.length > 1 || leaf.partitionOf !== null) return true;
  const columns = key.references?.columns ?? [];
  const isOther = leaf.constraints.some(({ type }) => type === "check" || type === "exclude" || type === "foreign-key");
  if (isOther || leaf.columns.some(({ generated, name }) => generated !== null || values.get(name) === undefined))
    return true;
  if (leaf.columns.some(({ name, notNull }) => notNull && values.get(name) === null)) return true;
  const isUnique = leaf.indexes.every((id) => {
    const index = relationById(catalog, id)?.index;
    if (index == null || !index.unique) return true;
    if (index.columns.every((name) => name !== null && isSameValue(row, values, name))) return true;
    return (
      index.columns.every((name) => name !== null && columns.includes(name)) &&
      index.columns.length === columns.length &&
      rowsOf(catalog, leaf).rows.every((other) => other === row || columns.some((name) => differs(values, other, name)))
    );
  });
  return !isUnique;
}

function isSameValue(one: RowValues, other: RowValues, name: string): boolean {
  const [mine, theirs] = [one.get(name), other.get(name)];
  if (mine == null || theirs == null) return mine === null && theirs === null;
  return mine.family === theirs.family && compareValues(mine, theirs, null) === 0;
}

function differs(one: RowValues, other: RowValues, name: string): boolean {
  const [mine, theirs] = [one.get(name), other.get(name)];
  if (mine == null || theirs == null || mine.family !== theirs.family) return false;
  const order = compareValues(mine, theirs, null);
  return order !== null && order !== 0;
}

function refusal(catalog: Catalog, binding: Binding, range: TextRange, context: ApplyContext): Refusal {
  const { leaf, row, key, holder, target } = binding;
  const name = leaf.id === target.id ? key.name : nameForPartition(catalog, key, holder, target, leaf, context);
  const isRestrict = context.version >= 18 && restricts(key, binding.values === null);
  const columns = key.references?.columns ?? [];
  const shown = columns.map((column) => printKey(catalog, leaf, column, row)).join(", ");
  return rejected(
    "statement-rejected",
    isRestrict ? "23001" : "23503",
    `update or delete on table "${leaf.name}" violates ${isRestrict ? "RESTRICT setting of " : ""}foreign key constraint "${name}" on table "${holder.name}"`,
    range,
    {
      detail: `Key (${columns.join(", ")})=(${shown}) is ${isRestrict ? "" : "still "}referenced from table "${holder.name}".`,
      related: [{ relation: holder.id, origin: key.origin, message: "the foreign key" }],
    },
  );
}

function restricts({ references }: TableConstraint, deletes: boolean): boolean {
  return new RegExp(`\\bON ${deletes ? "DELETE" : "UPDATE"} RESTRICT\\b`, "i").test(references?.terms ?? "");
}
