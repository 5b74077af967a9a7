// Open files: long work is done in turns, dropped where the text changes, and nothing that is kept of it ever shows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultSettings } from "../../server/src/config.ts";
import { type Analysis, analysisOptions, emptyWorld } from "../../server/src/ide/analysis.ts";
import { ignoreActions } from "../../server/src/ide/ignore-actions.ts";
import { rehearsalPlaces } from "../../server/src/ide/rehearsal-lenses.ts";
import { documentSymbolsInTurns } from "../../server/src/ide/symbols.ts";
import { createOpenFiles, type OpenFiles } from "../../server/src/lsp/open-files.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { TextEdit } from "../../server/src/text/edit.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { monthlyPartitions } from "../bench/scripts.ts";
import { anyEdit, anyScript, edited } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();
const start = emptyWorld({ ...defaultSettings, "schema.complete": true });
const options = analysisOptions(defaultSettings, 18, "2024-06-01");

describe("a long file", () => {
  const { text } = monthlyPartitions(60);

  it("leaves room for other files while it is read, replayed and checked", async () => {
    const { files, goOn } = filesInTurns();
    files.open("long.sql", 1, text, "sql");
    files.open("short.sql", 1, "SELECT 1;", "sql");
    let longIsDone = false;
    const long = files.checkedAnalysisOf("long.sql").then(() => {
      longIsDone = true;
    });
    for (let turn = 0; turn < 100; turn++) await goOn();
    const short = await finished(files.checkedAnalysisOf("short.sql"), goOn);
    expect(short?.steps).toHaveLength(1);
    expect(longIsDone).toBe(false);
    await finished(long, goOn);
  });

  it("that changes meanwhile keeps what was done before the change", async () => {
    const { files, goOn } = filesInTurns();
    files.open("long.sql", 1, text, "sql");
    const asked = files.analysisOf("long.sql");
    for (let turn = 0; turn < 130; turn++) await goOn();
    const read = files.get("long.sql")?.document;
    expect(read?.statements).toHaveLength(82);
    const first = read?.read.at(0);
    change(files, "long.sql", `${text}SELECT 1;`);
    const analysis = await finished(asked, goOn);
    expect(analysis?.document.text).toBe(`${text}SELECT 1;`);
    expect(analysis?.steps[0]?.statement).toBe(first);
    // Who asks again gets the same without waiting.
    expect(await files.analysisOf("long.sql")).toBe(analysis);
  });

  it("that changes again while its steps are looked through keeps those that are still to come", async () => {
    const { files, goOn } = filesInTurns();
    files.open("long.sql", 1, text, "sql");
    const before = await finished(files.analysisOf("long.sql"), goOn);
    change(files, "long.sql", `-- a\n${text}`);
    const asked = files.analysisOf("long.sql");
    for (let turn = 0; turn < 3; turn++) await goOn();
    change(files, "long.sql", `-- ab\n${text}`);
    const analysis = await finished(asked, goOn);
    expect(analysis?.steps.at(-1)?.before).toBe(before?.steps.at(-1)?.before);
  });

  it("is not put together in one piece for a key, wherever it is typed", async () => {
    const { files, goOn } = filesInTurns();
    const manyLines = text.repeat(40).replaceAll(/CREATE[^;]*;/g, (statement) => `-- ${statement}`);
    const long = `${text}${manyLines}SELECT 1;\n${manyLines}SELECT 2;\n`;
    files.open("long.sql", 1, long, "sql");
    await finished(files.checkedAnalysisOf("long.sql"), goOn);
    for (const at of [long.indexOf("1602-"), long.indexOf("SELECT 1"), long.length - 3, long.length / 2]) {
      const range = { start: Math.floor(at), end: Math.floor(at) };
      files.change("long.sql", (files.get("long.sql")?.version ?? 0) + 1, [() => ({ range, newText: " " })]);
      const analysis = await finished(files.checkedAnalysisOf("long.sql"), goOn);
      expect(analysis?.document.content).toBe(files.get("long.sql")?.text);
      if (analysis == null) throw new Error("the file is open");
      // What an editor asks of it after a key.
      expect(rehearsalPlaces(analysis, null)).toEqual([]);
      expect(rehearsalPlaces(analysis, true)).toEqual([{ offset: 0, isWhole: true }]);
      await finished(files.lensesOf("long.sql"), goOn);
      for (const finding of analysis.findings()) ignoreActions(analysis.document, finding);
      atOnce(documentSymbolsInTurns(analysis));
      expect(analysis.document.content.isInOnePiece).toBe(false);
    }
    const whole = files.get("long.sql")?.text.toString() ?? "";
    expect(whole.length).toBe(long.length + 4);
    const fresh = parseDocument(whole, reading);
    expect(files.get("long.sql")?.document?.statements).toEqual(fresh.statements);
  });

  it("that is closed meanwhile is given up", async () => {
    const { files, goOn, turns } = filesInTurns();
    files.open("long.sql", 1, text, "sql");
    const asked = files.checkedAnalysisOf("long.sql");
    for (let turn = 0; turn < 100; turn++) await goOn();
    files.close("long.sql");
    expect(await finished(asked, goOn)).toBeNull();
    const before = turns();
    await goOn();
    expect(turns()).toBe(before);
  });
});

