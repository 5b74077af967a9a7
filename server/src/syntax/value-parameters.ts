/** Placeholders in queries as parameters: a value that is known when the query runs, as that of `$1`. */

import type { TextRange } from "../text/range.ts";
import type { Expression } from "./expression.ts";
import type { Placeholder } from "./split/piece.ts";
import type { Statement } from "./statement.ts";

/** Beyond the numbers that people write. */
const firstNumber = 100_000;

/** The statement with its placeholders of values as parameters, where it runs a query; another statement as it is. */
export function withValueParameters(statement: Statement): Statement {
  if (statement.kind !== "query" && statement.kind !== "copy") return statement;
  let number = firstNumber;
  const change = <Part>(part: Part): Part => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map((item: unknown) => change(item)) as Part;
    if (isPlaceholder(part)) {
      const parameter: Expression = { kind: "parameter", number: number++, range: part.range };
      return parameter as Part;
    }
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, change(value as unknown)])) as Part;
  };
  return change(statement);
}

const valuePlaceholder = "placeholder";

/** What stands for a psql variable or a template's placeholder: a value that nobody knows, or a column. */
export function masked(range: TextRange, { standsFor }: Placeholder): Expression {
  const description = standsFor === "quoted-identifier" ? "placeholder of a name" : valuePlaceholder;
  return { kind: "other", description, children: [], range };
}

function isPlaceholder(part: object): part is Expression {
  return "kind" in part && part.kind === "other" && "description" in part && part.description === valuePlaceholder;
}
