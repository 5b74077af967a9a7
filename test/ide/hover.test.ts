// What hovers say: a table's map, a partition among its siblings, the stored value of a bound, a query's pruning.
import { beforeAll, describe, expect, it } from "vitest";
import { type HoverOptions, hoverTarget } from "../../server/src/ide/hover.ts";
import { pruningMarkdown } from "../../server/src/ide/pruning-hover.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { markdownCode, markdownText } from "../../server/src/text/foreign-text.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const plain = { plain: false, html: false, icons: false, maxPartitions: 20 };

// The hover at the `/*|*/` of the text, which is taken out first.
function hoverAt(marked: string, options: HoverOptions = plain): string | null {
  const offset = marked.indexOf("/*|*/");
  const analysis = analyseText(marked.replace("/*|*/", ""), reading);
  const target = hoverTarget(analysis, offset, options);
  if (target === null) return null;
  return target.kind === "text" ? target.markdown : `pruning of ${target.name?.name ?? "the statement"}`;
}

const partitions = `CREATE TABLE p1 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE p2 PARTITION OF m FOR VALUES FROM (10) TO (30);
CREATE TABLE p3 PARTITION OF m FOR VALUES FROM (40) TO (50);
CREATE TABLE rest PARTITION OF m DEFAULT;
`;

describe("PARTITION BY", () => {
  it("shows the whole map, gaps included", () => {
    const script = `CREATE TABLE m (id int) PARTITION BY /*|*/RANGE (id);\n${partitions.replace(/CREATE TABLE rest.*\n/, "")}`;
    expect(hoverAt(script)).toMatchInlineSnapshot(`
      "**\`m\`** \`RANGE (id)\` · 3 partitions · 1 gap

      |  | partition | bound |
      | :--- | :--- | :--- |
      | ████████ | \`p1\` | \`0 … 10\` |
      | ████████████████ | \`p2\` | \`10 … 30\` |
      | ╳╳╳ | ⚠ gap | \`30 … 40\` |
      | ████████ | \`p3\` | \`40 … 50\` |"
    `);
  });

  it("shows hash partitions with what is missing", () => {
    const script = `CREATE TABLE h (id int) PARTITION /*|*/BY HASH (id);
CREATE TABLE h0 PARTITION OF h FOR VALUES WITH (MODULUS 4, REMAINDER 0);`;
    expect(hoverAt(script)).toMatchInlineSnapshot(`
      "**\`h\`** \`HASH (id)\` · 1 partition · 3 missing remainders

      |  | partition | bound |
      | :--- | :--- | :--- |
      | ████ | \`h0\` | \`remainder 0 of 4\` |
      | ╳╳╳ | ⚠ missing | \`remainder 1 of 4\` |
      | ╳╳╳ | ⚠ missing | \`remainder 2 of 4\` |
      | ╳╳╳ | ⚠ missing | \`remainder 3 of 4\` |"
    `);
  });

  it("counts what is too much to list", () => {
    const many = Array.from(
      { length: 100 },
      (_, n) => `CREATE TABLE p${n} PARTITION OF m FOR VALUES FROM (${n}) TO (${n + 1});`,
    );
    const script = `CREATE TABLE m (id int) PARTITION BY /*|*/RANGE (id);\n${many.join("\n")}`;
    const lines = hoverAt(script)?.split("\n") ?? [];
    expect(lines).toContain("|  | …\u00a080\u00a0more |  |");
    expect(lines.at(-1)).toContain("`p99`");
    expect(lines).toHaveLength(2 + 2 + 21);
  });
});

it("a partition says its place and its neighbours", () => {
  const script = `CREATE TABLE m (id int) PARTITION BY RANGE (id);\n${partitions.replace("p2", "/*|*/p2")}`;
  expect(hoverAt(script)).toMatchInlineSnapshot(`
    "**\`p2\`** partition 2 of 2 of \`m\` · after this statement

    |  | partition | bound |
    | :--- | :--- | :--- |
    |  | \`p1\` | \`0 … 10\` |
    | → | \`p2\` | \`10 … 30\` |"
  `);
});

