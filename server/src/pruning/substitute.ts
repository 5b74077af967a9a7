/** Conditions on the output of a subquery as conditions on what the subquery reads: what the planner pushes down. */

import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import { type Clause, type Comparison, combine } from "./clause.ts";
import { broughtTo, foldComparison } from "./comparison.ts";
import { castOperand, columnOperand, type Operand, operandOf } from "./operand.ts";
import { clauseOf } from "./predicate.ts";
import { scopeFrom } from "./query-level.ts";
import { type ColumnOfReference, derivedColumn, type ResolvedColumn, type Scope } from "./scope.ts";

/** What stands behind a column; null for columns that stay as they are. */
export type Substitution = (column: ColumnOfReference) => ResolvedColumn | null;

/** The clause with the columns replaced, simplified again. */
export function substituted(clause: Clause, by: Substitution, context: EvaluateContext): Clause {
  switch (clause.kind) {
    case "constant":
      return clause;
    case "and":
    case "or": {
      const items = clause.items.map((item) => substituted(item, by, context));
      return combine(clause.kind, items, clause.range);
    }
    case "comparison":
      return foldComparison(substitutedComparison(clause, by, context), context);
    case "array-comparison": {
      const elements = clause.elements.map((element) => substitutedComparison(element, by, context));
      const left = elements[0]?.left ?? substitutedOperand(clause.left, by, context);
      if (left.kind !== "constant") return { ...clause, left, elements };
      // An array compared with a constant is as good as its comparisons, one by one.
      const items = elements.map((element) => foldComparison(element, context));
      return items.length === 0 ? { ...clause, left } : combine(clause.all ? "and" : "or", items, clause.range);
    }
    case "null-test": {
      const operand = substitutedOperand(clause.operand, by, context);
      if (operand.kind !== "constant") return { ...clause, operand };
      return { kind: "constant", value: (operand.value === null) !== clause.negated, range: clause.range };
    }
    case "boolean-test":
    case "boolean": {
      const operand = substitutedOperand(clause.operand, by, context);
      if (clause.kind === "boolean" && operand.kind === "constant" && operand.value?.family === "boolean")
        return { kind: "constant", value: operand.value.value !== clause.negated, range: clause.range };
      return { ...clause, operand };
    }
    case "opaque": {
      const { source } = clause;
      if (source === undefined) return clause;
      return clauseOf(source.expression, remapped(source.scope, by), source.negated);
    }
  }
}

/** The scope in which the names of the columns stand for what is behind them; one for each scope, since it is asked again and again. */
export function remapped(scope: Scope, by: Substitution): Scope {
  const ofScope = remappedScopes.get(scope) ?? new WeakMap<Substitution, Scope>();
  remappedScopes.set(scope, ofScope);
  const known = ofScope.get(by) ?? remappedAnew(scope, by);
  ofScope.set(by, known);
  return known;
}

const remappedScopes = new WeakMap<Scope, WeakMap<Substitution, Scope>>();

function remappedAnew(scope: Scope, by: Substitution): Scope {
  const found = new Map<string, ResolvedColumn>();
  const resolve = (names: readonly string[]): ResolvedColumn => {
    const resolved = scope.resolve(names);
    if (resolved.kind === "column") return by(resolved.column) ?? resolved;
    return resolved.kind === "derived" ? derivedColumn(resolved.expression, remapped(resolved.scope, by)) : resolved;
  };
  return scopeFrom((names) => {
    const key = names.join("\0");
    const resolved = found.get(key) ?? resolve(names);
    found.set(key, resolved);
    return resolved;
  }, scope.context);
}

function substitutedComparison(clause: Comparison, by: Substitution, context: EvaluateContext): Comparison {
  const { types } = clause;
  const side = (operand: Operand, type: keyof NonNullable<Comparison["types"]>): Operand => {
    const replaced = substitutedOperand(operand, by, context);
    const isBrought = types === null || replaced === operand || replaced.kind !== "constant";
    return isBrought ? replaced : broughtTo(replaced, types[type], context);
  };
  return { ...clause, left: side(clause.left, "left"), right: side(clause.right, "right") };
}

function substitutedOperand(operand: Operand, by: Substitution, context: EvaluateContext): Operand {
  const { range, relabel } = operand;
  const taken = (replaced: Operand): Operand =>
    relabel === undefined || replaced.kind === "constant" || replaced.kind === "run-time"
      ? { ...replaced, range }
      : { ...replaced, range, relabel };
  switch (operand.kind) {
    case "constant":
    case "run-time":
      return operand;
    case "column": {
      const resolved = by(operand.column);
      return resolved === null ? operand : taken(operandOfResolved(resolved, operand, context));
    }
    case "expression": {
      const { source, type } = operand;
      if (source !== undefined) return taken(operandOf(source.expression, remapped(source.scope, by)));
      // A cast that PostgreSQL adds by itself.
      const [inner] = operand.strictFor;
      if (inner === undefined || type === null) return operand;
      const replaced = substitutedOperand(inner, by, context);
      if (replaced === inner) return operand;
      return taken(replaced.kind === "constant" ? broughtTo(replaced, type, context) : castOperand(replaced, type));
    }
  }
}

function operandOfResolved(resolved: ResolvedColumn, operand: Operand, context: EvaluateContext): Operand {
  if (resolved.kind === "derived") return operandOf(resolved.expression, resolved.scope);
  if (resolved.kind === "column") return columnOperand(resolved.column, operand.range);
  const column = { kind: "column", names: [""], star: false, range: operand.range } as const;
  return operandOf(
    column,
    scopeFrom(() => resolved, context),
  );
}
