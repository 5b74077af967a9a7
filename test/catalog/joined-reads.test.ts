// What several statements looked at as one: no change that one of them would see is missed, and most that none of them sees are told.
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Reads } from "../../server/src/catalog/access.ts";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { createPatchTest } from "../../server/src/catalog/changed-reads.ts";
import { joinedReads } from "../../server/src/catalog/joined-reads.ts";
import { differenceOf } from "../../server/src/catalog/patch.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { anyScript } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();
const start = emptyCatalog({ complete: false, timeZone: "UTC" });
const options = { version: 18, pathmanVersion: "1.5", today: "2026-01-31" } as const;

function stepsOf(script: string): readonly Step[] {
  const statements = parseDocument(script, reading);
  const source = { text: script, reading };
  return replay({ file: "a.sql", statements, start, options, previous: [], source });
}

/** Whether one of the reads, and all together, may see what a statement changed. */
function seen(reads: readonly Reads[], changing: Step): { readonly apart: boolean; readonly joined: boolean } | null {
  const patch = differenceOf(changing.before, changing.after);
  if (patch === null || patch.size === 0) return null;
  const isOther = createPatchTest(patch);
  return { apart: reads.some(isOther), joined: isOther(joinedReads(reads)) };
}

it("miss nothing that one of them would see", () => {
  let told = 0;
  fc.assert(
    fc.property(anyScript, fc.nat(), fc.integer({ min: 1, max: 12 }), (script, at, length) => {
      const steps = stepsOf(script);
      const first = at % Math.max(1, steps.length);
      const reads = steps.slice(first, first + length).flatMap((step) => step.reads ?? []);
      for (const changing of steps) {
        const result = seen(reads, changing);
        if (result === null) continue;
        told += 1;
        if (result.apart) expect(result.joined).toBe(true);
      }
    }),
    { numRuns: 300, seed: 20260131, endOnFailure: true },
  );
  expect(told).toBeGreaterThan(300);
});

/** Partitions of one table, a hundred each. */
function partitions(bounds: readonly (readonly [number, number])[]): readonly Step[] {
  const lines = bounds.map(
    ([from, to], index) => `CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${from}) TO (${to});`,
  );
  return stepsOf(["CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);", ...lines].join("\n"));
}

it("see a partition that comes where they asked for room, and none that comes elsewhere", () => {
  const upper = Array.from({ length: 20 }, (_, index) => [1000 + index * 10, 1010 + index * 10] as const);
  for (const [bound, expected] of [
    [[0, 10], false],
    [[995, 1000], false],
    [[995, 1001], true],
    [[1100, 1101], true],
    [[1200, 1300], false],
    // It begins where another one does, and has no values.
    [[1050, 1050], false],
  ] as const) {
    const [table, changing, ...others] = partitions([bound, ...upper]);
    const reads = others.flatMap((step) => step.reads ?? []);
    expect(reads.length).toBe(20);
    const result = table === undefined || changing === undefined ? null : seen(reads, changing);
    expect(result?.joined ?? false, `${bound}`).toBe(expected);
  }
});
