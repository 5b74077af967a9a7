// Whole scripts: recovery from broken statements, and edits that give what reading from scratch gives.
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Document, parseDocument } from "../../server/src/syntax/document.ts";
import { editDocument } from "../../server/src/syntax/edited-document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(1_000_000) };
});

/** Each statement as `kind: text`, an invalid one with its message. */
function show(text: string): string[] {
  return parseDocument(text, reading).statements.map(({ start, end, statement }) =>
    statement.kind === "invalid"
      ? `! ${statement.error.message} @${start + statement.error.range.start}: ${text.slice(start, end)}`
      : `${statement.kind}: ${text.slice(start, end)}`,
  );
}

describe("a document", () => {
  it("has its statements where they stand", () => {
    const text = "-- x\nCREATE TABLE a (b int) ; \\echo hi\nSELECT 1";
    const [table, query, ...more] = parseDocument(text, reading).statements;
    expect(table).toMatchObject({ start: 5, end: 27, terminatorEnd: 29, masked: false });
    expect(query).toMatchObject({ start: 39, end: 47, terminatorEnd: 47 });
    expect(more).toEqual([]);
  });

  it("shares what equal statements mean", () => {
    const [first, second] = parseDocument("SELECT a FROM b; SELECT a FROM b", reading).statements;
    expect(first?.hash).toBe(second?.hash);
    expect(first?.statement).toBe(second?.statement);
  });

  it("says which statements held placeholders", () => {
    expect(parseDocument("SELECT :x; SELECT 1", reading).statements.map(({ masked }) => masked)).toEqual([true, false]);
  });

  it("reads what is too long or too deep as something else, and goes on", () => {
    const text = `SELECT 1${" + 1".repeat(20_000)};\nSELECT 2;`;
    expect(parseDocument(text, reading).statements.map(({ statement }) => statement.kind)).toEqual(["other", "query"]);
  });

  it.each([
    ["calls", "SELECT ", "f(", "1", ")"],
    ["subqueries", "SELECT ", "(SELECT ", "1", ")"],
    ["subqueries in FROM", "SELECT * FROM ", "(SELECT * FROM ", "t", ") x"],
    ["common table expressions", "", "WITH x AS (", "SELECT 1", ") SELECT 1"],
    ["set operations", "", "SELECT 1 UNION ALL ", "SELECT 1", ""],
    ["joins", "SELECT * FROM ", "a CROSS JOIN ", "a", ""],
    ["CASE", "SELECT ", "CASE WHEN ", "1", " THEN 1 END"],
  ])("reads %s nested to any depth", (_, before, open, inner, close) => {
    for (const depth of [400, 495, 700, 2_000]) {
      const text = `${before}${open.repeat(depth)}${inner}${close.repeat(depth)};\nSELECT 2;`;
      expect(parseDocument(text, reading).statements).toHaveLength(2);
    }
  });

  it("copes with texts that are no SQL", () => {
    for (const text of [
      "",
      "\0",
      "\ufeff",
      "{}",
      "]]>",
      "%PDF-1.4 \x01\x02'",
      "\\",
      "$",
      "'",
      '"',
      "/*",
      "\ud800",
      "();;",
    ]) {
      expect(() => parseDocument(text, reading)).not.toThrow();
    }
  });
});

