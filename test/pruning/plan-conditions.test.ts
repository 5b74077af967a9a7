/** When the values are known that a plan's conditions compare a partition key with. */

import { describe, expect, test } from "vitest";
import { type PlanKey, pruningValue } from "../../server/src/pruning/plan-conditions.ts";

const byDay: PlanKey = { strategy: "range", elements: ["d"], zoned: [false] };
const byAt: PlanKey = { strategy: "range", elements: ["at"], zoned: [true] };
const byTwo: PlanKey = { strategy: "range", elements: ["a", "b"], zoned: [null, null] };
const byHash: PlanKey = { strategy: "hash", elements: ["a", "b"], zoned: [null, null] };
const byList: PlanKey = { strategy: "list", elements: ["lower(r)"], zoned: [null] };

const cases: readonly (readonly [PlanKey, string, ReturnType<typeof pruningValue>])[] = [
  [byDay, "(t_1.d = '2024-01-01'::date)", "planning"],
  [byDay, "(t_1.d = p.d)", "execution"],
  [byDay, "(p.d < t_1.d)", "execution"],
  [byDay, "(t_1.d = (InitPlan 1).col1)", "execution"],
  [byDay, "(t_1.d = (InitPlan 2).col1)", "executor-start"],
  [byDay, "(t_1.d = $0)", "execution"],
  [byDay, "(t_1.d = $1)", "executor-start"],
  [byDay, "(t_1.d = ANY ($1))", null],
  [byDay, "(t_1.d = ANY ('{2024-01-01,2024-02-01}'::date[]))", "planning"],
  [byDay, "(t_1.d <> p.d)", null],
  [byDay, "(t_1.d = t_1.e)", null],
  [byDay, "(date_trunc('month'::text, t_1.d) = p.d)", null],
  [byDay, "((t_1.d)::timestamp without time zone = p.at)", null],
  [byDay, "(t_1.d = (SubPlan 1))", null],
  [byDay, "((t_1.d = p.d) OR (t_1.n = 1))", null],
  [byDay, "((t_1.d = p.d) OR (t_1.d = '2024-01-01'::date))", "execution"],
  [byDay, "((t_1.n = 1) AND (t_1.d = p.d))", "execution"],
  [byDay, "((t_1.n = \"p (1)\".n) AND (t_1.d > '('::text))", "planning"],
  [byDay, "(t_1.d >= CURRENT_DATE)", "executor-start"],
  [byDay, "(t_1.d >= date_trunc('month'::text, now()))", "executor-start"],
  [byDay, "(t_1.d >= '2024-01-01 00:00:00+00'::timestamp with time zone)", "executor-start"],
  [byDay, "(t_1.d >= '2024-01-01 00:00:00'::timestamp without time zone)", "planning"],
  [byAt, "(t_1.at >= '2024-01-01'::date)", "executor-start"],
  [byAt, "(t_1.at >= '2024-01-01 00:00:00+00'::timestamp with time zone)", "planning"],
  [byTwo, "((t_1.a = '1.5'::numeric(6,2)) AND (t_1.b < 3))", "planning"],
  [byTwo, "(t_1.b = p.b)", null],
  [byTwo, "((t_1.a = 5) AND (t_1.b = p.b))", "execution"],
  [byTwo, "((t_1.a > 5) AND (t_1.b = p.b))", "planning"],
  [byHash, "(t_1.a = p.a)", null],
  [byHash, "((t_1.a = p.a) AND (t_1.b = 3))", "execution"],
  [byHash, "((t_1.a = p.a) AND (t_1.b > 3))", null],
  [byList, "(lower(t_1.r) = p.r)", "execution"],
  [byList, "(lower(t_1.r) <> p.r)", "execution"],
  [byList, "(t_1.r = p.r)", null],
  [{ strategy: "list", elements: ["r"], zoned: [null] }, "((t_1.r)::text = p.r)", "execution"],
  [{ strategy: "list", elements: ['"R r"'], zoned: [null] }, '(t_1."R r" = p.r)', "execution"],
];

describe("the value that prunes", () => {
  test.each(cases)("%o %s", (key, condition, expected) => {
    expect(pruningValue([condition], "t_1", key, new Set(["$1", "InitPlan 2"]))).toBe(expected);
  });

  test("several conditions hold together", () => {
    const conditions = ["(t_1.a = 5)", "(t_1.b = p.b)"];
    expect(pruningValue(conditions, "t_1", byTwo, new Set())).toBe("execution");
  });

  test("what nests too deeply says nothing", () => {
    const deep = `${"(t_1.n = 1 AND (".repeat(200)}t_1.d = p.d${"))".repeat(200)}`;
    expect(pruningValue([deep], "t_1", byDay, new Set())).toBeNull();
  });
});
