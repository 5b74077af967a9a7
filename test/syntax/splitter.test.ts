// Where psql would cut a script.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskedText } from "../../server/src/syntax/split/mask.ts";
import type { Piece } from "../../server/src/syntax/split/piece.ts";
import { splitScript } from "../../server/src/syntax/split/splitter.ts";

/** SQL pieces as they stand, others with their kind in front. */
function show(text: string): string[] {
  return [...splitScript(text)].map(({ kind, start, end }) =>
    kind === "sql" ? text.slice(start, end) : `${kind}: ${text.slice(start, end)}`,
  );
}

function masked(text: string): string[] {
  return [...splitScript(text)].filter((piece) => piece.kind === "sql").map((piece) => maskedText(text, piece));
}

describe("splitter", () => {
  it.each<[string, string, string[]]>([
    ["statements", "a; b ;\n\nc", ["a", "b", "c"]],
    ["empty statements and comments", ";; -- x;\n/* ; /* ; */ */ a -- ;\n;", ["a"]],
    ["quotes", `a ';' ";" E'\\';' ; b ''';' ; c "";`, [`a ';' ";" E'\\';'`, "b ''';'", 'c ""']],
    ["a plain string with a backslash", "a 'x\\'; b 'y';", ["a 'x\\'", "b 'y'"]],
    ["dollar quotes", "a $$;$$; b $x$;$$;$x$; c$$; d", ["a $$;$$", "b $x$;$$;$x$", "c$$", "d"]],
    ["parentheses left open", "a (1; b", ["a (1", "b"]],
    [
      "the actions of a rule",
      "CREATE RULE r AS ON INSERT TO t DO (a; b); c",
      ["CREATE RULE r AS ON INSERT TO t DO (a; b)", "c"],
    ],
    [
      "BEGIN ATOMIC",
      "create or replace function f() begin atomic a; select case when x then 1 end; end; b",
      ["create or replace function f() begin atomic a; select case when x then 1 end; end", "b"],
    ],
    [
      "BEGIN and END elsewhere",
      "begin; select case when a then b end; end;",
      ["begin", "select case when a then b end", "end"],
    ],
    [
      "COPY data",
      "COPY t (a) FROM stdin;\n1\t;'\n\\N\n\\.\n\nSELECT 1;",
      ["COPY t (a) FROM stdin", "copy-data: 1\t;'\n\\N\n", "SELECT 1"],
    ],
    ["COPY data with CRLF", "copy t from stdin;\r\n;\r\n\\.\r\na;", ["copy t from stdin", "copy-data: ;\r\n", "a"]],
    ["COPY data without an end", "copy t from stdin;\na;\nb", ["copy t from stdin", "copy-data: a;\nb"]],
    [
      "COPY of a query, to stdout",
      "copy (select a from stdin) to stdout;\na;",
      ["copy (select a from stdin) to stdout", "a"],
    ],
    [
      "backslash commands",
      "\\restrict x;y\na;\n\\i f.sql\nb",
      ["meta-command: \\restrict x;y", "a", "meta-command: \\i f.sql", "b"],
    ],
    ["\\copy", "\\copy t from stdin\n;\n\\.\na", ["meta-command: \\copy t from stdin", "copy-data: ;\n", "a"]],
    ["commands that send", "a \\gset p_\nb \\g\nc", ["a", "meta-command: \\gset p_", "b", "meta-command: \\g", "c"]],
    ["statements that \\; separates", "a\\; b;", ["a", "b"]],
    ["a command amid a statement", "select 1\n\\echo x;\n+ 2;", ["select 1\n\\echo x;\n+ 2"]],
    ["\\\\ after a command", "\\set a b \\\\ select 1;", ["meta-command: \\set a b \\\\", "select 1"]],
    ["an open string", "a; b 'c; d", ["a", "b 'c; d"]],
    ["an open comment", "a; /* b; c", ["a", "/* b; c"]],
    ["templates", "{% if x %}a {{ y; }} ${z;}{% endif %};b <%= c; %>;", ["a {{ y; }} ${z;}", "b <%= c; %>"]],
    ["a byte order mark", "\ufeffa;b", ["a", "b"]],
    ["nothing", " -- only a comment", []],
  ])("cuts %s", (_, text, pieces) => {
    expect(show(text)).toEqual(pieces);
  });

  it.each<[string, string]>([
    ["select :x, :'y', :\"z\", :{?v}", "select _x, '__', \"__\", ___v_"],
    ["select a[1:n], a[:n], b::int, c := d", "select a[1:n], a[:n], b::int, c := d"],
    ["select array[1, :x]", "select array[1, _x]"],
    ["from ${schema}.t_{{ n }}", "from __schema_.t____n___"],
    ["from @extschema@.t", "from _extschema_.t"],
    ["a {% if x %}\n b", "a           \n b"],
    ["select ':x' -- :y", "select ':x'"],
    ["select 1 \\echo :x\n + 2", "select 1         \n + 2"],
  ])("masks %j", (text, expected) => {
    expect(masked(text)).toEqual([expected]);
  });

  it("says where the terminator ends and what is open", () => {
    const pieces = [...splitScript("a ; b /* x */ ; 'c")];
    expect(pieces).toMatchObject([
      { start: 0, end: 1, terminatorEnd: 3, terminator: "semicolon", unterminated: null },
      { start: 4, end: 5, terminatorEnd: 15, terminator: "semicolon", unterminated: null },
      { start: 16, end: 18, terminatorEnd: 18, terminator: "none", unterminated: "string" },
    ]);
  });

  it("goes on from any boundary as if it had begun at the start", () => {
    const word = fc.constantFrom(
      "'",
      '"',
      "$$",
      "(",
      ")",
      ";",
      "--",
      "/*",
      "*/",
      "\n",
      "\\",
      "\\g",
      "x",
      "E'",
      ":v",
      "copy t from stdin;\n",
      "\\.\n",
      "create function begin ",
      "end",
      "{%",
      "%}",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        const text = words.join(" ");
        const pieces: Piece[] = [...splitScript(text)];
        pieces.forEach((piece, index) => {
          const commandBeforeData = pieces[index - 1]?.copyDataFollows === true;
          if (piece.copyDataFollows || commandBeforeData) return;
          expect([...splitScript(text, piece.terminatorEnd)]).toEqual(pieces.slice(index + 1));
        });
      }),
      { numRuns: 500 },
    );
  });
});
