// What two versions of a list have in common at either end.
import fc from "fast-check";
import { expect, it } from "vitest";
import { commonEnds, noteCommonEnds } from "../../server/src/text/common-ends.ts";

it("are the longest ones that do not overlap, whatever was replaced", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(3)),
      fc.nat(),
      fc.nat(5),
      fc.array(fc.nat(3), { maxLength: 4 }),
      (list, at, length, by) => {
        const first = at % (list.length + 1);
        const later = list.toSpliced(first, length, ...by);
        const { first: front, last } = commonEnds(list, later);
        expect(front + last).toBeLessThanOrEqual(Math.min(list.length, later.length));
        expect(front).toBeGreaterThanOrEqual(first);
        expect(later.slice(0, front)).toEqual(list.slice(0, front));
        expect(later.slice(later.length - last)).toEqual(list.slice(list.length - last));
        const isShort = front + last === Math.min(list.length, later.length);
        if (!isShort) expect([list[front], list.at(-1 - last)]).not.toEqual([later[front], later.at(-1 - last)]);
      },
    ),
    { seed: 20260131 },
  );
});

it("are not looked for where they are noted, and only for the two that the note is of", () => {
  const [earlier, later] = [
    [1, 2, 3],
    [1, 5, 3],
  ];
  noteCommonEnds(earlier, later, { first: 0, last: 1 });
  expect(commonEnds(earlier, later)).toMatchObject({ first: 0, last: 1 });
  expect(commonEnds([1, 2, 3], later)).toEqual({ first: 1, last: 1 });
  expect(commonEnds(later, later)).toEqual({ first: 3, last: 0 });
});
