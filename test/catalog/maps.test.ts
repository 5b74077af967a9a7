// The persistent maps of a catalog do what a plain map does, and no copy is changed by what becomes of another.
import fc from "fast-check";
import { expect, it } from "vitest";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { NameMap } from "../../server/src/catalog/name-map.ts";

const anyId = fc.oneof(fc.nat(20), fc.nat(300), fc.nat(1_000_000));
const anyName = fc.oneof(
  fc.constantFrom("", "a", "b", "public\0t", "public\0t_1", "app\0t"),
  fc.string({ maxLength: 12 }),
  // Two pairs with equal hashes (FNV-1a of 32 bits).
  fc.constantFrom("costarring", "liquid", "declinate", "macallums"),
);

it("by ids", () => {
  const change = fc.record({ id: anyId, value: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), anyId, (changes, from) => {
      const versions: { readonly map: IdMap<number>; readonly plain: ReadonlyMap<number, number> }[] = [];
      let map = IdMap.empty<number>();
      const plain = new Map<number, number>();
      for (const { id, value } of changes) {
        map = value === null ? map.without(id) : map.with(id, value);
        if (value === null) plain.delete(id);
        else plain.set(id, value);
        versions.push({ map, plain: new Map(plain) });
      }
      for (const version of versions) {
        const entries = [...version.plain].sort(([a], [b]) => a - b);
        expect([...version.map.entries()]).toEqual(entries);
        expect([...version.map.entries(from)]).toEqual(entries.filter(([id]) => id >= from));
        expect([...version.map.keys()]).toEqual(entries.map(([id]) => id));
        expect([...version.map.values()]).toEqual(entries.map(([, value]) => value));
        expect(version.map.size).toBe(entries.length);
        expect([...version.map.mapped((value) => value + 1).entries()]).toEqual(
          entries.map(([id, value]) => [id, value + 1]),
        );
        for (const other of [versions[0], versions.at(-1)]) {
          const changed = entries.filter(([id, value]) => other?.plain.get(id) !== value);
          expect(version.map.changedFrom(other?.map ?? IdMap.empty())).toEqual(changed.map(([, value]) => value));
          const changes = version.map.changesSince(other?.map ?? IdMap.empty(), 1000) ?? [];
          const changedMap = (other?.map ?? IdMap.empty<number>()).withChanges(changes);
          expect([...changedMap.entries()]).toEqual(entries);
          expect(changedMap.size).toBe(entries.length);
        }
        for (const { id } of changes) {
          expect(version.map.get(id)).toBe(version.plain.get(id));
          expect(version.map.has(id)).toBe(version.plain.has(id));
        }
      }
    }),
  );
});

it("by ids that are none", () => {
  for (const size of [1, 15, 16, 255, 256]) {
    let map = IdMap.empty<string>();
    for (let id = 0; id <= size; id++) map = map.with(id, `relation ${id}`);
    for (const none of [-1, -16, Number.NaN, 0.5, Number.POSITIVE_INFINITY]) expect(map.get(none)).toBeUndefined();
  }
});

it("by names", () => {
  const change = fc.record({ name: anyName, value: fc.option(fc.nat()) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), anyName, (changes, prefix) => {
      const versions: { readonly map: NameMap<number>; readonly plain: ReadonlyMap<string, number> }[] = [];
      let map = NameMap.empty<number>();
      const plain = new Map<string, number>();
      for (const { name, value } of changes) {
        map = value === null ? map.without(name) : map.with(name, value);
        if (value === null) plain.delete(name);
        else plain.set(name, value);
        versions.push({ map, plain: new Map(plain) });
      }
      for (const version of versions) {
        const entries = [...version.plain].sort(([a], [b]) => (a < b ? -1 : 1));
        expect(version.map.entries()).toEqual(entries);
        expect(version.map.entries(prefix)).toEqual(entries.filter(([name]) => name.startsWith(prefix)));
        for (const other of [NameMap.empty<number>(), versions[0]?.map, versions.at(-1)?.map]) {
          const changes = other === undefined ? null : version.map.changesSince(other, 1000);
          expect(other?.withChanges(changes ?? []).entries()).toEqual(entries);
        }
        for (const { name } of changes) {
          expect(version.map.get(name)).toBe(version.plain.get(name));
          expect(version.map.has(name)).toBe(version.plain.has(name));
          const [schema = "", rest = ""] = name.split("\0");
          expect(version.map.getQualified(schema, rest)).toBe(version.plain.get(`${schema}\0${rest}`));
        }
      }
    }),
  );
});
