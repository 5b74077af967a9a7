// Lone expressions: what somebody types for a value, and rewriting that PostgreSQL vouches for.
import type { Expr } from "pgsql-ast-parser";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ExpressionTools,
  isSameExpression,
  loadExpressionLibrary,
  readLoneExpression,
  rewriteExpression,
} from "../../server/src/syntax/expression-text.ts";
import { loadParserForTests } from "../support/parser.ts";

let tools: ExpressionTools;
beforeAll(async () => {
  tools = { parser: await loadParserForTests(), library: await loadExpressionLibrary() };
});

function show(text: string): string {
  const read = readLoneExpression(text, tools.parser);
  if (!read.ok) return `${read.error.message} @${read.error.offset}`;
  const { kind, range } = read.expression;
  return `${kind} ${text.slice(range.start, range.end)}`;
}

describe("a lone expression", () => {
  it.each([
    ["'2024-01-01'", "constant '2024-01-01'"],
    [" 9223372036854775808 ", "constant 9223372036854775808"],
    ["date '2024-01-01' + 1", "operator date '2024-01-01' + 1"],
    ["now()::date -- today", "cast now()::date"],
    ["'é😀' || x", "operator 'é😀' || x"],
    ["1 +", "syntax error at end of input @3"],
    ["", "syntax error at end of input @0"],
    ["1) FROM t WHERE (true", 'syntax error at or near ")" @1'],
    ["1; DROP TABLE t", 'syntax error at or near ";" @1'],
    ["'open", 'unterminated quoted string at or near "\'open" @0'],
    ["1 1", 'syntax error at or near "1" @2'],
  ])("%j is %s", (text, expected) => {
    expect(show(text)).toBe(expected);
  });

  it("is the same whatever its parentheses and case", () => {
    expect(isSameExpression("(a) AND b", "A and (b)", tools.parser)).toBe(true);
    expect(isSameExpression("a + b * c", "(a + b) * c", tools.parser)).toBe(false);
    expect(isSameExpression("a +", "a +", tools.parser)).toBe(false);
  });
});

describe("rewriting", () => {
  const monthOfDay = (node: Expr): string | null =>
    node.type === "binary" && node.op === "=" && node.left.type === "call" && node.left.function.name === "date_trunc"
      ? "d >= '2024-01-01' AND d < '2024-02-01'"
      : null;

  it("keeps all other text, and adds parentheses only where they are needed", () => {
    const month = "date_trunc('month', d) = '2024-01-01'";
    const range = "d >= '2024-01-01' AND d < '2024-02-01'";
    expect(rewriteExpression(`a  >  1.500 AND ${month}`, monthOfDay, tools)).toBe(`a  >  1.500 AND ${range}`);
    expect(rewriteExpression(month, monthOfDay, tools)).toBe(range);
    expect(rewriteExpression(`x OR ${month}`, monthOfDay, tools)).toBe(`x OR (${range})`);
    expect(rewriteExpression(`NOT ${month}`, monthOfDay, tools)).toBe(`NOT (${range})`);
  });

  it("offers nothing where nothing is replaced", () => {
    expect(rewriteExpression("a > 1", monthOfDay, tools)).toBeNull();
  });

  it("offers nothing where the library reads something else than PostgreSQL", () => {
    const any = (node: Expr): string | null => (node.type === "ref" ? "b" : null);
    expect(rewriteExpression("a > 1", any, tools)).toBe("b > 1");
    expect(rewriteExpression("a > 9223372036854775809", any, tools)).toBe("b > 9223372036854775809");
    expect(rewriteExpression("a > 0x1F", any, tools)).toBeNull();
    expect(rewriteExpression("a IS JSON", any, tools)).toBeNull();
  });
});
