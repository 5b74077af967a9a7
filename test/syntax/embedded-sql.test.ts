// SQL in the strings of programs: which strings are queries, what they hold, and that every character stays where it stood.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { embeddedSql, largestProgram } from "../../server/src/syntax/embedded-sql/embedded-sql.ts";
import {
  type HostLanguage,
  hostLanguageOf,
  hostLanguages,
} from "../../server/src/syntax/embedded-sql/host-languages.ts";
import { readingForTests } from "../support/parser.ts";

function language(id: string): HostLanguage {
  const found = hostLanguageOf(id, "");
  if (found === null) throw new Error(`${id} is no language here`);
  return found;
}

/** The statements of a program, each with its white space as single spaces. */
function queries(id: string, program: string): readonly string[] {
  const sql = embeddedSql(program, language(id));
  expect(sql.length).toBe(program.length);
  expect(breaks(sql)).toEqual(breaks(program));
  return sql
    .split(";")
    .map((query) => query.replace(/\s+/g, " ").trim())
    .filter((query) => query !== "");
}

function breaks(text: string): readonly number[] {
  return [...text.matchAll(/[\r\n]/g)].map(({ index }) => index);
}

const sameInAll = "SELECT * FROM t WHERE d = 1";

describe("plain strings", () => {
  it.each([
    ["typescript", `const q = "${sameInAll}";`],
    ["typescript", `const q = '${sameInAll}';`],
    ["javascript", `db.query(\`${sameInAll}\`)`],
    ["javascript", `db.query(sql\`\n  ${sameInAll}\n\`)`],
    ["python", `q = "${sameInAll}"`],
    ["python", `q = '''\n${sameInAll}\n'''`],
    ["python", `q = r"""${sameInAll}"""`],
    ["go", `db.Query(\`${sameInAll}\`)`],
    ["go", `db.Query("${sameInAll}")`],
    ["java", `String q = """\n    ${sameInAll}\n    """;`],
    ["java", `@Query(value = "${sameInAll}", nativeQuery = true)`],
    ["kotlin", `val q = """${sameInAll}"""`],
    ["kotlin", `val q = "${sameInAll}"`],
    ["csharp", `var q = @"${sameInAll}";`],
    ["csharp", `var q = """\n  ${sameInAll}\n  """;`],
    ["csharp", `var q = "${sameInAll}";`],
    ["ruby", `execute("${sameInAll}")`],
    ["ruby", `execute('${sameInAll}')`],
    ["ruby", `execute(<<~SQL, 1)\n  ${sameInAll}\nSQL\nother`],
    ["ruby", `execute(<<-'SQL')\n  ${sameInAll}\n  SQL\n`],
    ["php", `<?php $q = "${sameInAll}";`],
    ["php", `<?php $q = '${sameInAll}';`],
    ["php", `<?php $q = <<<SQL\n${sameInAll}\nSQL;`],
    ["php", `<?php $q = <<<'SQL'\n  ${sameInAll}\n  SQL;`],
    ["rust", `let q = "${sameInAll}";`],
    ["rust", `sqlx::query!(r#"${sameInAll}"#)`],
    ["rust", `sqlx::query!(r"${sameInAll}")`],
  ])("%s: %s", (id, program) => {
    expect(queries(id, program)).toEqual([sameInAll]);
    expect(embeddedSql(program, language(id)).indexOf("SELECT")).toBe(program.indexOf("SELECT"));
  });
});

describe("values that are put in become parameters", () => {
  const parameters = "SELECT * FROM t WHERE a = $1 AND b = $2";
  it.each([
    ["typescript", "sql`SELECT * FROM t WHERE a = ${a.map((x) => `}${x}`)} AND b = ${{ b }}`"],
    ["typescript", "sql`SELECT * FROM t WHERE a = '${day}' AND b = '${year}-01-01'`"],
    ["python", "f'SELECT * FROM t WHERE a = {a!r:>{width}} AND b = {b[\"x\"]}'"],
    ["kotlin", '"SELECT * FROM t WHERE a = $day AND b = ${b.c}"'],
    ["csharp", '$"SELECT * FROM t WHERE a = {a:yyyy} AND b = {b}"'],
    ["csharp", '$@"SELECT * FROM t WHERE a = {a} AND b = {b}"'],
    ["csharp", '$$"""SELECT * FROM t WHERE a = {{a}} AND b = {{b}}"""'],
    ["ruby", '"SELECT * FROM t WHERE a = #{a} AND b = #{b["x"]}"'],
    ["ruby", "<<~SQL\n SELECT * FROM t WHERE a = #{a} AND b = '#{b}'\nSQL\n"],
    ["php", '<?php "SELECT * FROM t WHERE a = $a AND b = {$b->c}"'],
    ["php", "<?php <<<SQL\nSELECT * FROM t WHERE a = $a[0] AND b = ${b}\nSQL;"],
    ["java", '"SELECT * FROM t WHERE a = " + a.get(0) + " AND b = " + b'],
    ["go", '"SELECT * FROM t WHERE a = " + a + " AND b = \'" + b + "\'"'],
    ["go", 'q := "SELECT * FROM t WHERE a = " + a + " AND b = " + b\nfoo()'],
    ["javascript", "'SELECT * FROM t WHERE a = ' + a[0] + ' AND b = ' + this.b"],
  ])("%s: %s", (id, program) => {
    expect(queries(id, program)).toEqual([parameters]);
  });

  it("with numbers behind those that are there", () => {
    expect(queries("typescript", "`SELECT * FROM t WHERE a = $2 AND b = ${b} AND c = $1`")).toEqual([
      "SELECT * FROM t WHERE a = $2 AND b = $3 AND c = $1",
    ]);
  });

  it("also between two bounds, and where a column stands on the other side", () => {
    const between = "`SELECT * FROM t WHERE (d BETWEEN ${a} AND ${b}) AND ${c} = ANY(x) AND ${e}::date < f`";
    expect(queries("typescript", between)).toEqual([
      "SELECT * FROM t WHERE (d BETWEEN $1 AND $2 ) AND $3 = ANY(x) AND $4 ::date < f",
    ]);
  });
});

