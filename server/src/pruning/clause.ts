/** Conditions as PostgreSQL's planner sees them after simplification: NOT pushed down, constants folded, AND and OR flat. */

import type { DataType } from "../catalog/data-type.ts";
import type { Expression } from "../syntax/expression.ts";
import type { TextRange } from "../text/range.ts";
import { exactKey, type Operand } from "./operand.ts";
import type { ColumnOfReference, Scope } from "./scope.ts";

export type ComparisonOperator = "<" | "<=" | "=" | ">=" | ">" | "<>";

/** `left operator right`; both sides are already under the casts that PostgreSQL puts there. */
export interface Comparison {
  readonly kind: "comparison";
  readonly operator: ComparisonOperator;
  readonly left: Operand;
  readonly right: Operand;
  /** The types that the operator takes; null where we cannot tell which operator it is. */
  readonly types: { readonly left: DataType; readonly right: DataType } | null;
  /** Whether the operator itself depends on the session: a date against a `timestamptz`. */
  readonly stable: boolean;
  /** The collation by which it compares; `conflict` where PostgreSQL cannot decide; null for types without one. */
  readonly collation: string | null;
  readonly range: TextRange;
}

export type Clause =
  /** NULL counts as false: a condition that is not true keeps no row. */
  | { readonly kind: "constant"; readonly value: boolean; readonly range: TextRange }
  | { readonly kind: "and"; readonly items: readonly Clause[]; readonly range: TextRange }
  | { readonly kind: "or"; readonly items: readonly Clause[]; readonly range: TextRange }
  | Comparison
  /** `left operator ANY (array)` or ALL. */
  | {
      readonly kind: "array-comparison";
      readonly left: Operand;
      /** One for each element; empty where the array is not written out. */
      readonly elements: readonly Comparison[];
      readonly all: boolean;
      /** `constant` is one value to the planner, `list` an ARRAY[…] of which some elements are not, `unknown` anything else. */
      readonly array: "constant" | "list" | "unknown";
      readonly operand: Operand;
      readonly range: TextRange;
    }
  | { readonly kind: "null-test"; readonly operand: Operand; readonly negated: boolean; readonly range: TextRange }
  | {
      readonly kind: "boolean-test";
      readonly operand: Operand;
      readonly value: "true" | "false" | "unknown";
      readonly negated: boolean;
      readonly range: TextRange;
    }
  /** A boolean column or expression by itself, or `NOT` before it. */
  | { readonly kind: "boolean"; readonly operand: Operand; readonly negated: boolean; readonly range: TextRange }
  /** Anything that neither prunes nor contradicts. */
  | {
      readonly kind: "opaque";
      /** The key of what it says, or says is not so. */
      readonly key: string;
      readonly negated: boolean;
      /** `contained`: in a range, of whose ends the planner of 17 and later makes comparisons. */
      readonly why: "row-comparison" | "subquery" | "volatile" | "contained" | "unknown" | "other";
      readonly columns: readonly ColumnOfReference[];
      readonly strictFor: readonly Operand[];
      readonly volatility: "immutable" | "stable" | "volatile" | "unknown";
      /** What it was read from. */
      readonly source?:
        | { readonly expression: Expression; readonly scope: Scope; readonly negated: boolean }
        | undefined;
      readonly range: TextRange;
    };

export function constantClause(value: boolean, range: TextRange): Clause {
  return { kind: "constant", value, range };
}

/** ANDs or ORs clauses: flat, without what decides nothing, and a constant where one decides all. */
export function combine(kind: "and" | "or", clauses: readonly Clause[], range: TextRange): Clause {
  const decisive = kind === "or";
  const items: Clause[] = [];
  for (const clause of clauses) {
    if (clause.kind === "constant") {
      if (clause.value === decisive) return constantClause(decisive, range);
    } else if (clause.kind === kind) for (const item of clause.items) items.push(item);
    else items.push(clause);
  }
  const [only] = items;
  if (only === undefined) return constantClause(!decisive, range);
  if (items.length === 1) return only;
  return kind === "or" ? liftCommon(items, range) : { kind, items, range };
}

