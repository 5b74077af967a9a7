// However long a statement is, what is done between two pauses is not: counted in calls of functions, of which a turn has so many.
import { type Profiler, Session } from "node:inspector";
import { afterAll, afterEach, beforeEach, expect, it } from "vitest";
import { generate } from "../../server/src/ddl/generate.ts";
import { newRequest, type OperationRequest } from "../../server/src/ddl/operation.ts";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { catalogAnswerInTurns } from "../../server/src/ide/catalog-answer.ts";
import { diagnosticsInTurns } from "../../server/src/ide/diagnostics.ts";
import type { GuideContext } from "../../server/src/ide/guide/answers.ts";
import { guideInTurns } from "../../server/src/ide/guide/guide.ts";
import { partitionedQuerySteps } from "../../server/src/ide/lenses.ts";
import { partitionTreeInTurns } from "../../server/src/ide/partition-tree.ts";
import { nothingRefused, refusedPlacesInTurns } from "../../server/src/ide/refused-places.ts";
import { sizesUnknown } from "../../server/src/ide/relation-sizes.ts";
import { lookAtTables } from "../../server/src/ide/tables-of-file.ts";
import { nextTurn } from "../../server/src/lsp/turns.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import { readUnit } from "../../server/src/syntax/units.ts";
import { inPortions } from "../../server/src/text/portions.ts";
import type { Turns } from "../../server/src/text/turns.ts";
import { analyseText } from "../ide/support.ts";
import { readingForTests, typedValuesForTests } from "../support/parser.ts";
import { watchedPortions } from "../support/watched-portions.ts";
import { attacks } from "./attacks.ts";
import { openFilesForTests } from "./soak.ts";

const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
afterAll(() => session.disconnect());

let watched: ReturnType<typeof watchedPortions>;
beforeEach(() => {
  watched = watchedPortions();
});
afterEach(() => {
  watched.end();
  // What is done after a pause goes on with what is of itself.
  expect(watched.mixedUp).toEqual([]);
});

/** Not what looks at single characters: that is done with a megabyte in the time in which others are done with a kilobyte. */
function isCounted(url: string): boolean {
  return /\/server\/src\/(?!syntax\/(?!expression-walk)|text\/characters)/.test(url);
}

/** How often functions of the server were called since it was asked last. */
function callsSince(): number {
  let calls = 0;
  session.post("Profiler.takePreciseCoverage", (error, answer) => {
    if (error !== null) throw error;
    for (const { url, functions } of answer.result as readonly Profiler.ScriptCoverage[])
      if (isCounted(url)) for (const { ranges } of functions) calls += ranges[0]?.count ?? 0;
  });
  return calls;
}

/** More take longer than others may wait. */
const mostCalls = 350_000;

/** Of these a whole is more than is done between two pauses. */
const sizes = {
  "a long INSERT": 400_000,
  "a long WHERE": 16_000,
  "a long WHERE of equalities": 5_000,
  "a long OR": 10_000,
  "a long IN": 50_000,
  "a long function": 15_000,
  "a loop that creates tables": 500,
  "a loop that computes": 20_000,
  "a long array": 30_000,
  "a view over a long query": 5_000,
  "a long list of a partition": 14_000,
  "a long list beside rows": 14_000,
  "an OR that is looked into": 9_000,
  "an AND that is looked into": 9_000,
  "an OR over a long list": 10_000,
  "a long UPDATE": 10_000,
  "many values of VALUES": 30_000,
};

it.each(Object.entries(sizes))(
  "%s",
  async (name, size) => {
    let [most, all, time] = [0, 0, 0];
    const count = (): void => {
      const calls = callsSince();
      most = Math.max(most, calls);
      all += calls;
    };
    const reading = await readingForTests();
    const files = await openFilesForTests(
      {
        // As the thread does: what is read there does not count here.
        *elsewhere(unit) {
          let read: ReturnType<typeof readUnit> | undefined;
          yield Promise.resolve().then(() => {
            count();
            read = readUnit(unit, reading);
            callsSince();
          });
          return read ?? null;
        },
      },
      {
        // Each pause is one.
        now: () => (time += 1_000),
        nextTurn: async () => {
          count();
          await nextTurn();
        },
      },
    );
    const uri = "file:///attack.sql";
    callsSince();
    files.open(uri, 0, attacks[name]?.text(size) ?? "", "sql");
    await files.checkedAnalysisOf(uri);
    await files.lensesOf(uri);
    count();
    expect(most).toBeLessThan(mostCalls);
    expect(all).toBeGreaterThan(mostCalls);
  },
  60_000,
);

