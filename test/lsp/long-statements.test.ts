// Long statements are read in a thread: what comes of it is the same, and meanwhile the server reads nothing and serves others.
import fc from "fast-check";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createLongStatements, type LongStatements } from "../../server/src/lsp/long-statements.ts";
import type { OpenFiles } from "../../server/src/lsp/open-files.ts";
import { nextTurn, resultInTurns } from "../../server/src/lsp/turns.ts";
import { parseDocument, parseDocumentInTurns } from "../../server/src/syntax/document.ts";
import type { Parser } from "../../server/src/syntax/parser.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { type PatientReading, readUnit } from "../../server/src/syntax/units.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { anyEdit, anyScript, edited } from "../support/edits.ts";
import { loadParserForTests } from "../support/parser.ts";
import { longInsert } from "../truth/attacks.ts";
import { openFilesForTests } from "../truth/soak.ts";
import { serverSources, startClient } from "./client.ts";

const script = new URL("../../server/src/lsp/long-statement-worker.ts", import.meta.url);

let parser: Parser;
/** The lengths of what was parsed in this thread. */
const parsedHere: number[] = [];
const counting: Parser = {
  parse: (text) => {
    parsedHere.push(text.length);
    return parser.parse(text);
  },
};
beforeAll(async () => {
  parser = await loadParserForTests();
});

const open: LongStatements[] = [];
afterEach(async () => {
  parsedHere.length = 0;
  await Promise.all(open.splice(0).map((each) => each.close()));
});

function threadFor(
  options: { worker?: string | URL | null; timeoutMilliseconds?: number; log?: string[] } = {},
): LongStatements {
  const { worker = script, timeoutMilliseconds = 600_000, log } = options;
  const thread = createLongStatements({
    ...{ worker, timeoutMilliseconds, idleCloseMilliseconds: 600_000 },
    log: (line) => (log === undefined ? expect.fail(line) : log.push(line)),
    onBug: (what, error) => expect.fail(`${what}: ${String(error)}`),
  });
  open.push(thread);
  return thread;
}

const files = (thread: LongStatements): Promise<OpenFiles> =>
  openFilesForTests({ parser: counting, elsewhere: thread.read });
const freshly = (text: string) => parseDocument(text, { parser, cache: createStatementCache(1_000) });

const body = Array.from({ length: 4_000 }, (_, index) => `  INSERT INTO t VALUES (${index}, NULL, 'x');`).join("\n");
const longTexts: Readonly<Record<string, string>> = {
  "an INSERT": longInsert(200_000),
  "a function": `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN\n${body}\nEND $$;\nSELECT 1;`,
  "what does not parse": `SELECT ${"x, ".repeat(40_000)} FROM;\nSELECT 2;`,
  "a missing semicolon, and another statement behind it": `SELECT ${"x, ".repeat(40_000)} y FROM t\n\nCREATE TABLE u (k int);\nSELECT 3;`,
  placeholders: `INSERT INTO t VALUES ${"(:'a', :b), ".repeat(10_000)} (1, 2);\nSELECT 4;`,
  "an open quote": `SELECT 1;\nSELECT '${"x\n".repeat(40_000)}`,
  "a delimiter of its own": `--liquibase formatted sql\n--changeset a:1 endDelimiter:/\nINSERT INTO t VALUES ${"(1, 2), ".repeat(20_000)} (1, 2)\n/\nSELECT 5;`,
};

