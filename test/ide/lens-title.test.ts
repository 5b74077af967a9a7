// What lenses say of verdicts.
import { expect, it } from "vitest";
import { type LensTitleOptions, lensTitle, withoutIcons } from "../../server/src/ide/lens-title.ts";
import type { PruningReason, RelationVerdict } from "../../server/src/pruning/verdict.ts";

const live: LensTitleOptions = { names: 2, sourceNote: () => null };
const text = "SELECT * FROM m WHERE dt >= now() - interval '1 day' AND id = $1";

const leaves = Array.from({ length: 60 }, (_, index) => ({ schema: "public", name: `m_${index + 1}` }));

function verdict(change: Partial<RelationVerdict> & { readonly count?: number | null }): RelationVerdict {
  const { count = 60, ...rest } = change;
  return {
    relation: { schema: "public", name: "m" },
    relationId: 1,
    range: { start: 14, end: 15 },
    access: "select",
    leaves,
    survivors: count === null ? null : leaves.slice(0, count),
    decided: "planning",
    certainty: count === null ? "unknown" : "exact",
    source: "connected",
    reasons: [],
    ...rest,
  };
}

function reason(kind: PruningReason["kind"], message: string, source?: string): PruningReason {
  const start = source === undefined ? -1 : text.indexOf(source);
  return { kind, message, range: source === undefined ? null : { start, end: start + source.length } };
}

function title(...relations: readonly RelationVerdict[]): string {
  return lensTitle({ relations, problem: null }, text, live);
}

it("names the survivors while they are few", () => {
  expect(title(verdict({ count: 1 }))).toBe("1 of 60 partitions · m_1");
  expect(title(verdict({ count: 2 }))).toBe("2 of 60 partitions · m_1, m_2");
  expect(title(verdict({ count: 5 }))).toBe("5 of 60 partitions · m_1, m_2, …");
  expect(lensTitle({ relations: [verdict({ count: 5 })], problem: null }, text, { ...live, names: 0 })).toBe(
    "5 of 60 partitions",
  );
});

it("says why nothing is pruned", () => {
  expect(title(verdict({ reasons: [reason("no-predicate", "no predicate on dt")] }))).toBe(
    "all 60 partitions: no predicate on dt",
  );
  expect(title(verdict({}))).toBe("all 60 partitions");
});

it("says that nothing matches", () => {
  expect(title(verdict({ count: 0 }))).toBe("no partition matches");
  expect(title(verdict({ count: 0, access: "insert" }))).toBe("no partition takes the row");
});

it("says what a late decision waits for", () => {
  const now = reason("stable-expression", "now() is known when the query starts", "dt >= now() - interval '1 day'");
  expect(title(verdict({ count: 2, decided: "executor-start", reasons: [now] }))).toBe(
    "2 of 60 partitions, decided at start (now()) · m_1, m_2",
  );
  const parameter = reason("parameter", "$1 is known when the query starts", "id = $1");
  expect(title(verdict({ decided: "executor-start", certainty: "at-most", reasons: [parameter] }))).toBe(
    "≤ 60, decided at run time ($1)",
  );
  expect(
    title(verdict({ decided: "execution", certainty: "at-most", count: 8, reasons: [reason("join", "a join")] })),
  ).toBe("≤ 8 of 60, decided at run time (join)");
});

it("says that it does not know", () => {
  expect(title(verdict({ count: null, reasons: [reason("no-source", "not connected")] }))).toBe(
    "$(question)\u00a0partitions unknown: not connected",
  );
  expect(withoutIcons(title(verdict({ count: null })))).toBe("partitions unknown: it cannot be told from the text");
  expect(lensTitle({ relations: [], problem: "the database went away" }, text, live)).toBe(
    "$(question)\u00a0partitions unknown: nobody has planned it",
  );
});

it("holds no error of a server: the hover has it", () => {
  const options = { ...live, sourceNote: () => "from this file" };
  const problem = 'column "x" does not exist';
  expect(lensTitle({ relations: [verdict({ count: 1 })], problem }, text, options)).toBe(
    "1 of 60 partitions · m_1 · from this file",
  );
  const unasked = "predicted: planning would run f()";
  expect(lensTitle({ relations: [verdict({ count: 1 })], problem: unasked }, text, options)).toBe(
    "1 of 60 partitions · m_1 · predicted: planning would run f()",
  );
});

it("tells several tables apart, and one that is named twice once", () => {
  const other = verdict({ count: 1, relation: { schema: "public", name: "n" } });
  expect(title(verdict({ count: 1 }), other)).toBe("m: 1 of 60 partitions · m_1; n: 1 of 60 partitions · m_1");
  expect(title(verdict({ count: 1 }), verdict({ count: 1 }))).toBe("1 of 60 partitions · m_1");
});

it("tells of several references to one table what they touch together", () => {
  const [first, second, third] = leaves.map((leaf) => [leaf]);
  expect(title(verdict({ survivors: first ?? [] }), verdict({ survivors: third ?? [] }))).toBe(
    "2 of 60 partitions · m_1, m_3",
  );
  expect(title(verdict({ survivors: first ?? [] }), verdict({ survivors: second ?? [], certainty: "at-most" }))).toBe(
    "≤ 2 of 60 partitions · m_1, m_2",
  );
});

it("says of a partition that a query names that it is read alone", () => {
  const own = { schema: "public", name: "m_1" };
  expect(title(verdict({ relation: own, leaves: [own], survivors: [own] }))).toBe("m_1 alone");
  expect(title(verdict({ relation: own, leaves: [own], survivors: [] }))).toBe("no partition matches");
});

it("ends with the source where that is no live database", () => {
  const options = { ...live, sourceNote: () => "from this file" };
  expect(lensTitle({ relations: [verdict({ count: 1 })], problem: null }, text, options)).toBe(
    "1 of 60 partitions · m_1 · from this file",
  );
});
