/** Value expressions: from parse nodes to plain data, with the range of every node. */

import type { A_Const, A_Expr, BoolExpr, Node, SubLink, TypeCast } from "@pgsql/types";
import { coverRanges, type TextRange } from "../../text/range.ts";
import type { ConstantValue, Expression } from "../expression.ts";
import { masked } from "../value-parameters.ts";
import { lowerFunctionCall } from "./calls.ts";
import type { Lowering } from "./lowering.ts";
import { as, constantText, type Dispatch, dispatch, firstLocation, items, kindOf, location, strings } from "./node.ts";
import { lowerSelect } from "./queries.ts";
import {
  closing,
  endOfName,
  findWord,
  insideParentheses,
  isWord,
  placeholderAt,
  type Region,
  rangeOf,
  type Source,
  tokenIndexAt,
  withBalancedParentheses,
  withParentheses,
  word,
} from "./source.ts";
import { lowerTypeName } from "./types.ts";

/** The expression that a node stands for; what is not understood becomes `other` with its parts. */
export function lowerExpression(node: Node, lowering: Lowering): Expression {
  return dispatch(expressionKinds, node, lowering, () => lowerOther(node, lowering));
}

export function lowerExpressions(nodes: readonly Node[] | undefined, lowering: Lowering): readonly Expression[] {
  return (nodes ?? []).map((node) => lowerExpression(node, lowering));
}

/** The range of an operand with the parentheses around it, for the range of the whole operation. */
export function operandRange(expression: Expression, { source }: Lowering): TextRange {
  return withParentheses(source, expression.range);
}

const expressionKinds: Dispatch<Lowering, Expression> = {
  A_Const: lowerConstant,
  ColumnRef: (node, { source }) => {
    const first = tokenIndexAt(source, location(node));
    const placeholder = placeholderAt(source, location(node));
    const range = rangeOf(source, first, endOfName(source, first));
    if (placeholder !== undefined && placeholder.end === range.end) return masked(range, placeholder);
    return {
      kind: "column",
      names: strings(node.fields),
      star: as(node.fields?.at(-1), "A_Star") !== undefined,
      range,
    };
  },
  ParamRef: (node, { source }) => ({
    kind: "parameter",
    number: node.number ?? 0,
    range: rangeOf(source, tokenIndexAt(source, location(node))),
  }),
  TypeCast: lowerCast,
  CollateClause: (node, lowering) => {
    const { source } = lowering;
    const operand = required(node.arg, lowering);
    const collate = tokenIndexAt(source, location(node));
    const name = rangeOf(source, collate + 1, endOfName(source, collate + 1));
    const range = coverRanges(operandRange(operand, lowering), name);
    const collateRange = rangeOf(source, collate, endOfName(source, collate + 1));
    return { kind: "collate", operand, collation: strings(node.collname), collateRange, range };
  },
  FuncCall: lowerFunctionCall,
  A_Expr: lowerOperation,
  BoolExpr: lowerBoolean,
  NullTest: (node, lowering) => {
    const { source } = lowering;
    const operand = required(node.arg, lowering);
    const is = tokenIndexAt(source, location(node));
    const negated = node.nulltesttype === "IS_NOT_NULL";
    const words = word(source, is) === "is" ? (negated ? 2 : 1) : 0;
    return { kind: "null-test", operand, negated, range: upTo(operand, is + words, lowering) };
  },
  BooleanTest: (node, lowering) => {
    const operand = required(node.arg, lowering);
    const is = tokenIndexAt(lowering.source, location(node));
    const test = node.booltesttype ?? "IS_UNKNOWN";
    const negated = test.startsWith("IS_NOT_");
    const value = test.endsWith("TRUE") ? "true" : test.endsWith("FALSE") ? "false" : "unknown";
    return { kind: "boolean-test", operand, value, negated, range: upTo(operand, is + (negated ? 2 : 1), lowering) };
  },
  CoalesceExpr: (node, lowering) => ({
    kind: "coalesce",
    items: lowerExpressions(node.args, lowering),
    range: callRange(location(node), lowering.source),
  }),
  MinMaxExpr: (node, lowering) => ({
    kind: "greatest-least",
    greatest: node.op !== "IS_LEAST",
    items: lowerExpressions(node.args, lowering),
    range: callRange(location(node), lowering.source),
  }),
  CaseExpr: (node, lowering) => ({
    kind: "case",
    operand: optional(node.arg, lowering),
    whens: (node.args ?? []).flatMap((arg) => {
      const when = as(arg, "CaseWhen");
      if (when === undefined) return [];
      return { condition: required(when.expr, lowering), result: required(when.result, lowering) };
    }),
    otherwise: optional(node.defresult, lowering),
    range: caseRange(tokenIndexAt(lowering.source, location(node)), lowering.source),
  }),
  A_ArrayExpr: (node, lowering) => {
    const first = tokenIndexAt(lowering.source, location(node));
    const bracket = word(lowering.source, first) === "[" ? first : first + 1;
    const range = rangeOf(lowering.source, first, closing(lowering.source, bracket));
    return { kind: "array", items: lowerExpressions(node.elements, lowering), range };
  },
  RowExpr: (node, lowering) => ({
    kind: "row",
    items: lowerExpressions(node.args, lowering),
    range: callRange(location(node), lowering.source),
  }),
  SQLValueFunction: (node, { source }) => {
    const first = tokenIndexAt(source, location(node));
    const last = word(source, first + 1) === "(" ? closing(source, first + 1) : first;
    return { kind: "sql-value", name: word(source, first), range: rangeOf(source, first, last) };
  },
  SubLink: lowerSubquery,
  A_Indirection: (node, lowering) => {
    const operand = required(node.arg, lowering);
    const range = upTo(operand, endOfIndirection(operandRange(operand, lowering), lowering.source), lowering);
    const names = strings(node.indirection);
    if (names.length > 0 && names.length === node.indirection?.length)
      return names.reduce<Expression>((inner, name) => ({ kind: "field", operand: inner, name, range }), operand);
    const subscripts = innerExpressions(node.indirection, lowering);
    return { kind: "other", description: "A_Indirection", children: [operand, ...subscripts], range };
  },
};

