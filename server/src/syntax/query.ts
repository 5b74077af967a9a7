/** Queries (SELECT, INSERT, UPDATE, DELETE, MERGE) as plain data: what pruning and row routing need of them. */

import type { TextRange } from "../text/range.ts";
import type { Expression } from "./expression.ts";
import type { IndexElement } from "./index-element.ts";
import type { Identifier, RelationName } from "./names.ts";

export type Query = SelectQuery | InsertQuery | UpdateQuery | DeleteQuery | MergeQuery;

export interface CommonTableExpression {
  readonly name: Identifier;
  readonly columns: readonly Identifier[];
  readonly query: Query;
  /** `MATERIALIZED` true, `NOT MATERIALIZED` false, nothing written null. */
  readonly materialized: boolean | null;
  readonly recursive: boolean;
  /** The columns that SEARCH and CYCLE add. */
  readonly added?: readonly string[] | undefined;
}

export interface SelectQuery {
  readonly kind: "select";
  readonly range: TextRange;
  readonly with: readonly CommonTableExpression[];
  readonly targets: readonly { readonly expression: Expression; readonly name: string | null }[];
  /** Implicit cross join of the items. */
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
  /** With GROUPING SETS, ROLLUP or CUBE: the expressions that all sets group by. Else null. */
  readonly commonGroups: readonly Expression[] | null;
  readonly having: Expression | null;
  readonly distinct: boolean;
  /** The expressions of `DISTINCT ON (…)`, else null. */
  readonly distinctOn: readonly Expression[] | null;
  /** The named windows of the WINDOW clause. */
  readonly windows: readonly NamedWindow[];
  readonly orderBy: readonly Expression[];
  /** How each of `orderBy` sorts. */
  readonly directions: readonly SortDirection[];
  readonly hasLimit: boolean;
  /** LIMIT and FETCH FIRST; null also for `LIMIT ALL`. */
  readonly limit: Expression | null;
  readonly offset: Expression | null;
  /** `FOR UPDATE`, `FOR SHARE`, … */
  readonly locks: boolean;
  /** The rows of a VALUES list, else null. `DEFAULT` items have kind `other` and description `DEFAULT`. */
  readonly values: readonly (readonly Expression[])[] | null;
  readonly setOperation: {
    readonly operator: "union" | "intersect" | "except";
    readonly all: boolean;
    readonly left: SelectQuery;
    readonly right: SelectQuery;
  } | null;
  /** `SELECT … INTO t`: the table it creates. */
  readonly into: RelationName | null;
}

export interface SortDirection {
  readonly descending: boolean;
  /** As written or implied: NULLs count as larger than everything else. */
  readonly nullsFirst: boolean;
}

/** `WINDOW name AS (base PARTITION BY …)` */
export interface NamedWindow {
  readonly name: string;
  readonly base: string | null;
  readonly partitionBy: readonly Expression[];
}

export interface InsertQuery {
  readonly kind: "insert";
  readonly range: TextRange;
  readonly with: readonly CommonTableExpression[];
  readonly target: RelationName;
  readonly alias: string | null;
  /** Empty when no column list is written. */
  readonly columns: readonly Identifier[];
  /** Whether an element or a field of a column is assigned: `a[1]`, `c.f`. Such a column may stand more than once. */
  readonly hasParts: boolean;
  /** null for `DEFAULT VALUES`. */
  readonly source: SelectQuery | null;
  /** `ON CONFLICT …`; null where it is not written. */
  readonly onConflict: OnConflict | null;
  readonly overriding: "none" | "user" | "system";
  readonly returning: readonly Expression[];
  readonly rowNames?: RowNames | undefined;
}

/** `ON CONFLICT [target] DO NOTHING | DO UPDATE SET …` */
export interface OnConflict {
  readonly action: "nothing" | "update";
  /** Which unique index may be in the way; null where none is told. */
  readonly target: ConflictTarget | null;
  /** What DO UPDATE sets, as UPDATE does. */
  readonly assignments: UpdateQuery["assignments"];
  /** WHERE of DO UPDATE. */
  readonly where: Expression | null;
  readonly range: TextRange;
}

