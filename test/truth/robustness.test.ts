// Broken text is normal: whatever becomes of a script, it is analysed without an exception, and edits give what reading anew gives.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { printCatalog } from "../../server/src/catalog/print.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readRecordings, sampleFile } from "../oracle/truth.ts";
import { analyse } from "../rules/analyse.ts";
import { parseFixture } from "../rules/fixture.ts";
import { readingForTests } from "../support/parser.ts";

const scripts = [...filesOf("../../sample/"), ...filesOf("../fixtures/rules/"), ...filesOf("schemas/"), ...recorded()];
const reading = await readingForTests();

/** Runs are bounded and seeded: the same scripts on every machine. */
const bounded = { numRuns: 1000, seed: 20240601, endOnFailure: true } as const;

const anyScript = fc.constantFrom(...scripts);
const place = fc.double({ min: 0, max: 1, noNaN: true });
const anyVersion = fc.constantFrom(13 as const, 15 as const, 18 as const, 19 as const);

/** What somebody may do to a text, with places as parts of its length. */
const anyEdit = fc.oneof(
  fc.record({ kind: fc.constant("delete" as const), at: place, length: fc.nat(40) }),
  fc.record({ kind: fc.constant("insert" as const), at: place, from: anyScript, piece: place, length: fc.nat(60) }),
  fc.record({
    kind: fc.constant("replace" as const),
    at: place,
    length: fc.nat(10),
    text: fc.constantFrom(...pieces()),
  }),
  fc.record({ kind: fc.constant("swap" as const), at: place, other: place }),
);
type Edit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never;

describe("no exception", () => {
  it("from any prefix of any script", () => {
    fc.assert(
      fc.property(anyScript, place, anyVersion, (script, end, version) => {
        analyse(script.slice(0, Math.round(end * script.length)), version, {});
      }),
      bounded,
    );
  }, 120_000);

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
  }, 120_000);
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
}, 120_000);

const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });

function replayed(text: string, previous: readonly Step[]): readonly Step[] {
  const { statements } = parseDocument(text, reading);
  const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;
  return replay({ file: "edited.sql", statements, start, options, previous, source: { text, reading } });
}

function described(steps: readonly Step[]): object {
  const said = steps.map(({ rejection, warning, declined }) => ({ rejection, warning, declined }));
  return { said, catalog: printCatalog(finalCatalog(start, steps)) };
}

function edited(text: string, edit: Edit): string {
  const at = Math.round(edit.at * text.length);
  switch (edit.kind) {
    case "delete":
      return text.slice(0, at) + text.slice(at + edit.length);
    case "insert": {
      const from = Math.round(edit.piece * edit.from.length);
      return text.slice(0, at) + edit.from.slice(from, from + edit.length) + text.slice(at);
    }
    case "replace":
      return text.slice(0, at) + edit.text + text.slice(at + edit.length);
    case "swap": {
      const statements = text.split(";");
      const [first, second] = [edit.at, edit.other].map((part) => Math.floor(part * (statements.length - 0.001)));
      const [a, b] = [statements[first ?? 0] ?? "", statements[second ?? 0] ?? ""];
      statements[first ?? 0] = b;
      statements[second ?? 0] = a;
      return statements.join(";");
    }
  }
}

function pieces(): readonly string[] {
  return [
    ...["'", '"', "$$", "(", ")", ";", ",", "--", "/*", "*/", "\\", "\0", "\u{1f600}", ":x", "{{ x }}", "$1", "E'\\"],
    ...[
      " default ",
      " null ",
      " minvalue ",
      " partition by range (k) ",
      " for values from (1) to (2) ",
      "begin;",
      "commit;",
    ],
  ];
}

function filesOf(folder: string): readonly string[] {
  const url = new URL(folder, import.meta.url);
  return readdirSync(url)
    .filter((name) => name.endsWith(".sql"))
    .flatMap((name) => parseFixture(readFileSync(new URL(name, url), "utf8")).cases.map(({ sql }) => sql));
}

function recorded(): readonly string[] {
  return readRecordings(sampleFile).map(({ ddl }) => ddl.join(";\n"));
}