describe("a thread reads", () => {
  it.each(Object.entries(longTexts))("%s", async (_, text) => {
    const reading = { parser: counting, cache: createStatementCache(1_000), elsewhere: threadFor().read };
    const taking = { now: () => performance.now(), nextTurn };
    const document = await resultInTurns(parseDocumentInTurns(text, reading), taking);
    expect(Math.max(0, ...parsedHere)).toBeLessThan(70_000);
    const { statements, directives, units } = freshly(text);
    expect(document.statements).toEqual(statements);
    expect(document.directives).toEqual(directives);
    expect(document.units).toEqual(units);
  });

  it("what is cut out of a file, as it reads the whole file", () => {
    const cached = { parser, cache: createStatementCache(250_000) };
    fc.assert(
      fc.property(anyScript, fc.array(anyEdit, { maxLength: 4 }), (script, edits) => {
        const text = edits.reduce(edited, script);
        let asked = 0;
        const reading: PatientReading = {
          ...{ ...cached, longestReadHere: 0 },
          // biome-ignore lint/correctness/useYield: what is read here has nothing to wait for.
          *elsewhere(unit) {
            asked++;
            return readUnit(unit, cached);
          },
        };
        const { units, statements } = atOnce(parseDocumentInTurns(text, reading));
        const whole = parseDocument(text, cached);
        expect(units).toEqual(whole.units);
        expect(statements).toEqual(whole.statements);
        expect(asked).toBeGreaterThanOrEqual(
          statements.filter(({ statement }) => statement.kind !== "psql").length / 2,
        );
      }),
      { numRuns: 400, seed: 20261130 },
    );
  });

  it("their own texts, and not the whole file for each of them", () => {
    const text = longInsert(70_000).repeat(20);
    let sent = 0;
    const cached = { parser, cache: createStatementCache(1_000) };
    const reading: PatientReading = {
      ...cached,
      // biome-ignore lint/correctness/useYield: as above.
      *elsewhere(unit) {
        sent += unit.text.length;
        return readUnit(unit, cached);
      },
    };
    expect(atOnce(parseDocumentInTurns(text, reading)).statements.length).toBe(40);
    expect(sent).toBeLessThan(text.length * 1.1);
    expect(sent).toBeGreaterThan(text.length * 0.9);
  });

  it("nothing of a text that is read at once", () => {
    const reading: Reading & { elsewhere: LongStatements["read"] } = {
      ...{ parser: counting, cache: createStatementCache(1_000) },
      elsewhere: () => expect.fail("nobody waits here"),
    };
    expect(parseDocument(longInsert(100_000), reading).statements.length).toBe(2);
  });
});

describe("open files", () => {
  const large = "file:///large.sql";
  const small = "file:///small.sql";
  const smallText = "CREATE TABLE s (k int) PARTITION BY RANGE (k);\nSELECT * FROM s;";

  it("another file is analysed while a long statement is read", async () => {
    const own = await files(threadFor());
    const done: string[] = [];
    own.open(large, 0, longInsert(400_000), "sql");
    const first = own.checkedAnalysisOf(large).then(() => done.push("large"));
    own.open(small, 0, smallText, "sql");
    await own.checkedAnalysisOf(small).then(() => done.push("small"));
    await first;
    expect(done).toEqual(["small", "large"]);
    expect(Math.max(...parsedHere)).toBeLessThan(1_000);
  });

  it("edits in a long statement, faster than it is read, give what reading anew gives", async () => {
    const own = await files(threadFor());
    let text = longInsert(200_000);
    own.open(large, 0, text, "sql");
    const before = await own.analysisOf(large);
    const waiting: Promise<unknown>[] = [];
    for (let version = 1; version <= 20; version++) {
      const at = 1_000 + version * 37;
      own.change(large, version, [() => ({ range: { start: at, end: at }, newText: "7" })]);
      text = `${text.slice(0, at)}7${text.slice(at)}`;
      expect(own.get(large)?.text.toString()).toBe(text);
      // What was read last is what others are told as long as it takes.
      expect(own.documentOf(large)).toBe(before?.document);
      waiting.push(own.analysisOf(large));
      await nextTurn();
    }
    const analyses = await Promise.all(waiting);
    const latest = await own.analysisOf(large);
    expect(new Set(analyses)).toEqual(new Set([latest]));
    expect(latest?.document.statements).toEqual(freshly(text).statements);
    // The statement that was typed in is the one that it was.
    expect(latest?.document.handles).toEqual(before?.document.handles);
    expect(Math.max(...parsedHere)).toBeLessThan(1_000);
  });

  it("an edit beside a long statement reads it no more", async () => {
    const thread = threadFor();
    let asked = 0;
    const own = await openFilesForTests({
      parser: counting,
      elsewhere: (unit) => {
        asked++;
        return thread.read(unit);
      },
    });
    // What begins right behind a statement has a part in where it ends.
    const text = `${longInsert(100_000)}${"SELECT 1;\n".repeat(500)}`;
    own.open(large, 0, text, "sql");
    await own.analysisOf(large);
    own.change(large, 1, [() => ({ range: { start: text.length, end: text.length }, newText: "SELECT 2;" })]);
    expect((await own.analysisOf(large))?.document.statements.length).toBe(503);
    expect(asked).toBe(1);
  });

  it("a file that is closed meanwhile, and what is opened in its place", async () => {
    const own = await files(threadFor());
    own.open(large, 0, longInsert(200_000), "sql");
    const closed = own.analysisOf(large);
    await nextTurn();
    own.close(large);
    expect(await closed).toBeNull();
    own.open(large, 0, longInsert(100_000), "sql");
    expect((await own.analysisOf(large))?.document.statements.length).toBe(2);
  });

  it("many statements at once are read in turns", async () => {
    const own = await files(threadFor());
    own.open(large, 0, "SELECT 1;\n", "sql");
    await own.analysisOf(large);
    parsedHere.length = 0;
    const many = Array.from({ length: 1_000 }, (_, index) => `SELECT ${index} AS a;\n`).join("");
    own.change(large, 1, [() => ({ range: { start: 0, end: 0 }, newText: many })]);
    expect(parsedHere.length).toBeLessThan(100);
    expect((await own.analysisOf(large))?.document.statements.length).toBe(1_001);
  });
});

