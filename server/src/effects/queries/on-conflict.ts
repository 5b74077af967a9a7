/** ON CONFLICT: what PostgreSQL refuses of its target, when it reads the statement and when it plans it. */

import { type Catalog, knowsEveryObject, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Relation } from "../../catalog/relation.ts";
import { absentCollation } from "../../catalog/values/absent-objects.ts";
import { operatorClass } from "../../catalog/values/builtins.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { IndexElement } from "../../syntax/index-element.ts";
import type { InsertQuery, OnConflict } from "../../syntax/query.ts";
import type { TextRange } from "../../text/range.ts";
import { type ApplyContext, type Refusal, rejected } from "../outcome.ts";
import { columnNamed, constraintNamed, isSystemColumn } from "../relations/constraint-shape.ts";
import { lookUpRelation } from "../relations/lookup.ts";
import { hasOwnOperatorClass } from "../relations/operator-classes.ts";
import { inferArbiters, isExclusion } from "./arbiters.ts";
import { refuseAssignments } from "./assignments.ts";
import { analyzeOver, plainColumn, type TableExpressions } from "./table-expressions.ts";

export type ConflictOutcome =
  /** The indexes in which a row may be in the way; null where no target is told, and so any. */
  | { readonly kind: "arbiters"; readonly indexes: readonly Relation[] | null }
  | { readonly kind: "unknown"; readonly reason: string }
  | Refusal;

/**
 * What becomes of an INSERT's ON CONFLICT. PREPARE only has the statement `analyzed`; everything else that holds it has it
 * planned too, even if no row is inserted.
 */
export function resolveOnConflict(
  catalog: Catalog,
  insert: InsertQuery,
  stage: "analyzed" | "planned",
  context: ApplyContext,
): ConflictOutcome | null {
  const { onConflict } = insert;
  if (onConflict === null) return null;
  if (onConflict.action === "update" && onConflict.target === null) {
    const message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
    return refuse("42601", message, onConflict.range, "For example, ON CONFLICT (column_name).");
  }
  const found = lookUpRelation(catalog, insert.target);
  const table = found.kind === "found" ? found.relation : null;
  // A view hands its target on to the table below it.
  if (table === null || table.knowledge !== "full" || !["table", "partitioned-table"].includes(table.kind)) {
    return { kind: "unknown", reason: `the unique indexes of "${insert.target.name}" are not known for sure` };
  }
  if (isPartitioned(table) && context.version < 11) {
    return { kind: "unknown", reason: "ON CONFLICT of partitioned tables came with PostgreSQL 11" };
  }
  const of: TableExpressions = { catalog, context, table, name: insert.alias ?? table.name };
  const { assignments, where } = onConflict;
  const values = assignments.flatMap(({ value }) => value ?? []);
  const fault =
    refuseTarget(onConflict, of) ??
    refuseReferences(values, of) ??
    refuseAssignments(assignments, table, catalog, context) ??
    refuseReferences(where === null ? [] : [where], of);
  if (fault !== null) return fault;
  if (stage === "analyzed") return { kind: "arbiters", indexes: null };
  if (table.code?.some(({ kind, event }) => kind === "rule" && event === "update") === true) {
    const message = "INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules";
    return rejected("conflict-without-key", "0A000", message, insert.target.range);
  }
  if (table.rules.length > 0) return { kind: "unknown", reason: `rules rewrite what is inserted into "${table.name}"` };
  return findArbiters(onConflict, of);
}

/** `transformOnConflictArbiter` */
function refuseTarget({ target }: OnConflict, of: TableExpressions): Refusal | null {
  if (target === null) return null;
  const { table } = of;
  if (target.kind === "constraint") {
    if (constraintNamed(table, target.name.name) !== null) return null;
    return refuse("42704", `constraint "${target.name.name}" for table "${table.name}" does not exist`, target.range);
  }
  for (const element of target.elements) {
    const fault = refuseElement(element, of);
    if (fault !== null) return fault;
  }
  return target.where === null ? null : refuseExpression(target.where, of, "index predicates");
}

