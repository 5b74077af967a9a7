/** What the planner plans as one: a query with the subqueries merged into it, as levels of tables and conditions. */

import type { Expression } from "../syntax/expression.ts";
import type { SelectQuery } from "../syntax/query.ts";
import type { Clause } from "./clause.ts";
import type { OutputColumn, TableMention, TypedColumn } from "./query-level.ts";
import type { Scope } from "./scope.ts";

/** A condition as written, with what its names stand for, or one that the planner makes. */
export type Condition = { readonly expression: Expression; readonly scope: Scope } | { readonly clause: Clause };

/**
 * A part of a block within which conditions hold for all rows: inner and semi joins are one part, the nullable side of an
 * outer join is another, since conditions above it do not filter its rows.
 */
export interface QualLevel {
  readonly items: LevelItem[];
  readonly conditions: Condition[];
  readonly outerJoins: OuterJoin[];
  /** Subqueries in the conditions, which are planned by themselves. */
  readonly subplans: Subplan[];
}

export interface Subplan {
  readonly block: Block;
  /** Whether it runs once, before the rest: PostgreSQL's InitPlan, which a plan has even where nobody needs it. */
  readonly runsFirst: () => boolean;
}

export type LevelItem =
  | { readonly kind: "table"; readonly mention: TableMention }
  /** A subquery that is planned by itself; conditions on its columns may go into it. */
  | { readonly kind: "subquery"; readonly reference: number; readonly block: Block }
  /** A function, a common table expression that is computed by itself, rows of VALUES, a column that an outer join may null. */
  | { readonly kind: "other"; readonly reference: number };

export type OuterJoin =
  /** `anti`: NOT EXISTS, whose rows nobody sees. */
  | { readonly type: "left" | "anti"; readonly right: QualLevel; readonly on: readonly Condition[] }
  | {
      readonly type: "full";
      readonly left: QualLevel;
      readonly right: QualLevel;
      readonly on: readonly Condition[];
    };

export type Block =
  | {
      readonly kind: "select";
      /** null for INSERT, UPDATE, DELETE and MERGE. */
      readonly query: SelectQuery | null;
      readonly level: QualLevel;
      /** What names in its expressions stand for. */
      readonly scope: Scope;
      /** null where some are not known. */
      readonly outputs: readonly OutputColumn[] | null;
      /** Expressions beside the outputs and the conditions whose columns the block needs. */
      readonly uses: readonly Condition[];
      /** Whether conditions may hold that nobody sees: those of a view whose query is not known. */
      readonly incomplete?: true | undefined;
    }
  | {
      readonly kind: "set-operation";
      readonly query: SelectQuery;
      readonly arms: readonly Block[];
      /** Whether each arm is a member of one scan: UNION ALL of the same types, without more. */
      readonly append: boolean;
      readonly columns: readonly SetColumn[] | null;
    };

/** A column of a set operation. */
export interface SetColumn extends TypedColumn {
  /** Whether some arm gives it in another type, under a cast that conditions do not pass. */
  readonly converted: boolean;
}

export function emptyLevel(): QualLevel {
  return { items: [], conditions: [], outerJoins: [], subplans: [] };
}

/** The references of a level itself, without those behind outer joins. */
export function ownReferences(level: QualLevel): ReadonlySet<number> {
  return new Set(level.items.map(referenceOf));
}

/** The references of a level and of those behind its outer joins. */
export function referencesBelow(level: QualLevel): ReadonlySet<number> {
  const all = new Set<number>();
  const visit = (one: QualLevel): void => {
    for (const item of one.items) all.add(referenceOf(item));
    for (const join of one.outerJoins) for (const side of sidesOf(join)) visit(side);
  };
  visit(level);
  return all;
}

export function sidesOf(join: OuterJoin): readonly QualLevel[] {
  return join.type === "full" ? [join.left, join.right] : [join.right];
}

export function referenceOf(item: LevelItem): number {
  return item.kind === "table" ? item.mention.reference : item.reference;
}
