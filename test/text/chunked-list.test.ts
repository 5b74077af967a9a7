// A list of which an edit copies a part is the list that an array would be.
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Chunk, ChunkedList } from "../../server/src/text/chunked-list.ts";

const plain = (items: readonly number[]): Chunk<number> => ({ items });
const numbers = (length: number): number[] => Array.from({ length }, (_, index) => index);

it("is what an array would be, whatever is replaced", () => {
  const change = fc.record({ at: fc.nat(2_000), removed: fc.nat(400), by: fc.array(fc.nat(9), { maxLength: 300 }) });
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(change, { minLength: 1, maxLength: 8 }), (length, changes) => {
      let array = numbers(length);
      let list = ChunkedList.of(array, plain);
      for (const { at, removed, by } of changes) {
        const first = at % (array.length + 1);
        const last = Math.min(array.length, first + removed);
        array = array.toSpliced(first, last - first, ...by);
        list = list.replaced(first, by, last);
        expect([...list]).toEqual(array);
        expect(list.length).toBe(array.length);
        expect(list.slice(first)).toEqual(array.slice(first));
        expect([list.at(first), list.at(-1), list.at(array.length)]).toEqual([array[first], undefined, undefined]);
        for (const { items } of list.chunks) {
          expect(items.length).toBeGreaterThan(0);
          expect(items.length).toBeLessThanOrEqual(128);
        }
      }
    }),
    { seed: 20260131 },
  );
});

it("shares all but one or two chunks with the one that it was made of, and stays in few", () => {
  let list = ChunkedList.of(numbers(10_000), plain);
  const count = list.chunks.length;
  for (let times = 0; times < 2_000; times++) {
    const before = new Set(list.chunks);
    const at = (times * 617) % list.length;
    list = times % 2 === 0 ? list.replaced(at, [-1], at) : list.replaced(at, [], at + 1);
    expect(list.chunks.filter((chunk) => !before.has(chunk)).length).toBeLessThanOrEqual(2);
  }
  expect(list.chunks.length).toBeLessThan(2 * count);
});
