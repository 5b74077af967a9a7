/** PARTITION BY and the bounds of partitions. */

import type { Node, PartitionBoundSpec, PartitionElem, PartitionSpec } from "@pgsql/types";
import type { TextRange } from "../../text/range.ts";
import type { BoundDatum, BoundSpecification, PartitionBy, PartitionKeyElement } from "../statement.ts";
import { lowerExpression, lowerExpressions } from "./expressions.ts";
import type { Lowering } from "./lowering.ts";
import { as, location, strings } from "./node.ts";
import {
  closing,
  findWord,
  insideParentheses,
  isWord,
  type Region,
  rangeOf,
  rangeOfRegion,
  type Source,
  splitByCommas,
  tokenIndexAt,
  word,
} from "./source.ts";

export function lowerPartitionBy(node: PartitionSpec, lowering: Lowering): PartitionBy {
  const { source } = lowering;
  const first = tokenIndexAt(source, location(node));
  // PARTITION BY strategy (
  const parenthesis = first + 3;
  const regions = splitByCommas(source, insideParentheses(source, parenthesis));
  return {
    strategy: strategyOf(node),
    elements: (node.partParams ?? []).flatMap((parameter, index) => {
      const element = as(parameter, "PartitionElem");
      const region = regions[index];
      return element === undefined || region === undefined ? [] : lowerKeyElement(element, region, lowering);
    }),
    range: rangeOf(source, first, closing(source, parenthesis)),
  };
}

function strategyOf({ strategy }: PartitionSpec): PartitionBy["strategy"] {
  switch (strategy) {
    case "PARTITION_STRATEGY_LIST":
      return "list";
    case "PARTITION_STRATEGY_HASH":
      return "hash";
    default:
      return "range";
  }
}

function lowerKeyElement(node: PartitionElem, region: Region, lowering: Lowering): PartitionKeyElement {
  const { source } = lowering;
  const expression = node.expr === undefined ? null : lowerExpression(node.expr, lowering);
  return {
    column: node.name ?? null,
    expression,
    text: expression === null ? (node.name ?? "") : source.text.slice(expression.range.start, expression.range.end),
    collation: node.collation === undefined ? null : strings(node.collation),
    operatorClass: node.opclass === undefined ? null : strings(node.opclass),
    range: rangeOfRegion(source, region),
  };
}

/** `FOR VALUES …` or `DEFAULT`. The node's place is the word after VALUES, or DEFAULT itself. */
export function lowerBound(node: PartitionBoundSpec, lowering: Lowering): BoundSpecification {
  const { source } = lowering;
  const place = tokenIndexAt(source, location(node));
  if (node.is_default === true) return { kind: "default", location: location(node), range: rangeOf(source, place) };
  const first = isWord(source, place - 2, "for") ? place - 2 : place;
  switch (node.strategy) {
    case "r":
      return lowerRangeBound(node, first, place, lowering);
    case "l":
      return {
        kind: "list",
        location: location(node),
        values: lowerExpressions(node.listdatums, lowering),
        valuesRange: rangeOf(source, place + 1, closing(source, place + 1)),
        range: rangeOf(source, first, closing(source, place + 1)),
      };
    default:
      return lowerHashBound(node, first, place, source);
  }
}

function lowerRangeBound(
  node: PartitionBoundSpec,
  first: number,
  from: number,
  lowering: Lowering,
): BoundSpecification {
  const { source } = lowering;
  const fromEnd = closing(source, from + 1);
  const to = fromEnd + 1;
  const toEnd = closing(source, to + 1);
  return {
    kind: "range",
    location: location(node),
    from: (node.lowerdatums ?? []).map((datum) => lowerDatum(datum, lowering)),
    to: (node.upperdatums ?? []).map((datum) => lowerDatum(datum, lowering)),
    fromRange: rangeOf(source, from + 1, fromEnd),
    toRange: rangeOf(source, to + 1, toEnd),
    range: rangeOf(source, first, toEnd),
  };
}

/** MINVALUE and MAXVALUE look like columns to the grammar; PostgreSQL tells them by name, also in quotes. */
function lowerDatum(node: Node, lowering: Lowering): BoundDatum {
  const expression = lowerExpression(node, lowering);
  const [name, ...more] = expression.kind === "column" ? expression.names : [];
  if ((name === "minvalue" || name === "maxvalue") && more.length === 0) return { kind: name, range: expression.range };
  return { kind: "value", expression, range: expression.range };
}

function lowerHashBound(node: PartitionBoundSpec, first: number, place: number, source: Source): BoundSpecification {
  const inside = insideParentheses(source, place + 1);
  const numberAfter = (name: string): TextRange => {
    const at = findWord(source, inside, name);
    return at < 0 ? rangeOfRegion(source, inside) : rangeOf(source, at + 1);
  };
  return {
    kind: "hash",
    location: location(node),
    modulus: node.modulus ?? 0,
    remainder: node.remainder ?? 0,
    modulusRange: numberAfter("modulus"),
    remainderRange: numberAfter("remainder"),
    range: rangeOf(source, first, word(source, place + 1) === "(" ? closing(source, place + 1) : place),
  };
}
