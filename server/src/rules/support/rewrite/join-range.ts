/** A range on the other side of a join: the planner carries what is equal over to the key, and ranges never, so they are repeated. */

import { findRelation } from "../../../catalog/catalog.ts";
import type { Relation } from "../../../catalog/relation.ts";
import type { PredictedRelation } from "../../../pruning/verdict-of.ts";
import type { Expression } from "../../../syntax/expression.ts";
import { rewriteExpression } from "../../../syntax/expression-text.ts";
import type { FromItem, SelectQuery } from "../../../syntax/query.ts";
import type { TextRange } from "../../../text/range.ts";
import type { StepContext } from "../../rule.ts";
import { predictedOf } from "./offer.ts";

/** What may be said, and written behind the last of the conditions: ` AND t.k >= 5`. */
export interface JoinRange {
  /** The last condition of the range. */
  readonly range: TextRange;
  /** The equality of the join, as it is written. */
  readonly join: string;
  readonly added: string;
}

/** The range to repeat for the first key column of a table that a query joins; null where there is none, or where it prunes nothing. */
export function joinRange(context: StepContext, table: Relation, at: PredictedRelation["range"]): JoinRange | null {
  const { step, text, rewriting } = context;
  const { statement } = step.statement;
  const query = statement.kind === "query" && statement.query.kind === "select" ? statement.query : null;
  const [element] = table.partitioning?.key.elements ?? [];
  if (query === null || rewriting === null || element?.column == null || element.type?.kind !== "base") return null;
  const items = innerRelations(query);
  const own = items?.find(({ range }) => range.start <= at.start && at.end <= range.end);
  if (items == null || own === undefined || items.filter((item) => nameOf(item) === nameOf(own)).length > 1)
    return null;
  const conditions = conditionsOf(query);
  for (const condition of conditions) {
    const sides = equalColumns(condition);
    const key = sides?.find(({ names }) => names[0] === nameOf(own) && names[1] === element.column);
    const other = sides?.find((side) => side !== key);
    if (sides === null || key === undefined || other === undefined) continue;
    const item = items.find((each) => nameOf(each) === other.names[0]);
    const column = item === undefined ? undefined : columnOf(context, item, other.names[1] ?? "");
    // Values of other types, or under another collation, are equal in their own way.
    if (column?.type.kind !== "base" || column.type.name !== element.type.name || column.collation !== null) continue;
    if (table.columns.find(({ name }) => name === element.column)?.collation != null) continue;
    const found = conditions.filter((each) => isRangeOf(each, other.names));
    const written = text.slice(key.range.start, key.range.end);
    const repeated = found.map(({ range }) =>
      rewriteExpression(
        text.slice(range.start, range.end),
        (node) =>
          node.type === "ref" && node.table?.name === other.names[0] && node.name === other.names[1] ? written : null,
        rewriting,
      ),
    );
    const last = found.at(-1);
    if (last === undefined || repeated.includes(null)) continue;
    const added = repeated.map((each) => ` AND ${each}`).join("");
    const edited = text.slice(0, last.range.end) + added + text.slice(last.range.end);
    const isLess = ({ survivors, leaves }: PredictedRelation): boolean =>
      survivors !== null && survivors.length < leaves().length;
    if (!predictedOf(edited, table, context, rewriting).some(isLess)) continue;
    return { range: last.range, join: text.slice(condition.range.start, condition.range.end), added };
  }
  return null;
}

type Reference = Extract<FromItem, { kind: "relation" }>;
type ColumnReference = Extract<Expression, { kind: "column" }>;

/** The tables of a query that joins nothing but tables, and leaves no row out that has no partner; else null. */
function innerRelations({ from, with: expressions, setOperation, values }: SelectQuery): readonly Reference[] | null {
  if (expressions.length > 0 || setOperation !== null || values !== null) return null;
  const items: Reference[] = [];
  const pending = [...from];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (item.kind === "relation" && item.columnAliases.length === 0) items.push(item);
    else if (item.kind === "join" && ["inner", "cross"].includes(item.type) && isPlain(item))
      pending.push(item.left, item.right);
    else return null;
  }
  return items;
}

function isPlain({ using, natural, alias }: Extract<FromItem, { kind: "join" }>): boolean {
  return using.length === 0 && !natural && alias === undefined;
}

function nameOf({ alias, relation }: Reference): string {
  return alias ?? relation.name;
}

/** All of which hold of each row, in the order of the text. */
function conditionsOf({ from, where }: SelectQuery): readonly Expression[] {
  const found: Expression[] = [];
  const pending: FromItem[] = [...from];
  const add = (expression: Expression): void => {
    if (expression.kind === "and") for (const operand of expression.operands) add(operand);
    else found.push(expression);
  };
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    if (item.kind !== "join") continue;
    if (item.on !== null) add(item.on);
    pending.push(item.left, item.right);
  }
  if (where !== null) add(where);
  return found.sort((a, b) => a.range.start - b.range.start);
}

function equalColumns(condition: Expression): readonly [ColumnReference, ColumnReference] | null {
  if (condition.kind !== "operator" || condition.operator !== "=" || condition.left === null) return null;
  const { left, right } = condition;
  return isQualified(left) && isQualified(right) ? [left, right] : null;
}

function isQualified(expression: Expression): expression is ColumnReference {
  return expression.kind === "column" && !expression.star && expression.names.length === 2;
}

const orders: ReadonlySet<string> = new Set(["<", "<=", ">", ">="]);

/** Whether a condition compares the column with what is the same for all rows. */
function isRangeOf(condition: Expression, names: readonly string[]): boolean {
  const isColumn = (side: Expression | null): boolean =>
    side !== null && isQualified(side) && side.names.every((name, index) => name === names[index]);
  if (condition.kind === "between") {
    const { operand, low, high, negated, symmetric } = condition;
    return !negated && !symmetric && isColumn(operand) && isFixed(low) && isFixed(high);
  }
  if (condition.kind !== "operator" || !orders.has(condition.operator) || condition.left === null) return false;
  const { left, right } = condition;
  return (isColumn(left) && isFixed(right)) || (isColumn(right) && isFixed(left));
}

function isFixed(expression: Expression): boolean {
  if (expression.kind === "cast") return isFixed(expression.operand);
  return expression.kind === "constant" || expression.kind === "parameter";
}

function columnOf({ step }: StepContext, item: Reference, name: string): Relation["columns"][number] | undefined {
  const relation = findRelation(step.before, item.relation);
  return relation?.knowledge === "full" ? relation.columns.find((column) => column.name === name) : undefined;
}
