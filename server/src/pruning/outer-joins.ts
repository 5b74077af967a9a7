/** Outer joins that conditions make inner ones, those that nobody needs, and what equalities say across them. */

import { notedPortion } from "../catalog/access.ts";
import { type Catalog, relationById } from "../catalog/catalog.ts";
import { isPartitioned } from "../catalog/layout.ts";
import { addAll } from "../text/long-lists.ts";
import { cutForPortions, itemsOfCondition } from "../text/portions.ts";
import { type Condition, emptyLevel, type OuterJoin, ownReferences, type QualLevel, referencesBelow } from "./block.ts";
import { type Clause, type Comparison, columnsOf, conjunctsOf, operandColumns } from "./clause.ts";
import { comparisonOf, foldComparison } from "./comparison.ts";
import { type EquivalenceClass, withEquivalences } from "./equivalence.ts";
import { expressionKey } from "./expression-key.ts";
import { exactKey, type Operand } from "./operand.ts";
import { clauseOf } from "./predicate.ts";
import type { ColumnOfReference, Scope } from "./scope.ts";

function conjunctsOfCondition(condition: Condition): readonly Clause[] {
  return conjunctsOf("clause" in condition ? condition.clause : clauseOf(condition.expression, condition.scope));
}

/** Those of all of them. */
export function conjunctsOfAll(conditions: readonly Condition[]): readonly Clause[] {
  const all: Clause[] = [];
  for (const some of cutForPortions(conditions, itemsOfCondition))
    addAll(
      all,
      notedPortion(some.length * itemsOfCondition, () => some.flatMap(conjunctsOfCondition)),
    );
  return all;
}

/**
 * A condition that is not true for NULLs of a nullable side makes the outer join an inner one: `reduce_outer_joins`. `on`: the
 * condition of the outer join on whose nullable side the level is.
 */
export function reduceOuterJoins(level: QualLevel, on: readonly Clause[]): QualLevel {
  let current = level;
  while (current.outerJoins.length > 0) {
    const conjuncts = [...on, ...conjunctsOfAll(current.conditions)];
    const strict = new Set(conjuncts.flatMap(strictColumns).map(({ reference }) => reference));
    const touches = (side: QualLevel): boolean => [...referencesBelow(side)].some((reference) => strict.has(reference));
    const joins = current.outerJoins;
    const reduced = joins.find(
      (join) => join.type !== "anti" && (touches(join.right) || (join.type === "full" && touches(join.left))),
    );
    if (reduced === undefined) return current;
    const others = joins.filter((join) => join !== reduced);
    current = { ...current, outerJoins: others };
    if (reduced.type !== "full") current = merged(merged(current, reduced.right), conditionsOnly(reduced.on));
    else {
      const [left, right] = [touches(reduced.left), touches(reduced.right)];
      if (left) current = merged(current, reduced.left);
      if (right) current = merged(current, reduced.right);
      if (left && right) current = merged(current, conditionsOnly(reduced.on));
      else {
        const nullable = left ? reduced.right : reduced.left;
        current = {
          ...current,
          outerJoins: [...current.outerJoins, { type: "left", right: nullable, on: reduced.on }],
        };
      }
    }
  }
  return current;
}

function conditionsOnly(conditions: readonly Condition[]): QualLevel {
  return { ...emptyLevel(), conditions: [...conditions] };
}

function merged(a: QualLevel, b: QualLevel): QualLevel {
  return {
    items: [...a.items, ...b.items],
    conditions: [...a.conditions, ...b.conditions],
    outerJoins: [...a.outerJoins, ...b.outerJoins],
    subplans: [...a.subplans, ...b.subplans],
  };
}

/** Columns for whose NULLs the clause is not true. */
function strictColumns(clause: Clause): readonly ColumnOfReference[] {
  switch (clause.kind) {
    case "and":
      return clause.items.flatMap(strictColumns);
    case "or": {
      const [first = [], ...others] = clause.items.map(strictColumns);
      return first.filter((column) => others.every((arm) => arm.some((other) => other.reference === column.reference)));
    }
    case "comparison":
      return [...strictColumnsOfOperand(clause.left), ...strictColumnsOfOperand(clause.right)];
    case "array-comparison":
      return clause.all && clause.elements.length === 0 ? [] : strictColumnsOfOperand(clause.left);
    case "null-test":
      return clause.negated ? strictColumnsOfOperand(clause.operand) : [];
    case "boolean":
      return strictColumnsOfOperand(clause.operand);
    case "boolean-test":
      return clause.negated === (clause.value === "unknown") ? strictColumnsOfOperand(clause.operand) : [];
    case "opaque":
      return clause.strictFor.flatMap(strictColumnsOfOperand);
    case "constant":
      return [];
  }
}

function strictColumnsOfOperand(operand: Operand): readonly ColumnOfReference[] {
  if (operand.kind === "column") return [operand.column];
  return operand.kind === "expression" ? operand.strictFor.flatMap(strictColumnsOfOperand) : [];
}

/** An outer join whose condition has been read. */
export type ReducedOuterJoin = { readonly on: readonly Clause[] } & (
  | { readonly type: "left" | "anti"; readonly right: QualLevel }
  | { readonly type: "full"; readonly left: QualLevel; readonly right: QualLevel }
);

/** The conditions that follow for each side of an outer join. */
export interface DerivedConstants {
  readonly left: readonly Clause[];
  readonly right: readonly Clause[];
}

/**
 * `a LEFT JOIN b ON a.k = b.k` with `a.k = 5` above: only rows with `b.k = 5` can match. What follows for the sides of each
 * join: `reconsider_outer_join_clauses`. `own`: the references of the level; `classes`: what is equal in it.
 */
