/** Function calls: plain ones, aggregates, window calls, and those that SQL writes with words of its own. */

import type { FuncCall, Node } from "@pgsql/types";
import { coverRanges, type TextRange } from "../../text/range.ts";
import type { AggregateSort, CallArgument, FunctionCall } from "../expression.ts";
import { lowerExpression, lowerExpressions, operandRange } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { allOf, as, location, sortDirections, strings } from "./node.ts";
import { closing, endOfName, isWord, rangeOf, type Source, tokenIndexAt, word } from "./source.ts";

export function lowerFunctionCall(node: FuncCall, lowering: Lowering): FunctionCall {
  const { source } = lowering;
  const first = tokenIndexAt(source, location(node));
  const args = node.args ?? [];
  const callArguments = args.map((argument, index) =>
    lowerArgument(argument, node.func_variadic === true && index === args.length - 1, lowering),
  );
  const order = aggregateOrder(node, lowering);
  return {
    kind: "call",
    name: strings(node.funcname),
    nameRange: rangeOf(source, first, endOfName(source, first)),
    arguments: callArguments,
    star: node.agg_star === true,
    distinct: node.agg_distinct === true,
    aggregateSyntax: node.agg_filter !== undefined || node.agg_within_group === true || node.agg_order !== undefined,
    ...(order === null ? {} : { order }),
    window:
      node.over === undefined
        ? null
        : {
            partitionBy: lowerExpressions(node.over.partitionClause, lowering),
            name: node.over.name ?? node.over.refname ?? null,
          },
    range: functionCallRange(first, callArguments, lowering),
  };
}

function aggregateOrder(node: FuncCall, lowering: Lowering): readonly AggregateSort[] | null {
  if (node.agg_order === undefined || node.agg_filter !== undefined || node.agg_within_group === true) return null;
  const directions = sortDirections(node.agg_order);
  return allOf(node.agg_order, "SortBy").flatMap(({ node: key }, index) => {
    const direction = directions[index];
    return key === undefined || direction === undefined
      ? []
      : { expression: lowerExpression(key, lowering), ...direction };
  });
}

function lowerArgument(node: Node, variadic: boolean, lowering: Lowering): CallArgument {
  const named = as(node, "NamedArgExpr");
  if (named?.arg === undefined) return { value: lowerExpression(node, lowering), variadic };
  return { name: named.name, value: lowerExpression(named.arg, lowering), variadic };
}

function functionCallRange(first: number, callArguments: readonly CallArgument[], lowering: Lowering): TextRange {
  const { source } = lowering;
  const parenthesis = endOfName(source, first) + 1;
  const place = rangeOf(source, first);
  const isInfix = callArguments.some(({ value }) => value.range.start < place.start);
  if (isInfix && isWord(source, first, "overlaps")) return overlapsRange(first, source);
  if (isInfix) {
    // `x AT TIME ZONE y`: the name is an operator's.
    return callArguments.map(({ value }) => operandRange(value, lowering)).reduce(coverRanges, place);
  }
  if (word(source, parenthesis) !== "(") return rangeOf(source, first, parenthesis - 1);
  return rangeOf(source, first, endOfCall(source, closing(source, parenthesis)));
}

/** `(a, b) OVERLAPS ROW (c, d)`: the grammar takes the rows apart. */
function overlapsRange(operator: number, source: Source): TextRange {
  const left = source.partners[operator - 1] ?? operator;
  const right = isWord(source, operator + 1, "row") ? operator + 2 : operator + 1;
  return rangeOf(source, isWord(source, left - 1, "row") ? left - 1 : left, closing(source, right));
}

/** Past `WITHIN GROUP (…)`, `FILTER (…)` and `OVER w` or `OVER (…)`. */
function endOfCall(source: Source, closingParenthesis: number): number {
  let last = closingParenthesis;
  if (isWord(source, last + 1, "within") && word(source, last + 3) === "(") last = closing(source, last + 3);
  if (isWord(source, last + 1, "filter") && word(source, last + 2) === "(") last = closing(source, last + 2);
  if (!isWord(source, last + 1, "over")) return last;
  return word(source, last + 2) === "(" ? closing(source, last + 2) : last + 2;
}
