// Identifiers and string constants: what their source text stands for, and how they are written.
import { describe, expect, it } from "vitest";
import { decodeString, quoteLiteral } from "../../server/src/syntax/literals.ts";
import { quoteIdentifier, truncateIdentifier, unquoteIdentifier } from "../../server/src/syntax/names.ts";

describe("identifiers", () => {
  it.each([
    ["Sales", "sales"],
    ['"Sales"', "Sales"],
    ['"a""b"', 'a"b'],
    ["ÄB", "Äb"],
    ['U&"d\\0061t\\+000061"', "data"],
    ['u&"a\\\\b"', "a\\b"],
  ])("%s is %j", (source, name) => {
    expect(unquoteIdentifier(source)).toBe(name);
  });

  it("decodes U& with another escape character", () => {
    expect(unquoteIdentifier('U&"d!0061t"', "!")).toBe("dat");
  });

  it.each([
    ["sales", "sales"],
    ["Sales", '"Sales"'],
    ["select", '"select"'],
    ["date", "date"],
    ["timestamp", '"timestamp"'],
    ["authorization", '"authorization"'],
    ["a$b", '"a$b"'],
    ["é", '"é"'],
    ['a"b', '"a""b"'],
    ["", '""'],
    ["1a", '"1a"'],
  ])("quotes %j as %s", (name, quoted) => {
    expect(quoteIdentifier(name)).toBe(quoted);
  });

  it("truncates to 63 bytes, never within a character", () => {
    expect(truncateIdentifier("a".repeat(70))).toBe("a".repeat(63));
    expect(truncateIdentifier(`${"a".repeat(62)}é`)).toBe("a".repeat(62));
    expect(truncateIdentifier("😀".repeat(16))).toBe("😀".repeat(15));
    expect(truncateIdentifier("a".repeat(63))).toBe("a".repeat(63));
  });
});

describe("string constants", () => {
  it.each([
    ["'it''s'", "it's"],
    ["'a\\n'", "a\\n"],
    ["E'a\\n\\'\\x41\\101\\u00e9'", "a\n'AAé"],
    ["E'\\xc3\\xa9'", "é"],
    ["U&'d\\0061\\+01F600'", "da😀"],
    ["$$a'b$$", "a'b"],
    ["$x$ $$ $x$", " $$ "],
    ["N'n'", "n"],
    ["'a'\n -- c\n 'b''c'", "ab'c"],
    ["E'a'\n'\\n'", "a\n"],
    ["'open", "open"],
    ["$$open", "open"],
  ])("%j is %j", (source, value) => {
    expect(decodeString(source)).toBe(value);
  });

  it.each([
    ["it's", "'it''s'"],
    ["a\\b", "E'a\\\\b'"],
  ])("writes %j as %s", (value, literal) => {
    expect(quoteLiteral(value)).toBe(literal);
    expect(decodeString(literal)).toBe(value);
  });
});