/** `resolve_unique_index_expr` */
function refuseElement(element: IndexElement, of: TableExpressions): Refusal | null {
  const { table, catalog, context, name } = of;
  const { range } = element;
  if (element.sorted === true) return refuse("42P10", "ASC/DESC is not allowed in ON CONFLICT clause", range);
  if (element.placesNulls === true) {
    return refuse("42P10", "NULLS FIRST/LAST is not allowed in ON CONFLICT clause", range);
  }
  const { column, expression, collation } = element;
  if (column !== null) {
    const isRow = column === name && context.version >= 14;
    const isThere = columnNamed(table, column) !== null || isRow || isSystemColumn(column);
    if (!isThere) return refuse("42703", `column "${column}" does not exist`, range);
  }
  const fault = expression === null ? null : refuseExpression(expression, of, "index expressions");
  if (fault !== null) return fault;
  const absent = collation === null ? null : absentCollation(catalog, collation);
  if (absent !== null) return refuse(absent.sqlstate, absent.message, range);
  const written = element.operatorClass?.at(-1);
  if (written === undefined || operatorClass("btree", written) !== null) return null;
  if (!knowsEveryObject(catalog) || hasOwnOperatorClass(catalog, "btree", written)) return null;
  const shown = element.operatorClass?.join(".") ?? written;
  return refuse("42704", `operator class "${shown}" does not exist for access method "btree"`, range);
}

function refuseExpression(expression: Expression, of: TableExpressions, place: string): Refusal | null {
  const analysis = analyzeOver(expression, of, place);
  if (analysis.kind === "analysis") return null;
  return refuse(analysis.sqlstate, analysis.message, analysis.range, analysis.hint);
}

/** What the values and the WHERE of DO UPDATE name: columns of the table and of `excluded`, which have the same names. */
function refuseReferences(
  expressions: readonly Expression[],
  { table, context, name }: TableExpressions,
): Refusal | null {
  for (const part of expressions.flatMap((expression) => insideOut(expression))) {
    if (part.kind !== "column" || part.star) continue;
    const [first = "", second, ...more] = part.names;
    const refuseColumn = (sqlstate: string, message: string): Refusal =>
      rejected("conflict-without-key", sqlstate, message, part.range, { position: part.range.start });
    if (second !== undefined) {
      const isMissing =
        first === "excluded" && name !== first && more.length === 0 && columnNamed(table, second) === null;
      if (isMissing) return refuseColumn("42703", `column excluded.${second} does not exist`);
      continue;
    }
    // In a function it may be a variable.
    if (context.inFunction || [name, "excluded"].includes(first) || isSystemColumn(first)) continue;
    return columnNamed(table, first) === null
      ? refuseColumn("42703", `column "${first}" does not exist`)
      : refuseColumn("42702", `column reference "${first}" is ambiguous`);
  }
  return null;
}

/** `infer_arbiter_indexes` */
function findArbiters({ action, target, range }: OnConflict, of: TableExpressions): ConflictOutcome {
  const { catalog, table } = of;
  if (target === null) return { kind: "arbiters", indexes: null };
  if (target.kind === "columns") {
    const elements = target.elements.map(({ column, expression }) => column ?? plainColumn(expression ?? noExpression));
    if (elements.some((name) => name === of.name && columnNamed(table, name) === null)) {
      if (of.context.version < 14) return { kind: "unknown", reason: "whole rows in ON CONFLICT are not followed" };
      return refuse("0A000", "whole row unique index inference specifications are not supported", target.range);
    }
    const { matching, possible } = inferArbiters(target, of);
    if (matching.length === 0 && possible.length === 0) return refuse("42P10", noMatch, target.range);
    if (possible.length === 0) return { kind: "arbiters", indexes: matching };
    return { kind: "unknown", reason: "whether a unique index matches ON CONFLICT is not known" };
  }
  const constraint = constraintNamed(table, target.name.name);
  if (constraint === null || constraint.doubtful === true) {
    return { kind: "unknown", reason: `whether constraint "${target.name.name}" is there is not known` };
  }
  const index = constraint.index === null ? null : relationById(catalog, constraint.index);
  if (index?.index == null) {
    return refuse("42809", "constraint in ON CONFLICT clause has no associated index", target.range);
  }
  if (!index.index.valid) return refuse("42P10", noMatch, target.range);
  const { definition } = index.index;
  if (action === "update" && definition !== undefined && isExclusion(definition)) {
    return refuse("42809", "ON CONFLICT DO UPDATE not supported with exclusion constraints", range);
  }
  return { kind: "arbiters", indexes: [index] };
}

const noMatch = "there is no unique or exclusion constraint matching the ON CONFLICT specification";

const noExpression: Expression = { kind: "other", description: "", children: [], range: { start: 0, end: 0 } };

function refuse(sqlstate: string, message: string, range: TextRange, hint?: string): Refusal {
  return rejected("conflict-without-key", sqlstate, message, range, { hint });
}
