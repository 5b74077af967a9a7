/** ADD COLUMN and DROP COLUMN, with the partitions and children below. */

import { type Catalog, dependentsOf, relationById, withoutRelation, withRelation } from "../../catalog/catalog.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Column, IndexInfo, Relation, RelationId } from "../../catalog/relation.ts";
import type { Expression } from "../../syntax/expression.ts";
import { mentionsColumn } from "../../syntax/expression-walk.ts";

import type { AlterAction } from "../../syntax/statement.ts";
import type { TextRange } from "../../text/range.ts";
import { inDoubt } from "../doubt.ts";
import {
  andThen,
  applied,
  applyEach,
  applyToChildren,
  type Outcome,
  type Refusal,
  regarding,
  rejected,
} from "../outcome.ts";
import { readsColumn, viewsOn } from "../queries/columns-read.ts";
import { mayHoldMoreThan, withoutValues } from "../queries/kept-rows.ts";
import { refuseRowsWithout } from "../queries/known-rows.ts";
import { isUnshown } from "../running/unshown.ts";
import { taintRelations } from "../taint.ts";
import type { AlterSetting } from "./alter-setting.ts";
import { addCheckRecursively } from "./checks.ts";
import { defineColumn } from "./column-definition.ts";
import { mostColumns, tooManyColumns } from "./column-limit.ts";
import { addSequence } from "./complete-table.ts";
import { columnNamed, isSystemColumn, replaceColumn } from "./constraint-shape.ts";
import { deleteAll, deletionOf, drawingOn, ownedBy } from "./dependencies.ts";
import { type Blocker, refuseBlocked } from "./dependency-refusal.ts";
import { childrenOf, hasChildren } from "./descendants.ts";
import { isFallible } from "./fallible.ts";
import { addForeignKey } from "./foreign-keys.ts";
import { refuseKeyColumn } from "./key-columns.ts";
import { collationsDiffer, typesDiffer } from "./merge-columns.ts";
import { setNotNull } from "./not-null.ts";
import { describeRelation, visibleName } from "./object-description.ts";
import { asOneDeletion } from "./one-deletion.ts";
import { containsRow, usersOfRowType } from "./row-types.ts";
import { checkGeneration } from "./stored-expressions.ts";
import { addKey } from "./unique-keys.ts";

type AddColumn = Extract<AlterAction, { kind: "add-column" }>;
type DropColumn = Extract<AlterAction, { kind: "drop-column" }>;

export function prepareAddColumn(action: AddColumn, { table }: AlterSetting): Refusal | null {
  return table.ofType ? refuse("42809", "cannot add column to typed table", action.range) : null;
}

export function prepareDropColumn(action: DropColumn, { table }: AlterSetting): Refusal | null {
  return table.ofType ? refuse("42809", "cannot drop column from typed table", action.range) : null;
}

/** `ATExecAddColumn`: the column, then the constraints that stand with it. */
export function addColumn(catalog: Catalog, action: AddColumn, setting: AlterSetting): Outcome {
  const added = addWithConstraints(catalog, action, setting);
  const asks = action.column.constraints.some(({ type }) => ["check", "foreign-key", "unique"].includes(type));
  const computes = action.column.constraints.some(({ type }) => type === "generated");
  const needsValue = computes && action.column.constraints.some(({ type }) => type === "not-null");
  const isNeeded = action.column.constraints.some(({ type }) => type === "not-null" || type === "primary-key");
  const isGiven = action.column.constraints.some(({ type }) => ["default", "generated", "identity"].includes(type));
  const mayFail = action.column.constraints.some(
    ({ type, stored, expression }) => type === "generated" && stored && expression !== null && isFallible(expression),
  );
  const isOpen =
    (asks || needsValue || mayFail || (isNeeded && !isGiven)) && mayHoldMoreThan(0, catalog, setting.table);
  return isOpen ? inDoubt(catalog, added, "rows may not do for the constraints of the new column") : added;
}

