// The comments that silence findings.
import { beforeAll, describe, expect, it } from "vitest";
import type { Directive } from "../../server/src/syntax/directives.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(10_000) };
});

function show(text: string): string[] {
  const describe = ({ kind, rules, reason, statement }: Directive): string =>
    `${kind} [${rules.map(({ id, range }) => (text.slice(range.start, range.end) === id ? id : "misplaced"))}] ${reason} ${statement}`;
  return parseDocument(text, reading).directives.map(describe);
}

describe("directives", () => {
  it.each<[string, string[]]>([
    ["-- partition-lens: ignore range-gap\nSELECT 1;", ["ignore [range-gap] null 0"]],
    [
      "a;\n  -- partition-lens: ignore range-gap, hash-incomplete: later: really\nSELECT 1;",
      ["ignore [range-gap,hash-incomplete] later: really 1"],
    ],
    ["--partition-lens:ignore\r\nSELECT 1;", ["ignore [] null 0"]],
    ["-- partition-lens: ignore-file pruning-none: reports\n\nSELECT 1;", ["ignore-file [pruning-none] reports null"]],
    ["SELECT 1;\n-- partition-lens: ignore-file", ["unreadable [] null null"]],
    ["-- partition-lens: silence\nSELECT 1;", ["unreadable [] null null"]],
    ["SELECT 1;\n-- partition-lens: ignore range-gap", ["ignore [range-gap] null null"]],
    ["SELECT '\n-- partition-lens: ignore\n';", []],
    ["SELECT 1; -- partition-lens: ignore\nSELECT 2;", []],
    ["COPY t FROM stdin;\n-- partition-lens: ignore\n\\.\n", []],
  ])("reads %j", (text, expected) => {
    expect(show(text)).toEqual(expected);
  });

  it("covers the comment without what follows it", () => {
    const text = "-- partition-lens: ignore a-b: c  \nSELECT 1;";
    expect(parseDocument(text, reading).directives[0]?.range).toEqual({ start: 0, end: 32 });
  });
});
