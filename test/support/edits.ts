// Scripts of every kind that the project has, and what somebody may do to them, for property tests.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { readRecordings, sampleFile } from "../oracle/truth.ts";
import { parseFixture } from "../rules/fixture.ts";

const scripts = [
  ...filesOf("../../sample/"),
  ...filesOf("../fixtures/rules/"),
  ...filesOf("../truth/schemas/"),
  ...filesOf("../replay/blocks/"),
  ...recorded(),
];

export const anyScript = fc.constantFrom(...scripts);
export const place = fc.double({ min: 0, max: 1, noNaN: true });

/** What somebody may do to a text, with places as parts of its length. */
export const anyEdit = fc.oneof(
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
export type Edit = typeof anyEdit extends fc.Arbitrary<infer T> ? T : never;

/** The text after it. */
export function edited(text: string, edit: Edit): string {
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

/** What somebody does who knows what they want: most statements stay what they are, and go on looking at each other. */
export const smallEdit = fc.record({
  kind: fc.constantFrom(...(["digit", "letter", "drop", "copy", "insert", "again"] as const)),
  at: place,
  to: fc.nat(9),
  from: anyScript,
});

/** Several scripts one behind the other. */
export const longScript = fc.array(anyScript, { minLength: 1, maxLength: 4 }).map((scripts) => scripts.join(";\n"));

/** The text after it. */
export function slightlyEdited(
  text: string,
  { kind, at, to, from }: typeof smallEdit extends fc.Arbitrary<infer T> ? T : never,
): string {
  if (kind === "digit" || kind === "letter") {
    const characters = kind === "digit" ? /\d/g : /(?<=\b[a-z_]+)[a-z0-9]\b/g;
    const places = [...text.matchAll(characters)].map(({ index }) => index);
    const found = places[Math.floor(at * 0.999 * places.length)];
    if (found === undefined) return text;
    return text.slice(0, found) + (kind === "digit" ? String(to) : "abcdefghij".charAt(to)) + text.slice(found + 1);
  }
  const statements = text.split(";\n");
  if (kind === "again") return withPartitionAgain(statements, at, to).join(";\n");
  const index = Math.floor(at * 0.999 * statements.length);
  const others = kind === "copy" ? statements : from.split(";\n");
  const other = others[(kind === "copy" ? index + to : to) % others.length] ?? "";
  return (kind === "drop" ? statements.toSpliced(index, 1) : statements.toSpliced(index, 0, other)).join(";\n");
}

/** A partition is created once more further down, under the same name and with another bound. */
function withPartitionAgain(statements: readonly string[], at: number, to: number): readonly string[] {
  const places = [...statements.keys()].filter((index) => /\bPARTITION OF\b/i.test(statements[index] ?? ""));
  const index = places[Math.floor(at * 0.999 * places.length)];
  if (index === undefined) return statements;
  const again = (statements[index] ?? "").replace(/(\bFOR VALUES\b.*?)\d(?!\d)/is, `$1${to}`);
  return statements.toSpliced(index + 1 + (to % 3), 0, again);
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

/** A table with so many partitions, each with an index. */
export function partitions(count: number): string {
  const lines = ["CREATE TABLE t (k int NOT NULL, v int) PARTITION BY RANGE (k);"];
  for (let index = 0; index < count; index++)
    lines.push(
      `CREATE TABLE t_${index} PARTITION OF t FOR VALUES FROM (${index}0) TO (${index + 1}0);`,
      `CREATE INDEX t_${index}_v ON t_${index} (v);`,
    );
  return lines.join("\n");
}