describe("one place in time", () => {
  const script = `CREATE TABLE m (id int) PARTITION BY RANGE (id);\n${partitions}`;
  const firstLine = (marked: string): string | undefined => hoverAt(marked)?.split("\n")[0];

  it("a statement's relations are as they are just after it, a table above its own statement as the end has it", () => {
    expect(firstLine(script.replace("TABLE m", "TABLE /*|*/m"))).toBe(
      "**`m`** `RANGE (id)` · 4 partitions \\(incl\\. default\\)",
    );
    expect(firstLine(script.replace("p2 PARTITION OF m", "p2 PARTITION OF /*|*/m"))).toBe(
      "**`m`** `RANGE (id)` · 2 partitions · after this statement",
    );
    expect(firstLine(script.replace("TABLE p1", "TABLE /*|*/p1"))).toBe(
      "**`p1`** partition 1 of 1 of `m` · after this statement",
    );
    // Where nothing is added or taken behind it, it is no matter when.
    expect(firstLine(`${script}ALTER TABLE /*|*/p1 ADD COLUMN x int;`)).toBe("**`p1`** partition 1 of 4 of `m`");
  });

  it("what a statement takes away is told as it was", () => {
    expect(hoverAt(`${script}DROP TABLE /*|*/p2;`)).toMatchInlineSnapshot(`
      "**\`p2\`** was partition 2 of 4 of \`m\` · dropped by this statement

      |  | partition | bound |
      | :--- | :--- | :--- |
      |  | \`p1\` | \`0 … 10\` |
      | → | \`p2\` | \`10 … 30\` |
      |  | \`p3\` | \`40 … 50\` |"
    `);
    expect(firstLine(`${script}ALTER TABLE m DETACH PARTITION /*|*/p3;`)).toBe(
      "**`p3`** was partition 3 of 4 of `m` · detached by this statement",
    );
    expect(firstLine(`${script}DROP TABLE /*|*/m;`)).toBe(
      "**`m`** `RANGE (id)` · 4 partitions \\(incl\\. default\\) · before this statement",
    );
    expect(firstLine(`${script.replace("TABLE m", "TABLE /*|*/m")}DROP TABLE m;`)).toBe(
      "**`m`** `RANGE (id)` · 4 partitions \\(incl\\. default\\) · dropped later",
    );
    // Behind a detached partition is no place among others.
    expect(hoverAt(`${script}ALTER TABLE m DETACH PARTITION p3; DROP TABLE /*|*/p3;`)).toBeNull();
  });

  it("rows and sizes are those of a connected database", () => {
    const sizeOf = ({ name }: { name: string }) =>
      name === "p1" ? { rows: 1_200_000, bytes: 2 ** 30 } : name === "p2" ? { rows: null, bytes: 0 } : null;
    const marked = script.replace("TABLE m", "TABLE /*|*/m").replace(/CREATE TABLE p3[\s\S]*$/, "");
    expect(hoverAt(marked, { ...plain, sizeOf })).toMatchInlineSnapshot(`
      "**\`m\`** \`RANGE (id)\` · 2 partitions · not analysed · 1 GB

      |  | partition | bound | rows · size |
      | :--- | :--- | :--- | :--- |
      | ████████ | \`p1\` | \`0 … 10\` | ≈ 1\\.2 M rows · 1 GB |
      | ████████████████ | \`p2\` | \`10 … 30\` | not analysed · 0 bytes |"
    `);
  });
});

it("a bound says the value that PostgreSQL keeps", () => {
  const script = (bound: string) =>
    `CREATE TABLE t (at timestamptz) PARTITION BY RANGE (at); CREATE TABLE t1 PARTITION OF t FOR VALUES ${bound};`;
  expect(hoverAt(script("FROM ('2024-01-01 /*|*/12:00+02') TO ('2025-01-01')"))).toBe(
    "`at` is stored as `'2024-01-01 10:00:00+00'`",
  );
  expect(hoverAt(script("FROM ('2024-01-01') TO (MAX/*|*/VALUE)"))).toBe("`at` is stored as `MAXVALUE`");
});

