/** What equalities imply together, as the planner's equivalence classes find it: `a = b AND b = 5` says `a = 5`. */

import type { DataType } from "../catalog/data-type.ts";
import { defaultOperatorClass, operatorClass } from "../catalog/values/builtins.ts";
import type { TextRange } from "../text/range.ts";
import { type Clause, type Comparison, columnsOf, operandColumns } from "./clause.ts";
import { comparisonOf, foldComparison } from "./comparison.ts";
import { exactKey, type Operand } from "./operand.ts";
import type { Scope } from "./scope.ts";

/** Operands that are equal in all rows. */
export interface EquivalenceClass {
  /** Equal operands of one class are of one operator family and one collation. */
  readonly family: string;
  readonly members: Operand[];
  readonly sources: Comparison[];
}

/**
 * Takes conditions that all hold and gives conditions that all hold: equalities are replaced by what follows from them. A
 * constant false among them means that no row fulfils all.
 */
export function withEquivalences(
  clauses: readonly Clause[],
  scope: Scope,
): { readonly clauses: readonly Clause[]; readonly classes: readonly EquivalenceClass[] } {
  const classes = new Set<EquivalenceClass>();
  const byMember: ClassesByMember = new Map();
  const result: Clause[] = [];
  for (const clause of clauses) {
    if (clause.kind !== "comparison" || !isMergeable(clause)) result.push(clause);
    // `k = k` only says that k is not NULL.
    else if (exactKey(clause.left) === exactKey(clause.right))
      result.push({ kind: "null-test", operand: clause.left, negated: true, range: clause.range });
    else addEquality(classes, byMember, clause);
  }
  const implications = [...classes].flatMap((equivalence) => implied(equivalence, scope));
  return { clauses: result.concat(implications), classes: [...classes] };
}

function isMergeable(clause: Comparison): boolean {
  if (clause.operator !== "=" || clause.types === null || clause.collation === "conflict") return false;
  return [clause.left, clause.right].every(
    (operand) =>
      !(operand.kind === "run-time" && operand.cause === "volatile") &&
      !(operand.kind === "expression" && (operand.volatility === "volatile" || operand.volatility === "unknown")),
  );
}

/** The class that each operand belongs to within a family. */
type ClassesByMember = Map<string, EquivalenceClass>;

function addEquality(classes: Set<EquivalenceClass>, byMember: ClassesByMember, clause: Comparison): void {
  const { types } = clause;
  const family = `${types === null ? null : operatorFamily(types.left, types.right, null)} ${clause.collation}`;
  const keyOf = (operand: Operand): string => `${family}\0${exactKey(operand)}`;
  const [left, right] = [byMember.get(keyOf(clause.left)), byMember.get(keyOf(clause.right))];
  const target: EquivalenceClass = left ?? right ?? { family, members: [], sources: [] };
  classes.add(target);
  const join = (operand: Operand): void => {
    const key = keyOf(operand);
    if (byMember.get(key) !== target) target.members.push(operand);
    byMember.set(key, target);
  };
  if (left !== undefined && right !== undefined && left !== right) {
    for (const member of right.members) join(member);
    for (const source of right.sources) left.sources.push(source);
    classes.delete(right);
  }
  join(clause.left);
  join(clause.right);
  target.sources.push(clause);
}

/**
 * A name for the operator family of a comparison of these types; null where there is none. Hash operator families hold fewer
 * mixed pairs than btree ones.
 */
export function operatorFamily(
  left: DataType,
  right: DataType,
  strategy: "range" | "list" | "hash" | null,
): string | null {
  const method = strategy === "hash" ? "hash" : "btree";
  const [family, other] = [typeFamily(left, method), typeFamily(right, method)];
  return family === other ? family : null;
}

/** The operator family of a type's own operators. Types of one family are compared with each other, in most families. */
function typeFamily(type: DataType, method: "btree" | "hash"): string | null {
  switch (type.kind) {
    case "unknown":
      return null;
    case "composite":
    case "enum":
    case "array":
      return type.kind;
    case "domain":
      return typeFamily(type.base, method);
    case "base": {
      const own = defaultOperatorClass(method, type);
      if (own === undefined || own === null) return null;
      return operatorClass(method, own)?.family ?? own;
    }
  }
}

function implied(equivalence: EquivalenceClass, scope: Scope): readonly Clause[] {
  const { members, sources } = equivalence;
  const withoutColumns = members.filter((member) => operandColumns(member).length === 0);
  const constant = withoutColumns.find(({ kind }) => kind === "constant") ?? withoutColumns[0];
  if (constant === undefined || (members.length === 2 && sources.length === 1)) return sources;
  const ranges = new Map<string, TextRange>();
  for (const { left, right, range } of sources) {
    for (const key of [exactKey(left), exactKey(right)]) if (!ranges.has(key)) ranges.set(key, range);
  }
  return members
    .filter((member) => member !== constant)
    .map((member) => {
      const range = ranges.get(exactKey(member)) ?? member.range;
      return foldComparison(comparisonOf("=", member, constant, scope, range), scope.context);
    })
    .filter((clause) => clause.kind === "constant" || columnsOf(clause).length > 0);
}
