/** What became of rows: lost, moved, changed, doubled ones are told apart, and every row is accounted for. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { compareRows, type MadeRow, type TableRows, withoutRows } from "../../server/src/rehearsal/row-comparison.ts";

const table = (name: string, rows: readonly MadeRow[], primaryKey: readonly string[] = []): TableRows => ({
  name,
  rows,
  primaryKey,
});
const row = (id: number | string, v: string | null = "a"): MadeRow => ({ id: String(id), v });

it("a row under the same key has changed; one under another is lost, the new one added", () => {
  const before = [table("t", [row(1), row(2), row(3)], ["id"])];
  const [fate] = compareRows(before, [table("t", [row(1), row(2, "b"), row(4)], ["id"])]);
  expect(fate).toMatchObject({ kept: 1, changed: 1, lost: 1, added: 1, examples: ['{"id":"3","v":"a"}'] });
});

it("a row that has changed is not looked for in a copy of the old ones", () => {
  const before = [table("t", [row(1)], ["id"])];
  const after = [table("t", [row(1, "b")], ["id"]), table("archive", [row(1)])];
  expect(compareRows(before, after)[0]).toMatchObject({ changed: 1, lost: 0, moved: [] });
});

it("columns that came or went do not make rows others", () => {
  const before = [table("t", [{ id: "1", v: "a", gone: "x" }])];
  expect(compareRows(before, [table("t", [{ id: "1", v: "a", came: null }])])[0]).toMatchObject({ kept: 1, lost: 0 });
});

it("tables that have one column in common do not take each other's rows", () => {
  const before = [table("t", [row(1, null)]), table("u", [])];
  expect(compareRows(before, [table("t", []), table("u", [{ v: null }])])[0]).toMatchObject({ lost: 1, moved: [] });
});

it("a row that is taken away by itself is not taken from a table that it shares one column with", () => {
  const [kinds, events] = [table("kinds", [{ kind: "a" }]), table("events", [{ id: "1", at: "x", kind: "a" }])];
  const left = withoutRows([kinds, events], [{ relation: "events_default", row: { id: "1", at: "x", kind: "a" } }]);
  expect(left.map(({ rows }) => rows.length)).toEqual([1, 0]);
});

it("every row is kept, changed, moved or lost, whatever happens to it", () => {
  const rows = fc.array(
    fc.record({ id: fc.integer({ min: 0, max: 5 }).map(String), v: fc.constantFrom("a", "b", null) }),
  );
  const keys = fc.constantFrom<readonly string[]>([], ["id"], ["id", "v"]);
  fc.assert(
    fc.property(rows, rows, rows, rows, keys, (a, b, c, d, key) => {
      const before = [table("t", a, key), table("u", b, key)];
      const after = [table("t", c, key), table("new", d)];
      const fates = compareRows(before, after);
      for (const fate of fates) {
        const moved = fate.moved.reduce((sum, { rows: some }) => sum + some, 0);
        expect(fate.kept + fate.changed + moved + fate.lost).toBe(fate.before);
        if (fate.after !== null) expect(fate.kept + fate.changed + fate.arrived + fate.added).toBe(fate.after);
        expect(fate.doubled).toBeLessThanOrEqual(fate.added);
      }
    }),
    { numRuns: 300, seed: 3 },
  );
});