export function constantsAcross(
  joins: readonly ReducedOuterJoin[],
  own: ReadonlySet<number>,
  classes: readonly EquivalenceClass[],
  scope: Scope,
): readonly DerivedConstants[] {
  const found = joins.map((join) => constantsOfJoin(join, own, classes, scope));
  if (scope.context.version < 16 || joins.length < 2) return found;
  // A strict condition may speak of the nullable side of another left join: PostgreSQL exchanges the two.
  const inside = joins.map((join, index) => {
    const right = ownReferences(join.right);
    const conditions = [...join.on, ...conjunctsOfAll(join.right.conditions)];
    const filters = conditions.filter((clause) => mentionsOnly(clause, right));
    return { right, classes: withEquivalences([...filters, ...(found[index]?.right ?? [])], scope).classes };
  });
  return joins.map((join, index) => {
    const others = inside.filter(
      (_, other) => other !== index && join.type === "left" && joins[other]?.type === "left",
    );
    const more = others.map((other) => constantsOfJoin(join, other.right, other.classes, scope));
    return {
      left: found[index]?.left ?? [],
      right: [...(found[index]?.right ?? []), ...more.flatMap(({ right }) => right)],
    };
  });
}

function constantsOfJoin(
  join: ReducedOuterJoin,
  outer: ReadonlySet<number>,
  classes: readonly EquivalenceClass[],
  scope: Scope,
): DerivedConstants {
  const derived: { left: Clause[]; right: Clause[] } = { left: [], right: [] };
  const right = ownReferences(join.right);
  const left = join.type === "full" ? ownReferences(join.left) : outer;
  for (const equality of join.on.filter(isEquality)) {
    const [a, b] = operandMentionsOnly(equality.left, right)
      ? [equality.right, equality.left]
      : [equality.left, equality.right];
    if (!operandMentionsOnly(a, left) || !operandMentionsOnly(b, right)) continue;
    const derive = (operand: Operand, constant: Operand): Clause =>
      foldComparison(comparisonOf("=", operand, constant, scope, equality.range), scope.context);
    for (const { members } of classes) {
      const constants = members.filter((member) => operandColumns(member).length === 0);
      if (constants.length === 0) continue;
      const isOuter = (member: Operand): boolean =>
        join.type === "full" ? isMergeOf(member, a, b) : exactKey(member) === exactKey(a);
      if (!members.some(isOuter)) continue;
      addAll(
        derived.right,
        constants.map((constant) => derive(b, constant)),
      );
      if (join.type === "full")
        addAll(
          derived.left,
          constants.map((constant) => derive(a, constant)),
        );
    }
  }
  return derived;
}

/** Whether it is `COALESCE(left, right)`, as USING makes it. */
function isMergeOf(member: Operand, left: Operand, right: Operand): boolean {
  return member.key === `coalesce(${left.key}, ${right.key})`;
}

function isEquality(clause: Clause): clause is Comparison {
  return clause.kind === "comparison" && clause.operator === "=";
}

export function operandMentionsOnly(operand: Operand, references: ReadonlySet<number>): boolean {
  const columns = operandColumns(operand);
  return columns.length > 0 && columns.every(({ reference }) => references.has(reference));
}

export function mentionsOnly(clause: Clause, references: ReadonlySet<number>): boolean {
  return columnsOf(clause).every(({ reference }) => references.has(reference));
}

/**
 * Whether each row of the level finds at most one row on the nullable side, a single table or a grouped subquery:
 * `join_is_removable`, but for whether somebody needs its columns.
 */
export function findsAtMostOne(join: OuterJoin, catalog: Catalog, version: number): boolean {
  const [item] = join.right.items;
  if (join.type !== "left" || item === undefined || join.right.items.length > 1) return false;
  if (join.right.outerJoins.length > 0) return false;
  const clauses = conjunctsOfAll([...join.on, ...join.right.conditions]);
  const own = ownReferences(join.right);
  const fixed = new Set(
    clauses.filter(isEquality).flatMap(({ left, right, types }) => {
      if (types === null) return [];
      const [inner, outer] = operandMentionsOnly(left, own) ? [left, right] : [right, left];
      const isJoin = operandColumns(outer).every(({ reference }) => !own.has(reference));
      return inner.kind === "column" && inner.relabel === undefined && isJoin ? [inner.column.name] : [];
    }),
  );
  if (item.kind === "subquery") {
    const { block } = item;
    if (block.kind !== "select" || block.query === null || block.outputs === null) return false;
    const { query, outputs } = block;
    if (query.distinct && query.distinctOn === null) return outputs.every((_, index) => fixed.has(String(index + 1)));
    if (query.groupBy.length === 0 || query.commonGroups !== null) return false;
    return query.groupBy.every((group) =>
      outputs.some(
        ({ expression, scope }, index) =>
          fixed.has(String(index + 1)) && expressionKey(expression, scope) === expressionKey(group, block.scope),
      ),
    );
  }
  if (item.kind !== "table") return false;
  const { relation, only } = item.mention;
  // The indexes of partitioned tables are proofs since 16; those of an inheritance parent say nothing of its children.
  if (isPartitioned(relation) && version < 16) return false;
  if (!isPartitioned(relation) && relation.children.size > 0 && !only) return false;
  return relation.indexes.some((id) => {
    const index = relationById(catalog, id)?.index ?? null;
    if (index === null || !index.unique || !index.valid || index.predicate !== null) return false;
    if (index.definition?.deferrable === true) return false;
    return index.columns.every((column) => column !== null && fixed.has(column));
  });
}
