/** Which types the operands of an operator are brought to, for the types that keys and CHECK constraints use. */

import type { DataType } from "../../catalog/data-type.ts";
import { baseType, baseTypeNamed, formatTypeName, sameTypeName } from "../../catalog/values/types.ts";

/** `left` and `right`: what each operand is cast to (its own type: not at all). */
export type OperatorChoice =
  | { readonly kind: "found"; readonly left: DataType; readonly right: DataType; readonly result: DataType }
  /** PostgreSQL has no such operator (42883). */
  | { readonly kind: "missing" }
  | { readonly kind: "undecided" };

const undecided: OperatorChoice = { kind: "undecided" };
const boolean = baseTypeNamed("bool");
const text = baseTypeNamed("text");

export const comparisonOperators: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", "<=", ">", ">="]);
const textOperators: ReadonlySet<string> = new Set(["~~", "!~~", "~~*", "!~~*", "~", "!~", "~*", "!~*"]);

/** Resolves a binary operator over two typed operands; null stands for an untyped literal. */
export function chooseOperator(operator: string, left: DataType | null, right: DataType | null): OperatorChoice {
  if (left === null && right === null) return undecided;
  if (comparisonOperators.has(operator)) return chooseComparison(left, right);
  if (textOperators.has(operator)) {
    const strings = [left, right].every((type) => type === null || kindOf(type) === "string");
    return strings ? { kind: "found", left: text, right: text, result: boolean } : undecided;
  }
  if (operator === "||") {
    const strings = [left, right].every((type) => type === null || kindOf(type) === "string");
    return strings ? { kind: "found", left: text, right: text, result: text } : undecided;
  }
  if (["+", "-", "*", "/", "%"].includes(operator)) return chooseArithmetic(operator, left, right);
  return undecided;
}

/** The type that a list of values is brought to: that of IN lists and CASE; null where it cannot be told. */
export function commonType(types: readonly (DataType | null)[]): DataType | null {
  const known = types.filter((type) => type !== null).map(baseType);
  const [first] = known;
  if (first === undefined) return text;
  if (known.every((type) => sameTypeName(type, first))) return first;
  const ranks = known.map((type) => (type.kind === "base" ? numericRank.indexOf(type.name) : -1));
  if (ranks.every((rank) => rank >= 0)) return baseTypeNamed(numericRank[Math.max(...ranks)] ?? "numeric");
  return null;
}

const numericRank: readonly string[] = ["int2", "int4", "int8", "numeric", "float4", "float8"];

function chooseComparison(left: DataType | null, right: DataType | null): OperatorChoice {
  const a = left === null ? null : baseType(left);
  const b = right === null ? null : baseType(right);
  if (a === null || b === null) {
    const known = a ?? b;
    if (known === null) return undecided;
    const wanted = comparedAs(known);
    return wanted === null ? undecided : { kind: "found", left: wanted, right: wanted, result: boolean };
  }
  if (sameTypeName(a, b)) {
    const wanted = comparedAs(a);
    return wanted === null ? undecided : { kind: "found", left: wanted, right: wanted, result: boolean };
  }
  const kinds = [kindOf(a), kindOf(b)];
  if (kinds[0] === null || kinds[1] === null) return undecided;
  if (kinds[0] !== kinds[1]) return { kind: "missing" };
  if (a.kind !== "base" || b.kind !== "base") return undecided;
  switch (kinds[0]) {
    case "datetime":
      return { kind: "found", left: a, right: b, result: boolean };
    case "number": {
      const floats = [a.name, b.name].filter((name) => name.startsWith("float")).length;
      const numerics = [a.name, b.name].filter((name) => name === "numeric").length;
      if (floats === 2 || (floats === 0 && numerics === 0))
        return { kind: "found", left: a, right: b, result: boolean };
      const wanted = floats === 1 ? baseTypeNamed("float8") : baseTypeNamed("numeric");
      return { kind: "found", left: wanted, right: wanted, result: boolean };
    }
    case "string":
      if (![a.name, b.name].includes("text")) return undecided;
      return [a.name, b.name].includes("name")
        ? { kind: "found", left: a, right: b, result: boolean }
        : { kind: "found", left: text, right: text, result: boolean };
    default:
      return undecided;
  }
}

function chooseArithmetic(operator: string, left: DataType | null, right: DataType | null): OperatorChoice {
  const a = left === null ? null : baseType(left);
  const b = right === null ? null : baseType(right);
  const numbers = [a, b].every((type) => type === null || kindOf(type) === "number");
  if (numbers) {
    const common = commonType([a, b]);
    if (common?.kind !== "base") return undecided;
    const integers = [a, b].every((type) => type === null || isInteger(type));
    if (integers) return { kind: "found", left: a ?? common, right: b ?? common, result: common };
    if (operator === "%" && common.name !== "numeric") return undecided;
    return { kind: "found", left: common, right: common, result: common };
  }
  if (a?.kind !== "base" || b?.kind !== "base") return undecided;
  if (a.name === "date" && isInteger(b) && (operator === "+" || operator === "-")) {
    return b.name === "int4" ? { kind: "found", left: a, right: b, result: a } : undecided;
  }
  if (a.name === "date" && b.name === "date" && operator === "-") {
    return { kind: "found", left: a, right: b, result: baseTypeNamed("int4") };
  }
  if (kindOf(a) === "datetime" && b.name === "interval" && (operator === "+" || operator === "-")) {
    return { kind: "found", left: a, right: b, result: a.name === "date" ? baseTypeNamed("timestamp") : a };
  }
  return undecided;
}

/** The type whose comparison operators serve a type; null where that is not known. */
function comparedAs(type: DataType): DataType | null {
  if (type.kind === "base") return type.name === "varchar" ? text : baseTypeNamed(type.name);
  return type.kind === "enum" || type.kind === "array" ? type : null;
}

function isInteger(type: DataType): boolean {
  return type.kind === "base" && ["int2", "int4", "int8"].includes(type.name);
}

type Kind = "number" | "string" | "datetime" | "boolean" | "uuid" | "bytea" | "interval" | "enum";

/** Types between whose kinds no comparison exists; null for types of which that is not certain. */
function kindOf(type: DataType): Kind | null {
  const base = baseType(type);
  if (base.kind === "enum") return "enum";
  return base.kind === "base" ? (kinds.get(base.name) ?? null) : null;
}

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...(["int2", "int4", "int8", "numeric", "float4", "float8"] as const).map((name): [string, Kind] => [name, "number"]),
  ...(["text", "varchar", "bpchar", "name"] as const).map((name): [string, Kind] => [name, "string"]),
  ...(["date", "timestamp", "timestamptz"] as const).map((name): [string, Kind] => [name, "datetime"]),
  ["bool", "boolean"],
  ["uuid", "uuid"],
  ["bytea", "bytea"],
  ["interval", "interval"],
]);

/** `operator does not exist: text > integer` */
export function missingOperatorMessage(operator: string, left: DataType | null, right: DataType): string {
  const leftName = left === null ? "" : `${formatTypeName(left)} `;
  return `operator does not exist: ${leftName}${operator} ${formatTypeName(right)}`;
}
