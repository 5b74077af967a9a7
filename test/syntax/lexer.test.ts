// Tokens as PostgreSQL's scanner reads them.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tokenize } from "../../server/src/syntax/lexer.ts";

/** The tokens as `kind:text`, kinds shortened to their first letter. */
function show(text: string): string[] {
  return tokenize(text).map(({ kind, start, end }) => `${kind[0]}:${text.slice(start, end)}`);
}

describe("lexer", () => {
  it.each<[string, string[]]>([
    ["a _b é$1 A.b", ["w:a", "w:_b", "w:é$1", "w:A", "p:.", "w:b"]],
    [`"a""b" U&"\\0061" "`, [`q:"a""b"`, `q:U&"\\0061"`, `q:"`]],
    [
      "'it''s' E'\\'' e'a\\\\' b'1' X'ff' N'n' U&'x'",
      ["s:'it''s'", "s:E'\\''", "s:e'a\\\\'", "b:b'1'", "b:X'ff'", "s:N'n'", "s:U&'x'"],
    ],
    ["'a'\n  'b' 'c'", ["s:'a'\n  'b'", "s:'c'"]],
    ["'a' -- no\n'b'", ["s:'a'", "s:'b'"]],
    ["$$a$b$$ $x$ $$ $x$ $1 a$$b", ["s:$$a$b$$", "s:$x$ $$ $x$", "p:$1", "w:a$$b"]],
    ["/* a /* b */ c */ x -- y\nz", ["w:x", "w:z"]],
    [
      "1 1.5 .5 1. 1e10 1.e-3 0x1F 0o17 0b1_0 1_000",
      ["n:1", "n:1.5", "n:.5", "n:1.", "n:1e10", "n:1.e-3", "n:0x1F", "n:0o17", "n:0b1_0", "n:1_000"],
    ],
    ["1..10", ["n:1", "p:..", "n:10"]],
    ["a=-1", ["w:a", "o:=", "o:-", "n:1"]],
    ["a@-1 <-> +-+", ["w:a", "o:@-", "n:1", "o:<->", "o:+", "o:-", "o:+"]],
    ["a<=/*x*/b*--c", ["w:a", "o:<=", "w:b", "o:*"]],
    ["a::int[] b:=1 x=>y", ["w:a", "p:::", "w:int", "p:[", "p:]", "w:b", "p::=", "n:1", "w:x", "o:=>", "w:y"]],
    ["\\ {", ["u:\\", "u:{"]],
    ["\u00a0x", ["w:\u00a0x"]],
  ])("reads %j", (text, tokens) => {
    expect(show(text)).toEqual(tokens);
  });

  it("says what the text's end cut off", () => {
    for (const text of ["'a", "E'a\\'", '"a', "$$a", "U&'a", "'a'\n'b"]) {
      expect(tokenize(text)).toEqual([expect.objectContaining({ start: 0, end: text.length, terminated: false })]);
    }
  });

  it("takes a run of operator characters as a whole where it is too long to be cut sign by sign", () => {
    const operators = (text: string) => tokenize(text).filter(({ kind }) => kind === "operator");
    expect(operators(`SELECT 1 ${"+".repeat(256)}1`)).toHaveLength(256);
    // Otherwise each of the signs would be read once for each one before it.
    expect(operators(`SELECT 1 ${"+-".repeat(500_000)}1`)).toHaveLength(1);
    expect(operators(`SELECT 1 ${"=".repeat(300)}--x`)).toHaveLength(1);
    expect(operators(`SELECT 1 ${"+".repeat(300)}-- +`)).toEqual([expect.objectContaining({ start: 9, end: 309 })]);
  });

  it("covers any text without overlap and without failing", () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      "$$",
      "$a$",
      "--",
      "/*",
      "*/",
      "\n",
      " ",
      "E'",
      "U&'",
      "\\",
      "a",
      "1",
      ".",
      "+",
      "-",
      "@",
      "😀",
      "\0",
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const text = pieces.join("");
        let position = 0;
        for (const { start, end } of tokenize(text)) {
          expect(start).toBeGreaterThanOrEqual(position);
          expect(end).toBeGreaterThan(start);
          position = end;
        }
        expect(position).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