function addWithConstraints(catalog: Catalog, action: AddColumn, setting: AlterSetting): Outcome {
  const { table, only, context } = setting;
  const { name } = action.column;
  if (table.partitionOf !== null) {
    return rejected("inherited-change", "42809", "cannot add column to a partition", action.range);
  }
  const there = columnNamed(table, name.name);
  if (there !== null) {
    if (action.ifNotExists) return applied(catalog);
    // Another ALTER TABLE may have been refused for want of its type.
    if (table.doubtful !== true && isUnshown(catalog, there.type))
      return applied(catalog, "whether it is there is not known");
    return refuse("42701", `column "${name.name}" of relation "${table.name}" already exists`, name.range);
  }
  if (table.knowledge === "full" && table.columns.length >= mostColumns) return tooManyColumns(name.range);
  const result = defineColumn(
    action.column,
    {
      catalog,
      context,
      table: table.name,
      partitioned: isPartitioned(table),
      partition: false,
      typed: table.ofType,
      foreign: table.kind === "foreign-table",
    },
    null,
  );
  if (result.kind === "rejected") return result;
  const { column, constraints, notNull, hasSequence, sequenceName } = result.defined;
  const wrong = checkGeneration(action.column, column, [...table.columns, column], table.knowledge === "full", {
    catalog,
    context,
    table: table.name,
    partitioned: isPartitioned(table),
    partition: false,
    typed: table.ofType,
    foreign: table.kind === "foreign-table",
  });
  if (wrong !== null) return wrong;
  if (column.identity !== null && !only && hasChildren(table) && (context.version < 17 || !isPartitioned(table))) {
    const message = "cannot recursively add identity column to table that has child tables";
    return rejected("inherited-change", "42809", message, action.range);
  }
  const needsValue = notNull !== null || constraints.some((constraint) => constraint.type === "primary-key");
  if (needsValue && !column.hasDefault && column.identity === null && column.generated === null) {
    const unfilled = refuseRowsWithout(catalog, table, column.name, action.range, context);
    if (unfilled !== null) return unfilled;
  }
  const plain: Column = { ...column, notNull: false };
  let outcome = addToTree(catalog, table.id, plain, only, true, action.column.name.range);
  if (notNull !== null) {
    const options = { only, name: notNull.constraint?.name?.name ?? null, range: action.range };
    outcome = andThen(outcome, (current) => setNotNull(current, table.id, column.name, options, context));
  }
  if (hasSequence) {
    outcome = andThen(outcome, (current) =>
      applied(addSequence(current, table.id, { column: column.name, name: sequenceName }, action.range, context)),
    );
  }
  return andThen(outcome, (current) =>
    applyEach(current, constraints, (before, constraint) => {
      switch (constraint.type) {
        case "check":
          return addCheckRecursively(before, table.id, constraint, only, context);
        case "foreign-key":
          return addForeignKey(before, table.id, constraint, only, context);
        default:
          return addKey(before, table.id, constraint, { alter: true, only }, context);
      }
    }),
  );
}

function addToTree(
  catalog: Catalog,
  tableId: RelationId,
  column: Column,
  only: boolean,
  top: boolean,
  range: TextRange,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const existing = columnNamed(table, column.name);
  if (isSystemColumn(column.name)) {
    return refuse("42701", `column name "${column.name}" conflicts with a system column name`, range);
  }
  if (top && containsRow(catalog, column.type, table)) {
    return refuse("42P16", `composite type ${visibleName(catalog, table)} cannot be made a member of itself`, range);
  }
  if (existing !== null) {
    if (typesDiffer(existing.type, column.type)) {
      const message = `child table "${table.name}" has different type for column "${column.name}"`;
      return regarding(refuse("42804", message, range), table);
    }
    if (collationsDiffer(existing.collation, column.collation)) {
      const message = `child table "${table.name}" has different collation for column "${column.name}"`;
      return regarding(refuse("42P21", message, range), table);
    }
    const merged = replaceColumn(table, column.name, (before) => ({
      ...before,
      inheritedFrom: before.inheritedFrom + 1,
    }));
    return applied(withRelation(catalog, merged));
  }
  const added: Column = top ? column : { ...column, local: false, inheritedFrom: 1 };
  const next = withRelation(catalog, { ...table, columns: [...table.columns, added] });
  const children = childrenOf(next, table);
  if (only && children.length > 0) {
    return rejected("inherited-change", "42P16", "column must be added to child tables too", range);
  }
  return applyToChildren(next, children, (current, child) => addToTree(current, child.id, column, false, false, range));
}

/** `ATExecDropColumn` */
export function dropColumn(catalog: Catalog, action: DropColumn, { table, only, context }: AlterSetting): Outcome {
  const dropped = dropFromTree(catalog, table.id, action, only, true, context.version);
  if (!action.cascade && table.mentionedBy?.words.has(action.column.name) === true) {
    return inDoubt(catalog, dropped, `whether a policy or publication needs "${action.column.name}" is not known`);
  }
  const [user] = action.cascade ? [] : usersOfRowType(catalog, table);
  if (user === undefined) return dropped;
  return inDoubt(catalog, dropped, `whether something uses this part of column "${user.column.name}" is not known`);
}

