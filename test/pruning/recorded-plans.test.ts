// Plans that servers with Citus 13.2.2 and pg_pathman 1.5.12 have given, read against the schemas that they were given for.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, findRelation, withRelation } from "../../server/src/catalog/catalog.ts";
import { readDistributedJobs } from "../../server/src/pruning/distributed-plan.ts";
import { readPlan } from "../../server/src/pruning/plan.ts";
import type { Planner } from "../../server/src/pruning/planner.ts";
import type { RelationVerdict } from "../../server/src/pruning/verdict.ts";
import { verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { options, readingForTests } from "./support.ts";

interface Recorded {
  readonly sql: string;
  readonly plan: unknown;
}

function recorded(name: string): readonly Recorded[] {
  return readFileSync(new URL(`plans/${name}.jsonl`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Recorded);
}

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function stepsOf(text: string, start: Catalog) {
  const statements = parseDocument(text, reading).statements;
  return replay({ file: "a.sql", statements, start, options: own, previous: [], source: { text, reading } });
}

const own = { ...options, version: 15 } as const;

function catalogOf(text: string): Catalog {
  const start = emptyCatalog({ complete: true, timeZone: "UTC" });
  const steps = stepsOf(text, start);
  expect(steps.flatMap((step) => step.rejection?.message ?? [])).toEqual([]);
  return finalCatalog(start, steps);
}

/** The verdict about a query whose plan is the recorded one. */
async function verdictOf({ sql, plan }: Recorded, catalog: Catalog): Promise<readonly RelationVerdict[]> {
  const planner: Planner = {
    source: "connected",
    explain: () => Promise.resolve({ ok: true, plan, serverVersion: 150018 }),
  };
  const [step] = stepsOf(sql, catalog);
  if (step === undefined) throw new Error(`no statement: ${sql}`);
  const { relations, problem } = await verdictFor(step, sql, planner, own, new AbortController().signal);
  expect(problem).toBeNull();
  return relations;
}

describe("Citus", () => {
  const schema = `
    CREATE SCHEMA app; SET citus.shard_count = 8;
    CREATE TABLE app.ce (user_id int NOT NULL, ts timestamptz NOT NULL, v text);
    SELECT create_distributed_table('app.ce', 'user_id');
    CREATE TABLE app.ce2 (user_id int NOT NULL, x int);
    SELECT create_distributed_table('app.ce2', 'user_id', colocate_with => 'app.ce');
    CREATE TABLE app.ref (id int PRIMARY KEY, n text);
    SELECT create_reference_table('app.ref');
    CREATE TABLE app.cp (user_id int NOT NULL, ts timestamptz NOT NULL, v text) PARTITION BY RANGE (ts);
    CREATE TABLE app.cp_24 PARTITION OF app.cp FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
    CREATE TABLE app.cp_25 PARTITION OF app.cp FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
    SELECT create_distributed_table('app.cp', 'user_id');`;

  /** As `pg_dist_shard` had them. */
  const firstShards = { ce: 102008, ce2: 102016, cp: 102025, cp_24: 102033, cp_25: 102041 };

  function connected(): Catalog {
    let catalog = catalogOf(schema);
    for (const [name, first] of Object.entries(firstShards)) {
      const table = findRelation(catalog, { schema: "app", name });
      if (table?.shards === undefined) throw new Error(`${name} is not distributed`);
      const ids = Array.from({ length: 8 }, (_, index) => first + index);
      catalog = withRelation(catalog, { ...table, shards: { ...table.shards, ids } });
    }
    return catalog;
  }

  /** `ce 0,6 of 8`, for a partitioned table with its partitions behind; `~` where the prediction stands. */
  const shown = ({ relation, shards, survivors, leaves, source }: RelationVerdict): string =>
    `${source === "connected" ? "" : "~"}${relation.name} ${shards?.survivors?.join(",") ?? "?"} of ${shards?.count}` +
    (leaves.length > 1 ? `: ${survivors?.map(({ name }) => name).join(" ")}` : "");

  const all = "0,1,2,3,4,5,6,7 of 8";

  test("the shards of the tasks are those of the tables that the query names", async () => {
    const catalog = connected();
    const verdicts: Record<string, readonly string[]> = {};
    for (const each of recorded("citus")) verdicts[each.sql] = (await verdictOf(each, catalog)).map(shown);
    expect(verdicts).toEqual({
      "SELECT * FROM app.ce WHERE user_id=42": ["ce 6 of 8"],
      "SELECT * FROM app.ce WHERE user_id IN (1,2)": ["ce 0,6 of 8"],
      "SELECT * FROM app.ce WHERE user_id IN (1,2,3,4,5,6,7,8)": [expect.stringMatching(/^ce (?:\d,){5}\d of 8$/)],
      "SELECT * FROM app.ce WHERE ts>now()": [`ce ${all}`],
      // The one task has no shard.
      "SELECT * FROM app.ce WHERE user_id=1 AND user_id=2": ["~ce  of 8"],
      "SELECT * FROM app.ce JOIN app.ce2 USING(user_id) WHERE user_id=42": ["ce 6 of 8", "ce2 6 of 8"],
      "SELECT * FROM app.ce JOIN app.ref ON ref.id=ce.user_id WHERE ce.user_id=42": ["ce 6 of 8"],
      "WITH q AS MATERIALIZED (SELECT * FROM app.ce LIMIT 5) SELECT * FROM app.ce2 JOIN q USING(user_id)": [
        `ce ${all}`,
        `ce2 ${all}`,
      ],
      "SELECT * FROM app.ce WHERE user_id IN (SELECT x FROM app.ce2)": [`ce ${all}`, `ce2 ${all}`],
      "UPDATE app.ce SET v='z' WHERE user_id=42": ["ce 6 of 8"],
      "UPDATE app.ce SET v='z'": [`ce ${all}`],
      "DELETE FROM app.ce WHERE user_id IN (1,2)": ["ce 0,6 of 8"],
      "INSERT INTO app.ce VALUES (7,now(),'a')": ["~ce 2 of 8"],
      "INSERT INTO app.ce VALUES (7,now(),'a'),(8,now(),'b')": ["~ce 0,2 of 8"],
      "INSERT INTO app.ce2 SELECT user_id,1 FROM app.ce": [`~ce2 ${all}`, `ce ${all}`],
      "SELECT * FROM app.cp WHERE user_id=42 AND ts='2024-05-05'": ["cp 6 of 8: cp_24"],
      "SELECT * FROM app.cp WHERE ts='2024-05-05'": [`cp ${all}: cp_24`],
      // Of a table that is mentioned twice the plan does not tell which mention a job is for.
      "SELECT user_id FROM app.ce WHERE user_id=1 UNION ALL SELECT user_id FROM app.ce WHERE user_id=2": [
        "~ce 0 of 8",
        "~ce 6 of 8",
      ],
      "MERGE INTO app.ce t USING app.ce2 s ON t.user_id=s.user_id WHEN MATCHED THEN UPDATE SET v='m'": [
        `ce ${all}`,
        `ce2 ${all}`,
      ],
      "SELECT x.v FROM app.ce AS x WHERE x.user_id=9": ["ce 7 of 8"],
      "SELECT count(*) FROM app.ce": [`ce ${all}`],
    });
  });

  test("without the ids of the shards, and for a table with other shards by now, the prediction stands", async () => {
    const [plan] = recorded("citus");
    if (plan === undefined) throw new Error("nothing is recorded");
    expect((await verdictOf(plan, catalogOf(schema))).map(shown)).toEqual(["~ce 6 of 8"]);
    const split = `${schema} SELECT isolate_tenant_to_new_shard('app.ce', 5, 'CASCADE', 'block_writes');`;
    expect((await verdictOf(plan, catalogOf(split))).map(shown)).toEqual([expect.stringMatching(/^~ce \d+ of 10$/)]);
  });

  test("whatever stands in the place of a job is no job", () => {
    for (const value of [
      null,
      5,
      "Job",
      { Job: null },
      { Job: { "Task Count": "8", Tasks: [] } },
      { Job: { "Task Count": 1 } },
    ])
      expect(readDistributedJobs([{ Plan: { "Distributed Query": value } }])).toEqual([]);
    const odd = { Job: { "Task Count": 3, "Tasks Shown": "All", Tasks: [null, { "Remote Plan": "?" }] } };
    expect(readDistributedJobs(odd)).toEqual([{ tasks: 3, isWhole: false, shown: [[], []] }]);
    // Whoever sends a plan decides how deep it is; a job that is passed over would make too few shards of it.
    let deep: unknown = odd;
    for (let level = 0; level < 100_000; level++) deep = { Plans: [deep] };
    expect(readDistributedJobs(deep)).toEqual(readDistributedJobs(odd));
  });
});

describe("pg_pathman", () => {
  const schema = `
    CREATE SCHEMA app;
    CREATE TABLE app.pj (id int NOT NULL, dt timestamp NOT NULL, v text);
    SELECT create_range_partitions('app.pj', 'dt', '2024-01-01'::timestamp, interval '1 month', 12);
    CREATE TABLE app.ph (user_id int NOT NULL, v text);
    SELECT create_hash_partitions('app.ph', 'user_id', 8);
    SELECT create_hash_partitions('app.pj_1', 'id', 2);
    CREATE TABLE app.small (user_id int, d timestamp);`;

  test("what RuntimeAppend chooses while it runs is no certain survivor; what is planned is", async () => {
    const catalog = catalogOf(schema);
    const verdicts: Record<string, string> = {};
    for (const each of recorded("pathman")) {
      const relations = await verdictOf(each, catalog);
      verdicts[each.sql] = relations
        .filter(({ leaves }) => leaves.length > 1)
        .map(
          ({ relation, survivors, decided, certainty }) =>
            `${relation.name} ${survivors?.length ?? "?"} ${decided} ${certainty}`,
        )
        .join("; ");
    }
    expect(verdicts).toMatchObject({
      "SELECT * FROM app.pj WHERE dt='2024-05-05'": "pj 1 planning exact",
      "SELECT * FROM app.pj WHERE dt>='2024-02-15' AND dt<'2024-03-15'": "pj 2 planning exact",
      "SELECT * FROM app.ph WHERE user_id=(SELECT max(user_id) FROM app.small)": "ph 8 execution at-most",
      "DELETE FROM app.pj WHERE dt='2024-05-05'": "pj 1 planning exact",
    });
  });

  test("its nodes are read as what they are", () => {
    const readings = recorded("pathman").map(({ sql, plan }) => [sql, readPlan(plan)] as const);
    const late = readings.filter(([, plan]) => plan?.choosesWhileRunning).map(([sql]) => sql);
    expect(late).toContain("SELECT * FROM app.ph WHERE user_id=(SELECT max(user_id) FROM app.small)");
    expect(late).not.toContain("SELECT * FROM app.pj WHERE dt='2024-05-05'");
    // PartitionFilter puts rows where they belong; it scans nothing itself.
    const [insert] = readings.filter(([sql]) => sql.startsWith("INSERT INTO app.ph VALUES"));
    expect(insert?.[1]?.scans).toEqual([]);
    expect(insert?.[1]?.targets.map(({ name }) => name)).toEqual(["ph"]);
  });
});
