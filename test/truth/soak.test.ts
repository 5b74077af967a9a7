// Memory that edits leave behind: the short form of soak.mjs.
import { expect, it } from "vitest";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { analyseText } from "../ide/support.ts";
import { changedTo } from "../support/follow-edits.ts";
import { loadParserForTests } from "../support/parser.ts";
import { longInsert } from "./attacks.ts";
import { growthOfTyping, manyStatements, megabytesInUse, openFilesForTests } from "./soak.ts";

it("edits inside a long statement leave nothing behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, longInsert(200_000), 20)).toBeLessThan(20);
});

it("edits of a script leave little behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, manyStatements(50), 300)).toBeLessThan(20);
});

it("edits of several files leave little behind", async () => {
  const files = await openFilesForTests();
  expect(await growthOfTyping(files, manyStatements(20), 300, undefined, 10)).toBeLessThan(20);
});

it("statements that were typed for a while keep no version of the table of which they have asked", async () => {
  const reading = { parser: await loadParserForTests(), cache: createStatementCache(250_000) };
  const text = (round: number): string =>
    `CREATE TABLE t (k int NOT NULL, v_${round} int) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (10);
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (${20 + round}) TO (100);`;
  let analysis = analyseText(text(0), reading);
  const versions: WeakRef<object>[] = [];
  for (let round = 1; round <= 20; round++) {
    analysis = changedTo(analysis, text(round), reading);
    expect(analysis.findings().map(({ rule }) => rule)).toContain("range-gap");
    versions.push(new WeakRef(analysis.final.relations));
  }
  // What a WeakRef was made of lives until its turn ends, and this one may not have.
  for (let turn = 0; turn < 3; turn++) await megabytesInUse();
  expect(versions.filter((version) => version.deref() !== undefined).length).toBeLessThanOrEqual(3);
  expect(analysis.steps.length).toBe(3);
});

it("files that are closed leave what they held to nobody", async () => {
  const files = await openFilesForTests();
  const uris = Array.from({ length: 20 }, (_, index) => `file:///closed-${index}.sql`);
  const look = async (text: string): Promise<number> => {
    for (const uri of uris) {
      files.open(uri, 0, text, "sql");
      await files.checkedAnalysisOf(uri);
      await files.lensesOf(uri);
    }
    const open = await megabytesInUse();
    for (const uri of uris) files.close(uri);
    return open;
  };
  // What is made once, and what is remembered of statements by their text, is there then.
  await look(manyStatements(800));
  const before = await megabytesInUse();
  const open = await look(manyStatements(800));
  expect(open - before).toBeGreaterThan(20);
  expect((await megabytesInUse()) - before).toBeLessThan(5);
});
