/** The items of CREATE INDEX and of ON CONFLICT. */

import type { Node } from "@pgsql/types";
import type { IndexElement } from "../index-element.ts";
import { lowerExpression } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { allOf, strings } from "./node.ts";
import { insideParentheses, rangeOfRegion, splitByCommas } from "./source.ts";

/** The items of the list whose parenthesis opens at the token `list`. */
export function lowerIndexElements(
  nodes: readonly Node[] | undefined,
  list: number,
  lowering: Lowering,
): readonly IndexElement[] {
  const { source } = lowering;
  const regions = splitByCommas(source, insideParentheses(source, list));
  return allOf(nodes, "IndexElem").map((element, index) => ({
    column: element.name ?? null,
    expression: element.expr === undefined ? null : lowerExpression(element.expr, lowering),
    collation: element.collation === undefined ? null : strings(element.collation),
    operatorClass: element.opclass === undefined ? null : strings(element.opclass),
    ...(element.opclassopts === undefined ? {} : { hasParameters: true as const }),
    ...(isDefault(element.ordering) ? {} : { sorted: true as const }),
    ...(isDefault(element.nulls_ordering) ? {} : { placesNulls: true as const }),
    range: rangeOfRegion(source, regions[index] ?? { first: list, last: list }),
  }));
}

function isDefault(word: string | undefined): boolean {
  return word === undefined || word.endsWith("_DEFAULT");
}
