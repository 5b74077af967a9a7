// Running all rules: order, severities, ignore comments, and that what is kept between versions never shows.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Step } from "../../server/src/replay/step.ts";
import { runRules } from "../../server/src/rules/run.ts";
import type { Finding } from "../../server/src/text/finding.ts";
import { analyse } from "./analyse.ts";

const gap = [
  "CREATE TABLE t (k int) PARTITION BY RANGE (k);",
  "CREATE TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (10);",
  "CREATE TABLE t_20 PARTITION OF t FOR VALUES FROM (20) TO (30);",
].join("\n");

const idsOf = (text: string, settings: Readonly<Record<string, string>> = {}) =>
  analyse(text, 18, settings).findings.map(({ rule, severity }) => `${severity} ${rule}`);

describe("the findings of a file", () => {
  it("stand in the order of the text", () => {
    const { findings } = analyse(
      `${gap}\nSELECT * FORM t;\n${gap.replaceAll("t_", "u_").replaceAll(" t", " u")}`,
      18,
      {},
    );
    const starts = findings.map(({ range }) => range.start);
    expect(starts.length).toBeGreaterThan(3);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
  });

  it("have the severity of the settings, which may be off", () => {
    expect(idsOf(gap)).toEqual(["information null-key-unrouted", "warning range-gap"]);
    const rules = '{"range-gap": "error", "null-key-unrouted": "off"}';
    expect(idsOf(gap, { rules })).toEqual(["error range-gap"]);
  });

  it("leave out what a comment above the statement or the file ignores", () => {
    const lines = gap.split("\n");
    const above = [...lines.slice(0, 2), "-- partition-lens: ignore range-gap: known", ...lines.slice(2)].join("\n");
    expect(idsOf(above)).toEqual(["information null-key-unrouted"]);
    expect(idsOf(`-- partition-lens: ignore-file range-gap, null-key-unrouted: known\n${gap}`)).toEqual([]);
    expect(idsOf(`-- partition-lens: ignore-file\n${gap}`)).toEqual([]);
  });

  it("say nothing of rules for other majors", () => {
    const detach = `${gap}\nALTER TABLE t DETACH PARTITION t_20;`;
    const rulesOf = (version: 13 | 14) => analyse(detach, version, {}).findings.map(({ rule }) => rule);
    expect(rulesOf(13)).not.toContain("detach-locks");
    expect(rulesOf(14)).toContain("detach-locks");
  });
});

it("of more than three of one rule at one place, say one, and how many there are", () => {
  const days = (count: number) =>
    `DO $$ DECLARE day date := '2024-03-01'; BEGIN FOR i IN 1..${count} LOOP EXECUTE format('CREATE TABLE hits_%s (CHECK (at >= %L AND at <= %L)) INHERITS (hits)', i, (day + i)::text, (day + i)::text || ' 23:59:59'); END LOOP; END $$;`;
  const gapsOf = (count: number) =>
    analyse(`CREATE TABLE hits (at timestamp NOT NULL);\n${days(count)}`, 18, {}).findings.filter(
      ({ rule }) => rule === "check-gap",
    );
  expect(gapsOf(4)).toHaveLength(3);
  const [first, ...others] = gapsOf(30);
  expect(others).toEqual([]);
  expect(first?.message).toMatch(/^No child of "hits" allows .* The same is to be said 28 more times/);
  expect(first?.fixes.length).toBe(gapsOf(4)[0]?.fixes.length);
});

it("lose what a rule finds where it ends in an exception, and nothing else", () => {
  const detach = `${gap}\nALTER TABLE t DETACH PARTITION t_20;\nSELECT * FROM t WHERE k + 1 = 5;`;
  const { document, steps } = analyse(detach, 18, {});
  const bugs: string[] = [];
  const step = steps[3] as Step;
  const inner = Object.defineProperty({ ...step.statement.statement }, "actions", { get: () => JSON.parse("no") });
  const broken = { ...step, statement: { ...step.statement, statement: inner } };
  const input = {
    file: "fixture.sql",
    document,
    steps: steps.with(3, broken),
    final: steps.at(-1)?.after ?? broken.after,
    options: { version: 18, today: "2020-01-01", timeZone: "UTC", pathmanVersion: "1.5" } as const,
    severities: {},
    startInFile: () => null,
    onBug: (what: string) => void bugs.push(what),
  };
  const all = runRules({ ...input, steps }).map(({ rule }) => rule);
  const found = runRules(input).map(({ rule }) => rule);
  expect(all).toEqual(expect.arrayContaining(["detach-locks", "null-key-unrouted"]));
  expect(found).toContain("null-key-unrouted");
  expect(found).not.toContain("detach-locks");
  expect(bugs).toContain("the rule detach-locks");
});

it("make fixes only where somebody opens them, and lose them alone where that ends in an exception", () => {
  const empty = `${gap}\nCREATE TABLE t_40 PARTITION OF t FOR VALUES FROM (40) TO (50) PARTITION BY RANGE (k);`;
  const { document, steps } = analyse(empty, 18, {});
  const bugs: string[] = [];
  const { after } = steps.at(-1) as Step;
  // Only the name of a new partition asks which names are taken.
  const final = Object.defineProperty({ ...after }, "names", { get: () => JSON.parse("no") });
  const found = runRules({
    file: "fixture.sql",
    document,
    steps,
    final,
    options: { version: 18, today: "2020-01-01", timeZone: "UTC", pathmanVersion: "1.5" },
    severities: {},
    startInFile: () => null,
    onBug: (what: string) => void bugs.push(what),
  });
  const finding = found.find(({ rule }) => rule === "partition-empty");
  expect(bugs).toEqual([]);
  expect(finding?.fixes).toEqual([]);
  expect(bugs).toEqual(["the fixes of the rule partition-empty"]);
});

it("after any edits, what is kept from earlier versions changes nothing", () => {
  const lines = [
    ...gap.split("\n"),
    "CREATE TABLE t_10 PARTITION OF t FOR VALUES FROM (10) TO (20);",
    "CREATE TABLE t_all PARTITION OF t FOR VALUES FROM (MINVALUE) TO (MAXVALUE);",
    "CREATE TABLE t_rest PARTITION OF t DEFAULT;",
    "DROP TABLE t_0;",
    "INSERT INTO t VALUES (15);",
    "SELECT * FROM t WHERE k + 1 = 5;",
    "BEGIN;",
    "ROLLBACK;",
    "CREATE TABLE h (k int NOT NULL) PARTITION BY HASH (k);",
    "CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
    "-- partition-lens: ignore range-gap: known",
    "SELECT (",
  ];
  const edit = fc.record({ at: fc.nat(20), drop: fc.boolean(), line: fc.constantFrom(...lines) });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
      let current = lines.slice(0, 3);
      let previous: readonly Step[] = [];
      for (const { at, drop, line } of edits) {
        current = drop
          ? current.toSpliced(at % (current.length + 1), 1)
          : current.toSpliced(at % (current.length + 1), 0, line);
        const text = current.join("\n");
        const kept = analyse(text, 18, {}, previous);
        previous = kept.steps;
        expect(withFixes(kept.findings)).toEqual(withFixes(analyse(text, 18, {}).findings));
      }
    }),
    { numRuns: 60 },
  );
});

/** The findings with their fixes made. */
function withFixes(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) => ({ ...finding, fixes: finding.fixes }));
}
