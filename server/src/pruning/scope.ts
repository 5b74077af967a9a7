/** What the names in an expression stand for, at one place of a query. */

import type { DataType } from "../catalog/data-type.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";
import { countParts, insideOut } from "../syntax/expression-walk.ts";

/** A column of one reference to a relation: `a.k` and `b.k` of a self-join are two. */
export interface ColumnOfReference {
  readonly reference: number;
  readonly relation: RelationId | null;
  readonly name: string;
  readonly type: DataType | null;
  readonly collation: string | null;
}

/** What a name stands for. */
export type ResolvedColumn =
  | { readonly kind: "column"; readonly column: ColumnOfReference }
  /** An output column of a subquery that is one with the query around it. */
  | Derived
  /** A column of a query further out: known when this one runs. */
  | { readonly kind: "outer"; readonly type: DataType | null }
  | { readonly kind: "unknown" };

export interface Derived {
  readonly kind: "derived";
  readonly expression: Expression;
  readonly scope: Scope;
  /** The parts of the expression with those of the expressions that its columns stand for. */
  readonly size: number;
  /** How many expressions stand for a column of another. */
  readonly depth: number;
}

export interface Scope {
  readonly resolve: (names: readonly string[]) => ResolvedColumn;
  /** For `evaluate`; its `columnType` goes through `resolve`. */
  readonly context: EvaluateContext;
}

/**
 * Columns computed from columns that are computed from others again, each mentioned twice: written out they would grow without
 * end. Beyond these limits nothing is known of the column.
 */
const largestDerived = 1_000;
const deepestDerived = 12;

/** An output column in the place where another query mentions it; a column that is passed on is that column itself. */
export function derivedColumn(expression: Expression, scope: Scope): ResolvedColumn {
  if (expression.kind === "column" && !expression.star) {
    const passedOn = scope.resolve(expression.names);
    if (passedOn.kind === "column" || passedOn.kind === "derived") return passedOn;
  }
  if (countParts(expression, largestDerived + 1) > largestDerived) return { kind: "unknown" };
  let [size, depth] = [0, 0];
  for (const part of insideOut(expression)) {
    size++;
    const inner = part.kind === "column" && !part.star ? scope.resolve(part.names) : null;
    if (inner?.kind === "derived") {
      size += inner.size;
      depth = Math.max(depth, inner.depth + 1);
    }
    if (size > largestDerived || depth > deepestDerived) return { kind: "unknown" };
  }
  return { kind: "derived", expression, scope, size, depth };
}
