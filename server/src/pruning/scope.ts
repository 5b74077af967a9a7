/** What the names in an expression stand for, at one place of a query. */

import type { DataType } from "../catalog/data-type.ts";
import type { RelationId } from "../catalog/relation.ts";
import type { EvaluateContext } from "../catalog/values/evaluate.ts";
import type { Expression } from "../syntax/expression.ts";

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
  | { readonly kind: "derived"; readonly expression: Expression; readonly scope: Scope }
  /** A column of a query further out: known when this one runs. */
  | { readonly kind: "outer"; readonly type: DataType | null }
  | { readonly kind: "unknown" };

export interface Scope {
  readonly resolve: (names: readonly string[]) => ResolvedColumn;
  /** For `evaluate`; its `columnType` goes through `resolve`. */
  readonly context: EvaluateContext;
}
