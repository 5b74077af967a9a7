/** Scripts with what becomes of each statement: worlds that are only half known, DO blocks, SPLIT and MERGE. */

import { beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog, findRelation } from "../../server/src/catalog/catalog.ts";
import { coverageOf } from "../../server/src/catalog/coverage.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { loadParserForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = { parser: await loadParserForTests(), cache: createStatementCache(100_000) };
});

interface World {
  readonly complete?: boolean;
  readonly version?: PostgresVersion;
}

function run(text: string, { complete = false, version = 18 }: World = {}): readonly Step[] {
  return replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: emptyCatalog({ complete, timeZone: "UTC" }),
    options: { version, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}

/** Replays lines that end in `-- message`, where a message is expected, or in nothing, where none is. */
function expectMessages(script: string, world: World = {}): void {
  const lines = script.trim().split("\n");
  const steps = run(script, world);
  const said = lines.map((line, index) => {
    const statement = line.replace(/\s*--.*$/, "").trim();
    const message = steps[index]?.rejection?.message;
    return message === undefined ? statement : `${statement} -- ${message}`;
  });
  expect(said).toEqual(lines.map((line) => line.replace(/\s*--\s*/, " -- ").trim()));
}

function bounds(steps: readonly Step[], parent: string): string[] {
  const catalog = steps.at(-1)?.after;
  const table = catalog === undefined ? null : findRelation(catalog, { schema: null, name: parent });
  if (catalog === undefined || table === null || table.partitioning === null) return [];
  const { key, partitions } = table.partitioning;
  return [...partitions.all.keys()].map((id) => {
    const partition = catalog.relations.get(id);
    const bound = partition?.partitionOf?.bound;
    return `${partition?.name} ${bound === undefined ? "?" : printBound(bound, key, catalog.settings)}`;
  });
}

describe("a lone migration", () => {
  test("gets overlaps where every type that reads the bounds agrees", () => {
    expectMessages(`
CREATE TABLE s_1 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE s_2 PARTITION OF sales FOR VALUES FROM ('2024-01-15') TO ('2024-03-01'); -- partition "s_2" would overlap partition "s_1"
CREATE TABLE s_3 PARTITION OF sales FOR VALUES FROM ('2024-03-01 12:00') TO ('2024-04-01');
CREATE TABLE s_4 PARTITION OF sales FOR VALUES FROM ('2024-03-15 00:00:00') TO ('2024-05-01'); -- partition "s_4" would overlap partition "s_3"
CREATE TABLE i_1 PARTITION OF numbers FOR VALUES FROM (5) TO (10);
CREATE TABLE i_2 PARTITION OF numbers FOR VALUES FROM (9.5) TO (20); -- partition "i_2" would overlap partition "i_1"
CREATE TABLE l_1 PARTITION OF regions FOR VALUES IN ('eu', 'us');
CREATE TABLE l_2 PARTITION OF regions FOR VALUES IN ('asia', 'us'); -- partition "l_2" would overlap partition "l_1"
CREATE TABLE h_1 PARTITION OF hashed FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE h_2 PARTITION OF hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0); -- partition "h_2" would overlap partition "h_1"
CREATE TABLE d_1 PARTITION OF sales DEFAULT;
CREATE TABLE d_2 PARTITION OF sales DEFAULT; -- partition "d_2" conflicts with existing default partition "d_1"`);
  });

  test("gets nothing where a type would read them otherwise, or nothing is known of the type", () => {
    expectMessages(`
CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM ('5') TO ('10');
CREATE TABLE n_2 PARTITION OF n FOR VALUES FROM ('9') TO ('20');
CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM ('low') TO ('mid');
CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM ('high') TO ('max');
CREATE TABLE j_1 PARTITION OF j FOR VALUES FROM ('Jan 1 2024') TO ('Feb 1 2024');
CREATE TABLE j_2 PARTITION OF j FOR VALUES FROM ('Jan 15 2024') TO ('Mar 1 2024');
SELECT * FROM nowhere;
DROP TABLE elsewhere;`);
  });

  test("knows what it has dropped itself, and the strategy that it has written itself", () => {
    expectMessages(`
DROP TABLE gone;
CREATE TABLE x PARTITION OF gone DEFAULT; -- relation "gone" does not exist
CREATE TABLE sub PARTITION OF sales FOR VALUES FROM (1) TO (2) PARTITION BY LIST (region);
CREATE TABLE sub_1 PARTITION OF sub FOR VALUES FROM (1) TO (2); -- invalid bound specification for a list partition`);
  });

  test("gets the gaps between what it knows", () => {
    const steps = run(`
      CREATE TABLE s_1 PARTITION OF s FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
      CREATE TABLE s_3 PARTITION OF s FOR VALUES FROM ('2024-03-01') TO ('2024-04-01');`);
    const catalog = steps.at(-1)?.after;
    const table = catalog === undefined ? null : findRelation(catalog, { schema: null, name: "s" });
    const gaps = table === null ? [] : (coverageOf(table)?.gaps ?? []);
    expect(gaps.map(({ below, above }) => below !== null && above !== null)).toEqual([false, true, false]);
  });
});

describe("DO blocks", () => {
  test("that loop over constants are followed", () => {
    const steps = run(`
      CREATE TABLE m (k date) PARTITION BY RANGE (k);
      DO $$
      DECLARE
        first date := '2024-01-01';
        part text;
        d date;
      BEGIN
        WHILE first < date '2024-03-01' LOOP
          part := 'm_' || to_char(first, 'YYYY_MM');
          IF first = date '2024-01-01' THEN
            RAISE NOTICE 'the first one';
          END IF;
          EXECUTE format('CREATE TABLE %I PARTITION OF m FOR VALUES FROM (%L) TO (%L)', part, first, first + interval '1 month');
          first := first + interval '1 month';
        END LOOP;
        FOR d IN SELECT generate_series(timestamp '2024-03-01', '2024-05-01', '1 month')::date LOOP
          EXECUTE 'CREATE TABLE m_' || to_char(d, 'YYYYMM') || ' PARTITION OF m FOR VALUES FROM (' || quote_literal(d) || ') TO (' || quote_literal((d + interval '1 month')::date) || ')';
        END LOOP;
      END $$;`);
    expect(steps.map(({ declined }) => declined)).toEqual([[], []]);
    expect(bounds(steps, "m")).toEqual([
      "m_2024_01 FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
      "m_2024_02 FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
      "m_202403 FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
      "m_202404 FOR VALUES FROM ('2024-04-01') TO ('2024-05-01')",
      "m_202405 FOR VALUES FROM ('2024-05-01') TO ('2024-06-01')",
    ]);
  });

  test("are refused as a whole for what they execute, unless they catch it", () => {
    const block = (handler: string): string => `
      CREATE TABLE m (k int) PARTITION BY RANGE (k);
      DO $$ BEGIN
        FOR i IN 0..2 LOOP
          EXECUTE format('CREATE TABLE m_%s PARTITION OF m FOR VALUES FROM (%s) TO (%s)', i, i * 10, i * 10 + 15);
        END LOOP;
      ${handler} END $$;`;
    const refused = run(block(""));
    expect(refused[1]?.rejection?.message).toBe('partition "m_1" would overlap partition "m_0"');
    expect(bounds(refused, "m")).toEqual([]);
    const caught = run(block("EXCEPTION WHEN invalid_object_definition THEN NULL;"));
    expect(caught[1]?.rejection).toBeNull();
    expect(bounds(caught, "m")).toEqual([]);
  });

  test("that cannot be followed leave what they name in doubt, and nothing else", () => {
    expectMessages(
      `
CREATE TABLE m (k int) PARTITION BY RANGE (k);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE other (k int) PARTITION BY RANGE (k);
CREATE TABLE other_1 PARTITION OF other FOR VALUES FROM (0) TO (10);
DO $$ BEGIN EXECUTE 'DROP TABLE m_' || (SELECT count(*) FROM pg_class); END $$;
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (5) TO (10);
CREATE TABLE other_2 PARTITION OF other FOR VALUES FROM (5) TO (10); -- partition "other_2" would overlap partition "other_1"`,
      { complete: true },
    );
  });

  test("take their effect from what was learned by running them", () => {
    const text = `
      CREATE TABLE m (k int) PARTITION BY RANGE (k);
      DO $$ BEGIN PERFORM make_partitions('m', random()); END $$;
      CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (5) TO (10);`;
    const { statements } = parseDocument(text, reading);
    const block = statements[1];
    if (block === undefined) throw new Error("there is a DO block");
    const left = parseDocument("CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (0) TO (10)", reading).statements;
    const effect = { statements: left, written: [], sets: [] };
    const steps = replay({
      file: "a.sql",
      statements,
      start: emptyCatalog({ complete: true, timeZone: "UTC" }),
      options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
      previous: [],
      source: { text, reading },
      learned: { effectOf: (_, statement) => (statement.statement === block.statement ? effect : null) },
    });
    expect(steps[2]?.rejection?.message).toBe('partition "m_2" would overlap partition "m_1"');
  });
});

test("nothing is claimed behind what psql runs unseen", () => {
  const states = (text: string) =>
    run(text, { complete: true }).map(({ rejection, declined }) => rejection?.message ?? declined.length);
  expect(
    states(`CREATE TABLE m (k int) PARTITION BY RANGE (k);
CREATE TABLE m_0 PARTITION OF m FOR VALUES FROM (0) TO (10);
CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (5) TO (10);
SELECT format('DROP TABLE %I', relid) FROM pg_partition_tree('m') WHERE isleaf \\gexec
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (5) TO (10);
\\i tables.sql
CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (5) TO (10);
\\ir more.sql
CREATE TABLE n_1 PARTITION OF n FOR VALUES FROM (5) TO (10);
`),
  ).toEqual([0, 0, 'relation "n" does not exist', 1, 1, 1, expect.any(Number), 1, expect.any(Number)]);
  expect(
    states(`\\if :fresh
CREATE TABLE a (k int);
CREATE TABLE a (k int);
\\else
CREATE TABLE a (k bigint);
\\endif
DROP TABLE b;
`),
  ).toEqual([0, 0, 'relation "a" already exists', 1, expect.any(Number), 1, expect.any(Number)]);
});

describe("PostgreSQL 19", () => {
  const table = `
CREATE TABLE s (d date) PARTITION BY RANGE (d);
CREATE TABLE s_jan PARTITION OF s FOR VALUES FROM ('2022-01-01') TO ('2022-02-01');
CREATE TABLE s_rest PARTITION OF s FOR VALUES FROM ('2022-02-01') TO ('2022-05-01');`;
  const world = { complete: true, version: 19 } as const;

  test("splits a partition into parts that fit it exactly", () => {
    expectMessages(
      `${table}
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-05-01')); -- list of new partitions should contain at least two partitions
ALTER TABLE s SPLIT PARTITION s_x INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-03-01') TO ('2022-05-01')); -- relation "s_x" does not exist
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-01-15') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-03-01') TO ('2022-05-01')); -- lower bound of partition "s_2" is not equal to lower bound of split partition "s_rest"
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-02-15') TO ('2022-05-01')); -- cannot split to partition "s_3" together with partition "s_2"
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_jan FOR VALUES FROM ('2022-02-01') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-03-01') TO ('2022-05-01')); -- relation "s_jan" already exists
ALTER TABLE s_jan SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-03-01') TO ('2022-05-01')); -- ALTER action SPLIT PARTITION cannot be performed on relation "s_jan"
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_rest FOR VALUES FROM ('2022-02-01') TO ('2022-03-01'), PARTITION s_3 FOR VALUES FROM ('2022-03-01') TO ('2022-05-01'));
CREATE TABLE s_late PARTITION OF s FOR VALUES FROM ('2022-02-15') TO ('2022-03-01'); -- partition "s_late" would overlap partition "s_rest"`.trim(),
      world,
    );
  });

  test("splits off a default partition", () => {
    expectMessages(
      `${table}
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-06-01'), PARTITION s_d DEFAULT); -- upper bound of partition "s_2" is greater than upper bound of split partition "s_rest"
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-01') TO ('2022-05-01'), PARTITION s_d DEFAULT); -- cannot split partition "s_rest" only to add a DEFAULT partition
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_c DEFAULT, PARTITION s_d DEFAULT); -- cannot specify more than one DEFAULT partition
ALTER TABLE s SPLIT PARTITION s_rest INTO (PARTITION s_2 FOR VALUES FROM ('2022-02-10') TO ('2022-03-01'), PARTITION s_d DEFAULT);
ALTER TABLE s SPLIT PARTITION s_jan INTO (PARTITION s_1 FOR VALUES FROM ('2022-01-01') TO ('2022-01-15'), PARTITION s_e DEFAULT); -- cannot split non-DEFAULT partition "s_jan"
ALTER TABLE s SPLIT PARTITION s_d INTO (PARTITION s_5 FOR VALUES FROM ('2022-05-01') TO ('2022-06-01'), PARTITION s_6 FOR VALUES FROM ('2022-06-01') TO ('2022-07-01')); -- cannot split DEFAULT partition "s_d"
ALTER TABLE s SPLIT PARTITION s_d INTO (PARTITION s_5 FOR VALUES FROM ('2022-05-01') TO ('2022-06-01'), PARTITION s_6 FOR VALUES FROM ('2022-05-15') TO ('2022-07-01'), PARTITION s_d DEFAULT); -- cannot split to partition "s_6" together with partition "s_5"
ALTER TABLE s SPLIT PARTITION s_d INTO (PARTITION s_5 FOR VALUES FROM ('2022-02-15') TO ('2022-06-01'), PARTITION s_d DEFAULT); -- new partition "s_5" would overlap with another (not split) partition "s_2"
ALTER TABLE s SPLIT PARTITION s_d INTO (PARTITION s_5 FOR VALUES FROM ('2022-05-01') TO ('2022-06-01'), PARTITION s_d DEFAULT);`,
      world,
    );
  });

  test("splits lists of values", () => {
    expectMessages(
      `CREATE TABLE l (k varchar(20)) PARTITION BY LIST (k);
CREATE TABLE l_1 PARTITION OF l FOR VALUES IN ('a', 'b', NULL);
CREATE TABLE l_2 PARTITION OF l FOR VALUES IN ('z');
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a'), PARTITION l_b FOR VALUES IN ('b', 'z', NULL)); -- new partition "l_b" would overlap with another (not split) partition "l_2"
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a', NULL), PARTITION l_b FOR VALUES IN ('b', 'a')); -- new partition "l_a" would overlap with another new partition "l_b"
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a', NULL), PARTITION l_b FOR VALUES IN ('b', 'c')); -- new partition "l_b" cannot have this value because split partition "l_1" does not have it
ALTER TABLE l SPLIT PARTITION l_2 INTO (PARTITION l_a FOR VALUES IN ('z'), PARTITION l_b FOR VALUES IN ('x')); -- new partition "l_b" cannot have this value because split partition "l_2" does not have it
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a'), PARTITION l_b FOR VALUES IN ('b')); -- new partitions' combined partition bounds do not contain value (NULL) but split partition "l_1" does
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a'), PARTITION l_b FOR VALUES IN (NULL)); -- new partitions' combined partition bounds do not contain value ('b'::character varying(20)) but split partition "l_1" does
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a'), PARTITION l_a FOR VALUES IN ('b', NULL)); -- partition with name "l_a" is already used
ALTER TABLE l SPLIT PARTITION l_1 INTO (PARTITION l_a FOR VALUES IN ('a'), PARTITION l_b FOR VALUES IN ('b', NULL));`,
      world,
    );
  });

  test("knows whose partitions they are, and what depends on them", () => {
    expectMessages(
      `${table}
CREATE TABLE other (d date) PARTITION BY RANGE (d);
CREATE TABLE alone (d date);
ALTER TABLE other MERGE PARTITIONS (s_jan, s_rest) INTO o; -- relation "s_jan" is not a partition of relation "other"
ALTER TABLE other MERGE PARTITIONS (alone, s_rest) INTO o; -- "alone" is not a partition of partitioned table "other"
ALTER TABLE s MERGE PARTITIONS (s_jan, s_rest, public.s_jan) INTO s_all; -- partition with name "s_jan" is already used
CREATE SCHEMA arch;
CREATE VIEW v AS SELECT * FROM s_jan;
ALTER TABLE s MERGE PARTITIONS (s_jan, s_rest) INTO arch.s_all; -- cannot drop table s_jan because other objects depend on it
ALTER TABLE s SPLIT PARTITION s_jan INTO (PARTITION s_1 FOR VALUES FROM ('2022-01-01') TO ('2022-01-15'), PARTITION arch.s_1 FOR VALUES FROM ('2022-01-15') TO ('2022-02-01')); -- cannot drop table s_jan because other objects depend on it
DROP VIEW v;
ALTER TABLE s MERGE PARTITIONS (s_jan, s_rest) INTO s; -- relation "s" already exists
ALTER TABLE s MERGE PARTITIONS (s_jan, s_rest) INTO arch.s_all;
CREATE TEMPORARY TABLE t (k int) PARTITION BY RANGE (k);
CREATE TEMPORARY TABLE t_0 PARTITION OF t FOR VALUES FROM (0) TO (2);
ALTER TABLE t SPLIT PARTITION t_0 INTO (PARTITION t_1 FOR VALUES FROM (0) TO (1), PARTITION t_2 FOR VALUES FROM (1) TO (2)); -- cannot create a permanent relation as partition of temporary relation "t"
ALTER TABLE t SPLIT PARTITION t_0 INTO (PARTITION pg_temp.t_0 FOR VALUES FROM (0) TO (1), PARTITION pg_temp.t_2 FOR VALUES FROM (1) TO (2));`,
      world,
    );
  });

  test("makes indexes while the old partition still has its own", () => {
    const steps = run(
      `CREATE TABLE s (d int PRIMARY KEY) PARTITION BY RANGE (d);
       CREATE TABLE s_0 PARTITION OF s FOR VALUES FROM (0) TO (10);
       ALTER TABLE s SPLIT PARTITION s_0 INTO (PARTITION s_0 FOR VALUES FROM (0) TO (5), PARTITION s_5 FOR VALUES FROM (5) TO (10));
       ALTER TABLE s MERGE PARTITIONS (s_0, s_5) INTO s_5;`,
      world,
    );
    const namesAfter = (index: number): string[] => {
      const relations = steps[index]?.after.relations.values() ?? [];
      return [...relations]
        .filter(({ index: found }) => found !== null)
        .map(({ name }) => name)
        .sort();
    };
    expect(namesAfter(2)).toEqual(["s_0_pkey1", "s_5_pkey", "s_pkey"]);
    expect(namesAfter(3)).toEqual(["s_5_pkey", "s_pkey"]);
  });

  test("merges neighbours", () => {
    const steps = run(
      `${table}
       ALTER TABLE s MERGE PARTITIONS (s_rest, s_jan) INTO s_all;`,
      world,
    );
    expect(bounds(steps, "s")).toEqual(["s_all FOR VALUES FROM ('2022-01-01') TO ('2022-05-01')"]);
  });

  test("takes what the grammar of 18 does not", () => {
    const script = `CREATE TABLE g (k int, v int);
SELECT k, count(*) FROM g GROUP BY ALL;
REPACK g;
SELECT lag(v) IGNORE NULLS OVER (ORDER BY k) FROM g;
SELECT k FROM g GROUP BY; -- syntax error at or near ";"`;
    const said = run(script, world).map(({ rejection }) => rejection?.message ?? null);
    expect(said).toEqual([null, null, null, null, "syntax error at end of input"]);
    expect(run(script, { version: 18 }).filter(({ rejection }) => rejection !== null)).toHaveLength(4);
  });

  test("is needed for both", () => {
    const split = "ALTER TABLE s split PARTITION a INTO (PARTITION b DEFAULT, PARTITION c FOR VALUES IN (1));";
    expect(run(split, { version: 18 })[0]?.rejection?.message).toBe('syntax error at or near "split"');
  });
});