describe("what is worked out of a file", () => {
  const waiting = new AbortController().signal;

  it("is that of the text as it stands when it is done", async () => {
    const { files, goOn } = filesInTurns();
    files.open("a.sql", 1, "CREATE TABLE a (k int);", "sql");
    await finished(files.analysisOf("a.sql"), goOn);
    let begun = 0;
    const asked = files.workedOut("a.sql", waiting, function* ({ analysis, lines }) {
      begun++;
      for (let count = 0; count < 10; count++) yield;
      return { lines, tables: [...analysis.final.relations.values()].map(({ name }) => name) };
    });
    await goOn();
    change(files, "a.sql", "CREATE TABLE b (k int);");
    const result = await finished(asked, goOn);
    expect(result?.tables).toEqual(["b"]);
    expect(result?.lines).toBe(files.get("a.sql")?.lines);
    expect(begun).toBe(2);
  });

  it("is given up where the file is closed, or nobody waits any more", async () => {
    const { files, goOn } = filesInTurns();
    const stop = new AbortController();
    for (const [uri, giveUp] of [
      ["closed.sql", () => files.close("closed.sql")],
      ["stopped.sql", () => stop.abort()],
    ] as const) {
      files.open(uri, 1, "SELECT 1;", "sql");
      await finished(files.analysisOf(uri), goOn);
      let done = 0;
      const asked = files.workedOut(uri, stop.signal, function* () {
        for (; done < 10; done++) yield;
        return done;
      });
      await goOn();
      giveUp();
      expect(await finished(asked, goOn)).toBeNull();
      expect(done).toBeLessThan(10);
    }
  });
});

it("whenever edits come, the findings are those of the text read anew", async () => {
  await fc.assert(
    fc.asyncProperty(
      anyScript,
      fc.array(fc.tuple(anyEdit, fc.nat(60)), { minLength: 1, maxLength: 6 }),
      async (script, edits) => {
        const { files, goOn } = filesInTurns();
        let text = script;
        files.open("edited.sql", 1, text, "sql");
        for (const [edit, turns] of edits) {
          const asked = files.checkedAnalysisOf("edited.sql");
          // Some edits come when the analysis is done, others in the middle of it.
          if (turns > 40) await finished(asked, goOn);
          else for (let turn = 0; turn < turns; turn++) await goOn();
          text = edited(text, edit);
          change(files, "edited.sql", text);
        }
        const kept = await finished(files.checkedAnalysisOf("edited.sql"), goOn);
        const fresh = filesInTurns();
        fresh.files.open("edited.sql", 1, text, "sql");
        const anew = await finished(fresh.files.checkedAnalysisOf("edited.sql"), fresh.goOn);
        expect(said(kept)).toEqual(said(anew));
      },
    ),
    { numRuns: 200, seed: 20240601, endOnFailure: true },
  );
});

/**
 * With statements by their place in the text, and relations by their names: handles and ids are those of one file, and differ where edits
 * gave others out.
 */
function said(analysis: Analysis | null): object {
  const indexes = new Map(analysis?.steps.map(({ handle }, index) => [Number(handle), index]));
  const steps = analysis?.steps.map(({ rejection, warning, declined, transaction: { state } }) => ({
    rejection,
    warning,
    declined,
    state,
  }));
  const names = new Map(
    analysis?.steps.flatMap(({ after }) => [...after.relations.entries()].map(([id, { name }]) => [id, name])),
  );
  const byPlace = (key: string, value: unknown): unknown => {
    if (typeof value === "bigint") return `${value}n`;
    if (key === "about" && Array.isArray(value)) return value.map((id: number) => names.get(id) ?? null);
    if (typeof value !== "number") return value;
    return key === "statement" ? indexes.get(value) : key === "relation" ? (names.get(value) ?? null) : value;
  };
  return { findings: analysis?.findings(), steps: JSON.parse(JSON.stringify(steps ?? null, byPlace)) };
}

/** Files whose work pauses wherever it can, until `goOn` lets everything that waits take one turn. */
function filesInTurns(): { files: OpenFiles; goOn: () => Promise<void>; turns: () => number } {
  let waiting: (() => void)[] = [];
  let time = 0;
  let turns = 0;
  const files = createOpenFiles({
    reading,
    sqlOf: () => null,
    sizeLimit: () => Number.POSITIVE_INFINITY,
    surroundings: () => ({ start, options, startInFile: () => null, stamp: 0 }),
    prepare: () => null,
    nextTurn: () =>
      new Promise((resume) => {
        turns++;
        waiting.push(resume);
      }),
    // Every look at the clock finds that the turn is over.
    now: () => (time += 1000),
    onAnalysis: () => {},
    onNewCatalog: () => {},
  });
  const goOn = async (): Promise<void> => {
    const ready = waiting;
    waiting = [];
    for (const resume of ready) resume();
    await new Promise((done) => setImmediate(done));
  };
  return { files, goOn, turns: () => turns };
}

async function finished<T>(work: Promise<T>, goOn: () => Promise<void>): Promise<T> {
  let done = false;
  const watched = work.finally(() => {
    done = true;
  });
  while (!done) await goOn();
  return watched;
}

function change(files: OpenFiles, uri: string, newText: string): void {
  const file = files.get(uri);
  const old = file?.text.toString() ?? "";
  let first = 0;
  while (first < old.length && first < newText.length && old[first] === newText[first]) first++;
  let last = 0;
  const most = Math.min(old.length, newText.length) - first;
  while (last < most && old[old.length - 1 - last] === newText[newText.length - 1 - last]) last++;
  const edit: TextEdit = {
    range: { start: first, end: old.length - last },
    newText: newText.slice(first, newText.length - last),
  };
  files.change(uri, (file?.version ?? 0) + 1, [() => edit]);
}
