/** Conditions that name rows of an UPDATE, DELETE or MERGE by their ctid alone. */

import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { RelationName } from "../../syntax/names.ts";
import type { Query, SelectQuery } from "../../syntax/query.ts";

/** A change of rows of a table, with its condition. */
export interface Write {
  readonly kind: "update" | "delete" | "merge";
  readonly target: RelationName;
  readonly alias: string | null;
  readonly condition: Expression | null;
  /** The queries of WITH whose results the condition may compare. */
  readonly with: Query["with"];
}

/** The changes that a query makes, those of its WITH first. */
export function* writesOf(query: Query): Generator<Write> {
  for (const { query: inner } of query.with) yield* writesOf(inner);
  switch (query.kind) {
    case "update":
    case "delete":
      yield { ...query, condition: query.where };
      break;
    case "merge":
      yield { ...query, condition: query.on };
      break;
    default:
  }
}

/** The comparison with a ctid, among the conditions that all have to hold. */
export type CtidCondition =
  | { readonly kind: "in-subquery"; readonly ctid: Expression; readonly query: SelectQuery; readonly whole: Expression }
  | { readonly kind: "equals"; readonly ctid: Expression; readonly other: Expression; readonly whole: Expression }
  | { readonly kind: "other"; readonly ctid: Expression; readonly whole: Expression };

/** The first condition that compares the target's ctid; null where none does, or where the tables of the rows are compared too. */
export function ctidCondition(write: Write): CtidCondition | null {
  const conditions = conjuncts(write.condition);
  if (conditions.some((condition) => mentionsTableOid(write, condition))) return null;
  for (const whole of conditions) {
    const found = comparisonOfCtid(write, whole);
    if (found !== null) return found;
  }
  return null;
}

/** The target's columns that a condition sets equal to something: where they are its whole key, the rows lie in one partition. */
export function equalColumns(write: Write): ReadonlySet<string> {
  const columns = new Set<string>();
  for (const condition of conjuncts(write.condition)) {
    if (condition.kind !== "operator" || condition.operator !== "=" || condition.left === null) continue;
    for (const side of [condition.left, condition.right]) {
      const name = columnOfTarget(write, side);
      if (name !== null) columns.add(name);
    }
  }
  return columns;
}

function conjuncts(condition: Expression | null): readonly Expression[] {
  if (condition === null) return [];
  return condition.kind === "and" ? condition.operands.flatMap(conjuncts) : [condition];
}

function comparisonOfCtid(write: Write, whole: Expression): CtidCondition | null {
  const isCtid = (side: Expression): boolean => columnOfTarget(write, side) === "ctid";
  switch (whole.kind) {
    case "operator": {
      const { left, right, operator } = whole;
      if (operator !== "=" || left === null) return null;
      if (isCtid(left)) return { kind: "equals", ctid: left, other: right, whole };
      return isCtid(right) ? { kind: "equals", ctid: right, other: left, whole } : null;
    }
    case "subquery": {
      const { operand, operator, query } = whole;
      if (whole.variant !== "any" || operator !== "=" || operand === null || !isCtid(operand)) return null;
      return { kind: "in-subquery", ctid: operand, query, whole };
    }
    case "any-array":
      return whole.operator === "=" && !whole.all && isCtid(whole.operand)
        ? { kind: "other", ctid: whole.operand, whole }
        : null;
    case "in":
      return !whole.negated && isCtid(whole.operand) ? { kind: "other", ctid: whole.operand, whole } : null;
    default:
      return null;
  }
}

function mentionsTableOid(write: Write, condition: Expression): boolean {
  for (const part of insideOut(condition)) if (columnOfTarget(write, part) === "tableoid") return true;
  return false;
}

/** The name of a column of the target; null for anything else. A lone name may be another table's where others are joined. */
function columnOfTarget({ target, alias }: Write, expression: Expression): string | null {
  if (expression.kind !== "column" || expression.star) return null;
  const [name, table] = expression.names.toReversed();
  if (name === undefined || (table !== undefined && table !== (alias ?? target.name))) return null;
  return name;
}