describe("a query", () => {
  const schema = `CREATE TABLE m (id int) PARTITION BY RANGE (id);\n${partitions}`;

  it("asks for the pruning of the table pointed at, or of all of the statement", () => {
    expect(hoverAt(`${schema}SELECT * FROM /*|*/m JOIN m AS n USING (id)`)).toBe("pruning of m");
    expect(hoverAt(`${schema}SEL/*|*/ECT * FROM m`)).toBe("pruning of the statement");
    expect(hoverAt(`${schema}SELECT */*|*/ FROM m`)).toBeNull();
    expect(hoverAt(`${schema}SELECT * FROM /*|*/other`)).toBeNull();
  });

  it("lists survivors, and neighbours that are pruned in one row", () => {
    const leaves = ["a", "b", "c", "d"].map((name) => ({ schema: "public", name }));
    const relation = {
      relation: { schema: "public", name: "m" },
      relationId: 1,
      range: { start: 14, end: 15 },
      access: "select",
      leaves,
      survivors: leaves.slice(2, 3),
      decided: "planning",
      certainty: "exact",
      source: "predicted",
      reasons: [{ kind: "key-wrapped", message: "abs() hides the key", range: { start: 22, end: 29 } }],
    } as const;
    const text = "SELECT * FROM m WHERE abs(id) = 1";
    const options = { ...plain, sourceNote: () => "from this file", boundOf: () => "1 … 2" };
    expect(pruningMarkdown({ relations: [relation], problem: null }, [relation], text, options)).toMatchInlineSnapshot(`
      "**Reads 1 of 4 partitions of \`m\`**\\
      decided when the statement is planned · from this file

      **Why not fewer**

      - abs\\(\\) hides the key: \`abs(id)\`\\
        Let the key stand alone on its side of the comparison; a half-open range of values does what the function does.

      |  | partition | bound |
      | :--- | :--- | :--- |
      | – ░░ | 2: \`a\` … \`b\` | pruned |
      | ✓ █ | \`c\` | \`1 … 2\` |
      | – ░ | \`d\` | pruned |"
    `);
  });

  it("folds survivors as it folds what is pruned, and says how much is read of how much", () => {
    const leaves = Array.from({ length: 12 }, (_, n) => ({ schema: "public", name: `m_${n}` }));
    const relation = {
      relation: { schema: "public", name: "m" },
      relationId: 1,
      range: { start: 14, end: 15 },
      access: "select",
      leaves,
      survivors: [...leaves.slice(2, 8), ...leaves.slice(10)],
      decided: "planning",
      certainty: "exact",
      source: "connected",
      reasons: [{ kind: "key-wrapped", message: "abs() hides the key", range: { start: 22, end: 29 } }],
    } as const;
    const options = {
      ...plain,
      sourceNote: () => null,
      boundOf: (first: { name: string }, last: { name: string }) => `${first.name} to ${last.name}`,
      sizeOf: ({ name }: { name: string }) => ({ rows: name === "m_11" ? null : 1_000, bytes: 2 ** 30 }),
      rewriteAt: ({ start }: { start: number }) => (start === 22 ? "id = 1 OR id = -1" : null),
    };
    const text = "SELECT * FROM m WHERE abs(id) = 1";
    expect(pruningMarkdown({ relations: [relation], problem: null }, [relation], text, options)).toMatchInlineSnapshot(`
      "**Reads 8 of 12 partitions of \`m\`, 8 GB of 12 GB**\\
      decided when the statement is planned

      **Why not fewer**

      - abs\\(\\) hides the key: \`abs(id)\`\\
        Write \`id = 1 OR id = -1\`

      |  | partition | bound | rows · size |
      | :--- | :--- | :--- | :--- |
      | – ░░ | 2: \`m_0\` … \`m_1\` | pruned | ≈ 2 k rows · 2 GB |
      | ✓ ██████ | 6: \`m_2\` … \`m_7\` | \`m_2 to m_7\` | ≈ 6 k rows · 6 GB |
      | – ░░ | 2: \`m_8\` … \`m_9\` | pruned | ≈ 2 k rows · 2 GB |
      | ✓ █ | \`m_10\` | \`m_10 to m_10\` | ≈ 1 k rows · 1 GB |
      | ✓ █ | \`m_11\` | \`m_11 to m_11\` | not analysed · 1 GB |"
    `);
    const inPlainText = pruningMarkdown({ relations: [relation], problem: null }, [relation], text, {
      ...options,
      plain: true,
      rewriteAt: () => null,
    });
    expect(inPlainText).not.toContain("`");
  });
});

describe("names that come from SQL", () => {
  it("are no markup, links or icons", () => {
    expect(markdownText("[x](command:y) $(zap) <b> a_b*c")).toBe(
      "\\[x\\]\\(command\\:y\\) \\$\u200b\\(zap\\) \\<b\\> a\\_b\\*c",
    );
    expect(markdownCode("a`b")).toBe("`` a`b ``");
  });

  it("do not end a cell of a table", () => {
    const script = `CREATE TABLE m (id int) PARTITION BY /*|*/RANGE (id);
CREATE TABLE "a|b" PARTITION OF m FOR VALUES FROM (0) TO (10);`;
    expect(hoverAt(script)).toContain("| `a\\|b` |");
  });
});
