// What is said of whole tables in a chain of migrations: once, in the last file that may change them.
import { describe, expect, it } from "vitest";
import { defaultSettings } from "../../server/src/config.ts";
import { analyseAtOnce, analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { createChain } from "../../server/src/ide/chain.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

const reading = { parser: await loadParserForTests(), cache: createStatementCache(100_000) };

/** The rules that speak in each of the files, which run in this order. */
function spokenIn(texts: readonly string[]): readonly (readonly string[])[] {
  const options = analysisOptions(defaultSettings, 18, "2024-06-15");
  const files = texts.map((text, index) => {
    const path = `migrations/00${index + 1}_step.sql`;
    return { file: path, path, document: parseDocument(text, reading) };
  });
  const chain = createChain({ files, start: emptyWorld(defaultSettings), options, reading, previous: null });
  return files.map(({ file, document }) => {
    const { findings } = analyseAtOnce({
      file,
      document,
      reading,
      start: chain.startOf(file) ?? emptyWorld(defaultSettings),
      options,
      startInFile: () => null,
      changesLater: (relation) => chain.changesLater(file, relation),
      previous: null,
    });
    return findings()
      .map(({ rule }) => rule)
      .filter((rule) => rule !== "ddl-locks");
  });
}

const table = "CREATE TABLE s (d date NOT NULL) PARTITION BY RANGE (d);";
const month = (name: string, from: string, to: string): string =>
  `CREATE TABLE ${name} PARTITION OF s FOR VALUES FROM ('${from}') TO ('${to}');`;
const may = month("s_2024_05", "2024-05-01", "2024-06-01");
const june = month("s_2024_06", "2024-06-01", "2024-07-01");
const july = month("s_2024_07", "2024-07-01", "2024-08-01");
const year = month("s_2024", "2024-08-01", "2025-08-01");

describe("the end of the chain", () => {
  it.each([
    ["a later file goes on", [`${table} ${may}`, june, july, year], [[], [], [], []]],
    ["none does", [`${table} ${may}`, june], [[], ["coverage-ends"]]],
    ["a gap that a later file fills", [`${table} ${may} ${july} ${year}`, june], [[], []]],
    ["a gap of an earlier file", [`${table} ${may} ${july}`, year], [[], ["range-gap"]]],
    [
      "a gap that a block may fill",
      [
        `${table} ${may} ${july} ${year}`,
        "DO $$ BEGIN EXECUTE 'CREATE TABLE s_06 PARTITION OF s' || to_hex(1); END $$;",
      ],
      [[], []],
    ],
    [
      "partitions that a later file creates",
      [
        `${table} CREATE TABLE s_2024 PARTITION OF s FOR VALUES FROM ('2024-01-01') TO ('2026-01-01') PARTITION BY HASH (d);`,
        "CREATE TABLE s_0 PARTITION OF s_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
        "CREATE TABLE s_1 PARTITION OF s_2024 FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
      ],
      [[], [], []],
    ],
  ] as const)("%s", (_, texts, spoken) => {
    expect(spokenIn(texts)).toEqual(spoken);
  });
});

it("a table of which only partitions are shown may have others", () => {
  expect(spokenIn([`${may} ${july}`])).toEqual([[]]);
  expect(spokenIn(["CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);"])).toEqual([[]]);
});
