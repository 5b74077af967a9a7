/** Type names: the parser's nodes with the range of all their words. */

import type { TypeName as TypeNode } from "@pgsql/types";
import type { TypeName } from "../expression.ts";
import { as, constantText, location, strings } from "./node.ts";
import { closing, endOfName, isWord, rangeOf, type Source, tokenIndexAt, word } from "./source.ts";

/** The words that may follow `interval`. */
const intervalWords = ["year", "month", "day", "hour", "minute", "second", "to"];

export function lowerTypeName(node: TypeNode, source: Source): TypeName {
  const names = strings(node.names);
  const modifiers = (node.typmods ?? []).map((modifier) => {
    const constant = as(modifier, "A_Const");
    return constant === undefined ? "" : constantText(constant);
  });
  // The grammar writes an interval's fields in front of its precision.
  const isInterval = names.at(-1) === "interval" && modifiers.length > 0;
  const place = location(node);
  const first = place < 0 ? 0 : tokenIndexAt(source, place);
  return {
    names,
    modifiers: isInterval ? modifiers.slice(1) : modifiers,
    arrayDimensions: node.arrayBounds?.length ?? 0,
    setOf: node.setof === true,
    ...(isInterval ? { intervalFields: Number(modifiers[0]) } : {}),
    range: place < 0 ? { start: 0, end: 0 } : rangeOf(source, first, endOfType(source, first)),
  };
}

/** The last token of the type that begins at `first`. */
export function endOfType(source: Source, first: number): number {
  let last = endOfName(source, first);
  const takeIf = (...words: readonly string[]): boolean => {
    if (!isWord(source, last + 1, ...words)) return false;
    last++;
    return true;
  };
  const takeModifiers = (): void => {
    if (word(source, last + 1) === "(") last = closing(source, last + 1);
  };
  switch (word(source, first)) {
    case "double":
      takeIf("precision");
      break;
    case "national":
      takeIf("character", "char");
      takeIf("varying");
      break;
    case "character":
    case "char":
    case "nchar":
    case "bit":
      takeIf("varying");
      break;
    case "interval":
      while (takeIf(...intervalWords));
      break;
  }
  takeModifiers();
  if (isWord(source, first, "time", "timestamp") && isWord(source, last + 2, "time") && takeIf("with", "without"))
    last += 2;
  if (word(source, last + 1) === "%" && isWord(source, last + 2, "type")) last += 2;
  takeIf("array");
  while (word(source, last + 1) === "[") last = closing(source, last + 1);
  return last;
}
