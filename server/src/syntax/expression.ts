/** The value expressions of SQL as plain data, with the range of every node. */

import type { TextRange } from "../text/range.ts";
import type { SelectQuery } from "./query.ts";

/** A type as written: `numeric(6,1)[]` is `{ names: ["pg_catalog", "numeric"], modifiers: ["6", "1"], arrayDimensions: 1 }`. */
export interface TypeName {
  /** Schema-qualified where the parser or the author qualified it; keyword types arrive as `pg_catalog.int4` and so on. */
  readonly names: readonly string[];
  /** The source text of each modifier that is a plain constant; other modifiers appear as `""`. */
  readonly modifiers: readonly string[];
  /** Number of `[]`; 0 for a scalar type. */
  readonly arrayDimensions: number;
  readonly setOf: boolean;
  /** For `interval` only: the fields (`day to second`) as the parser's bit mask, else undefined. */
  readonly intervalFields?: number | undefined;
  readonly range: TextRange;
}

/** How a constant was written. The text is exact: numbers keep all their digits, strings are decoded. */
export type ConstantValue =
  | { readonly type: "integer"; readonly text: string }
  | { readonly type: "decimal"; readonly text: string }
  | { readonly type: "string"; readonly text: string }
  | { readonly type: "boolean"; readonly text: "true" | "false" }
  | { readonly type: "bits"; readonly text: string }
  | { readonly type: "null" };

export type Expression =
  | { readonly kind: "constant"; readonly value: ConstantValue; readonly range: TextRange }
  /** `a`, `t.a`, `s.t.a`; `star` for `*` and `t.*`. */
  | { readonly kind: "column"; readonly names: readonly string[]; readonly star: boolean; readonly range: TextRange }
  /** `$1`; `value` is what an EXECUTE gives it, where the plan is made without knowing that. */
  | {
      readonly kind: "parameter";
      readonly number: number;
      readonly value?: Expression | undefined;
      readonly range: TextRange;
    }
  | { readonly kind: "cast"; readonly operand: Expression; readonly type: TypeName; readonly range: TextRange }
  | {
      readonly kind: "collate";
      readonly operand: Expression;
      readonly collation: readonly string[];
      /** From COLLATE to the end of the name. */
      readonly collateRange: TextRange;
      readonly range: TextRange;
    }
  | FunctionCall
  /** A binary or prefix operator; `left` is null for a prefix operator. `schema` for `OPERATOR(s.+)`. */
  | {
      readonly kind: "operator";
      readonly operator: string;
      readonly schema?: string | undefined;
      readonly left: Expression | null;
      readonly right: Expression;
      readonly range: TextRange;
    }
  | { readonly kind: "and"; readonly operands: readonly Expression[]; readonly range: TextRange }
  | { readonly kind: "or"; readonly operands: readonly Expression[]; readonly range: TextRange }
  | { readonly kind: "not"; readonly operand: Expression; readonly range: TextRange }
  /** `IS NULL`, `IS NOT NULL` */
  | { readonly kind: "null-test"; readonly operand: Expression; readonly negated: boolean; readonly range: TextRange }
  /** `IS [NOT] TRUE | FALSE | UNKNOWN` */
  | {
      readonly kind: "boolean-test";
      readonly operand: Expression;
      readonly value: "true" | "false" | "unknown";
      readonly negated: boolean;
      readonly range: TextRange;
    }
  | {
      readonly kind: "in";
      readonly operand: Expression;
      readonly items: readonly Expression[];
      readonly negated: boolean;
      readonly range: TextRange;
    }
  | {
      readonly kind: "between";
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
      readonly symmetric: boolean;
      readonly range: TextRange;
    }
  /** `x op ANY (array)`, `x op ALL (array)` where the right side is no subquery. */
  | {
      readonly kind: "any-array";
      readonly operator: string;
      readonly operand: Expression;
      readonly array: Expression;
      readonly all: boolean;
      readonly range: TextRange;
    }
  | {
      readonly kind: "distinct-from";
      readonly left: Expression;
      readonly right: Expression;
      readonly negated: boolean;
      readonly range: TextRange;
    }
  /** `(k).a` */
  | { readonly kind: "field"; readonly operand: Expression; readonly name: string; readonly range: TextRange }
  /** `LIKE`, `ILIKE`, `SIMILAR TO` */
  | {
      readonly kind: "like";
      readonly variant: "like" | "ilike" | "similar";
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly negated: boolean;
      readonly range: TextRange;
    }
  | { readonly kind: "nullif"; readonly left: Expression; readonly right: Expression; readonly range: TextRange }
  | { readonly kind: "coalesce"; readonly items: readonly Expression[]; readonly range: TextRange }
  | {
      readonly kind: "greatest-least";
      readonly greatest: boolean;
      readonly items: readonly Expression[];
      readonly range: TextRange;
    }
  | {
      readonly kind: "case";
      readonly operand: Expression | null;
      readonly whens: readonly { readonly condition: Expression; readonly result: Expression }[];
      readonly otherwise: Expression | null;
      readonly range: TextRange;
    }
  | { readonly kind: "array"; readonly items: readonly Expression[]; readonly range: TextRange }
  | { readonly kind: "row"; readonly items: readonly Expression[]; readonly range: TextRange }
  /** `current_date`, `current_timestamp(3)`, `current_user`, … under their SQL names in lower case. */
  | { readonly kind: "sql-value"; readonly name: string; readonly range: TextRange }
  /** `EXISTS (…)`, `x IN (SELECT …)`, `x op ANY|ALL (SELECT …)`, `(SELECT …)`, `ARRAY(SELECT …)`. */
  | {
      readonly kind: "subquery";
      readonly variant: "exists" | "any" | "all" | "scalar" | "array";
      /** The left side of `any` and `all`, with the operator (`=` for `IN`). */
      readonly operand: Expression | null;
      readonly operator: string | null;
      readonly query: SelectQuery;
      readonly range: TextRange;
    }
  /** MERGE's `merge_action()`, XML, JSON constructors, subscripts …: known only by its parts. */
  | {
      readonly kind: "other";
      readonly description: string;
      readonly children: readonly Expression[];
      readonly range: TextRange;
    };

export interface FunctionCall {
  readonly kind: "call";
  /** As written: `["now"]`, `["partman", "create_parent"]`; `EXTRACT` arrives as `["pg_catalog", "extract"]`. */
  readonly name: readonly string[];
  readonly nameRange: TextRange;
  readonly arguments: readonly CallArgument[];
  /** `count(*)` */
  readonly star: boolean;
  readonly distinct: boolean;
  /** `FILTER`, `WITHIN GROUP` or `ORDER BY` inside the parentheses: only aggregates have them. */
  readonly aggregateSyntax: boolean;
  /** `ORDER BY` inside the parentheses of an aggregate, where that and nothing else makes `aggregateSyntax` true. */
  readonly order?: readonly AggregateSort[] | undefined;
  /** `OVER (…)`: the expressions of PARTITION BY, and the named window that it is or builds on; null when it is no window call. */
  readonly window: { readonly partitionBy: readonly Expression[]; readonly name: string | null } | null;
  readonly range: TextRange;
}

export interface AggregateSort {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface CallArgument {
  /** `p_interval` of `p_interval => '1 day'`, else undefined. */
  readonly name?: string | undefined;
  readonly value: Expression;
  readonly variadic: boolean;
}
