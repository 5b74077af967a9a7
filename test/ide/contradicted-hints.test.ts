// Findings about pruning against what a planner has answered.
import { beforeAll, expect, it } from "vitest";
import { withoutContradicted } from "../../server/src/ide/contradicted-hints.ts";
import type { Verdict } from "../../server/src/pruning/verdict.ts";
import { predictedVerdict } from "../../server/src/pruning/verdict-of.ts";
import type { Step } from "../../server/src/replay/step.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { readingForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const schema = `CREATE TABLE t (k timestamptz NOT NULL, n int) PARTITION BY RANGE (k);
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('2024-01-01 00:00+00') TO ('2025-01-01 00:00+00');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00');
`;

/** The rules of the findings in a query that are left when a planner says so much about it. */
function left(query: string, change: Partial<Verdict["relations"][number]> | null): readonly string[] {
  const analysis = analyseText(schema + query, reading);
  const answerTo = (step: Step): Verdict | null => {
    if (change === null) return null;
    const { relations } = predictedVerdict(step, analysis.options);
    return { relations: relations.map((one) => ({ ...one, source: "embedded", ...change })), problem: null };
  };
  const kept = atOnce(withoutContradicted(analysis.findings(), analysis, answerTo));
  return kept.map(({ rule }) => rule).filter((rule) => rule.startsWith("pruning-"));
}

const first = [{ schema: "public", name: "t_1" }];

it("drops what the planner contradicts, and keeps what it confirms", () => {
  for (const [query, rule] of [
    ["SELECT * FROM t WHERE n = 1", "pruning-none"],
    ["SELECT * FROM t WHERE extract(year FROM k) = 2024", "pruning-defeated"],
    ["SELECT * FROM t WHERE k > now()", "pruning-late"],
  ] as const) {
    expect(left(query, null)).toEqual([rule]);
    expect(left(query, {})).toEqual([rule]);
    const contradiction = rule === "pruning-late" ? ({ decided: "planning" } as const) : { survivors: first };
    expect(left(query, contradiction)).toEqual([]);
    expect(left(query, { ...contradiction, source: "predicted" })).toEqual([rule]);
  }
});
