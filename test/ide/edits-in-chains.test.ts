// A chain of migrations after edits in its files, held against a fresh one; and what of the files behind an edit is run again.
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { expect, it } from "vitest";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { defaultSettings } from "../../server/src/config.ts";
import { analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { type Chain, createChain, partsOfChain } from "../../server/src/ide/chain.ts";
import type { ReplayedFile } from "../../server/src/replay/world.ts";
import { type Document, parseDocument } from "../../server/src/syntax/document.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { longScript, place, slightlyEdited, smallEdit } from "../support/edits.ts";
import { createCatalogPrinter } from "../support/follow-edits.ts";
import { loadParserForTests } from "../support/parser.ts";

const parser = await loadParserForTests();
const reading = { parser, cache: createStatementCache(100_000) };
const options = analysisOptions(defaultSettings, 18, "2024-06-15");
const start = emptyWorld(defaultSettings);

/** Names by which files run one by one, by psql, or each in a transaction of its tool. */
const layouts: readonly ((index: number) => string)[] = [
  (index) => `migrations/${String(index + 1).padStart(3, "0")}_step.sql`,
  (index) => `db/migration/V${index + 1}__step.sql`,
  (index) => `migrations/${String(index + 1).padStart(6, "0")}_step.up.sql`,
];

function chainOf(documents: readonly Document[], pathOf: (index: number) => string, previous: Chain | null): Chain {
  const files = documents.map((document, index) => ({ file: pathOf(index), path: pathOf(index), document }));
  return createChain({ files, start, options, reading, previous });
}

function replayed(chain: Chain): readonly ReplayedFile[] {
  return chain.world.upTo(chain.forward.length);
}

/** All that the files leave and what their statements meet. */
function told(chain: Chain): object {
  const print = createCatalogPrinter();
  return {
    files: replayed(chain).map((file) => ({
      ...{ file: file.file, start: print(file.start), end: print(file.end) },
      steps: file.steps.map(({ before, after, rejection, warning, declined, transaction }) => ({
        ...{ before: print(before), after: print(after), message: rejection?.message, warning, declined },
        state: transaction.state,
      })),
    })),
    parts: partsOfChain(chain).map(({ steps, facts }) => [steps.length, [...facts()].length]),
  };
}

it("any chain after edits in any of its files is what it would be afresh", () => {
  const edits = fc.array(fc.record({ file: place, edit: smallEdit }), { minLength: 4, maxLength: 4 });
  let followed = 0;
  fc.assert(
    fc.property(
      longScript,
      fc.integer({ min: 2, max: 5 }),
      fc.constantFrom(...layouts),
      edits,
      (script, count, pathOf, all) => {
        const statements = script.split(";\n");
        const length = Math.ceil(statements.length / count);
        const texts = Array.from({ length: count }, (_, index) =>
          statements
            .slice(index * length, (index + 1) * length)
            .map((each) => `${each};\n`)
            .join(""),
        );
        let documents = texts.map((text) => parseDocument(text, reading));
        let chain = chainOf(documents, pathOf, null);
        replayed(chain);
        for (const { file, edit } of all) {
          const index = Math.floor(file * 0.999 * count);
          const text = slightlyEdited((documents[index] as Document).text, edit);
          documents = documents.with(index, parseDocument(text, reading));
          chain = chainOf(documents, pathOf, chain);
          deepStrictEqual(told(chain), told(chainOf(documents, pathOf, null)));
          for (const { list } of replayed(chain)) for (const step of list) if (step.followed !== undefined) followed++;
        }
      },
    ),
    { numRuns: 150, seed: 20261201, endOnFailure: true },
  );
  expect(followed).toBeGreaterThan(500);
});

it.each(layouts.map((pathOf) => [pathOf(0), pathOf] as const))(
  "behind an edit of which nobody makes anything no statement of later files is run: %s",
  (_name, pathOf) => {
    const first = "CREATE TABLE m (d int) PARTITION BY RANGE (d);\nCREATE TABLE other (id int, name text);\n";
    const later = Array.from(
      { length: 60 },
      (_, index) =>
        `CREATE TABLE m_${index} PARTITION OF m FOR VALUES FROM (${index}) TO (${index + 1});\nCREATE INDEX ON m_${index} (d);\n`,
    );
    const documents = [first, ...later].map((text) => parseDocument(text, reading));
    const before = chainOf(documents, pathOf, null);
    const ran = new Set(replayed(before).flatMap(({ steps }) => steps));
    const edited = documents.with(0, parseDocument(first.replace("name text", "label text"), reading));
    const after = chainOf(edited, pathOf, before);
    const steps = replayed(after)
      .slice(1)
      .flatMap((file) => file.steps);
    expect(steps).toHaveLength(120);
    expect(steps.filter((step) => step.followed === undefined || !ran.has(step.followed.taken))).toEqual([]);
    expect(printCatalog(after.end())).toContain("label text");
  },
);

it("how a file runs is told again where a file beside it tells it", () => {
  const pathOf = (index: number): string => ["db/migration/V1__a.sql", "db/migration/V1__a.sql.conf"][index] ?? "";
  const sql = parseDocument("CREATE TABLE t (k int);", reading);
  const [inside, outside] = ["", "executeInTransaction=false\n"].map((text) => parseDocument(text, reading)) as [
    Document,
    Document,
  ];
  const first = chainOf([sql, inside], pathOf, null);
  const second = chainOf([sql, outside], pathOf, first);
  const file = "db/migration/V1__a.sql";
  expect(first.runsOf(file)?.map(({ transaction }) => transaction)).toEqual(["block"]);
  expect(second.runsOf(file)?.map(({ transaction }) => transaction)).toEqual(["none"]);
  expect(chainOf([sql, outside], pathOf, second).runsOf(file)).toBe(second.runsOf(file));
});
