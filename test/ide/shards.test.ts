// Distributed tables as outsiders are told them: the shards in the catalog, those that a query visits, and the lens.
import { expect, it } from "vitest";
import { catalogAnswer } from "../../server/src/ide/catalog-answer.ts";
import { lensTitle } from "../../server/src/ide/lens-title.ts";
import { survivorsOf } from "../../server/src/ide/survivors.ts";
import { predictLast, readingForTests, replayScript } from "../pruning/support.ts";

const reading = await readingForTests();

const script = `
SET citus.shard_count = 4;
CREATE TABLE plans (code text PRIMARY KEY);
CREATE TABLE accounts (tenant int NOT NULL, id int);
CREATE TABLE events (tenant int NOT NULL, day date NOT NULL) PARTITION BY RANGE (day);
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
SELECT create_reference_table('plans');
SELECT create_distributed_table('accounts', 'tenant');
SELECT create_distributed_table('events', 'tenant');
`;

function titleOf(query: string): string {
  const verdict = predictLast(script + query, reading, 15);
  return lensTitle(verdict, query, { names: 2, sourceNote: () => null });
}

it("the catalog tells each table's shards, and those of a partition with its parent's", () => {
  const last = replayScript(script, reading, 15).steps.at(-1);
  const relations = last === undefined ? [] : catalogAnswer(last.after).relations;
  const shards = new Map(relations.map((relation) => [relation.name, relation.shards]));
  const ranges = [
    [-2147483648, -1073741825],
    [-1073741824, -1],
    [0, 1073741823],
    [1073741824, 2147483647],
  ];
  const colocation = shards.get("public.accounts")?.colocation;
  const divided = { column: "tenant", count: 4, colocation, ranges, kind: "distributed" };
  expect(shards.get("public.accounts")).toEqual(divided);
  expect(shards.get("public.events_2")).toEqual(divided);
  expect(shards.get("public.plans")).toMatchObject({
    column: null,
    count: 1,
    ranges: [[null, null]],
    kind: "reference",
  });
  expect(shards.get("public.plans")?.colocation).not.toBe(colocation);
});

it("a query visits the shard of the value, and of several values theirs", () => {
  const shardsOf = (query: string) =>
    survivorsOf(predictLast(script + query, reading, 15)).map(({ shards }) => shards?.survivors);
  // As `get_shard_id_for_distribution_column` of a server with Citus has it.
  expect(shardsOf("SELECT * FROM accounts WHERE tenant = 1")).toEqual([[0]]);
  expect(shardsOf("SELECT * FROM accounts WHERE tenant IN (1, 4, NULL)")).toEqual([expect.arrayContaining([0])]);
  expect(shardsOf("SELECT * FROM accounts WHERE tenant > 1")).toEqual([[0, 1, 2, 3]]);
  expect(shardsOf("SELECT * FROM accounts WHERE tenant = 1 AND tenant = 4")).toEqual([[]]);
  expect(shardsOf("INSERT INTO accounts VALUES (1, 1)")).toEqual([[0]]);
  expect(shardsOf("SELECT * FROM accounts a JOIN events e ON e.tenant = a.tenant WHERE a.tenant = 1")).toEqual([
    [0],
    [0],
  ]);
});

it("the lens tells shards before partitions", () => {
  expect(titleOf("SELECT * FROM accounts WHERE tenant = 1")).toBe("1 of 4 shards");
  expect(titleOf("SELECT * FROM accounts")).toBe("all 4 shards");
  expect(titleOf("SELECT * FROM events WHERE tenant = 1 AND day = '2024-01-15'")).toMatch(
    /^1 of 4 shards · 1 of 2 partitions · events_1/,
  );
});