/** The catalog without a column of this table alone that goes because of something else, and without all that needs it. */
export function withoutColumn(catalog: Catalog, table: Relation, name: string): Catalog {
  return removeWithUsers(catalog, table.id, name, newestVersion);
}

/** Versions differ in what they say of a refusal, and here there is none. */
const newestVersion = 18;

function dropFromTree(
  catalog: Catalog,
  tableId: RelationId,
  action: DropColumn,
  only: boolean,
  top: boolean,
  version: number,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const { name } = action.column;
  const column = columnNamed(table, name);
  if (column === null) {
    if (action.ifExists || table.knowledge !== "full") return applied(catalog);
    if (isSystemColumn(name)) return refuse("0A000", `cannot drop system column "${name}"`, action.range);
    return refuse("42703", `column "${name}" of relation "${table.name}" does not exist`, action.column.range);
  }
  if (column.inheritedFrom > 0 && top) {
    return rejected("inherited-change", "42P16", `cannot drop inherited column "${name}"`, action.range);
  }
  const key = refuseKeyColumn(table, name, "drop", action.range);
  if (key !== null) return key;
  const children = childrenOf(catalog, table);
  if (children.length > 0 && isPartitioned(table) && only) {
    const message = "cannot drop column from only the partitioned table when partitions exist";
    return rejected("inherited-change", "42P16", message, action.range, { hint: "Do not specify the ONLY keyword." });
  }
  const below = applyToChildren(catalog, children, (current, child) => {
    const inherited = columnNamed(child, name);
    if (inherited === null || inherited.inheritedFrom === 0) return applied(current);
    const goes = !only && inherited.inheritedFrom === 1 && !inherited.local;
    if (goes) return dropFromTree(current, child.id, action, false, false, version);
    const kept = replaceColumn(child, name, (before) => ({
      ...before,
      inheritedFrom: before.inheritedFrom - 1,
      local: before.local || only,
    }));
    return applied(withRelation(current, kept));
  });
  const dropped = andThen(below, (current) => removeColumn(current, table.id, name, action, version));
  return top && !only ? asOneDeletion(dropped, children, name) : dropped;
}

/** Removes the column with the constraints and indexes that rest on it; what else rests on it needs CASCADE. */
function removeColumn(
  catalog: Catalog,
  tableId: RelationId,
  name: string,
  action: DropColumn,
  version: number,
): Outcome {
  const table = relationById(catalog, tableId);
  if (table === null) return applied(catalog);
  const users = usersOfColumn(catalog, table, name, version);
  if (!action.cascade && users.blockers.length > 0) {
    const message = `cannot drop column ${name} of table ${visibleName(catalog, table)} because other objects depend on it`;
    return refuseBlocked(message, users.blockers, action.range);
  }
  const [undecided] = users.undecided;
  if (undecided === undefined) return applied(removeWithUsers(catalog, tableId, name, version));
  const note = `whether view "${undecided.name}" reads column "${name}" cannot be told`;
  if (action.cascade) return applied(removeWithUsers(catalog, tableId, name, version), note);
  return applied(withRelation(catalog, asTainted(table)), note);
}

/** The catalog without the column, what is computed from it, and what rests on either; what may is in doubt. */
function removeWithUsers(catalog: Catalog, tableId: RelationId, name: string, version: number): Catalog {
  const table = relationById(catalog, tableId);
  if (table === null) return catalog;
  const own = usersOfColumn(catalog, table, name, version);
  const users = [own, ...own.generated.map((column) => usersOfColumn(catalog, table, column.name, version))];
  const gone = new Set([name, ...own.generated.map((column) => column.name)]);
  const deletion = deletionOf(
    catalog,
    users.flatMap(({ views }) => views),
  );
  const foreignKeys = users.flatMap((each) =>
    each.foreignKeys.map(({ relation, name: constraint }) => ({ table: relation.id, constraint })),
  );
  const sequences = ownedBy(catalog, table, gone);
  let next = deleteAll(catalog, { ...deletion, foreignKeys: [...deletion.foreignKeys, ...foreignKeys] });
  const undecided = deletionOf(
    next,
    users.flatMap((each) => each.undecided.filter(({ id }) => next.relations.has(id))),
  );
  next = taintRelations(
    next,
    [...undecided.relations].map((id) => relationById(next, id)).filter((relation) => relation !== null),
  );
  let current = relationById(next, tableId) ?? table;
  const triggers = current.triggers.filter((trigger) => trigger.mentions?.some((each) => gone.has(each)) !== true);
  if (triggers.length < current.triggers.length) current = { ...current, triggers };
  next = withoutColumns(next, current, gone);
  return deleteAll(next, deletionOf(next, sequences));
}