export type ConflictTarget =
  | { readonly kind: "constraint"; readonly name: Identifier; readonly range: TextRange }
  /** `(a, lower(b)) WHERE …`: the index is inferred. `range` is that of the parentheses. */
  | {
      readonly kind: "columns";
      readonly elements: readonly IndexElement[];
      readonly where: Expression | null;
      readonly range: TextRange;
    };

export interface UpdateQuery {
  readonly kind: "update";
  readonly range: TextRange;
  readonly with: readonly CommonTableExpression[];
  readonly target: RelationName;
  readonly alias: string | null;
  /** One entry for each column set; `value` is null for one column of a multi-column assignment. */
  readonly assignments: readonly { readonly column: Identifier; readonly value: Expression | null }[];
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly Expression[];
  readonly rowNames?: RowNames | undefined;
}

export interface DeleteQuery {
  readonly kind: "delete";
  readonly range: TextRange;
  readonly with: readonly CommonTableExpression[];
  readonly target: RelationName;
  readonly alias: string | null;
  readonly using: readonly FromItem[];
  readonly where: Expression | null;
  readonly returning: readonly Expression[];
  readonly rowNames?: RowNames | undefined;
}

export interface MergeQuery {
  readonly kind: "merge";
  readonly range: TextRange;
  readonly with: readonly CommonTableExpression[];
  readonly target: RelationName;
  readonly alias: string | null;
  readonly source: FromItem;
  readonly on: Expression;
  /** In their order. */
  readonly whens: readonly MergeWhen[];
  readonly returning: readonly Expression[];
  readonly rowNames?: RowNames | undefined;
  /** `WHEN NOT MATCHED BY SOURCE` (17 and later): rows of the target that match nothing are looked at too. False where all that is done is nothing. */
  readonly notMatchedBySource: boolean;
  /** `WHEN NOT MATCHED [BY TARGET]`: rows of the source that match nothing are looked at too. The same. */
  readonly notMatchedByTarget: boolean;
}

/** `WHEN [NOT] MATCHED [BY …] [AND condition] THEN …` */
export interface MergeWhen {
  readonly match: "matched" | "not-matched-by-source" | "not-matched-by-target";
  readonly condition: Expression | null;
  readonly action: MergeAction;
}

export type MergeAction =
  | { readonly kind: "nothing" }
  | { readonly kind: "delete" }
  | { readonly kind: "update"; readonly assignments: UpdateQuery["assignments"] }
  | {
      readonly kind: "insert";
      /** Empty when no column list is written. */
      readonly columns: readonly Identifier[];
      /** Whether an element or a field of a column is assigned. */
      readonly hasParts: boolean;
      readonly overriding: InsertQuery["overriding"];
      /** null for `DEFAULT VALUES`. */
      readonly values: readonly Expression[] | null;
    };

/** `RETURNING WITH (OLD AS o, NEW AS n)`: what the row before and the row after are called instead of `old` and `new`. */
export interface RowNames {
  readonly old: string;
  readonly new: string;
}

export type FromItem =
  | {
      readonly kind: "relation";
      readonly relation: RelationName;
      readonly alias: string | null;
      readonly columnAliases: readonly string[];
      readonly range: TextRange;
    }
  | {
      readonly kind: "join";
      readonly type: "inner" | "left" | "right" | "full" | "cross";
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on: Expression | null;
      readonly using: readonly string[];
      readonly natural: boolean;
      /** Of the whole, `(a JOIN b …) AS j`, or of what USING merges. */
      readonly alias?: string | undefined;
      /** `(a JOIN b …) AS j (x, y)` */
      readonly columnAliases?: readonly string[] | undefined;
      /** Whether the alias is that of what USING merges: `a JOIN b USING (x) AS j`. */
      readonly aliasOfUsing?: true | undefined;
      readonly range: TextRange;
    }
  | {
      readonly kind: "subquery";
      readonly query: SelectQuery;
      readonly alias: string | null;
      readonly columnAliases: readonly string[];
      readonly lateral: boolean;
      readonly range: TextRange;
    }
  | {
      readonly kind: "function";
      readonly calls: readonly Expression[];
      /** `WITH ORDINALITY`: a last column that counts the rows. */
      readonly ordinality: boolean;
      readonly alias: string | null;
      readonly columnAliases: readonly string[];
      readonly range: TextRange;
    }
  /** XMLTABLE, JSON_TABLE, … */
  | { readonly kind: "other"; readonly alias: string | null; readonly range: TextRange };
