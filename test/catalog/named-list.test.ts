// The persistent list of constraints is what an array would be, and a change of it costs what it changes.
import fc from "fast-check";
import { expect, it } from "vitest";
import { NamedList } from "../../server/src/catalog/named-list.ts";
import { sameValue } from "../../server/src/catalog/same-value.ts";

interface Item {
  readonly name: string;
  readonly value: number;
}

const name = fc.nat(30).map((number) => `c${number}`);
const anyChange = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("add" as const), name, value: fc.nat() }) },
  fc.record({ kind: fc.constant("replace" as const), name, to: name, value: fc.nat() }),
  fc.record({ kind: fc.constant("remove" as const), name }),
  fc.record({ kind: fc.constant("raise" as const), least: fc.nat() }),
  fc.record({ kind: fc.constant("keep" as const), least: fc.nat() }),
);

it("whatever is done to it, it is what an array would be", () => {
  fc.assert(
    fc.property(fc.array(anyChange, { maxLength: 60 }), (changes) => {
      let array: readonly Item[] = [];
      let list = NamedList.of<Item>([]);
      for (const change of changes) {
        const [before, earlier] = [array, list];
        if (change.kind === "add") {
          const item = { name: change.name, value: change.value };
          array = [...array, item];
          list = list.with(item);
        } else if (change.kind === "replace") {
          const item = { name: change.to, value: change.value };
          array = array.map((each) => (each.name === change.name ? item : each));
          list = list.withNamed(change.name, item);
        } else if (change.kind === "remove") {
          array = array.filter((each) => each.name !== change.name);
          list = list.withNamed(change.name, null);
        } else if (change.kind === "raise") {
          const raised = new Map(array.map((each) => [each, each.value < change.least ? { ...each, value: 0 } : each]));
          array = array.map((each) => raised.get(each) ?? each);
          list = list.changed((each) => raised.get(each) ?? each);
        } else {
          array = array.filter(({ value }) => value >= change.least);
          list = list.kept(({ value }) => value >= change.least);
        }
        expect([...list]).toEqual(array);
        expect(list.length).toBe(array.length);
        for (let number = 0; number <= 31; number++)
          expect(list.named(`c${number}`)).toBe(array.find((each) => each.name === `c${number}`) ?? null);
        const { gone, come } = list.changesFrom(earlier);
        expect(new Set(before)).toEqual(new Set([...array.filter((each) => !come.includes(each)), ...gone]));
        expect(come.every((each) => array.includes(each) && !before.includes(each))).toBe(true);
        expect([...earlier]).toEqual(before);
        expect(sameValue(list, NamedList.of(array))).toBe(true);
        expect(sameValue(list, NamedList.of([...array, { name: "more", value: 1 }]))).toBe(false);
      }
    }),
    { numRuns: 300, seed: 20261130 },
  );
});

it("a look-up by name looks at few, and what two versions share is not looked at", () => {
  let read = 0;
  const items = Array.from({ length: 5_000 }, (_, index) => ({
    get name() {
      read++;
      return `c${index}`;
    },
  }));
  const list = NamedList.of(items);
  read = 0;
  expect(list.named("c4321")).toBe(items[4321]);
  expect(list.with({ name: "new" }).changesFrom(list)).toEqual({ gone: [], come: [{ name: "new" }] });
  expect([...list.withNamed("c7", null).changesFrom(list).gone]).toEqual([items[7]]);
  expect(read).toBeLessThan(20);
});