describe("strings of which nobody knows what the program makes are passed over", () => {
  it.each([
    ["a table's name", "typescript", "`SELECT * FROM sales_${year} WHERE d = 1`"],
    ["a schema's name", "typescript", "`SELECT * FROM ${schema}.t`"],
    ["a quoted name", "typescript", '`SELECT * FROM "${table}"`'],
    ["a whole condition", "typescript", "`SELECT * FROM t WHERE ${condition}`"],
    ["a condition among others", "typescript", "`SELECT * FROM t WHERE a = 1 AND (${condition}) ORDER BY a`"],
    ["a column that is compared", "typescript", "`SELECT * FROM t WHERE ${column} = 5`"],
    ["a column in a list", "typescript", "`SELECT * FROM t WHERE ${column} IN (1, 2)`"],
    ["a name that goes on", "java", '"SELECT * FROM t_" + year + " WHERE a = 1"'],
    ["a name that goes on behind", "java", '"SELECT * FROM t WHERE a = " + prefix + "_suffix"'],
    ["words without a space between", "java", '"SELECT * FROM t" + "WHERE a = 1"'],
    ["something joined that is not simple", "java", '"SELECT * FROM t WHERE a = " + (x ? 1 : 2)'],
    ["a constant that is not closed", "go", "`SELECT * FROM t WHERE a = 'x`"],
    ["a parenthesis that is not closed", "go", "`SELECT * FROM t WHERE (a = 1`"],
    ["a statement that is no query behind one", "go", "`SELECT 1; DROP TABLE t`"],
    ["a line break in a constant", "java", "\"SELECT * FROM t WHERE a = 'x\\ny'\""],
    ["an unknown escape", "java", '"SELECT * FROM t WHERE a = \\u0031"'],
    ["prose", "python", '"Please select a row"'],
    ["a backslash", "go", "`SELECT 1 \\\\gexec`"],
  ])("%s (%s)", (_, id, program) => {
    expect(queries(id, id === "php" ? `<?php ${program}` : program)).toEqual([]);
  });

  it("and do not hide those behind them", () => {
    const program = "a(`SELECT '`); b(`SELECT (`); c(`WITH x AS (SELECT 1`); d(`SELECT 2`)";
    expect(queries("typescript", program)).toEqual(["SELECT 2"]);
  });
});

describe("escapes", () => {
  it.each([
    ["typescript", '"SELECT \\"Id\\" FROM \\"T\\" WHERE a = \'x\'"', `SELECT "Id" FROM "T" WHERE a = 'x'`],
    ["typescript", "'SELECT 1 FROM t WHERE a = \\'x\\'\\nAND b = 1'", "SELECT 1 FROM t WHERE a = 'x' AND b = 1"],
    ["csharp", '@"SELECT ""Id"" FROM t"', 'SELECT "Id" FROM t'],
    ["php", "<?php 'SELECT 1 FROM t WHERE a = \\'x\\''", "SELECT 1 FROM t WHERE a = 'x'"],
    ["rust", '"SELECT * \\\n   FROM t"', "SELECT * FROM t"],
    ["python", '"SELECT * \\\nFROM t"', "SELECT * FROM t"],
  ])("%s: %s", (id, program, query) => {
    expect(queries(id, program)).toEqual([query]);
  });
});

