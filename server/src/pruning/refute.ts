/** Proves that conditions contradict each other, by the rules of PostgreSQL's predtest.c. */

import type { ValueContext } from "../catalog/values/result.ts";
import { type Clause, type Comparison, type ComparisonOperator, clauseKey, commuteOperator } from "./clause.ts";
import { satisfies } from "./datum-order.ts";
import { operatorFamily } from "./equivalence.ts";
import { exactKey, type Operand } from "./operand.ts";

/**
 * Whether rows that fulfil all `clauses` cannot fulfil `predicate`. `weak`: the predicate is proven false or NULL, which is
 * enough for a WHERE condition; else it is proven false, which a CHECK constraint needs, since NULL passes it. All must be
 * immutable.
 */
export function refutes(
  clauses: readonly Clause[],
  predicate: readonly Clause[],
  weak: boolean,
  context: ProofContext,
): boolean {
  if (clauses.length === 0 || predicate.length === 0) return false;
  return refutesTree(asList(clauses), asList(predicate), weak, context);
}

export interface ProofContext {
  readonly values: ValueContext;
  /** Told when a proof failed because two constants could not be compared: PostgreSQL may succeed. */
  readonly undecided: () => void;
}

/**
 * Whether `predicate` holds for rows that fulfil all `clauses`. `weak`: where the clauses are true or NULL the predicate is
 * true or NULL, as for CHECK constraints; else where they are true it is true.
 */
export function implies(
  clauses: readonly Clause[],
  predicate: readonly Clause[],
  weak: boolean,
  context: ProofContext,
): boolean {
  if (predicate.length === 0) return true;
  return clauses.length > 0 && impliesTree(asList(clauses), asList(predicate), weak, context);
}

function asList(clauses: readonly Clause[]): Clause {
  const [first] = clauses;
  if (first !== undefined && clauses.length === 1) return first;
  return { kind: "and", items: clauses, range: first?.range ?? { start: 0, end: 0 } };
}

type Shape =
  | { readonly kind: "atom" }
  | { readonly kind: "and"; readonly items: readonly Clause[] }
  | { readonly kind: "or"; readonly items: readonly Clause[] };

/** Longer arrays are not taken apart: `MAX_SAOP_ARRAY_SIZE`. */
export const longestArray = 100;

function shapeOf(clause: Clause): Shape {
  if (clause.kind === "and" || clause.kind === "or") return { kind: clause.kind, items: clause.items };
  if (clause.kind === "array-comparison" && clause.array !== "unknown" && clause.elements.length <= longestArray)
    return { kind: clause.all ? "and" : "or", items: clause.elements };
  return { kind: "atom" };
}

function impliesTree(clause: Clause, predicate: Clause, weak: boolean, context: ProofContext): boolean {
  const [a, b] = [shapeOf(clause), shapeOf(predicate)];
  const implies = (one: Clause, other: Clause): boolean => impliesTree(one, other, weak, context);
  if (a.kind === "or") {
    if (b.kind === "or") return a.items.every((item) => b.items.some((other) => implies(item, other)));
    return a.items.every((item) => implies(item, predicate));
  }
  if (b.kind === "and") return b.items.every((item) => implies(clause, item));
  if (b.kind === "or" && b.items.some((item) => implies(clause, item))) return true;
  if (a.kind === "and") return a.items.some((item) => implies(item, predicate));
  return b.kind === "or" ? false : impliesAtom(clause, predicate, weak, context);
}

function refutesTree(clause: Clause, predicate: Clause, weak: boolean, context: ProofContext): boolean {
  const [a, b] = [shapeOf(clause), shapeOf(predicate)];
  const refutesOne = (one: Clause, other: Clause): boolean => refutesTree(one, other, weak, context);
  if (a.kind === "atom") {
    const negated = negatedStrongly(clause);
    if (negated !== null && impliesTree(predicate, negated, !weak, context)) return true;
  }
  if (b.kind === "or") return b.items.every((item) => refutesOne(clause, item));
  if (b.kind === "atom") {
    const negated = negatedArgument(predicate);
    if (negated !== null && impliesTree(clause, negated, false, context)) return true;
    if (a.kind === "and") return a.items.some((item) => refutesOne(item, predicate));
    if (a.kind === "or") return a.items.every((item) => refutesOne(item, predicate));
    return refutesAtom(clause, predicate, weak, context);
  }
  if (a.kind === "or") return a.items.every((item) => b.items.some((other) => refutesOne(item, other)));
  if (b.items.some((item) => refutesOne(clause, item))) return true;
  return a.kind === "and" && a.items.some((item) => refutesOne(item, predicate));
}

