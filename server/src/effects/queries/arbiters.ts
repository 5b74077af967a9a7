/** Which unique indexes ON CONFLICT means: PostgreSQL's `infer_arbiter_indexes`. */

import { relationById } from "../../catalog/catalog.ts";
import type { IndexDefinition, IndexItem, Relation } from "../../catalog/relation.ts";
import { defaultOperatorClass, operatorClass } from "../../catalog/values/builtins.ts";
import { isCollatable } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";
import type { IndexElement } from "../../syntax/index-element.ts";
import type { ConflictTarget } from "../../syntax/query.ts";
import { columnNamed } from "../relations/constraint-shape.ts";
import { isImplied } from "./implied-predicate.ts";
import { columnsOver, plainColumn, sameExpression, type TableExpressions, typeOver } from "./table-expressions.ts";

/** The indexes meant: `matching` for sure, `possible` perhaps. */
export interface Arbiters {
  readonly matching: readonly Relation[];
  readonly possible: readonly Relation[];
}

type ColumnTarget = Extract<ConflictTarget, { kind: "columns" }>;

/** The unique indexes of a table that the columns, expressions and predicate of a target match. */
export function inferArbiters(target: ColumnTarget, of: TableExpressions): Arbiters {
  const { catalog, table } = of;
  const matching: Relation[] = [];
  const possible: Relation[] = [];
  for (const id of table.indexes) {
    const index = relationById(catalog, id);
    if (index?.index == null) continue;
    const answer = matches(index, target, of);
    // One that may not have come about, or may have changed, is possible at most.
    const isSure = index.doubtful !== true && index.knowledge === "full";
    if (answer === true && isSure) matching.push(index);
    else if (answer !== false) possible.push(index);
  }
  return { matching, possible };
}

/** Whether an index is one of exclusion: it has no equality of its own. */
export function isExclusion({ constraint, method }: IndexDefinition): boolean {
  return constraint === "exclude" || method === "gist";
}

/** null where it cannot be told. */
function matches(relation: Relation, target: ColumnTarget, of: TableExpressions): boolean | null {
  const { index } = relation;
  if (index === null || !index.unique || !index.valid) return false;
  const { definition } = index;
  if (definition === undefined) return null;
  if (isExclusion(definition)) return false;
  const wanted = new Set(target.elements.flatMap((element) => columnOf(element) ?? []));
  const has = new Set(definition.items.flatMap((item) => columnOf(item) ?? []));
  if (wanted.size !== has.size || [...wanted].some((name) => !has.has(name))) return false;
  const expressions = definition.items.flatMap((item) => expressionOf(item) ?? []);
  return every([
    ...target.elements.map((element) => matchesElement(element, definition, expressions, of)),
    ...expressions.map((expression) =>
      some(target.elements.map((element) => isSame(expressionOf(element), expression, of))),
    ),
    isImplied(definition.where, target.where, of),
  ]);
}

/** The column that an element is, as it stands or in parentheses. */
function columnOf({ column, expression }: Pick<IndexItem, "column" | "expression">): string | null {
  return column ?? (expression === null ? null : plainColumn(expression));
}

function expressionOf(element: Pick<IndexItem, "column" | "expression">): Expression | null {
  return columnOf(element) === null ? element.expression : null;
}

function isSame(one: Expression | null, other: Expression | null, of: TableExpressions): boolean | null {
  return one !== null && other !== null && sameExpression(one, other, of);
}

/** `infer_collation_opclass_match`, and that the index has the expression where neither is written. */
function matchesElement(
  element: IndexElement,
  definition: IndexDefinition,
  expressions: readonly Expression[],
  of: TableExpressions,
): boolean | null {
  const expression = expressionOf(element);
  if (element.collation === null && element.operatorClass === null) {
    return expression === null || some(expressions.map((other) => isSame(expression, other, of)));
  }
  return some(
    definition.items.map((item) =>
      every([
        expression === null ? columnOf(item) === columnOf(element) : isSame(expression, expressionOf(item), of),
        hasCollation(item, element, of),
        hasOperatorClass(item, element, of),
      ]),
    ),
  );
}

function hasCollation(item: IndexItem, { collation }: IndexElement, of: TableExpressions): boolean | null {
  if (collation === null) return true;
  const own = item.collation?.at(-1) ?? collationOf(item, of);
  const name = collation.at(-1);
  if (own === null || name === undefined) return null;
  if (own !== name) return false;
  // Schemas may have collations of the same name.
  return collation.length === 1 && (item.collation?.length ?? 1) === 1 ? true : null;
}

/** The collation of an item that names none: its column's, or that which all columns of its expression have. */
function collationOf(item: IndexItem, of: TableExpressions): string | null {
  const column = columnOf(item);
  if (column === null && (item.expression === null || hasCollate(item.expression))) return null;
  const names = column !== null ? [column] : item.expression === null ? [] : (columnsOver(item.expression, of) ?? []);
  const columns = names.map((name) => columnNamed(of.table, name));
  const found = columns.map((each) =>
    each !== null && isCollatable(each.type) ? (each.collation ?? "default") : null,
  );
  const [first = null] = found;
  return found.every((collation) => collation === first) ? first : null;
}

function hasCollate(expression: Expression): boolean {
  return insideOut(expression).some(({ kind }) => kind === "collate" || kind === "subquery");
}

/** Operator classes of one family and type are the same, whatever they are called: text_ops, varchar_ops. */
function hasOperatorClass(item: IndexItem, element: IndexElement, of: TableExpressions): boolean | null {
  if (element.operatorClass === null) return true;
  const type = columnNamed(of.table, columnOf(item) ?? "")?.type ?? typeOver(item.expression, of);
  const own = item.operatorClass?.at(-1) ?? (type === null ? null : defaultOperatorClass("btree", type));
  const wanted = element.operatorClass.at(-1) ?? "";
  if (own == null) return null;
  const [mine, theirs] = [operatorClass("btree", own), operatorClass("btree", wanted)];
  if (mine === null || theirs === null) return own === wanted ? true : null;
  return mine.family === theirs.family && mine.type === theirs.type;
}

function every(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(false)) return false;
  return answers.includes(null) ? null : true;
}

function some(answers: readonly (boolean | null)[]): boolean | null {
  if (answers.includes(true)) return true;
  return answers.includes(null) ? null : false;
}