describe("what is joined, and what stands beside strings", () => {
  it.each([
    ["java", '"SELECT * " + // it\'s "all"\n  "FROM t " +\n  "WHERE d = 1"', [sameInAll]],
    ["python", "q = ('SELECT * '\n  # it's\n  'FROM t '\n  'WHERE d = 1')", [sameInAll]],
    ["ruby", "'SELECT * ' \\\n  'FROM t ' \\\n 'WHERE d = 1'", [sameInAll]],
    ["php", "<?php 'SELECT * ' .\n 'FROM t WHERE d = 1'", [sameInAll]],
    ["python", "'SELECT 1', 'SELECT 2'", ["SELECT 1", "SELECT 2"]],
    ["typescript", 'f(/[`\'"]/, `SELECT 1`); x = a / b; g("SELECT 2")', ["SELECT 1", "SELECT 2"]],
    ["typescript", "// don't `\n/* ` */ `SELECT 1`", ["SELECT 1"]],
    ["typescriptreact", "<p>Don't</p>; `SELECT 1`", ["SELECT 1"]],
    ["rust", "fn f<'a>(x: &'a str) { let c = '\"'; q(\"SELECT 1\") }", ["SELECT 1"]],
    ["go", "c := '\"'; r := '\\''; q(`SELECT 1`)", ["SELECT 1"]],
    ["php", "<p>don't</p><?php 'SELECT 1' ?> it's <?php 'SELECT 2'", ["SELECT 1", "SELECT 2"]],
    ["ruby", "=begin\n don't\n=end\nx << 'y' # it's\n'SELECT 1'", ["SELECT 1"]],
  ])("%s: %s", (id, program, expected) => {
    expect(queries(id, program)).toEqual(expected);
  });

  it("comments of SQL are no SQL, and end no string", () => {
    expect(queries("go", "`SELECT 1 -- it's (\n/* don't; */ FROM t`, `SELECT 2 -- end`, `SELECT 3`")).toEqual([
      "SELECT 1 FROM t",
      "SELECT 2",
      "SELECT 3",
    ]);
  });

  it("broken quotes cost the rest of the line, or the string", () => {
    expect(queries("java", 'String s = "SELECT 1;\nString t = "SELECT 2";')).toEqual(["SELECT 2"]);
    expect(queries("typescript", "const s = `SELECT 1")).toEqual([]);
  });
});

describe("limits", () => {
  it("a program that is too large holds nothing", () => {
    const program = `q("${sameInAll}");\n`;
    const filler = "x".repeat(largestProgram - program.length);
    expect(embeddedSql(program + filler, language("go")).trim()).not.toBe("");
    const larger = `${program}${filler}\n`;
    expect(embeddedSql(larger, language("go")).trim()).toBe("");
    expect(embeddedSql(larger, language("go")).length).toBe(larger.length);
  });

  it.each(hostLanguages.map(({ ids: [id = ""] }) => id))("%s: deep, long and broken text is passed over", (id) => {
    const programs = [
      "`${".repeat(5_000),
      '"'.repeat(50_001),
      "'\\".repeat(50_000),
      "{".repeat(100_000),
      `${'"a" + '.repeat(20_000)}1`,
      "<<A\n".repeat(5_000),
      "/*".repeat(50_000),
      '$"{'.repeat(5_000),
    ];
    for (const program of programs) expect(embeddedSql(program, language(id)).length).toBe(program.length);
  });
});

it("whatever the program, offsets and line breaks stay, and what is SQL stands there already", () => {
  const pieces = fc.constantFrom(
    ...[
      "`",
      '"',
      "'",
      '"""',
      "'''",
      "${",
      "{",
      "}",
      "#{",
      "$x",
      "\\",
      "\n",
      "\r\n",
      "+",
      ".",
      " ",
      ";",
      "--",
      "/*",
      "*/",
      "//",
      "#",
    ],
    ...[
      "SELECT",
      "select 1 ",
      " from t",
      " where d = ",
      "(",
      ")",
      "<<~SQL\n",
      "\nSQL\n",
      "<?php ",
      "?>",
      "r#",
      "@",
      "$",
      "é😀",
    ],
  );
  const programs = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(programs, fc.constantFrom(...hostLanguages), (program, host) => {
      const sql = embeddedSql(program, host);
      expect(sql.length).toBe(program.length);
      expect(breaks(sql)).toEqual(breaks(program));
      for (const { 0: word, index } of sql.matchAll(/[A-Za-z]+/g))
        expect(program.slice(index).startsWith(word)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it("each query is a statement of its own for the parser", async () => {
  const reading = await readingForTests();
  const program = "a(`SELECT * FROM t WHERE a = ${x}`); b(\"INSERT INTO t VALUES (1) -- it's\"); c('select (')";
  const { statements } = parseDocument(embeddedSql(program, language("typescript")), reading);
  expect(statements.map(({ start, end }) => program.slice(start, end))).toEqual([
    "SELECT * FROM t WHERE a = ${",
    "INSERT INTO t VALUES (1)",
  ]);
});

it.each([
  ["typescript", "", "typescript"],
  ["unknown", "/src/a.TSX", "typescript"],
  ["", "file:///src/main.rs", "rust"],
  ["sql", "/a.sql", null],
  ["plaintext", "/README", null],
])("%j with the path %j is read as %s", (id, path, name) => {
  expect(hostLanguageOf(id, path)?.ids[0] ?? null).toBe(name);
});
