/** Whether constraints show that a table's rows fit a bound, so that PostgreSQL need not read them. */

import { type Catalog, relationById } from "../../catalog/catalog.ts";
import { isPartitioned } from "../../catalog/layout.ts";
import type { Bound, KeyElement } from "../../catalog/partitioning.ts";
import type { Relation } from "../../catalog/relation.ts";
import { type Clause, combine, conjunctsOf, isImmutable } from "../../pruning/clause.ts";
import { type Operand, operandOf } from "../../pruning/operand.ts";
import { boundClauses, negated, partitionQual } from "../../pruning/partition-qual.ts";
import { clauseOf } from "../../pruning/predicate.ts";
import { implies, longestArray } from "../../pruning/refute.ts";
import type { Scope } from "../../pruning/scope.ts";
import type { RuleOptions } from "../rule.ts";
import { tableScope } from "./table-scope.ts";

const nowhere = { start: 0, end: 0 };

/**
 * `PartConstraintImpliedByRelConstraint` for ATTACH: `table` as it was before, `attached` the catalog after it. False for
 * hash bounds, which nothing implies.
 */
export function provesBound(table: Relation, attached: Catalog, options: RuleOptions): boolean {
  const link = relationById(attached, table.id)?.partitionOf;
  if (link === null || link === undefined || link.bound.kind === "hash" || link.bound.kind === "unknown") return false;
  const scope = tableScope(table, attached, options);
  const clauses = constraintClauses(table, scope);
  if (isLongList(link.bound)) return clauses.some(isCheck);
  const qual = partitionQual(attached, { ...table, partitionOf: link }, (parent) => keyOperands(parent, scope));
  return mayImply(clauses, qual, scope);
}

/** The same for the default partition when a partition with this bound comes beside it: its rows must be outside. */
export function provesOutside(
  defaultPartition: Relation,
  parent: Relation,
  bound: Bound,
  catalog: Catalog,
  options: RuleOptions,
): boolean {
  if (!isPartitioned(parent)) return false;
  const scope = tableScope(defaultPartition, catalog, options);
  const clauses = constraintClauses(defaultPartition, scope);
  if (clauses.length === 0) return false;
  if (isLongList(bound)) return clauses.some(isCheck);
  const inside = boundClauses(bound, parent.partitioning.key, keyOperands(parent, scope));
  if (inside.length === 0) return false;
  const outside = negated(combine("and", inside, nowhere));
  return mayImply(clauses, [outside], scope);
}

/** PostgreSQL's proofs do not take so many values apart either: then nothing but a CHECK can say the same. */
function isLongList(bound: Bound): boolean {
  return bound.kind === "list" && bound.values.length > longestArray;
}

function isCheck({ kind }: Clause): boolean {
  return kind !== "null-test";
}

/** False only where it is certain that PostgreSQL's proof fails. */
function mayImply(clauses: readonly Clause[], predicate: readonly Clause[], { context }: Scope): boolean {
  let undecided = false;
  const note = (): void => {
    undecided = true;
  };
  return implies(clauses, predicate, true, { values: context, undecided: note }) || undecided;
}

function keyOperands(parent: Relation, scope: Scope): readonly Operand[] {
  return (parent.partitioning?.key.elements ?? []).map((element) => operandOf(expressionOf(element), scope));
}

function expressionOf({ expression, column }: KeyElement): Parameters<typeof operandOf>[0] {
  return expression ?? { kind: "column", names: [column ?? ""], star: false, range: nowhere };
}

/** What valid constraints say of every row: CHECKs, and the columns that are NOT NULL. */
function constraintClauses(table: Relation, scope: Scope): readonly Clause[] {
  const checks = table.constraints.flatMap(({ type, expression, validated, enforced }) =>
    type === "check" && expression !== null && validated && enforced ? conjunctsOf(clauseOf(expression, scope)) : [],
  );
  const notNull = table.columns.flatMap((column): readonly Clause[] => {
    if (!column.notNull) return [];
    const operand = operandOf({ kind: "column", names: [column.name], star: false, range: nowhere }, scope);
    return [{ kind: "null-test", operand, negated: true, range: nowhere }];
  });
  return [...checks.filter(isImmutable), ...notNull];
}