describe("what ends a statement besides a semicolon", () => {
  it.each([
    ["-- +goose Up\n-- +goose StatementBegin\nSELECT 1\n-- +goose StatementEnd\nSELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["-- migrate:up\nSELECT 1\n-- migrate:down\nSELECT 2", ["SELECT 1", "SELECT 2"]],
    // For dbmate that is no marker.
    ["-- migrate:up\nSELECT 1\n -- migrate:down\n+ 2", ["SELECT 1\n -- migrate:down\n+ 2"]],
    ["-- +migrate Up\nSELECT 1\n-- +migrate Down\nSELECT 2", ["SELECT 1", "SELECT 2"]],
    [
      "SELECT 1--> statement-breakpoint\nSELECT 2;--> statement-breakpoint\nSELECT 3",
      ["SELECT 1", "SELECT 2", "SELECT 3"],
    ],
    ["--changeset me:1\nSELECT 1\n--changeset me:2\nSELECT 2", ["SELECT 1", "SELECT 2"]],
    ["-- atlas:delimiter \\n\\n\\n\n\nSELECT 1\n\n\nSELECT 2,\n\n3", ["SELECT 1", "SELECT 2,\n\n3"]],
    ["-- atlas:delimiter -- end\nSELECT 1\n-- end\nSELECT 2;\n-- end\n", ["SELECT 1", "SELECT 2"]],
    ["-- atlas:delimiter //\nSELECT '//'//\nSELECT 2//", ["SELECT '//'", "SELECT 2"]],
  ])("%j", (text, expected) => {
    const found = parseDocument(text, reading).statements;
    expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(expected);
    expect(found.every(({ statement }) => statement.kind === "query")).toBe(true);
  });

  it("is heard of when the first line is changed", () => {
    const text = "-- atlas:delimiter //\nSELECT 1//\nSELECT 2//\nSELECT 3;";
    const document = parseDocument(text, reading);
    const at = text.indexOf("//");
    const edited = editDocument(document, text.replace("//", "$$"), { start: at, end: at + 2, length: 2 }, reading);
    expect(edited.statements.map(({ statement }) => statement.kind)).toEqual(["invalid"]);
  });
});

it.each([
  ["CREATE TABLE ${schema}.visits (k int);", "${schema}", "visits"],
  ["CREATE TABLE {{ schema }}.t_${n} (k int);", "{{ schema }}", "t_${n}"],
  ['CREATE TABLE :s.:"t" (k int);', ":s", ':"t"'],
])("names are as the file has them: %s", (text, schema, name) => {
  expect(parseDocument(text, reading).statements[0]?.statement).toMatchObject({ name: { schema, name } });
});

describe("recovery", () => {
  const table = (name: string): string => `CREATE TABLE ${name} (a int);`;

  it.each<[string, string, string[]]>([
    [
      "a missing semicolon",
      "CREATE TABLE a (x int)\n-- next\nCREATE TABLE b (x int);",
      [
        "create-table: CREATE TABLE a (x int)",
        '! syntax error at or near "CREATE" @22: ',
        "create-table: CREATE TABLE b (x int)",
      ],
    ],
    [
      "a lone quote",
      "CREATE TABLE a (x int DEFAULT ');\nCREATE TABLE b (x text DEFAULT 'y');\nSELECT 1;",
      [
        '! syntax error at or near "y" @33: CREATE TABLE a (x int DEFAULT \');',
        "create-table: CREATE TABLE b (x text DEFAULT 'y')",
        "query: SELECT 1",
      ],
    ],
    [
      "a statement still being typed",
      "SELECT * FROM sales WHERE \n\nCREATE TABLE b (x int);",
      ['! syntax error at or near "CREATE" @25: SELECT * FROM sales WHERE', "create-table: CREATE TABLE b (x int)"],
    ],
    [
      "an open parenthesis",
      "CREATE TABLE a (\nCREATE TABLE b (x int);",
      ['! syntax error at or near "CREATE" @16: CREATE TABLE a (', "create-table: CREATE TABLE b (x int)"],
    ],
    [
      "an open comment",
      "CREATE TABLE a (x int); /* c \nCREATE TABLE b (x int);\nSELECT 1;",
      [
        "create-table: CREATE TABLE a (x int)",
        '! unterminated /* comment at or near "/* c …" @24: /* c',
        "create-table: CREATE TABLE b (x int)",
        "query: SELECT 1",
      ],
    ],
    [
      "a dollar quote too many",
      [
        "CREATE TABLE a (x int) $$;",
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$",
        "SELECT 1;",
        "$$;",
        "CREATE TABLE b (x int);",
        "DO $$ BEGIN NULL; END $$;",
      ].join("\n"),
      [
        '! syntax error at or near "$$;…" @23: CREATE TABLE a (x int) $$;',
        "create-function: CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$",
        "create-table: CREATE TABLE b (x int)",
        "do: DO $$ BEGIN NULL; END $$",
      ],
    ],
    [
      "a function's body without its end",
      [
        "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$",
        "BEGIN",
        "  INSERT INTO t VALUES (1);",
        "END;",
        "CREATE TABLE b (x int);",
        "CREATE FUNCTION g() RETURNS int LANGUAGE plpgsql AS $$",
        "BEGIN",
        "  INSERT INTO t VALUES (1);",
        "END;",
        "$$;",
        "CREATE TABLE c (x int);",
      ].join("\n"),
      [
        '! syntax error at or near "INSERT" @93: CREATE FUNCTION',
        "create-table: CREATE TABLE b (x int)",
        "create-function: CREATE FUNCTION g()",
        "create-table: CREATE TABLE c (x int)",
      ],
    ],
    [
      "a wrong head before a sound body",
      "CREATE FUNCTON f() AS $$\nBEGIN\nINSERT INTO t VALUES (1);\nEND\n$$ LANGUAGE plpgsql;\nSELECT 1;",
      [
        '! syntax error at or near "FUNCTON" @7: CREATE FUNCTON f() AS $$\nBEGIN\nINSERT INTO t VALUES (1);\nEND\n$$ LANGUAGE plpgsql',
        "query: SELECT 1",
      ],
    ],
    [
      "COPY without its data",
      "COPY t FROM stdin;\nCREATE TABLE b (x int);\nSELECT 1;",
      ["copy: COPY t FROM stdin", "create-table: CREATE TABLE b (x int)", "query: SELECT 1"],
    ],
    ["two on one line", "SELEC 1; SELECT 2;", ['! syntax error at or near "SELEC" @0: SELEC 1', "query: SELECT 2"]],
  ])("limits the harm of %s", (_, text, expected) => {
    const actual = show(text);
    expect(
      actual.map((line, index) =>
        expected[index]?.endsWith("CREATE FUNCTION") || expected[index]?.endsWith("g()")
          ? line.slice(0, expected[index].length)
          : line,
      ),
    ).toEqual(expected);
  });

  it.each(["'", '"', "$$", "/*", "(", "E'", "$a$"])("loses one statement of many to a lone %s", (slip) => {
    const names = Array.from({ length: 40 }, (_, index) => `t_${index}`);
    const lines = names.map(
      (name, index) => `CREATE TABLE ${name} (a text DEFAULT 'x' CHECK (a <> "a") ${index === 5 ? slip : ""});`,
    );
    const { statements } = parseDocument(lines.join("\n"), reading);
    const found = statements.flatMap(({ statement }) =>
      statement.kind === "create-table" ? [statement.name.name] : [],
    );
    expect(found).toEqual(names.filter((_, index) => index !== 5));
  });

  it.each<[string, readonly (readonly [string, boolean])[]]>([
    [
      "CREATE TABLE a (x int)\nCREATE TABLE b (x int);\nSELECT 1;",
      [
        ["CREATE TABLE a (x int)", true],
        ["", false],
        ["CREATE TABLE b (x int)", true],
        ["SELECT 1", false],
      ],
    ],
    [
      "DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN\n  CREATE TABLE a (x int);\nEND $$\nDELIMITER ;\nCREATE TABLE b (x int);",
      [
        ["DELIMITER $$\nCREATE PROCEDURE p()\nBEGIN", false],
        ["CREATE TABLE a (x int)", true],
        ["END $$\nDELIMITER ;", true],
        ["CREATE TABLE b (x int)", false],
      ],
    ],
    [
      // Up to the end PostgreSQL's reading and ours are never in step again.
      "SELECT ';\nCREATE TABLE a (x text DEFAULT 'a');\nCREATE TABLE b (x int);",
      [
        ["SELECT ';", false],
        ["CREATE TABLE a (x text DEFAULT 'a')", true],
        ["CREATE TABLE b (x int)", true],
      ],
    ],
    [
      "COPY t FROM stdin;\nCREATE TABLE a (x int);",
      [
        ["COPY t FROM stdin", false],
        ["CREATE TABLE a (x int)", true],
      ],
    ],
    [
      "SELEC 1; SELECT 2;",
      [
        ["SELEC 1", false],
        ["SELECT 2", false],
      ],
    ],
  ])("tells what PostgreSQL refuses along with it: %j", (text, expected) => {
    const found = parseDocument(text, reading).statements;
    expect(found.map(({ start, end, swallowed }) => [text.slice(start, end), swallowed])).toEqual(expected);
  });

  it("finds the next statement also where the broken one is indented more", () => {
    expect(show(`BEGIN;\n  CREATE TABLE a (\n${table("b")}`)).toEqual([
      "transaction: BEGIN",
      '! syntax error at or near "CREATE" @25: CREATE TABLE a (',
      "create-table: CREATE TABLE b (a int)",
    ]);
  });
});

describe("an edit", () => {
  /** What must not differ: everything but the text, which is the same by construction. */
  const facts = ({ statements, directives, units, handles, read }: Document): unknown => ({
    statements,
    directives,
    units: [...units.list],
    handles: handles.list.length,
    read: [...read].map((each) => ({ ...each, offset: 0 })),
  });

  function edit(document: Document, start: number, end: number, inserted: string): Document {
    const text = document.text.slice(0, start) + inserted + document.text.slice(end);
    return editDocument(document, text, { start, end, length: inserted.length }, reading);
  }

  it.each([
    ["-- partition-lens: ignore range-gap\nSELECT 2;", "SELECT 1;"],
    ["-- partition-lens: ignore-file\nSELECT 2;", "SELECT 1;\n"],
    ["\ufeffSELECT 2;", "SELECT 1;"],
    ["\ufeff-- partition-lens: ignore\nSELECT 2;", ";"],
  ])("in front of what only the first line may be reads it anew, and back: %j", (text, added) => {
    const first = parseDocument(text, reading);
    const behind = edit(first, 0, 0, added);
    expect(facts(behind)).toEqual(facts(parseDocument(added + text, reading)));
    expect(facts(edit(behind, 0, added.length, ""))).toMatchObject({
      ...(facts(first) as object),
      handles: first.handles.list.length,
    });
  });

  it("keeps the statements that it does not touch", () => {
    const text = Array.from({ length: 200 }, (_, index) => `CREATE TABLE part_${index} (a int);\n`).join("");
    const before = parseDocument(text, reading);
    const at = text.indexOf("part_100");
    const after = edit(before, at, at, "x");
    expect(after.statements[100]?.statement).toMatchObject({ name: { name: "xpart_100" } });
    expect(
      after.statements.filter(({ statement }, index) => statement === before.statements[index]?.statement),
    ).toHaveLength(199);
    expect(after.read.at(0)).toBe(before.read.at(0));
    expect(facts(after)).toEqual(facts(parseDocument(after.text, reading)));
  });

  const parts = [
    "CREATE TABLE a (x text DEFAULT 'y');\n",
    "SELECT 1\n",
    "\nSELECT * FROM b WHERE c = 1;\n",
    "COPY t FROM stdin;\n",
    "1\t2\n\\.\n",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$\nSELECT 1;\n$$;\n",
    "DO $$ BEGIN DELETE FROM t; END $$;\n",
    "\\set x 1\n",
    "SELECT 1 \\gset\n",
    "-- partition-lens: ignore range-gap: why\n",
    "-- partition-lens: ignore-file\n",
    "/* c */",
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END;\n",
  ];
  const slips = [
    "'",
    '"',
    "$$",
    "$a$",
    "(",
    ")",
    ";",
    "--",
    "/*",
    "*/",
    "\\",
    "\n",
    "\r\n",
    " ",
    "x",
    "E'",
    ":v",
    "${",
    "{{",
    "}}",
    "{%",
    "%}",
    "@a",
    "@",
    "\\g",
    "\\.",
    "\ufeff",
    "\0",
    "😀",
    "\ud83d",
    "CREATE ",
    "BEGIN ",
    "END ",
    "\n\n",
  ];
  const fragment = fc.oneof(fc.constantFrom(...parts), fc.constantFrom(...slips));
  const script = fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...parts) }, { weight: 1, arbitrary: fc.constantFrom(...slips) }),
    { maxLength: 12 },
  );
  const change = fc.record({
    at: fc.nat({ max: 10_000 }),
    removed: fc.oneof(fc.constant(0), fc.nat({ max: 4 }), fc.nat({ max: 120 })),
    inserted: fc.oneof(fc.constant(""), fragment),
  });

  it("leaves the list of statements the same object while none of them is another", () => {
    const text = "SELECT 1;\nSELECT 2; -- two\nSELECT 3;\n";
    const before = parseDocument(text, reading);
    const typed = (at: number, added: string): Document =>
      editDocument(
        before,
        text.slice(0, at) + added + text.slice(at),
        { start: at, end: at, length: added.length },
        reading,
      );
    expect(typed(text.indexOf("two"), "1").read).toBe(before.read);
    const more = typed(text.indexOf("SELECT 2"), "SELECT 4; ");
    expect(facts(more)).toEqual(facts(parseDocument(more.text, reading)));
    // What stands behind the last statement leaves the list of them as well.
    expect(typed(text.length, "-- x").read).toBe(before.read);
  });

  it("gives what reading from scratch gives, whatever is typed", () => {
    fc.assert(
      fc.property(script, fc.array(change, { minLength: 1, maxLength: 8 }), (pieces, changes) => {
        let document = parseDocument(pieces.join(""), reading);
        for (const { at, removed, inserted } of changes) {
          const start = at % (document.text.length + 1);
          document = edit(document, start, Math.min(document.text.length, start + removed), inserted);
          expect(facts(document)).toEqual(facts(parseDocument(document.text, reading)));
        }
      }),
      { numRuns: 400 },
    );
  });
});