it("the server finds its thread, and what it read", async () => {
  const client = await startClient("neovim", { server: serverSources });
  try {
    const uri = await client.open(`${longInsert(100_000)}SELECT 1;`);
    const messages = (await client.diagnostics(uri)).map(({ message }) => message);
    expect(messages).toContainEqual(expect.stringContaining('no partition of relation "t" found for row'));
    expect(client.logged.filter((line) => line.includes("long statements"))).toEqual([]);
  } finally {
    await client.close();
  }
});

it("a server without the thread's file says so, and reads all the same", async () => {
  const client = await startClient("neovim");
  try {
    const uri = await client.open(longInsert(100_000));
    expect(await client.diagnostics(uri)).not.toEqual([]);
    expect(client.logged.filter((line) => line.includes("long statements are read in the server itself"))).toHaveLength(
      1,
    );
  } finally {
    await client.close();
  }
});

describe("where there is no thread", () => {
  const taking = { now: () => performance.now(), nextTurn };
  const readWith = (thread: LongStatements, text: string) =>
    resultInTurns(
      parseDocumentInTurns(text, { parser: counting, cache: createStatementCache(1_000), elsewhere: thread.read }),
      taking,
    );

  it.each<[string, string | URL | null]>([
    ["its file is missing", null],
    ["its file is no program", new URL("data:text/javascript,}{")],
    ["it ends at once", new URL("data:text/javascript,process.exit(0)")],
    ["it fails at once", new URL("data:text/javascript,throw new Error('damaged')")],
  ])("%s: long statements are read here, and that is said once", async (_, worker) => {
    const log: string[] = [];
    const thread = threadFor({ worker, log });
    const text = longInsert(100_000);
    expect((await readWith(thread, text)).statements).toEqual(freshly(text).statements);
    expect((await readWith(thread, `${text}SELECT 1;`)).statements.length).toBe(3);
    expect(log).toEqual([expect.stringContaining("long statements are read in the server itself")]);
  });

  it("a statement that its thread does not survive is not understood, and the next one is", async () => {
    // The first statement ends the thread; its successor, being another thread, reads.
    const fragile = `import { parentPort } from "node:worker_threads";
      parentPort.on("message", ({ unit, parts }) => {
        if (unit.text.includes("deadly")) process.exit(1);
        parts.postMessage({ number: null, content: { length: unit.piece.terminatorEnd - unit.origin, reach: unit.piece.terminatorEnd - unit.origin,
          copyDataFollows: false, directives: [], statements: [] }, holes: [] });
        parentPort.postMessage({ kind: "read" });
      });
      parentPort.postMessage({ kind: "ready" });`;
    const thread = threadFor({ worker: new URL(`data:text/javascript,${encodeURIComponent(fragile)}`) });
    const rows = "(1, 2), ".repeat(10_000);
    const [deadly] = (await readWith(thread, `INSERT INTO deadly VALUES ${rows} (1, 2);`)).statements;
    expect(deadly?.statement).toMatchObject({ kind: "other", tag: "the statement is too complex to be analysed" });
    expect((await readWith(thread, `INSERT INTO t VALUES ${rows} (1, 2);`)).statements).toEqual([]);
    expect(parsedHere).toEqual([]);
  });

  it("what takes too long is given up", async () => {
    const silent = `import { parentPort } from "node:worker_threads";
      parentPort.on("message", () => {});
      parentPort.postMessage({ kind: "ready" });`;
    const thread = threadFor({
      worker: new URL(`data:text/javascript,${encodeURIComponent(silent)}`),
      timeoutMilliseconds: 2_000,
      log: [],
    });
    const [statement] = (await readWith(thread, `SELECT ${"x, ".repeat(30_000)} y;`)).statements;
    expect(statement?.statement).toMatchObject({ kind: "other", tag: expect.stringContaining("takes too long") });
  });
});