interface ColumnUsers {
  readonly generated: readonly Column[];
  readonly foreignKeys: readonly { readonly relation: Relation; readonly name: string }[];
  readonly views: readonly Relation[];
  /** The views of which it cannot be told whether they read the column. */
  readonly undecided: readonly Relation[];
  /** What stands in the way without CASCADE, as PostgreSQL lists it. */
  readonly blockers: readonly Blocker[];
}

function usersOfColumn(catalog: Catalog, table: Relation, name: string, version: number): ColumnUsers {
  const column = `column ${name} of table ${visibleName(catalog, table)}`;
  const generated = table.columns.filter((other) => {
    const { generated: kind, default: expression } = other;
    return kind !== null && expression !== undefined && mentionsColumn(expression, table.name, name);
  });
  const triggers = table.triggers.filter((trigger) => trigger.mentions?.includes(name) === true);
  const foreignKeys = dependentsOf(catalog, table.id).flatMap((id) => {
    const relation = relationById(catalog, id);
    if (relation === null) return [];
    return relation.constraints.flatMap((constraint) => {
      const { references, inheritedFrom } = constraint;
      const uses = references?.relation === table.id && references.columns.includes(name) && inheritedFrom === 0;
      return uses ? [{ relation, name: constraint.name }] : [];
    });
  });
  const views: Relation[] = [];
  const undecided: Relation[] = [];
  for (const view of viewsOn(catalog, table.id)) {
    const uses = readsColumn(view, table, name);
    if (uses === true) views.push(view);
    else if (uses === null) undecided.push(view);
  }
  const blockers = [
    // Before 15 generated columns went silently with what they are computed from.
    ...(version < 15 ? [] : generated).map((other) => {
      const own = `column ${other.name} of table ${visibleName(catalog, table)}`;
      return { line: `${own} depends on ${column}`, relation: table.id };
    }),
    ...foreignKeys.map(({ relation, name: constraint }) => {
      const own = `constraint ${constraint} on table ${visibleName(catalog, relation)}`;
      return { line: `${own} depends on ${column}`, relation: relation.id };
    }),
    ...triggers.map(({ name: trigger }) => {
      const own = `trigger ${trigger} on table ${visibleName(catalog, table)}`;
      return { line: `${own} depends on ${column}`, relation: table.id };
    }),
    ...drawingOn(catalog, table, new Set([name, ...generated.map((other) => other.name)])),
    ...views.flatMap((view) => [
      { line: `${describeRelation(catalog, view)} depends on ${column}`, relation: view.id },
      // What depends on the view is in the way only as long as the view is.
      ...deletionOf(catalog, [view]).blockers.map((blocker) => ({ ...blocker, relation: view.id })),
    ]),
  ];
  return { generated, foreignKeys, views, undecided, blockers };
}

function expressionsOf({ definition, predicate }: IndexInfo): readonly Expression[] {
  const items = definition?.items.map(({ expression }) => expression) ?? [];
  return [...items, predicate].filter((expression) => expression !== null);
}

/** The table without these columns, the constraints that mention them, and the indexes on them. */
function withoutColumns(catalog: Catalog, table: Relation, names: ReadonlySet<string>): Catalog {
  const rests = (columns: readonly (string | null)[]): boolean =>
    columns.some((column) => column !== null && names.has(column));
  let next = catalog;
  const indexes = table.indexes.filter((id) => {
    const index = relationById(catalog, id);
    const columns = index?.index == null ? [] : [...index.index.columns, ...(index.index.definition?.include ?? [])];
    const expressions = index?.index == null ? [] : expressionsOf(index.index);
    const computes = expressions.some((each) => [...names].some((name) => mentionsColumn(each, table.name, name)));
    if (!rests(columns) && !computes) return true;
    next = withoutRelation(next, id);
    return false;
  });
  const constraints = table.constraints.kept((constraint) => {
    if (constraint.index !== null) return indexes.includes(constraint.index);
    return !rests(constraint.columns);
  });
  // One of the same name that comes later has other values.
  return withRelation(withoutValues(next, table.id, names), {
    ...table,
    columns: table.columns.filter((column) => !names.has(column.name)),
    constraints,
    indexes,
  });
}

function refuse(sqlstate: string, message: string, range: TextRange): Refusal {
  return rejected("statement-rejected", sqlstate, message, range);
}
