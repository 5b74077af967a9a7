/** Which partitions pg_pathman's planner leaves of a table that it has divided: conditions walked as it walks them. */

import type { Catalog } from "../catalog/catalog.ts";
import { relationById } from "../catalog/catalog.ts";
import type { Relation, RelationId } from "../catalog/relation.ts";
import type { PostgresVersion } from "../effects/outcome.ts";
import { childrenOf } from "../effects/relations/descendants.ts";
import { type ComparisonSign, type Division, divisionOf, isOff } from "../schemes/pathman/division.ts";
import { type Clause, type Comparison, commuteOperator } from "./clause.ts";
import { type Operand, operandOf } from "./operand.ts";
import type { Scope } from "./scope.ts";

/** What pg_pathman looks at of a mention of a table. */
export interface DividedMention {
  readonly relation: Relation;
  /** UPDATE, DELETE and MERGE. */
  readonly writes: boolean;
  readonly clauses: readonly Clause[];
  readonly scope: Scope;
}

export interface PathmanMembers {
  readonly partitions: readonly Relation[];
  /** Whether the parent is read too. */
  readonly readsParent: boolean;
  /** Some condition compares the key with what is known only while the statement runs. */
  readonly execution: boolean;
  /** Something about the key could not be decided. */
  readonly uncertain: boolean;
}

interface Notes {
  execution: boolean;
  uncertain: boolean;
}

/** null where PostgreSQL plans for the table by itself. */
export function pathmanMembers(catalog: Catalog, input: DividedMention): PathmanMembers | null {
  const { relation, scope, writes } = input;
  if (catalog.pathman === undefined) return null;
  const division = divisionOf(catalog, relation, scope.context.version as PostgresVersion);
  if (division === "postgres") return null;
  if (division === "unknown") {
    const partitions = childrenOf(catalog, relation);
    return { partitions, readsParent: true, execution: false, uncertain: true };
  }
  const notes: Notes = { execution: false, uncertain: false };
  const range = { start: 0, end: 0 };
  const key = operandOf({ kind: "column", names: [division.column], star: false, range }, scope).key;
  const left = input.clauses.map((clause) => leftBy(clause, { division, key, notes })).reduce(both, "all");
  const ids = left === "all" ? division.children : division.children.filter((id) => left.has(id));
  // UPDATE and DELETE become those of the one partition that is left; of several PostgreSQL's own planner takes care.
  if (writes && (ids.length !== 1 || division.readsParent || division.isFirst)) return null;
  const partitions = ids.flatMap((id) => relationById(catalog, id) ?? []);
  const isAtRunTime = notes.execution && ids.length > 1 && !isOff(catalog, "pg_pathman.enable_runtimeappend");
  return {
    partitions,
    readsParent: division.readsParent,
    execution: isAtRunTime,
    uncertain: notes.uncertain,
  };
}

/** Whether pg_pathman plans for the table, and for what kind of partitions. */
export function pathmanKey(
  catalog: Catalog,
  input: DividedMention,
): { readonly kind: Division["kind"]; readonly column: string; readonly key: string } | null {
  if (catalog.pathman === undefined) return null;
  const division = divisionOf(catalog, input.relation, input.scope.context.version as PostgresVersion);
  if (typeof division === "string") return null;
  const range = { start: 0, end: 0 };
  const { key } = operandOf({ kind: "column", names: [division.column], star: false, range }, input.scope);
  return { kind: division.kind, column: division.column, key };
}

type Left = ReadonlySet<RelationId> | "all";

interface Walk {
  readonly division: Division;
  /** The key as the conditions spell it. */
  readonly key: string;
  readonly notes: Notes;
}

/** `walk_expr_tree` */
function leftBy(clause: Clause, walk: Walk): Left {
  switch (clause.kind) {
    case "constant":
      return clause.value ? "all" : new Set();
    case "and":
      return clause.items.map((item) => leftBy(item, walk)).reduce(both, "all");
    case "or":
      return clause.items.map((item) => leftBy(item, walk)).reduce(either, new Set<RelationId>());
    case "comparison":
      return leftByComparison(clause, walk);
    case "array-comparison": {
      if (clause.left.key !== walk.key) return "all";
      if (clause.array === "unknown") {
        walk.notes.execution ||= isRunTime(clause.operand);
        walk.notes.uncertain ||= clause.operand.kind !== "run-time";
        return "all";
      }
      const parts = clause.elements.map((element) => leftByComparison(element, walk));
      return clause.all ? parts.reduce(both, "all") : parts.reduce(either, new Set<RelationId>());
    }
    default:
      return "all";
  }
}

function leftByComparison(clause: Comparison, { division, key, notes }: Walk): Left {
  const onLeft = clause.left.key === key;
  if (!onLeft && clause.right.key !== key) return "all";
  const operator = onLeft ? clause.operator : commuteOperator(clause.operator);
  const other = onLeft ? clause.right : clause.left;
  if (other.kind !== "constant") {
    notes.execution ||= isRunTime(other);
    return "all";
  }
  if (operator === "<>") return "all";
  const type = onLeft ? clause.types?.right : clause.types?.left;
  if (other.value === null) return new Set();
  const left =
    type == null || clause.stable
      ? null
      : division.left(operator satisfies ComparisonSign, { value: other.value, type });
  if (left === null) notes.uncertain = true;
  return left ?? "all";
}

/** A column of another table, a parameter, or the value of a subquery: what RuntimeAppend waits for. */
function isRunTime(operand: Operand): boolean {
  if (operand.kind === "column") return true;
  return operand.kind === "run-time" && (operand.cause === "execution" || operand.cause === "parameter");
}

function both(one: Left, other: Left): Left {
  if (one === "all") return other;
  if (other === "all") return one;
  return new Set([...one].filter((id) => other.has(id)));
}

function either(one: Left, other: Left): Left {
  return one === "all" || other === "all" ? "all" : new Set([...one, ...other]);
}