/** An expression that the grammar promises. */
function required(node: Node | undefined, lowering: Lowering): Expression {
  if (node !== undefined) return lowerExpression(node, lowering);
  return { kind: "other", description: "nothing", children: [], range: { start: 0, end: 0 } };
}

function optional(node: Node | undefined, lowering: Lowering): Expression | null {
  return node === undefined ? null : lowerExpression(node, lowering);
}

/** From the operand, with its parentheses, to the token. */
function upTo(operand: Expression, last: number, lowering: Lowering): TextRange {
  return coverRanges(operandRange(operand, lowering), rangeOf(lowering.source, last));
}

/** `name(…)` or `(…)`, from the place of the name or parenthesis. */
function callRange(place: number, source: Source): TextRange {
  const first = tokenIndexAt(source, place);
  const parenthesis = word(source, first) === "(" ? first : endOfName(source, first) + 1;
  return rangeOf(source, first, word(source, parenthesis) === "(" ? closing(source, parenthesis) : first);
}

/** Past `.field`, `.*` and `[subscript]`. */
function endOfIndirection(operand: TextRange, source: Source): number {
  let last = tokenIndexAt(source, operand.end - 1);
  for (;;) {
    const next = endOfName(source, last);
    const end = word(source, next + 1) === "[" ? closing(source, next + 1) : next;
    if (end === last) return last;
    last = end;
  }
}

function caseRange(first: number, source: Source): TextRange {
  let depth = 0;
  for (let index = first; index < source.tokens.length; index++) {
    if (word(source, index - 1) === ".") continue;
    if (word(source, index) === "case") depth++;
    else if (word(source, index) === "end") depth--;
    if (depth === 0) return rangeOf(source, first, index);
  }
  return rangeOf(source, first);
}

function lowerConstant(node: A_Const, { source }: Lowering): Expression {
  const range = constantRange(location(node), source);
  const placeholder = placeholderAt(source, range.start);
  if (placeholder !== undefined) return masked(range, placeholder);
  return { kind: "constant", value: constantValue(node), range };
}

function constantValue(node: A_Const): ConstantValue {
  const text = constantText(node);
  if (node.sval !== undefined) return { type: "string", text };
  if (node.ival !== undefined) return { type: "integer", text };
  if (node.fval !== undefined) return numberValue(text);
  if (node.bsval !== undefined) return { type: "bits", text };
  if (node.boolval !== undefined) return { type: "boolean", text: text === "true" ? "true" : "false" };
  return { type: "null" };
}

/** Integers beyond four bytes come as text, as written: `0x1FFFFFFFF`, `9_000_000_000`. */
function numberValue(written: string): ConstantValue {
  const text = written.replaceAll("_", "");
  const [, sign = "", digits] = /^(-?)(\d+|0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+)$/.exec(text) ?? [];
  return digits === undefined ? { type: "decimal", text } : { type: "integer", text: `${sign}${BigInt(digits)}` };
}

/** A negative number is one constant for the grammar: its place is the sign's, and parentheses may stand between: `-(1)`. */
function constantRange(place: number, source: Source): TextRange {
  const first = tokenIndexAt(source, place);
  let last = first;
  while (isWord(source, last, "-", "+", "(")) last++;
  while (word(source, last + 1) === ")" && (source.partners[last + 1] ?? -1) >= first) last++;
  if (isWord(source, last + 1, "uescape") && source.tokens[last + 2]?.kind === "string") last += 2;
  return rangeOf(source, first, last);
}

