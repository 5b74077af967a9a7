// The comments that ignore a finding: each silences it and nothing else, wherever its statement stands.
import { beforeAll, describe, expect, it } from "vitest";
import { ignoreActions } from "../../server/src/ide/ignore-actions.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const table = "CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);";
const a = "CREATE TABLE t_a PARTITION OF t FOR VALUES FROM (0) TO (10);";
const b = "CREATE TABLE t_b PARTITION OF t FOR VALUES FROM (5) TO (20);";

/** The rules that find something, and those that do after each of the actions for the rule given. */
function silenced(
  text: string,
  rule: string,
): { before: string[]; titles: string[]; after: string[][]; texts: string[] } {
  const analysis = analyseText(text, reading);
  const finding = analysis.findings().find((each) => each.rule === rule);
  if (finding === undefined) throw new Error(`no ${rule}`);
  const actions = ignoreActions(analysis.document, finding);
  const texts = actions.map(
    ({ offset, before, reason, after }) => text.slice(0, offset) + before + reason + after + text.slice(offset),
  );
  const rules = (each: string) => [
    ...new Set(
      analyseText(each, reading)
        .findings()
        .map((found) => found.rule),
    ),
  ];
  return { before: rules(text), titles: actions.map(({ title }) => title), after: texts.map(rules), texts };
}

describe.each([
  ["statements on lines of their own", `${table}\n${a}\n${b}\n`],
  ["indented statements, with a comment above", `-- a schema\n  ${table}\n    ${a}\n    -- the second\n    ${b}\n`],
  ["statements on one line", `${table} ${a} ${b}`],
  ["lines that end with CR LF", `${table}\r\n${a}\r\n${b}\r\n`],
  ["a byte order mark", `\ufeff${table}\n${a}\n${b}\n`],
])("%s", (_, text) => {
  it("lose the finding by each comment, and no other", () => {
    const { before, titles, after, texts } = silenced(text, "partition-overlap");
    expect(before).toContain("partition-overlap");
    expect(titles).toEqual(["Ignore partition-overlap here", "Ignore partition-overlap in this file"]);
    const others = before.filter((rule) => rule !== "partition-overlap");
    expect(after).toEqual([others, others]);
    // The comment stands on a line of its own, with the place for a reason behind it.
    for (const changed of texts)
      expect(
        changed
          .split(/\r?\n/)
          .filter((line) => /^\ufeff?\s*-- partition-lens: \S+ partition-overlap: reason$/.test(line)),
      ).toHaveLength(1);
  });
});

it("a comment that ignores nothing is not ignored by another", () => {
  const text = `-- partition-lens: ignore range-gap: why\n${table}`;
  const analysis = analyseText(text, reading);
  const finding = analysis.findings().find(({ rule }) => rule === "ignore-unused");
  if (finding === undefined) throw new Error("no finding");
  expect(ignoreActions(analysis.document, finding)).toEqual([]);
});
