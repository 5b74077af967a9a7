/** The items of FROM and USING: relations, joins, subqueries, functions. */

import type { Alias, JoinExpr, Node, RangeFunction, RangeSubselect, RangeVar } from "@pgsql/types";
import { coverRanges, type TextRange } from "../../text/range.ts";
import type { Expression } from "../expression.ts";
import type { FromItem } from "../query.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { relationName } from "./names.ts";
import { as, type Dispatch, dispatch, firstLocation, items, strings } from "./node.ts";
import { enclosingQuery, endOfRelation, lowerSelect } from "./queries.ts";
import {
  closing,
  findWord,
  insideParentheses,
  isName,
  isWord,
  rangeOf,
  type Source,
  tokenIndexAt,
  withParentheses,
  word,
} from "./source.ts";

export function lowerFromItems(nodes: readonly Node[] | undefined, lowering: Lowering): readonly FromItem[] {
  return (nodes ?? []).map((node) => lowerFromItem(node, lowering));
}

export function lowerFromItem(node: Node, lowering: Lowering): FromItem {
  return dispatch(fromKinds, node, lowering, () => lowerOther(node, lowering));
}

const fromKinds: Dispatch<Lowering, FromItem> = {
  RangeVar: lowerRelation,
  RangeTableSample: (node, lowering) =>
    node.relation === undefined
      ? lowerOther({ RangeTableSample: node }, lowering)
      : lowerFromItem(node.relation, lowering),
  JoinExpr: lowerJoin,
  RangeSubselect: lowerSubselect,
  RangeFunction: lowerFunctions,
};

function lowerRelation(node: RangeVar, lowering: Lowering): FromItem {
  const { source } = lowering;
  const relation = relationName(node, source, "may-be-only");
  const first = tokenIndexAt(source, relation.range.start);
  const isInParentheses = word(source, first - 1) === "(" && isWord(source, first - 2, "only");
  const start = isInParentheses ? first - 2 : isWord(source, first - 1, "only") ? first - 1 : first;
  const end = endOfRelation(source, first) + (isInParentheses ? 1 : 0);
  return {
    kind: "relation",
    relation,
    ...aliasOf(node.alias),
    range: rangeOf(source, start, endOfAlias(node.alias, source, end)),
  };
}

/** The grammar promises both sides of a join. */
const emptyItem: Node = { RangeVar: {} };

function lowerJoin(node: JoinExpr, lowering: Lowering): FromItem {
  const { source } = lowering;
  const left = lowerFromItem(node.larg ?? emptyItem, lowering);
  const right = lowerFromItem(node.rarg ?? emptyItem, lowering);
  const on = node.quals === undefined ? null : lowerExpression(node.quals, lowering);
  const using = strings(node.usingClause);
  let range = coverRanges(withParentheses(source, left.range), withParentheses(source, right.range));
  if (on !== null) range = coverRanges(range, withParentheses(source, on.range));
  if (using.length > 0) {
    const word = findWord(source, { first: tokenIndexAt(source, range.end), last: source.tokens.length - 1 }, "using");
    range = coverRanges(range, rangeOf(source, word, closing(source, word + 1)));
  }
  const alias = (node.alias ?? node.join_using_alias)?.aliasname;
  const natural = node.isNatural === true;
  const join = { kind: "join", type: joinType(node, on), left, right, on, using, natural, range } as const;
  if (alias === undefined) return join;
  if (node.alias === undefined) return { ...join, alias, aliasOfUsing: true };
  const columnAliases = strings(node.alias.colnames);
  return columnAliases.length === 0 ? { ...join, alias } : { ...join, alias, columnAliases };
}

function joinType(
  { jointype, isNatural, usingClause }: JoinExpr,
  on: Expression | null,
): "inner" | "left" | "right" | "full" | "cross" {
  switch (jointype) {
    case "JOIN_LEFT":
      return "left";
    case "JOIN_RIGHT":
      return "right";
    case "JOIN_FULL":
      return "full";
    default:
      return on === null && usingClause === undefined && isNatural !== true ? "cross" : "inner";
  }
}

function lowerSubselect(node: RangeSubselect, lowering: Lowering): FromItem {
  const { source } = lowering;
  const place = firstLocation(node.subquery);
  const parenthesis = Math.max(0, enclosingQuery(source, tokenIndexAt(source, Math.max(0, place))));
  const last = endOfAlias(node.alias, source, closing(source, parenthesis));
  const lateral = node.lateral === true;
  return {
    kind: "subquery",
    query: lowerSelect(as(node.subquery, "SelectStmt") ?? {}, insideParentheses(source, parenthesis), lowering),
    ...aliasOf(node.alias),
    lateral,
    range: rangeOf(source, lateral ? parenthesis - 1 : parenthesis, last),
  };
}

function lowerFunctions(node: RangeFunction, lowering: Lowering): FromItem {
  const { source } = lowering;
  const calls = (node.functions ?? [])
    .flatMap((call) => items(call).slice(0, 1))
    .map((call) => lowerExpression(call, lowering));
  const covered = calls
    .map(({ range }) => range)
    .reduce<TextRange | null>((all, range) => (all === null ? range : coverRanges(all, range)), null) ?? {
    start: 0,
    end: 0,
  };
  const outer = node.is_rowsfrom === true ? withParentheses(source, covered) : covered;
  let end = tokenIndexAt(source, outer.end - 1);
  if (node.ordinality === true) end += 2;
  return {
    kind: "function",
    calls,
    ordinality: node.ordinality === true,
    ...aliasOf(node.alias),
    range: coverRanges(outer, rangeOf(source, endOfAlias(node.alias, source, end))),
  };
}

function lowerOther(node: Node, { source }: Lowering): FromItem {
  const place = firstLocation(node);
  const first = tokenIndexAt(source, Math.max(0, place));
  const last = word(source, first + 1) === "(" ? closing(source, first + 1) : first;
  return { kind: "other", alias: aliasInside(node), range: rangeOf(source, first, last) };
}

function aliasInside(node: Node): string | null {
  const alias = Object.values(node).map((content: { readonly alias?: Alias }) => content.alias?.aliasname);
  return alias[0] ?? null;
}

function aliasOf(alias: Alias | undefined): {
  readonly alias: string | null;
  readonly columnAliases: readonly string[];
} {
  return { alias: alias?.aliasname ?? null, columnAliases: strings(alias?.colnames) };
}

/** The last token of the alias that follows `last`: `AS a (b, c)`; `last` itself where there is none. */
function endOfAlias(alias: Alias | undefined, source: Source, last: number): number {
  if (alias === undefined) return last;
  const name = isWord(source, last + 1, "as") ? last + 2 : last + 1;
  if (!isName(source, name) && word(source, name) !== "(") return last;
  const list = word(source, name) === "(" ? name : name + 1;
  return word(source, list) === "(" ? closing(source, list) : name;
}
