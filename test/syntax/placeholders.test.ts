// Placeholders are found in one walk through a text, however many of them are opened and never closed.
import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { type Closings, readPlaceholder } from "../../server/src/syntax/split/placeholders.ts";
import { splitScript } from "../../server/src/syntax/split/splitter.ts";

it.each(["{{ ", "{%", "{#", "${", "<%", "<%= ", ":{?", "{{}"])(
  "%s without an end costs a look at each character",
  (opening) => {
    const text = `SELECT ${opening.repeat(20_000)}`;
    const looks = vi.spyOn(String.prototype, "startsWith");
    const pieces = [...splitScript(text)].length;
    const { length } = looks.mock.calls;
    looks.mockRestore();
    expect(pieces).toBe(1);
    expect(length).toBeLessThan(3 * text.length);
  },
);

it("what has been looked through on the way gives what looking anew gives", () => {
  const parts = fc.constantFrom(
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "${",
    "}",
    "<%",
    "%>",
    "=",
    ":{?",
    "x",
    " ".repeat(600),
  );
  fc.assert(
    fc.property(
      fc.array(parts, { maxLength: 40 }),
      fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
      (some, steps) => {
        const text = some.join("");
        const seen: Closings = new Map();
        for (let at = 0, step = 0; at < text.length; at += 1 + (steps[step++ % steps.length] ?? 0))
          expect(readPlaceholder(text, at, false, seen)).toEqual(readPlaceholder(text, at, false));
      },
    ),
    { numRuns: 500, seed: 20261201 },
  );
});
