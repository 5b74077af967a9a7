// What is understood of statements, as readable snapshots beside the SQL; UPDATE_EXPECT=1 rewrites them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Expression } from "../../server/src/syntax/expression.ts";
import { readLoneExpression } from "../../server/src/syntax/expression-text.ts";
import { tokenize } from "../../server/src/syntax/lexer.ts";
import type { Parser } from "../../server/src/syntax/parser.ts";
import { printStatement } from "../../server/src/syntax/print.ts";
import type { PlacedStatement, Statement } from "../../server/src/syntax/statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

const folder = new URL("lowering/", import.meta.url);
const update = process.env["UPDATE_EXPECT"] === "1";

let parser: Parser;
beforeAll(async () => {
  parser = await loadParserForTests();
});

/** Each statement under its own text, so that the ranges can be read. */
function show(text: string, { start, end, masked, statement }: PlacedStatement): string {
  return `${text.slice(start, end)}\n=> ${statement.kind}${masked ? " (masked)" : ""}\n${printStatement(statement)}`;
}

describe("lowering", () => {
  const sources = readdirSync(folder).filter((name) => name.endsWith(".sql"));

  it.each(sources)("understands %s", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");
    const { statements } = parseDocument(text, { parser, cache: createStatementCache(100_000) });
    const actual = statements.map((placed) => show(text, placed)).join("\n");
    const file = new URL(name.replace(/\.sql$/, ".expected"), folder);
    if (update) writeFileSync(file, actual);
    expect(actual).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  });

  it("has no expectation without its SQL", () => {
    const expectations = readdirSync(folder).filter((name) => name.endsWith(".expected"));
    expect(expectations.map((name) => name.replace(/\.expected$/, ".sql"))).toEqual(sources);
  });

  it("gives each expression the range that reads as the same expression", () => {
    let checked = 0;
    for (const name of sources) {
      const document = readFileSync(new URL(name, folder), "utf8");
      for (const { start, statement } of parseDocument(document, { parser, cache: createStatementCache(100_000) })
        .statements) {
        for (const expression of expressionsIn(statement).filter(isReadableAlone)) {
          const { range } = expression;
          const text = document.slice(start + range.start, start + range.end);
          // The inner arrays of `ARRAY[[1], [2]]`.
          if (text.startsWith("[")) continue;
          const alone = readLoneExpression(text, parser);
          expect(alone.ok ? alone.expression : alone.error, text).toEqual(countedFrom(range.start, expression));
          checked++;
        }
      }
    }
    expect(checked).toBeGreaterThan(200);
  });

  it("does not depend on space and comments between tokens", () => {
    const withoutPlaces = (statement: Statement): unknown =>
      JSON.parse(JSON.stringify(statement), (key, inner) =>
        ["range", "start", "end", "terminatorEnd", "hash", "location", "text"].includes(key) || key.endsWith("Range")
          ? undefined
          : inner,
      );
    for (const name of sources) {
      const text = readFileSync(new URL(name, folder), "utf8");
      const reading = { parser, cache: createStatementCache(100_000) };
      for (const { start, end, masked, statement } of parseDocument(text, reading).statements) {
        if (masked || statement.kind === "invalid" || statement.kind === "do") continue;
        const written = text.slice(start, end);
        const spread = tokenize(written)
          .map((token) => written.slice(token.start, token.end))
          .join(" /* ( ' */\n");
        const [again, ...others] = parseDocument(spread, reading).statements;
        expect(others, written).toEqual([]);
        // The data of a COPY stand behind it, and were not written again.
        const alone = statement.kind === "copy" ? { ...statement, data: null } : statement;
        expect(again && withoutPlaces(again.statement), written).toEqual(withoutPlaces(alone));
      }
    }
  });

  it("keeps every range inside its statement", () => {
    for (const name of sources) {
      const text = readFileSync(new URL(name, folder), "utf8");
      for (const { start, end, statement } of parseDocument(text, { parser, cache: createStatementCache(100_000) })
        .statements) {
        for (const range of rangesIn(statement)) {
          expect(range.start, text.slice(start, end)).toBeGreaterThanOrEqual(0);
          expect(range.end, text.slice(start, end)).toBeLessThanOrEqual(end - start);
          expect(range.start, text.slice(start, end)).toBeLessThanOrEqual(range.end);
        }
      }
    }
  });
});

/** Some parts mean what they mean only where they stand: placeholders, DEFAULT, the field of `extract`. */
function isReadableAlone(expression: Expression): boolean {
  const text = JSON.stringify(expression);
  return !/"placeholder"|"number":10\d{4}|"DEFAULT"|^\{"kind":"constant","value":\{"type":"string","text":"year"\}/.test(
    text,
  );
}

function expressionsIn(value: unknown): readonly Expression[] {
  if (typeof value !== "object" || value === null || "statement" in value) return [];
  const inner = Object.values(value).flatMap(expressionsIn);
  const isExpression =
    "kind" in value && "range" in value && expressionKinds.has(String(value.kind)) && !("including" in value);
  return isExpression ? [value as Expression, ...inner] : inner;
}

const expressionKinds = new Set(
  "constant cast collate call operator and or not null-test boolean-test in between any-array distinct-from like nullif coalesce greatest-least case array row sql-value".split(
    " ",
  ),
);

/** The same value with all offsets counted from `origin`. */
function countedFrom(origin: number, value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, inner) => (key === "start" || key === "end" ? inner - origin : inner));
}

function rangesIn(value: unknown): readonly { readonly start: number; readonly end: number }[] {
  if (typeof value !== "object" || value === null) return [];
  if ("statement" in value) return [];
  const own = "start" in value && "end" in value ? [value as { readonly start: number; readonly end: number }] : [];
  return [...own, ...Object.values(value).flatMap(rangesIn)];
}