function impliesAtom(clause: Clause, predicate: Clause, weak: boolean, context: ProofContext): boolean {
  if (clauseKey(clause) === clauseKey(predicate)) return true;
  if (predicate.kind === "boolean" && clause.kind === "comparison" && clause.operator === "=") {
    const value = clause.right.kind === "constant" ? clause.right.value : null;
    const isSame = exactKey(clause.left) === exactKey(predicate.operand);
    if (value?.family === "boolean" && isSame && value.value !== predicate.negated) return true;
  }
  if (predicate.kind === "null-test" && predicate.negated && !weak && isStrictFor(clause, predicate.operand))
    return true;
  return operatorProof(predicate, clause, false, weak, context);
}

function refutesAtom(clause: Clause, predicate: Clause, weak: boolean, context: ProofContext): boolean {
  if (clause === predicate) return false;
  if (clause.kind === "null-test" && !clause.negated) {
    if (predicate.kind === "null-test" && predicate.negated && exactKey(predicate.operand) === exactKey(clause.operand))
      return true;
    return weak && isStrictFor(predicate, clause.operand);
  }
  if (predicate.kind === "null-test") {
    if (predicate.negated) return false;
    if (clause.kind === "null-test" && clause.negated && exactKey(clause.operand) === exactKey(predicate.operand))
      return true;
    return isStrictFor(clause, predicate.operand);
  }
  return operatorProof(predicate, clause, true, weak, context);
}

/** What a clause says is not true, if that is all it says. */
function negatedArgument(clause: Clause): Clause | null {
  const strong = negatedStrongly(clause);
  if (strong !== null || clause.kind !== "boolean-test") return strong;
  const saysNotTrue = clause.value === "true" ? clause.negated : clause.value === "unknown" && !clause.negated;
  return saysNotTrue ? { kind: "boolean", operand: clause.operand, negated: false, range: clause.range } : null;
}

/** What a clause says is false. */
function negatedStrongly(clause: Clause): Clause | null {
  if (clause.kind === "opaque") return clause.negated ? { ...clause, negated: false } : null;
  const says =
    (clause.kind === "boolean" && clause.negated) ||
    (clause.kind === "boolean-test" && clause.value === "false" && !clause.negated);
  if (!says || (clause.kind !== "boolean" && clause.kind !== "boolean-test")) return null;
  return { kind: "boolean", operand: clause.operand, negated: false, range: clause.range };
}

/** Whether the clause is not true where the operand is NULL. */
function isStrictFor(clause: Clause, operand: Operand): boolean {
  switch (clause.kind) {
    case "comparison":
      return operandIsStrictFor(clause.left, operand) || operandIsStrictFor(clause.right, operand);
    case "array-comparison":
      return operandIsStrictFor(clause.left, operand) && (!clause.all || clause.elements.length > 0);
    case "boolean":
      return !clause.negated && operandIsStrictFor(clause.operand, operand);
    case "opaque":
      return clause.strictFor.some((part) => operandIsStrictFor(part, operand));
    case "constant":
    case "and":
    case "or":
    case "null-test":
    case "boolean-test":
      return false;
  }
}

function operandIsStrictFor(operand: Operand, part: Operand): boolean {
  if (operand.key === part.key) return true;
  if (operand.kind === "constant") return operand.value === null;
  return operand.kind === "expression" && operand.strictFor.some((inner) => operandIsStrictFor(inner, part));
}

