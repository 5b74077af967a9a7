// What is understood of statements, as readable snapshots beside the SQL; UPDATE_EXPECT=1 rewrites them.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Parser } from "../../server/src/syntax/parser.ts";
import { printStatement } from "../../server/src/syntax/print.ts";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
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
    const { statements } = parseDocument(text, { parser, cache: createStatementCache(1_000) });
    const actual = statements.map((placed) => show(text, placed)).join("\n");
    const file = new URL(name.replace(/\.sql$/, ".expected"), folder);
    if (update) writeFileSync(file, actual);
    expect(actual).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
  });

  it("has no expectation without its SQL", () => {
    const expectations = readdirSync(folder).filter((name) => name.endsWith(".expected"));
    expect(expectations.map((name) => name.replace(/\.expected$/, ".sql"))).toEqual(sources);
  });

  it("keeps every range inside its statement", () => {
    for (const name of sources) {
      const text = readFileSync(new URL(name, folder), "utf8");
      for (const { start, end, statement } of parseDocument(text, { parser, cache: createStatementCache(1_000) })
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

function rangesIn(value: unknown): readonly { readonly start: number; readonly end: number }[] {
  if (typeof value !== "object" || value === null) return [];
  if ("statement" in value) return [];
  const own = "start" in value && "end" in value ? [value as { readonly start: number; readonly end: number }] : [];
  return [...own, ...Object.values(value).flatMap(rangesIn)];
}
