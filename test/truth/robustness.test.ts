// Broken text is normal: whatever becomes of a script, it is analysed without an exception, and edits give what reading anew gives.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { analyse } from "../rules/analyse.ts";
import { anyEdit, anyScript, edited, place } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();

/** Runs are bounded and seeded: the same scripts on every machine. */
const bounded = { numRuns: 1000, seed: 20240601, endOnFailure: true } as const;

const anyVersion = fc.constantFrom(13 as const, 15 as const, 18 as const, 19 as const);

describe("no exception", () => {
  it("from any prefix of any script", () => {
    fc.assert(
      fc.property(anyScript, place, anyVersion, (script, end, version) => {
        analyse(script.slice(0, Math.round(end * script.length)), version, {});
      }),
      bounded,
    );
  });

  it("from any mutation of any script", () => {
    fc.assert(
      fc.property(
        anyScript,
        fc.array(anyEdit, { minLength: 1, maxLength: 4 }),
        anyVersion,
        (script, edits, version) => {
          analyse(edits.reduce(edited, script), version, { "schema.complete": "true" });
        },
      ),
      bounded,
    );
  });
});

it("edits give what reading anew gives", () => {
  fc.assert(
    fc.property(anyScript, fc.array(anyEdit, { minLength: 1, maxLength: 6 }), (script, edits) => {
      let text = script;
      let steps = replayed(text, []);
      for (const edit of edits) {
        text = edited(text, edit);
        steps = replayed(text, steps);
        expect(described(steps)).toEqual(described(replayed(text, [])));
      }
    }),
    { ...bounded, numRuns: 300 },
  );
});

const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });

function replayed(text: string, previous: readonly Step[]): readonly Step[] {
  const { statements } = parseDocument(text, reading);
  const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;
  return replay({ file: "edited.sql", statements, start, options, previous, source: { text, reading } });
}

function described(steps: readonly Step[]): object {
  // Relations by their names: the ids of those that edits have made are other ones.
  const names = new Map(
    steps.flatMap(({ after }) => [...after.relations.entries()].map(([id, { name }]) => [id, name])),
  );
  const nameOf = (id: unknown): unknown => (typeof id === "number" ? (names.get(id) ?? null) : id);
  const byName = (key: string, value: unknown): unknown =>
    typeof value === "bigint"
      ? String(value)
      : key === "relation"
        ? nameOf(value)
        : key === "about" && Array.isArray(value)
          ? value.map(nameOf)
          : value;
  const all = steps.map(({ rejection, warning, declined }) => ({ rejection, warning, declined }));
  const said: unknown = JSON.parse(JSON.stringify(all, byName));
  return { said, catalog: printCatalog(finalCatalog(start, steps)) };
}