/** `(a AND b) OR (a AND c)` as `a AND (b OR c)`: PostgreSQL's `find_duplicate_ors`. */
function liftCommon(arms: readonly Clause[], range: TextRange): Clause {
  const armItems = arms.map((arm) => (arm.kind === "and" ? arm.items : [arm]));
  const shortest = armItems.reduce((a, b) => (b.length < a.length ? b : a));
  const winners = new Map<string, Clause>();
  for (const item of shortest) {
    const key = clauseKey(item);
    if (armItems.every((items) => items.some((other) => clauseKey(other) === key))) winners.set(key, item);
  }
  if (winners.size === 0) return { kind: "or", items: arms, range };
  const rests = armItems.map((items) => items.filter((item) => !winners.has(clauseKey(item))));
  const common = [...winners.values()];
  if (rests.some((rest) => rest.length === 0)) return combine("and", common, range);
  const rest = combine(
    "or",
    rests.map((items) => combine("and", items, range)),
    range,
  );
  return combine("and", [...common, rest], range);
}

/** The conditions that all hold when the clause does. */
export function conjunctsOf(clause: Clause): readonly Clause[] {
  if (clause.kind === "and") return clause.items;
  return clause.kind === "constant" && clause.value ? [] : [clause];
}

/** The same for clauses that PostgreSQL's `equal()` takes for the same. */
export function clauseKey(clause: Clause): string {
  switch (clause.kind) {
    case "constant":
      return String(clause.value);
    case "and":
    case "or":
      return `${clause.kind}(${clause.items.map(clauseKey).join(", ")})`;
    case "comparison":
      return `${exactKey(clause.left)} ${clause.operator} ${exactKey(clause.right)} ${clause.collation}`;
    case "array-comparison": {
      const elements = clause.elements.map(clauseKey).join(", ");
      return `${clause.all ? "all" : "any"}(${exactKey(clause.left)}, ${exactKey(clause.operand)}, ${elements})`;
    }
    case "null-test":
      return `null(${exactKey(clause.operand)}, ${clause.negated})`;
    case "boolean-test":
      return `is ${clause.negated} ${clause.value}(${exactKey(clause.operand)})`;
    case "boolean":
      return `${clause.negated ? "not " : ""}${exactKey(clause.operand)}`;
    case "opaque":
      return `${clause.negated ? "not " : ""}${clause.key}`;
  }
}

/** The columns that a clause reads. */
export function columnsOf(clause: Clause): readonly ColumnOfReference[] {
  switch (clause.kind) {
    case "constant":
      return [];
    case "and":
    case "or":
      return clause.items.flatMap(columnsOf);
    case "comparison":
      return [...operandColumns(clause.left), ...operandColumns(clause.right)];
    case "array-comparison":
      return [...operandColumns(clause.left), ...clause.elements.flatMap(({ right }) => operandColumns(right))];
    case "null-test":
    case "boolean-test":
    case "boolean":
      return operandColumns(clause.operand);
    case "opaque":
      return clause.columns;
  }
}

export function operandColumns(operand: Operand): readonly ColumnOfReference[] {
  switch (operand.kind) {
    case "column":
      return [operand.column];
    case "expression":
      return operand.columns;
    case "constant":
    case "run-time":
      return [];
  }
}

/** Whether the clause contains nothing whose value may change between planning and execution. */
export function isImmutable(clause: Clause): boolean {
  switch (clause.kind) {
    case "constant":
      return true;
    case "and":
    case "or":
      return clause.items.every(isImmutable);
    case "comparison":
      return (
        clause.types !== null && !clause.stable && isImmutableOperand(clause.left) && isImmutableOperand(clause.right)
      );
    case "array-comparison":
      return clause.array !== "unknown" && isImmutableOperand(clause.left) && clause.elements.every(isImmutable);
    case "null-test":
    case "boolean-test":
    case "boolean":
      return isImmutableOperand(clause.operand);
    case "opaque":
      return clause.volatility === "immutable";
  }
}

export function isImmutableOperand(operand: Operand): boolean {
  switch (operand.kind) {
    case "constant":
    case "column":
      return true;
    case "run-time":
      // A parameter is no function; what cannot be evaluated may be one.
      return operand.cause === "parameter" || operand.cause === "execution";
    case "expression":
      return operand.volatility === "immutable";
  }
}

/** The opposite operator: `NOT (a < b)` is `a >= b`. */
export function negateOperator(operator: ComparisonOperator): ComparisonOperator {
  return negators[operator];
}

/** The operator with its sides exchanged: `a < b` is `b > a`. */
export function commuteOperator(operator: ComparisonOperator): ComparisonOperator {
  return commutators[operator];
}

const negators = { "<": ">=", "<=": ">", "=": "<>", ">=": "<", ">": "<=", "<>": "=" } as const;
const commutators = { "<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<", "<>": "<>" } as const;

export function isComparisonOperator(operator: string): operator is ComparisonOperator {
  return operator in negators;
}