/** `x::t`, `CAST(x AS t)`, `t 'text'`, and TRUE and FALSE, which the grammar writes as casts. */
function lowerCast(node: TypeCast, lowering: Lowering): Expression {
  const { source } = lowering;
  const constant = as(node.arg, "A_Const");
  const typeName = node.typeName ?? {};
  if (constant?.boolval !== undefined && location(typeName) < 0) return lowerConstant(constant, lowering);
  const operand = required(node.arg, lowering);
  const type = lowerTypeName(typeName, source);
  const operator = location(node) < 0 ? -1 : tokenIndexAt(source, location(node));
  if (word(source, operator) === "cast") {
    return { kind: "cast", operand, type, range: rangeOf(source, operator, closing(source, operator + 1)) };
  }
  if (type.range.end === 0) return operand;
  // `interval '1' year to month`: the fields follow the text.
  const last = type.range.start < operand.range.start ? endOfIntervalFields(operand.range.end, source) : null;
  const covered = coverRanges(operandRange(operand, lowering), type.range);
  return { kind: "cast", operand, type, range: last === null ? covered : coverRanges(covered, rangeOf(source, last)) };
}

function endOfIntervalFields(end: number, source: Source): number {
  let last = tokenIndexAt(source, end - 1);
  while (isWord(source, last + 1, "year", "month", "day", "hour", "minute", "second", "to")) last++;
  return word(source, last) === "second" && word(source, last + 1) === "(" ? closing(source, last + 1) : last;
}

function lowerOperation(node: A_Expr, lowering: Lowering): Expression {
  const names = strings(node.name);
  const operator = names.at(-1) ?? "";
  switch (node.kind) {
    case "AEXPR_OP_ANY":
    case "AEXPR_OP_ALL": {
      const { source } = lowering;
      const operand = required(node.lexpr, lowering);
      const array = required(node.rexpr, lowering);
      const range = coverRanges(operandRange(operand, lowering), withParentheses(source, array.range));
      return { kind: "any-array", operator, operand, array, all: node.kind === "AEXPR_OP_ALL", range };
    }
    case "AEXPR_DISTINCT":
    case "AEXPR_NOT_DISTINCT": {
      const [left, right, range] = binary(node, lowering);
      return { kind: "distinct-from", left, right, negated: node.kind === "AEXPR_NOT_DISTINCT", range };
    }
    case "AEXPR_NULLIF": {
      const [left, right] = binary(node, lowering);
      return { kind: "nullif", left, right, range: callRange(location(node), lowering.source) };
    }
    case "AEXPR_IN":
      return lowerIn(node, operator === "<>", lowering);
    case "AEXPR_LIKE":
      return lowerLike(node, "like", lowering);
    case "AEXPR_ILIKE":
      return lowerLike(node, "ilike", lowering);
    case "AEXPR_SIMILAR":
      return lowerLike(node, "similar", lowering);
    case "AEXPR_BETWEEN":
    case "AEXPR_NOT_BETWEEN":
    case "AEXPR_BETWEEN_SYM":
    case "AEXPR_NOT_BETWEEN_SYM":
      return lowerBetween(node, node.kind, lowering);
    default: {
      const right = required(node.rexpr, lowering);
      const left = optional(node.lexpr, lowering);
      const place = rangeOf(lowering.source, tokenIndexAt(lowering.source, location(node)));
      const range = coverRanges(left === null ? place : operandRange(left, lowering), operandRange(right, lowering));
      return { kind: "operator", operator, schema: names.at(-2), left, right, range };
    }
  }
}

function binary(node: A_Expr, lowering: Lowering): [Expression, Expression, TextRange] {
  const left = required(node.lexpr, lowering);
  const right = required(node.rexpr, lowering);
  return [left, right, coverRanges(operandRange(left, lowering), operandRange(right, lowering))];
}

function lowerIn(node: A_Expr, negated: boolean, lowering: Lowering): Expression {
  const { source } = lowering;
  const operand = required(node.lexpr, lowering);
  const list = tokenIndexAt(source, location(node)) + (negated ? 2 : 1);
  const range = upTo(operand, closing(source, list), lowering);
  return { kind: "in", operand, items: lowerExpressions(items(node.rexpr), lowering), negated, range };
}

