// The same of scripts whose steps are in blocks of three, so that most edits of a short script leave blocks in front of them and behind.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { anyEdit, anyScript, edited, longScript, slightlyEdited, smallEdit } from "../support/edits.ts";
import { changedTo, followEdits } from "../support/follow-edits.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

vi.mock("../../server/src/replay/block-length.ts", () => ({ blockLength: 3, shortBlock: 2 }));

const reading = await readingForTests();
const numRuns = Math.ceil(Number(process.env["LONG_EDITS"] ?? 900) / 4.5);

it("any edits of any script", () => {
  fc.assert(
    fc.property(anyScript, fc.array(anyEdit, { minLength: 1, maxLength: 8 }), (script, edits) => {
      followEdits(script, edits, edited, reading);
    }),
    { numRuns, seed: 20260201, endOnFailure: true },
  );
});

it("small edits of a long script, most blocks of which are followed", () => {
  let blocks = 0;
  fc.assert(
    fc.property(longScript, fc.array(smallEdit, { minLength: 1, maxLength: 8 }), (script, edits) => {
      followEdits(script, edits, slightlyEdited, reading);
      let analysis = analyseText(script, reading);
      for (const edit of edits) {
        analysis = changedTo(analysis, slightlyEdited(analysis.document.text, edit), reading);
        blocks += analysis.list.blocks.filter(({ followed }) => followed !== null).length;
      }
    }),
    { numRuns: Math.ceil(numRuns / 2), seed: 20260201, endOnFailure: true },
  );
  expect(blocks).toBeGreaterThan(numRuns / 8);
});
