/** ALTER COLUMN … TYPE, here and in the partitions and children below. */

import { type Catalog, relationById, withRelation } from "../../catalog/catalog.ts";
import type { DataType } from "../../catalog/data-type.ts";
import { asTainted } from "../../catalog/doubt.ts";
import { NamedList } from "../../catalog/named-list.ts";
import type { Column, Relation, RelationId, TableConstraint } from "../../catalog/relation.ts";
import { lacksCast } from "../../catalog/values/cast.ts";
import { formatType, formatTypeName, isCollatable } from "../../catalog/values/types.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import { quoteIdentifier } from "../../syntax/names.ts";
import type { AlterAction } from "../../syntax/statement.ts";
import { type ApplyContext, applied, applyToChildren, type Outcome, type Refusal, rejected } from "../outcome.ts";
import { wrongOverTable } from "../queries/column-names.ts";
import { readsColumn, viewsOn } from "../queries/columns-read.ts";
import { withoutValues } from "../queries/kept-rows.ts";
import { type AlterSetting, missingColumn } from "./alter-setting.ts";
import { collationName, typeNamed } from "./column-definition.ts";
import { checkText, columnNamed, replaceColumn } from "./constraint-shape.ts";
import { childrenOf, descendantsOf, hasChildren } from "./descendants.ts";
import { analyzeExpression } from "./expression-text.ts";
import { refuseKeyColumn } from "./key-columns.ts";
import { describeRelation, visibleName } from "./object-description.ts";
import { containsRow, refuseHeldRows } from "./row-types.ts";

type AlterType = Extract<AlterAction, { kind: "alter-type" }>;

/** `ATPrepAlterColumnType`, for the table and all below it. */
export function prepareChangeType(catalog: Catalog, action: AlterType, setting: AlterSetting): Refusal | null {
  const { table, only, context } = setting;
  // Up to 17 PostgreSQL does not say where the column stands.
  const position = context.version >= 18 ? action.column.range.start : undefined;
  const wrong = action.using === null ? null : wrongOverTable(catalog, action.using, table, context);
  if (wrong !== null) return wrong;
  const refusal = prepareOne(catalog, action, table, true, position);
  if (refusal !== null) return refusal;
  if (only && hasChildren(table)) {
    const message = `type of inherited column "${action.column.name}" must be changed in child tables too`;
    return rejected("inherited-change", "42P16", message, action.range);
  }
  for (const child of descendantsOf(catalog, table)) {
    const below =
      columnNamed(child, action.column.name) === null ? null : prepareOne(catalog, action, child, false, position);
    if (below !== null) return below;
  }
  return null;
}

function prepareOne(
  catalog: Catalog,
  action: AlterType,
  table: Relation,
  top: boolean,
  position: number | undefined,
): Refusal | null {
  const { name } = action.column;
  if (table.ofType && top) {
    return rejected("statement-rejected", "42809", "cannot alter column type of typed table", action.range);
  }
  const missing = missingColumn(table, action.column, action.range);
  if (missing !== null) return missing;
  const column = columnNamed(table, name);
  if (column !== null && column.inheritedFrom > 0 && top) {
    return rejected("inherited-change", "42P16", `cannot alter inherited column "${name}"`, action.range, { position });
  }
  const key = refuseKeyColumn(table, name, "alter", action.range, position);
  if (key !== null) return key;
  const named = typeNamed(catalog, action.type);
  if (named.kind === "rejected") return named;
  const { type } = named;
  if (action.collation !== null && type.kind === "base" && !isCollatable(type)) {
    const message = `collations are not supported by type ${formatTypeName(type)}`;
    return rejected("statement-rejected", "42804", message, action.range);
  }
  if (containsRow(catalog, type, table)) {
    const message = `composite type ${visibleName(catalog, table)} cannot be made a member of itself`;
    return rejected("statement-rejected", "42P16", message, action.range);
  }
  const held = table.kind === "composite-type" ? refuseHeldRows(catalog, table, action.range) : null;
  if (held !== null || column === null || action.using !== null) return held;
  return uncastable(catalog, column, type, table, action);
}