/** The grammar hides an ESCAPE clause, and all of SIMILAR TO, in a call that has no text of its own. */
function lowerLike(node: A_Expr, variant: "like" | "ilike" | "similar", lowering: Lowering): Expression {
  const operand = required(node.lexpr, lowering);
  const call = as(node.rexpr, "FuncCall");
  const isHidden = call !== undefined && location(call) === location(node);
  const parts = isHidden ? lowerExpressions(call.args, lowering) : [required(node.rexpr, lowering)];
  const [pattern = operand] = parts;
  const range = parts.reduce(
    (covered, part) => coverRanges(covered, operandRange(part, lowering)),
    operandRange(operand, lowering),
  );
  const negated = strings(node.name).at(-1)?.startsWith("!") === true;
  return { kind: "like", variant, operand, pattern, negated, range };
}

function lowerBetween(node: A_Expr, kind: string, lowering: Lowering): Expression {
  const operand = required(node.lexpr, lowering);
  const [low = operand, high = operand] = lowerExpressions(items(node.rexpr), lowering);
  return {
    kind: "between",
    operand,
    low,
    high,
    negated: kind.startsWith("AEXPR_NOT_"),
    symmetric: kind.endsWith("_SYM"),
    range: coverRanges(operandRange(operand, lowering), operandRange(high, lowering)),
  };
}

function lowerBoolean(node: BoolExpr, lowering: Lowering): Expression {
  const operands = lowerExpressions(node.args, lowering);
  const covered = operands.map((operand) => operandRange(operand, lowering)).reduce(coverRanges);
  if (node.boolop === "AND_EXPR" || node.boolop === "OR_EXPR") {
    // The grammar makes one chain of `(a OR b) OR c`, whose first parenthesis is nobody's own.
    const range = withBalancedParentheses(lowering.source, covered);
    return { kind: node.boolop === "AND_EXPR" ? "and" : "or", operands, range };
  }
  const not = rangeOf(lowering.source, tokenIndexAt(lowering.source, location(node)));
  const [operand = required(undefined, lowering)] = operands;
  return { kind: "not", operand, range: coverRanges(not, covered) };
}

function lowerSubquery(node: SubLink, lowering: Lowering): Expression {
  const { source } = lowering;
  const first = tokenIndexAt(source, location(node));
  const operand = optional(node.testexpr, lowering);
  const parenthesis = subqueryParenthesis(first, operand !== null, source);
  const last = closing(source, parenthesis);
  const query = lowerSelect(as(node.subselect, "SelectStmt") ?? {}, insideParentheses(source, parenthesis), lowering);
  const place = rangeOf(source, first, last);
  const range = operand === null ? place : coverRanges(operandRange(operand, lowering), place);
  switch (node.subLinkType) {
    case "EXISTS_SUBLINK":
      return { kind: "subquery", variant: "exists", operand: null, operator: null, query, range };
    case "ARRAY_SUBLINK":
      return { kind: "subquery", variant: "array", operand: null, operator: null, query, range };
    case "ANY_SUBLINK":
    case "ALL_SUBLINK": {
      const variant = node.subLinkType === "ANY_SUBLINK" ? "any" : "all";
      return { kind: "subquery", variant, operand, operator: strings(node.operName).at(-1) ?? "=", query, range };
    }
    default:
      return { kind: "subquery", variant: "scalar", operand: null, operator: null, query, range };
  }
}

/** After an operand the place is that of `IN`, `NOT IN` or an operator, which may be `OPERATOR(s.=)`. */
function subqueryParenthesis(first: number, hasOperand: boolean, source: Source): number {
  const rest: Region = { first, last: source.tokens.length - 1 };
  if (!hasOperand) return findWord(source, rest, "(");
  return findWord(source, rest, "in", "any", "some", "all") + 1;
}

/** Keeps the parts of what is not understood, so that nobody overlooks a column or a subquery in it. */
function lowerOther(node: Node, lowering: Lowering): Expression {
  const { source } = lowering;
  const children = innerExpressions(as(node, kindOf(node)), lowering);
  const place = firstLocation(node);
  const first = place < 0 ? -1 : tokenIndexAt(source, place);
  const start = first < 0 ? { start: 0, end: 0 } : rangeOf(source, first);
  const isCall = children.length > 0 && word(source, first + 1) === "(" && source.tokens[first]?.kind === "word";
  const range = isCall
    ? rangeOf(source, first, closing(source, first + 1))
    : children.map((child) => operandRange(child, lowering)).reduce(coverRanges, start);
  const description = kindOf(node) === "SetToDefault" ? "DEFAULT" : kindOf(node);
  return { kind: "other", description, children, range };
}

function innerExpressions(value: unknown, lowering: Lowering): readonly Expression[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    Object.hasOwn(expressionKinds, key)
      ? [lowerExpression({ [key]: inner } as unknown as Node, lowering)]
      : innerExpressions(inner, lowering),
  );
}
