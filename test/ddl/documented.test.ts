/** The table of docs/operations.md says of each operation what it takes and for which schemes it is written: as the matrix has it. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Scheme } from "../../server/src/catalog/partitioning.ts";
import { matrix } from "../../server/src/ddl/matrix.ts";
import { operationArguments, operationDetails, operations } from "../../server/src/ddl/operation.ts";

const schemes: readonly Scheme[] = ["declarative", "inheritance", "pathman", "partman", "citus"];
const titles = ["declarative", "inheritance", "pg_pathman", "pg_partman", "Citus"];

const page = readFileSync(new URL("../../docs/operations.md", import.meta.url), "utf8");
const cellsOf = (line: string): readonly string[] =>
  line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
const lines = page.split("\n").filter((line) => line.startsWith("| "));
const rows = lines.slice(1).map(cellsOf);
const named = (text: string): readonly string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? "");

it("its columns are the schemes", () => {
  expect(cellsOf(lines[0] ?? "")).toEqual(["operation", "arguments", ...titles]);
});

it("it has every operation once", () => {
  expect(rows.flatMap(([names = ""]) => named(names)).toSorted()).toEqual([...operations].toSorted());
});

it("the README counts them", () => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  expect(/\[(\w+) operations\]\(docs\/operations\.md\)/.exec(readme)?.[1]).toBe(String(operations.length));
});

describe.each(rows.map((row) => ({ row, title: row[0] ?? "" })))(
  "$title",
  ({ row: [names = "", given = "", ...cells] }) => {
    const own = operations.filter((operation) => named(names).includes(operation));

    it.each(schemes.map((scheme, index) => ({ scheme, cell: cells[index] ?? "" })))(
      "$scheme: $cell",
      ({ scheme, cell }) => {
        const written = own.filter((operation) => typeof matrix[scheme][operation] === "function");
        // `append`: … says that it is for that one alone.
        const alone = own.filter((operation) => cell.startsWith(`\`${operation}\`:`));
        expect(written).toEqual(cell === "–" ? [] : alone.length > 0 ? alone : own);
      },
    );

    it("takes the arguments that are named", () => {
      const taken = new Set<string>([...own.flatMap((operation) => operationDetails[operation].takes), "style"]);
      const told = named(given).filter((name) => name in operationArguments);
      expect(told.filter((name) => !taken.has(name))).toEqual([]);
      expect([...taken].filter((name) => name !== "style" && !told.includes(name))).toEqual([]);
    });
  },
);