/** What two comparisons of the same expression say of each other. */
function operatorProof(
  predicate: Clause,
  clause: Clause,
  refute: boolean,
  weak: boolean,
  context: ProofContext,
): boolean {
  if (predicate.kind !== "comparison" || clause.kind !== "comparison") return false;
  if (predicate.types === null || clause.types === null || predicate.collation !== clause.collation) return false;
  const flipped =
    exactKey(predicate.left) === exactKey(clause.left) || exactKey(predicate.right) === exactKey(clause.right)
      ? clause
      : commuted(clause);
  const [p, c] =
    exactKey(predicate.left) === exactKey(flipped.left)
      ? [predicate, flipped]
      : [commuted(predicate), commuted(flipped)];
  if (exactKey(p.left) !== exactKey(c.left) || p.types === null || c.types === null) return false;
  const hasSameOperands = exactKey(p.right) === exactKey(c.right);
  if (!hasSameOperands && (p.right.kind !== "constant" || c.right.kind !== "constant")) return false;
  // Of thousands of conditions each is held against each, and most operators say nothing of each other.
  const test = (refute ? refuteTests : implyTests)[c.operator][p.operator];
  if (!hasSameOperands && test === undefined && !hasNull(p.right) && !hasNull(c.right)) return false;
  // Operators of different families, such as those of text and of char(n), say nothing of each other.
  const family = familyOf(p.types);
  if (family === null || family !== familyOf(c.types)) return false;
  if (hasSameOperands) return (refute ? sameOperandsRefute : sameOperandsImply)[c.operator].includes(p.operator);
  if (p.right.kind !== "constant" || c.right.kind !== "constant") return false;
  if (c.right.value === null) return !(weak && !refute) || p.right.value === null;
  if (p.right.value === null) return weak && refute;
  if (test === undefined) return false;
  // A comparison that depends on the time zone proves nothing at plan time.
  if (
    isZoned(p.types.right.kind === "base" ? p.types.right.name : "") !==
    isZoned(c.types.right.kind === "base" ? c.types.right.name : "")
  )
    return false;
  const proven = satisfies(
    test,
    { value: p.right.value, type: p.types.right },
    { value: c.right.value, type: c.types.right },
    p.collation,
    context.values,
  );
  if (proven === null) context.undecided();
  return proven === true;
}

function hasNull(operand: Operand): boolean {
  return operand.kind === "constant" && operand.value === null;
}

type ComparedTypes = NonNullable<Comparison["types"]>;

/** That of a comparison's operator, remembered with the types, which all comparisons of an expression share. */
function familyOf(types: ComparedTypes): string | null {
  let known = families.get(types);
  if (known === undefined) {
    known = operatorFamily(types.left, types.right, null);
    families.set(types, known);
  }
  return known;
}

const families = new WeakMap<ComparedTypes, string | null>();

function isZoned(type: string): boolean {
  return type === "timestamptz";
}

function commuted(comparison: Comparison): Comparison {
  const { left, right, types } = comparison;
  return {
    ...comparison,
    operator: commuteOperator(comparison.operator),
    left: right,
    right: left,
    types: types === null ? null : { left: types.right, right: types.left },
  };
}

type Table<T> = Readonly<Record<ComparisonOperator, T>>;

/** `x clause y` → the operators `op` for which `x op y` follows, or is impossible. */
const sameOperandsImply: Table<readonly ComparisonOperator[]> = {
  "<": ["<", "<=", "<>"],
  "<=": ["<="],
  "=": ["<=", "=", ">="],
  ">=": [">="],
  ">": [">=", ">", "<>"],
  "<>": ["<>"],
};
const sameOperandsRefute: Table<readonly ComparisonOperator[]> = {
  "<": ["=", ">=", ">"],
  "<=": [">"],
  "=": ["<", ">", "<>"],
  ">=": ["<"],
  ">": ["<", "<=", "="],
  "<>": ["="],
};

/** `x clause c` and `x predicate p`: the test `p test c` that proves the predicate, or disproves it. */
const implyTests: Table<Partial<Table<ComparisonOperator>>> = {
  "<": { "<": ">=", "<=": ">=", "<>": ">=" },
  "<=": { "<": ">", "<=": ">=", "<>": ">" },
  "=": { "<": ">", "<=": ">=", "=": "=", ">=": "<=", ">": "<", "<>": "<>" },
  ">=": { ">=": "<=", ">": "<", "<>": "<" },
  ">": { ">=": "<=", ">": "<=", "<>": "<=" },
  "<>": { "<>": "=" },
};
const refuteTests: Table<Partial<Table<ComparisonOperator>>> = {
  "<": { "=": ">=", ">=": ">=", ">": ">=" },
  "<=": { "=": ">", ">=": ">", ">": ">=" },
  "=": { "<": "<=", "<=": "<", "=": "<>", ">=": ">", ">": ">=", "<>": "=" },
  ">=": { "<": "<=", "<=": "<", "=": "<" },
  ">": { "<": "<=", "<=": "<=", "=": "<=" },
  "<>": { "=": "=" },
};
