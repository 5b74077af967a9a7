/** CHECK constraints of inheritance children read as bounds, and why some exclude nothing. */

import { describe, expect, test } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { type ChildBounds, childBounds } from "../../server/src/catalog/check-bounds.ts";
import { boundsOverlap, type CheckBounds, type End } from "../../server/src/catalog/check-intervals.ts";
import { layoutOf } from "../../server/src/catalog/layout.ts";
import type { Relation } from "../../server/src/catalog/relation.ts";
import { printValue } from "../../server/src/catalog/values/print.ts";
import type { ApplyContext } from "../../server/src/effects/outcome.ts";
import { finalCatalog } from "../../server/src/replay/replay.ts";
import { handleAt } from "../../server/src/syntax/statement-handle.ts";
import { runText } from "../support/run-text.ts";

const context: ApplyContext = {
  version: 18,
  pathmanVersion: "1.5",
  today: "2025-01-01",
  file: "a.sql",
  statement: handleAt(0),
  inTransaction: false,
  inFunction: false,
};

function catalogOf(text: string) {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const steps = runText(text, start);
  expect(steps.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  return finalCatalog(start, steps);
}

/** Reads one CHECK on the column `k` of that type, beside a text column `other`. */
function read(type: string, check: string): ChildBounds {
  const catalog = catalogOf(`create table par (k ${type}, other text); create table kid (${check}) inherits (par);`);
  const kid = findRelation(catalog, { schema: null, name: "kid" }) as Relation;
  return childBounds(catalog, kid, "k", context);
}

function shown({ bounds, problems }: ChildBounds): string {
  const words = [...new Set(problems.map(({ reason }) => reason))];
  return [bounds === null ? "nothing" : printBounds(bounds), ...words].join(", ");
}

function printBounds(bounds: CheckBounds): string {
  if (bounds.kind === "remainder") return `% ${bounds.modulus} = ${bounds.remainder}`;
  const settings = emptyCatalog({ complete: true, timeZone: "UTC" }).settings;
  const text = ({ value }: End): string => {
    const names = { date: "date", timestamp: "timestamp", integer: "int8", boolean: "bool" } as const;
    const name = value.family in names ? names[value.family as keyof typeof names] : "text";
    return printValue(value, { kind: "base", name, modifier: null }, settings);
  };
  const parts = bounds.intervals.map(({ lower, upper }) => {
    const left = lower === null ? "(" : `${lower.inclusive ? "[" : "("}${text(lower)}`;
    const right = upper === null ? ")" : `${text(upper)}${upper.inclusive ? "]" : ")"}`;
    return `${left}, ${right}`;
  });
  return parts.length === 0 ? "no value" : parts.join(" ");
}

describe("bounds", () => {
  test.each([
    ["int", "check (k >= 0 and k < 10)", "[0, 10)"],
    ["int", "check (0 <= k and 10 > k)", "[0, 10)"],
    ["int", "check (k between 0 and 10)", "[0, 10]"],
    ["int", "check (k not between 0 and 10)", "(, 0) (10, )"],
    ["int", "check (k = 3)", "[3, 3]"],
    ["int", "check (k <> 3)", "(, 3) (3, )"],
    ["int", "check (k in (3, 1, 2))", "[1, 1] [2, 2] [3, 3]"],
    ["int", "check (k not in (1, 2))", "(, 1) (1, 2) (2, )"],
    ["int", "check (k = 1 or k = 5)", "[1, 1] [5, 5]"],
    ["int", "check ((k >= 0 and k < 10) or (k >= 10 and k < 20))", "[0, 20)"],
    ["int", "check (not (k < 0 or k >= 10))", "[0, 10)"],
    ["int", "check (k is not null and k > 5)", "(5, )"],
    ["int", "check (k is null)", "no value"],
    ["int", "check (k >= 0), check (k < 10)", "[0, 10)"],
    ["int", "check (k >= 0 and k < 10) no inherit", "[0, 10)"],
    ["int", "check (k >= (2 + 3) and k < 10)", "[5, 10)"],
    ["bigint", "check (k >= 0 and k < 10)", "[0, 10)"],
    ["int", "check (k % 4 = 1)", "% 4 = 1"],
    ["boolean", "check (k)", "[t, t]"],
    ["boolean", "check (not k)", "[f, f]"],
    ["text", "check (k >= 'a' and k < 'b')", "[a, b)"],
    ["date", "check (k >= '2024-01-01' and k < '2024-02-01')", "[2024-01-01, 2024-02-01)"],
    ["date", "check (k >= timestamp '2024-01-01' and k < '2024-02-01')", "[2024-01-01 00:00:00, 2024-02-01)"],
    ["timestamptz", "check (k >= '2024-01-01' and k < '2024-02-01')", "[2024-01-01 00:00:00, 2024-02-01 00:00:00)"],
  ])("%s: %s", (type, check, expected) => {
    expect(shown(read(type, check))).toBe(expected);
  });
});

describe("constraints that exclude nothing", () => {
  test.each([
    ["int", "", "nothing, missing"],
    ["int", "check (other > 'a')", "nothing, other-column"],
    ["date", "check (extract(year from k) = 2024)", "nothing, extract"],
    ["date", "check (date_part('year', k) = 2024)", "nothing, extract"],
    ["timestamp", "check (date_trunc('month', k) = '2024-01-01')", "nothing, function-on-key"],
    ["date", "check (k - date '2024-01-01' < 7)", "nothing, function-on-key"],
    ["date", "check (k::text >= '2024')", "nothing, cast-of-key"],
    ["timestamp", "check (k::date >= '2024-01-01')", "nothing, cast-of-key"],
    ["int", "check (k >= 1.5)", "nothing, cast-of-key"],
    ["date", "check (k >= now())", "nothing, timestamptz-constant"],
    ["timestamptz", "check (k >= now())", "nothing, not-immutable"],
    ["date", "check (k >= timestamptz '2024-01-01 00:00+00')", "nothing, timestamptz-constant"],
    ["timestamptz", "check (k >= date '2024-01-01')", "nothing, zone-dependent"],
    ["int", "check (k >= 0 or k < 10)", "nothing, or-covers-everything"],
    ["text", "check (k like 'a%')", "nothing, unreadable"],
    // What is usable counts, whatever stands beside it.
    ["date", "check (k >= '2024-01-01' and extract(year from k) = 2024)", "[2024-01-01, ), extract"],
  ])("%s: %s", (type, check, expected) => {
    expect(shown(read(type, check))).toBe(expected);
  });

  test("NOT VALID and NOT ENFORCED", () => {
    const catalog = catalogOf(`
      create table par (k int);
      create table a () inherits (par);
      create table b () inherits (par);
      alter table a add check (k >= 0 and k < 10) not valid;
      alter table b add check (k >= 0 and k < 10) not enforced;`);
    const reasons = ["a", "b"].map((name) => {
      const { bounds, problems } = childBounds(
        catalog,
        findRelation(catalog, { schema: null, name }) as Relation,
        "k",
        context,
      );
      return [bounds, problems.map(({ reason }) => reason)];
    });
    expect(reasons).toEqual([
      [null, ["not-valid"]],
      [null, ["not-enforced"]],
    ]);
  });
});

describe("boundsOverlap", () => {
  test.each([
    ["int", "check (k >= 0 and k < 10)", "check (k >= 10 and k < 20)", false],
    ["int", "check (k between 0 and 10)", "check (k between 10 and 20)", true],
    ["int", "check (k in (1, 2))", "check (k in (3, 4))", false],
    ["int", "check (k in (1, 2))", "check (k in (2, 3))", true],
    ["int", "check (k % 4 = 0)", "check (k % 4 = 1)", false],
    ["int", "check (k % 4 = 0)", "check (k % 6 = 2)", true],
    ["date", "check (k < '2024-01-01')", "check (k >= timestamp '2024-01-01')", false],
    ["int", "check (k % 4 = 0)", "check (k < 4)", null],
  ] as const)("%s: %s and %s", (type, first, second, expected) => {
    const [a, b] = [read(type, first).bounds, read(type, second).bounds];
    expect(a === null || b === null ? "unread" : boundsOverlap(a, b, null)).toBe(expected);
  });
});

test("the key is the column that most children bound", () => {
  const catalog = catalogOf(`
    create table par (a int, b date, c text);
    create table k1 (check (b >= '2024-01-01' and b < '2024-02-01')) inherits (par);
    create table k2 (check (b >= '2024-02-01' and b < '2024-03-01'), check (a > 0)) inherits (par);
    create table k3 (check (c > 'x')) inherits (par);`);
  const layout = layoutOf(findRelation(catalog, { schema: null, name: "par" }) as Relation);
  expect(layout?.key.elements.map(({ column }) => column)).toEqual(["b"]);
});
