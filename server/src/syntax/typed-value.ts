/** The values that somebody types for a bound or a split: words without quotes and expressions, made into SQL and read. */

import type { Expr } from "pgsql-ast-parser";
import {
  type ExpressionLibrary,
  type LoneExpression,
  printExpression,
  readLoneExpression,
  rewriteExpression,
} from "./expression-text.ts";
import { tokenize } from "./lexer.ts";
import { quoteLiteral } from "./literals.ts";
import { quoteIdentifier } from "./names.ts";
import type { Parser } from "./parser.ts";

/** What reads typed values; without the library it reads what PostgreSQL's grammar takes as it stands. */
export interface TypedValueReader {
  /** A text that is meant as it stands, as a constant: `2024-07-01`, `abc`. */
  readonly word: (text: string) => LoneExpression;
  /** An expression as PostgreSQL reads it. */
  readonly expression: (text: string) => LoneExpression;
  /** An expression in which dates stand without quotes, as constants of this type: `2024-06-30 + 1`; null where none does. */
  readonly dated: (text: string, type: string) => LoneExpression | null;
}

/**
 * Reads with `pgsql-ast-parser`, which makes the nodes that are missing and prints them, and with PostgreSQL's own grammar,
 * which has to read what was printed as it was meant; what was typed otherwise stays as it is.
 */
export function typedValueReader(reading: {
  readonly parser: Parser;
  readonly library?: ExpressionLibrary | undefined;
}): TypedValueReader {
  const { parser, library } = reading;
  const printed = (node: Expr): string | null =>
    library === undefined ? null : printExpression(node, { library, parser });
  return {
    word: (text) => {
      const constant = readLoneExpression(printed({ type: "string", value: text }) ?? quoteLiteral(text), parser);
      return isConstantOf(constant, text) ? constant : readLoneExpression(quoteLiteral(text), parser);
    },
    expression: (text) => readLoneExpression(text, parser),
    dated: (text, type) => {
      const named = text.length > longestText ? text : withNamedDates(text);
      if (library === undefined || named === text) return null;
      const choose = (node: Expr): string | null =>
        node.type === "ref" && node.table === undefined && isBareDate(node.name)
          ? printed({ type: "cast", operand: { type: "string", value: node.name }, to: { name: type } })
          : null;
      const rewritten = rewriteExpression(named, choose, { library, parser });
      return rewritten === null ? null : readLoneExpression(rewritten, parser);
    },
  };
}

/** The library's time grows with more than the length of what it reads. */
const longestText = 2_000;

function isConstantOf(read: LoneExpression, text: string): boolean {
  return (
    read.ok &&
    read.expression.kind === "constant" &&
    read.expression.value.type === "string" &&
    read.expression.value.text === text
  );
}

const bareDate = /\d{4}-\d{1,2}-\d{1,2}/;

function isBareDate(name: string): boolean {
  return new RegExp(`^${bareDate.source}$`).test(name);
}

/** Dates outside of quotes, which are subtractions to every grammar, as names that a grammar hands on whole. */
function withNamedDates(text: string): string {
  let result = "";
  let position = 0;
  for (const { index, 0: written } of text.matchAll(new RegExp(`(?<![\\w.$])${bareDate.source}(?![\\w.:-])`, "g"))) {
    if (isQuoted(text, index)) continue;
    result += text.slice(position, index) + quoteIdentifier(written);
    position = index + written.length;
  }
  return result + text.slice(position);
}

function isQuoted(text: string, offset: number): boolean {
  for (const { kind, start, end } of tokenize(text)) {
    if (start > offset) return true;
    if (start <= offset && offset < end) return start !== offset || kind !== "number";
  }
  return true;
}
