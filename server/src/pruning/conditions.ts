/** From the levels of a query to the conditions of each table: outer joins reduced, equalities followed, conditions passed down. */

import { type Clause, type Comparison, columnsOf, conjunctsOf } from "./clause.ts";
import { comparisonOf, foldComparison } from "./comparison.ts";
import { withEquivalences } from "./equivalence.ts";
import type { ColumnOfReference, Operand, Scope } from "./operand.ts";
import { clauseOf } from "./predicate.ts";
import {
  type Environment,
  type QualLevel,
  scopeOf,
  scopeOfTable,
  type TableMention,
  tablesBelow,
} from "./query-level.ts";

/** A mention of a table with the conditions under which it is scanned. */
export interface TableReference {
  readonly mention: TableMention;
  /** Conditions that hold for the rows scanned and mention them; those with other tables' columns among them. */
  readonly clauses: readonly Clause[];
  /** Resolves the table's own columns. */
  readonly scope: Scope;
  /** Whether conditions may hold that we do not see: a view's, or those around a set operation. */
  readonly incomplete: boolean;
}

/** The tables of a level and of those below it. */
export function conditionsOfTables(level: QualLevel, environment: Environment): readonly TableReference[] {
  const scope = scopeOf([], environment);
  const references: TableReference[] = [];
  finish(level, [], false);
  return references;

  function finish(written: QualLevel, given: readonly Clause[], incomplete: boolean): void {
    const own = reduceOuterJoins(written);
    const conjuncts = [...given, ...own.merges, ...own.conditions.flatMap(conjunctsOfCondition)];
    const clauses = withEquivalences(conjuncts, scope);
    const impossible = clauses.find((clause) => clause.kind === "constant" && !clause.value);
    const unseen = incomplete || own.incomplete;
    for (const mention of own.tables) {
      const mentioned = clauses.filter((clause) => mentions(clause, [mention]));
      references.push({
        mention,
        clauses: impossible === undefined ? mentioned : [impossible],
        scope: scopeOfTable(mention, environment),
        incomplete: unseen,
      });
    }
    for (const nullable of own.nullable) {
      const down = impossible === undefined ? constantsAcross(nullable, clauses, scope) : [impossible];
      finish(nullable, down, unseen);
    }
    for (const subquery of own.subqueries) {
      const tables = tablesBelow(subquery);
      const down = clauses.filter((clause) => columnsOf(clause).length > 0 && mentionsOnly(clause, tables));
      finish(subquery, impossible === undefined ? down : [impossible], unseen);
    }
  }
}

function conjunctsOfCondition(condition: QualLevel["conditions"][number]): readonly Clause[] {
  return conjunctsOf(clauseOf(condition.expression, condition.scope));
}

/** A condition that is not true for NULLs of a nullable side makes the outer join an inner one: `reduce_outer_joins`. */
function reduceOuterJoins(level: QualLevel): QualLevel {
  let current = level;
  for (;;) {
    const conjuncts = [...current.merges, ...current.conditions.flatMap(conjunctsOfCondition)];
    const strict = new Set(conjuncts.flatMap(strictColumns).map(({ reference }) => reference));
    const reduced = current.nullable.find((side) => tablesBelow(side).some(({ reference }) => strict.has(reference)));
    if (reduced === undefined) return current;
    current = {
      tables: [...current.tables, ...reduced.tables],
      conditions: [...current.conditions, ...reduced.conditions],
      merges: [...current.merges, ...reduced.merges],
      nullable: [...current.nullable.filter((side) => side !== reduced), ...reduced.nullable],
      subqueries: [...current.subqueries, ...reduced.subqueries],
      incomplete: current.incomplete || reduced.incomplete,
    };
  }
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

/** `a LEFT JOIN b ON a.k = b.k` with `a.k = 5` above: only rows with `b.k = 5` can match. */
function constantsAcross(side: QualLevel, above: readonly Clause[], scope: Scope): readonly Clause[] {
  const tables = tablesBelow(side);
  const joins = [...side.merges, ...side.conditions.flatMap(conjunctsOfCondition)].filter(isEquality);
  const known = above.filter(isEquality);
  const derived: Clause[] = [];
  for (const join of joins) {
    for (const [outer, inner] of [
      [join.left, join.right],
      [join.right, join.left],
    ] as const) {
      if (!operandMentionsOnly(inner, tables) || operandMentionsOnly(outer, tables)) continue;
      for (const { left, right } of known) {
        const constant = left.key === outer.key ? right : right.key === outer.key ? left : null;
        if (constant?.kind === "constant" || constant?.kind === "run-time")
          derived.push(foldComparison(comparisonOf("=", inner, constant, scope, join.range), scope.context));
      }
    }
  }
  return derived;
}

function isEquality(clause: Clause): clause is Comparison {
  return clause.kind === "comparison" && clause.operator === "=";
}

function operandMentionsOnly(operand: Operand, tables: readonly TableMention[]): boolean {
  const columns = operand.kind === "column" ? [operand.column] : operand.kind === "expression" ? operand.columns : [];
  return columns.length > 0 && columns.every(({ reference }) => tables.some((table) => table.reference === reference));
}

function mentions(clause: Clause, tables: readonly TableMention[]): boolean {
  return columnsOf(clause).some(({ reference }) => tables.some((table) => table.reference === reference));
}

function mentionsOnly(clause: Clause, tables: readonly TableMention[]): boolean {
  return columnsOf(clause).every(({ reference }) => tables.some((table) => table.reference === reference));
}
