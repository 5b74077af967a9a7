/** The two forms of CHECK constraint that pg_pathman reads, and near misses brought into them. */

import type { DataType } from "../../catalog/data-type.ts";
import { baseType } from "../../catalog/values/types.ts";
import type { Expression } from "../../syntax/expression.ts";

export type PathmanForm =
  /** `inOrder`: `>=` first, then `<`. */
  | { readonly kind: "range"; readonly column: string; readonly inOrder: boolean }
  | { readonly kind: "hash"; readonly column: string }
  | { readonly kind: "other"; readonly problem: string };

/** Which form a CHECK has; for `other`, what is wrong with it in a few words. */
export function formOf(expression: Expression): PathmanForm {
  const hash = hashForm(expression);
  if (hash !== null) return hash;
  if (expression.kind === "between") return other("BETWEEN includes its upper end");
  if (expression.kind !== "and" || expression.operands.length !== 2)
    return other("its CHECK is no AND of exactly two comparisons");
  const sides = expression.operands.map(sideOf);
  const wrong = sides.find((side) => side.kind === "wrong");
  if (wrong?.kind === "wrong") return other(wrong.problem);
  const [first, second] = sides.flatMap((side) => (side.kind === "side" ? [side] : []));
  if (first === undefined || second === undefined) return other("its CHECK cannot be read");
  if (first.column !== second.column) return other("the comparisons are on two columns");
  const operators = `${first.operator} ${second.operator}`;
  if (operators !== ">= <" && operators !== "< >=") return other("it needs one >= and one <");
  return { kind: "range", column: first.column, inOrder: operators === ">= <" };
}

/** `k BETWEEN a AND b`, `a <= k AND k < b`, `mod(k, a) = b`: the exact form with the same meaning, or null. */
export function exactForm(expression: Expression, column: string, type: DataType, text: string): string | null {
  const modulo = moduloOf(expression);
  if (modulo !== null) {
    const [variable, modulus, remainder] = modulo.map(({ range }) => text.slice(range.start, range.end));
    return `${variable} % ${modulus} = ${remainder}`;
  }
  const parts =
    expression.kind === "between" && !expression.negated && !expression.symmetric
      ? [
          { operator: ">=", left: expression.operand, right: expression.low },
          { operator: "<=", left: expression.operand, right: expression.high },
        ]
      : expression.kind === "and"
        ? expression.operands.flatMap((part) =>
            part.kind === "operator" && part.left !== null ? [{ ...part, left: part.left }] : [],
          )
        : [];
  if (parts.length !== 2) return null;
  let [from, to]: [string | null, string | null] = [null, null];
  let name = column;
  for (const { operator, left, right } of parts) {
    const flipped = isConstant(left);
    const [variable, constant] = flipped ? [right, left] : [left, right];
    if (variable.kind !== "column" || variable.names.at(-1) !== column || !isConstant(constant)) return null;
    name = text.slice(variable.range.start, variable.range.end);
    const written = text.slice(constant.range.start, constant.range.end);
    const meaning = flipped ? flip(operator) : operator;
    const next = meaning === "<=" || meaning === ">" ? stepAfter(constant, type) : written;
    if (meaning === ">=" || meaning === ">") from = next;
    if (meaning === "<" || meaning === "<=") to = next;
  }
  return from === null || to === null ? null : `${name} >= ${from} AND ${name} < ${to}`;
}

function hashForm(expression: Expression): PathmanForm | null {
  if (expression.kind !== "operator" || expression.operator !== "=" || expression.left === null) return null;
  const { left, right } = expression;
  if (left.kind === "operator" && left.operator === "%" && left.left?.kind === "column") {
    const column = left.left.names.at(-1) ?? "";
    return isConstant(left.right) && isConstant(right)
      ? { kind: "hash", column }
      : other("the modulus and the remainder are no constants");
  }
  // What later versions write themselves: get_hash_part_idx(hashint4(k), 4) = 0.
  if (left.kind === "call" && /^get_hash(?:_part_idx)?$/.test(left.name.at(-1) ?? "")) {
    const inner = left.arguments[0]?.value;
    const variable = inner?.kind === "call" ? inner.arguments[0]?.value : undefined;
    return variable?.kind === "column" && isConstant(right)
      ? { kind: "hash", column: variable.names.at(-1) ?? "" }
      : null;
  }
  return null;
}

/** The column, modulus and remainder of `mod(k, 4) = 0`. */
function moduloOf(expression: Expression): readonly Expression[] | null {
  if (expression.kind !== "operator" || expression.operator !== "=" || expression.left?.kind !== "call") return null;
  const { name, arguments: given } = expression.left;
  const [variable, modulus] = given.map(({ value }) => value);
  if (name.at(-1) !== "mod" || variable?.kind !== "column" || modulus === undefined || !isConstant(modulus))
    return null;
  return isConstant(expression.right) ? [variable, modulus, expression.right] : null;
}

type Side =
  | { readonly kind: "side"; readonly column: string; readonly operator: string }
  | { readonly kind: "wrong"; readonly problem: string };

function sideOf(part: Expression): Side {
  if (part.kind !== "operator" || part.left === null)
    return { kind: "wrong", problem: "its CHECK is no AND of exactly two comparisons" };
  if (isConstant(part.left)) return { kind: "wrong", problem: "the constant has to stand on the right" };
  if (part.left.kind !== "column") return { kind: "wrong", problem: "on the left has to stand the column alone" };
  if (!isConstant(part.right)) return { kind: "wrong", problem: "on the right has to stand a constant" };
  if (part.operator === "<=") return { kind: "wrong", problem: "the upper end has to be exclusive, with <" };
  if (part.operator === ">") return { kind: "wrong", problem: "the lower end has to be inclusive, with >=" };
  return { kind: "side", column: part.left.names.at(-1) ?? "", operator: part.operator };
}

function other(problem: string): PathmanForm {
  return { kind: "other", problem };
}

function isConstant(expression: Expression): boolean {
  if (expression.kind === "cast") return isConstant(expression.operand);
  return expression.kind === "constant" && expression.value.type !== "null";
}

function flip(operator: string): string {
  return { "<": ">", "<=": ">=", ">": "<", ">=": "<=" }[operator] ?? operator;
}

/** The whole number or the day after a constant; null where there is no next value. */
function stepAfter(expression: Expression, type: DataType): string | null {
  const base = baseType(type);
  const constant = expression.kind === "cast" ? expression.operand : expression;
  if (base.kind !== "base" || constant.kind !== "constant" || !("text" in constant.value)) return null;
  const { text } = constant.value;
  if (["int2", "int4", "int8"].includes(base.name) && /^-?\d+$/.test(text)) return String(BigInt(text) + 1n);
  const [, day] = /^(\d{4}-\d{2}-\d{2})$/.exec(text) ?? [];
  if (base.name !== "date" || day === undefined) return null;
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000);
  return Number.isNaN(next.getTime()) ? null : `'${next.toISOString().slice(0, 10)}'`;
}
