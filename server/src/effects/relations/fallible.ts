/** Expressions that may fail for some row: what computes them over rows that nobody knows may be refused. */

import type { Expression } from "../../syntax/expression.ts";
import { insideOut } from "../../syntax/expression-walk.ts";

/** Whether there may be a row for which the expression raises an error: by what it divides, casts or calls. */
export function isFallible(expression: Expression): boolean {
  return insideOut(expression).some((part) => !givesValue(part));
}

/** Whether the part has a value whatever its operands are, as far as PostgreSQL's own operators and functions go. */
function givesValue(part: Expression): boolean {
  switch (part.kind) {
    case "constant":
    case "column":
    case "sql-value":
    case "and":
    case "or":
    case "not":
    case "in":
    case "between":
    case "null-test":
    case "boolean-test":
    case "distinct-from":
    case "nullif":
    case "coalesce":
    case "greatest-least":
    case "case":
    case "collate":
    case "array":
    case "row":
      return true;
    case "operator":
      return operators.has(part.operator);
    case "cast":
      return part.type.modifiers.length === 0 && texts.has(part.type.names.at(-1) ?? "");
    case "call":
      return functions.has(part.name.at(-1) ?? "");
    default:
      return false;
  }
}

const operators: ReadonlySet<string> = new Set(["=", "<>", "!=", "<", "<=", ">", ">=", "||", "->", "->>"]);

const texts: ReadonlySet<string> = new Set(["text", "varchar", "regconfig"]);

const functions: ReadonlySet<string> = new Set(
  (
    "lower upper initcap btrim ltrim rtrim trim concat concat_ws length char_length md5 reverse left right replace " +
    "to_tsvector setweight strip date"
  ).split(" "),
);