const reading = await readingForTests();
const huge =
  (attacks["many partitions"]?.text(6_000) ?? "") +
  Array.from({ length: 5_000 }, (_, i) => `CREATE TABLE t_${i} PARTITION OF t FOR VALUES FROM (0) TO (1);`).join("\n");

/** What is asked of a file with many partitions and many findings, as work that pauses. */
const asked: Readonly<Record<string, (analysis: Analysis) => Turns<unknown, unknown>>> = {
  "findings that are shown": (analysis) =>
    diagnosticsInTurns(analysis, { enabled: true, limit: 100, answerTo: () => null }),
  "refused places": ({ steps }) => refusedPlacesInTurns(steps.slice(4_600, 5_400), 18),
  "the tree": ({ final }) => partitionTreeInTurns({ catalog: final, definitionOf: () => null }),
  "which operations apply": (analysis) => guideInTurns({}, guided(analysis)),
  "a script that puts partitions away": (analysis) => written({ operation: "retention", keep: "1" }, analysis),
  "a script that makes partitions": (analysis) =>
    written({ operation: "create-ranges", start: "100000", interval: "1", count: 900 }, analysis),
};

/** Between two partitions of the table is a gap each. */
const gapped = attacks["many partitions with gaps"]?.text(6_000) ?? "";

const askedOfGaps: Readonly<Record<string, (analysis: Analysis) => Turns<unknown, unknown>>> = {
  "which operations apply": (analysis) => guideInTurns({}, guided(analysis)),
  "which gaps are filled": (analysis) => guideInTurns({ operation: "fill", table: "public.t" }, guided(analysis)),
  "the tree": ({ final }) => partitionTreeInTurns({ catalog: final, definitionOf: () => null }),
  "the catalog": ({ final }) => catalogAnswerInTurns(final),
  "which queries there are": (analysis) => partitionedQuerySteps(analysis),
  "which tables there are": ({ document }) => lookAtTables(document),
};

function* written(given: Partial<OperationRequest>, analysis: Analysis): Turns<void> {
  const request = newRequest({ operation: "retention", table: "public.t", ...given });
  const result = yield* inPortions(() => generate(request, guided(analysis)));
  expect(result.ok).toBe(true);
}

function guided({ final: catalog, options: versions }: Analysis): GuideContext {
  const common = { version: 18, today: "2024-06-01", inTransaction: false, narrowed: "" } as const;
  const typedValues = typedValuesForTests(reading);
  return { ...common, catalog, versions, reading, typedValues, refused: nothingRefused, sizeOf: sizesUnknown };
}

it.each([
  ...Object.entries(asked).map(([what, begin]) => [what, begin, huge] as const),
  ...Object.entries(askedOfGaps).map(([what, begin]) => [`${what}, of a table with gaps`, begin, gapped] as const),
])(
  "%s",
  async (_, begin, text) => {
    const analysis = analyseText(text, reading);
    analysis.findings();
    const work = begin(analysis);
    let [most, all] = [0, 0];
    callsSince();
    for (let done = false; !done; ) {
      done = work.next().done === true;
      const calls = callsSince();
      most = Math.max(most, calls);
      all += calls;
    }
    expect(most).toBeLessThan(mostCalls);
    expect(all).toBeGreaterThan(most);
  },
  60_000,
);

/** Statements whose last query is looked into in portions. */
const queries = {
  "a long IN": 5_000,
  "an OR that is looked into": 2_600,
  "an AND that is looked into": 2_600,
  "an OR over many partitions": 600,
  "an OR over a long list": 2_000,
  "many values of VALUES": 3_000,
  "a view over a long query": 1_000,
  "a long array": 3_000,
};

it.each(Object.entries(queries))("%s: in portions as in one piece", async (name, size) => {
  const text = attacks[name]?.text(size) ?? "";
  const inPieces = analyseText(text, await readingForTests());
  // The rules look into queries in portions, and remember what they have found.
  inPieces.findings();
  const atOnce = analyseText(text, await readingForTests());
  const [found, wanted] = [inPieces, atOnce].map(({ steps, options }) => {
    const last = steps.at(-1);
    return last === undefined ? null : predictedVerdict(last, options);
  });
  expect(wanted?.relations.length).toBeGreaterThan(0);
  expect(found).toEqual(wanted);
});
