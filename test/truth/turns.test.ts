// However long a statement is, what is done between two pauses is not: counted in calls of functions, of which a turn has so many.
import { type Profiler, Session } from "node:inspector";
import { afterAll, expect, it } from "vitest";
import { nextTurn } from "../../server/src/lsp/turns.ts";
import { readUnit } from "../../server/src/syntax/units.ts";
import { readingForTests } from "../support/parser.ts";
import { attacks } from "./attacks.ts";
import { openFilesForTests } from "./soak.ts";

const session = new Session();
session.connect();
session.post("Profiler.enable");
session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
afterAll(() => session.disconnect());

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
  "a string that doubles": 60,
  "a long array": 30_000,
  "a view over a long query": 5_000,
  "a long list of a partition": 14_000,
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