function uncastable(
  catalog: Catalog,
  column: Column,
  type: DataType,
  table: Relation,
  action: AlterType,
): Refusal | null {
  if (table.knowledge !== "full" || column.generated !== null) return null;
  // Of a composite type and a foreign table there are no rows to convert.
  if (table.kind !== "table" && table.kind !== "partitioned-table") return null;
  if (!lacksCast(column.type, type, "assignment", catalog)) return null;
  const message = `column "${column.name}" cannot be cast automatically to type ${formatTypeName(type)}`;
  return rejected("statement-rejected", "42804", message, action.range, {
    hint: `You might need to specify "USING ${quoteIdentifier(column.name)}::${formatType(type)}".`,
  });
}

/** `ATExecAlterColumnType`: the new type, and the CHECK constraints read again with it. */
export function changeType(catalog: Catalog, action: AlterType, setting: AlterSetting): Outcome {
  const named = typeNamed(catalog, action.type);
  if (named.kind === "rejected") return named;
  return changeOne(catalog, setting.table.id, action, named.type, setting.context);
}

function changeOne(
  catalog: Catalog,
  tableId: RelationId,
  action: AlterType,
  type: DataType,
  context: ApplyContext,
): Outcome {
  const table = relationById(catalog, tableId);
  const column = table === null ? null : columnNamed(table, action.column.name);
  if (table === null || column === null) return applied(catalog);
  if (column.hasDefault && column.generated === null && lacksCast(column.type, type, "assignment", catalog)) {
    const message = `default for column "${column.name}" cannot be cast automatically to type ${formatTypeName(type)}`;
    return rejected("statement-rejected", "42804", message, action.range);
  }
  const reader = table.columns.find((other) => other.generated !== null && reads(other, column.name));
  if (reader !== undefined) {
    const message = "cannot alter type of a column used by a generated column";
    return rejected("statement-rejected", "0A000", message, action.range, {
      detail: `Column "${column.name}" is used by generated column "${reader.name}".`,
    });
  }
  for (const view of viewsOn(catalog, tableId)) {
    const uses = readsColumn(view, table, column.name);
    if (uses === true) {
      const message = "cannot alter type of a column used by a view or rule";
      const detail = `rule _RETURN on ${describeRelation(catalog, view)} depends on column "${column.name}"`;
      return rejected("statement-rejected", "0A000", message, action.range, { detail, blockedBy: [view.id] });
    }
    if (uses === null) {
      const tainted = withRelation(catalog, asTainted(table));
      return applied(tainted, `whether view "${view.name}" reads column "${column.name}" cannot be told`);
    }
  }
  const collation = collationName(action.collation, type);
  const changed = replaceColumn(table, column.name, (before) => ({ ...before, type, collation }));
  const constraints: TableConstraint[] = [];
  for (const constraint of changed.constraints) {
    const next = readAgain(catalog, changed, constraint, column.name, context);
    if ("kind" in next) return next;
    constraints.push(next);
  }
  const typed = withRelation(catalog, { ...changed, constraints: NamedList.of(constraints) });
  const next = withoutValues(typed, table.id, new Set([column.name]));
  return applyToChildren(next, childrenOf(next, table), (before, child) =>
    changeOne(before, child.id, action, type, context),
  );
}

function readAgain(
  catalog: Catalog,
  table: Relation,
  constraint: TableConstraint,
  column: string,
  context: ApplyContext,
): TableConstraint | Refusal {
  if (constraint.expression === null || !constraint.columns.includes(column)) return constraint;
  const analysis = analyzeExpression(constraint.expression, {
    catalog,
    context,
    table: table.name,
    columns: table.columns,
    allColumns: table.knowledge === "full",
    place: "check constraints",
  });
  // A literal was read with the column's old type; only an operator that is missing now is a certain refusal.
  if (analysis.kind === "fault") {
    if (analysis.sqlstate !== "42883") return { ...constraint, textCertain: false };
    const { sqlstate, message, hint } = analysis;
    return rejected("statement-rejected", sqlstate, message, { start: 0, end: 0 }, { hint });
  }
  return { ...constraint, ...checkText(analysis), textCertain: false };
}

function reads(column: Column, name: string): boolean {
  if (column.default === undefined) return false;
  for (const part of insideOut(column.default)) {
    if (part.kind === "column" && part.names.at(-1) === name) return true;
  }
  return false;
}
