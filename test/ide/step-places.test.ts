// Which step stands at an offset: as a walk over all places tells it.
import fc from "fast-check";
import { expect, it } from "vitest";
import { placeOfStep, stepBefore, stepTouching } from "../../server/src/ide/step-places.ts";
import { anyScript } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseEdit, analyseText } from "./support.ts";

const reading = await readingForTests();

it("the step at an offset is the one that a walk over all of them finds", () => {
  let found = 0;
  fc.assert(
    fc.property(anyScript, fc.nat(), (script, at) => {
      const analysis = analyseText(script, reading);
      // Behind a statement that is inserted, handles are no indexes any more.
      const range = { start: 0, end: 0 };
      const { document, steps } = analyseEdit(analysis, { range, newText: "SELECT 1;\n" }, reading);
      const offset = at % (document.text.length + 1);
      const places = document.statements;
      expect(steps.map((step) => placeOfStep({ document }, step).start)).toEqual(places.map(({ start }) => start));
      expect(stepBefore({ document, steps }, offset)).toBe(
        steps[places.findLastIndex(({ start }) => start <= offset)] ?? null,
      );
      for (const within of ["end", "terminatorEnd"] as const) {
        const expected = places.findIndex((place) => place.start <= offset && offset <= place[within]);
        expect(stepTouching({ document, steps }, offset, within)).toBe(steps[expected] ?? null);
        if (expected >= 0) found++;
      }
    }),
    { numRuns: 300, seed: 20260131, endOnFailure: true },
  );
  expect(found).toBeGreaterThan(100);
});
