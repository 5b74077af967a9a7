/** Learning what DO blocks do: run in the embedded PostgreSQL, read back as statements, taken into the catalog by the replay. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Catalog } from "../../server/src/catalog/catalog.ts";
import { printBound } from "../../server/src/catalog/print.ts";
import { createEmbeddedPostgres, type EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { readingForTests } from "../pruning/support.ts";
import { type Learning, type LearningOptions, learnAll as learnScript } from "./learn-support.ts";
import { embeddedOptions, embeddedPostgres } from "./support.ts";

let embedded: EmbeddedPostgres;
let reading: Reading;

beforeAll(async () => {
  reading = await readingForTests();
  embedded = await embeddedPostgres({ statementTimeoutMilliseconds: 120_000 });
});

afterAll(() => embedded.close());

function learnAll(text: string, changed: Partial<LearningOptions> = {}): Promise<Learning> {
  return learnScript(text, { server: embedded, reading, ...changed });
}

/** Tables as `name`, or `name of parent bound`, with what is known of them where that is not everything. */
function tables({ relations, settings }: Catalog): readonly string[] {
  const lines: string[] = [];
  for (const { schema, name, kind, partitionOf, knowledge } of relations.values()) {
    if (kind !== "table" && kind !== "partitioned-table") continue;
    const parent = partitionOf === null ? undefined : relations.get(partitionOf.parent);
    const bound =
      partitionOf === null || parent?.partitioning == null
        ? ""
        : ` of ${parent.name} ${printBound(partitionOf.bound, parent.partitioning.key, settings)}`;
    lines.push(`${schema}.${name}${bound}${knowledge === "full" ? "" : ` (${knowledge})`}`);
  }
  return lines.sort();
}

const sales = "CREATE TABLE sales (d date NOT NULL, region text) PARTITION BY RANGE (d);\n";
/** A loop over a series that PostgreSQL itself computes: nothing in the text tells its bounds. */
const loop = `DO $$
DECLARE r record;
BEGIN
  FOR r IN SELECT g::date AS day, to_char(g, 'YYYY_MM') AS suffix
    FROM generate_series(timestamp '2024-01-01', '2024-03-01', interval '1 month') AS g
    WHERE sha256(g::text::bytea) IS NOT NULL
  LOOP
    EXECUTE format('CREATE TABLE sales_%s PARTITION OF sales FOR VALUES FROM (%L) TO (%L)',
      r.suffix, r.day, (r.day + interval '1 month')::date);
  END LOOP;
END $$;
`;

describe("a DO block", () => {
  test("is followed by running it, and its partitions have the block as their place", async () => {
    const { steps, final, declined } = await learnAll(
      `${sales}${loop}CREATE TABLE other PARTITION OF sales FOR VALUES FROM ('2024-02-10') TO ('2024-02-11');`,
    );
    expect(declined).toEqual([]);
    expect(tables(final)).toEqual([
      "public.sales",
      "public.sales_2024_01 of sales FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
      "public.sales_2024_02 of sales FOR VALUES FROM ('2024-02-01') TO ('2024-03-01')",
      "public.sales_2024_03 of sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
    ]);
    expect(steps[2]?.rejection?.message).toBe('partition "other" would overlap partition "sales_2024_02"');
    const partition = [...final.relations.values()].find(({ name }) => name === "sales_2024_02");
    expect(partition?.origin).toMatchObject({ kind: "statement", statement: 1 });
  });

  test("leaves open whether it takes away what hung on tables: nothing of that is given to another one", async () => {
    const { final } = await learnAll(`${sales}GRANT SELECT ON sales TO PUBLIC;
COMMENT ON TABLE sales IS 'secret';
DO $$ DECLARE r record; BEGIN FOR r IN SELECT oid::regclass AS c FROM pg_class WHERE relname = 'sales' LOOP
  EXECUTE format('REVOKE ALL ON %s FROM PUBLIC', r.c); EXECUTE format('COMMENT ON TABLE %s IS NULL', r.c);
END LOOP; END $$;`);
    const hanging = [...final.belongings.entries()].flatMap(([, kept]) => kept);
    expect(hanging.map(({ kind, sql }) => [kind, sql])).toEqual([
      ["privilege", null],
      ["comment", null],
    ]);
  });

  test("renames, detaches, attaches, drops, adds columns and constraints", async () => {
    const { final, declined } = await learnAll(`${sales}
CREATE TABLE sales_a PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE sales_b PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_c PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE loose (d date NOT NULL, region text);
CREATE INDEX loose_d ON loose (d);
DO $$
DECLARE names text[];
BEGIN
  SELECT array_agg(relname::text ORDER BY relname) INTO names FROM pg_class WHERE relname LIKE 'sales\\__';
  EXECUTE format('ALTER TABLE sales DETACH PARTITION %I', names[1]);
  EXECUTE format('ALTER TABLE %I RENAME TO %I', names[1], names[1] || '_old');
  EXECUTE format('DROP TABLE %I', names[2]);
  EXECUTE format('ALTER TABLE sales ADD COLUMN %I int CHECK (%I > 0)', 'n', 'n');
  EXECUTE format('ALTER TABLE loose ADD COLUMN n int, ADD CONSTRAINT sales_n_check CHECK (n > 0)');
  DROP INDEX loose_d;
  EXECUTE format('ALTER TABLE sales ATTACH PARTITION loose FOR VALUES FROM (%L) TO (%L)', '2025-01-01', '2025-06-01');
  ALTER TABLE sales_c ALTER COLUMN region SET NOT NULL;
END $$;`);
    expect(declined).toEqual([]);
    expect(tables(final)).toEqual([
      "public.loose of sales FOR VALUES FROM ('2025-01-01') TO ('2025-06-01')",
      "public.sales",
      "public.sales_a_old",
      "public.sales_c of sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ]);
    const columns = (table: string) =>
      [...final.relations.values()]
        .find(({ name }) => name === table)
        ?.columns.map(({ name, notNull }) => `${name}${notNull ? " not null" : ""}`);
    expect(columns("sales")).toEqual(["d not null", "region", "n"]);
    expect(columns("sales_c")).toEqual(["d not null", "region not null", "n"]);
    expect(columns("sales_a_old")).toEqual(["d not null", "region"]);
    expect([...final.relations.values()].some(({ name }) => name === "loose_d")).toBe(false);
  });

  test("leaves the indexes of partitioned tables whole: those it creates, and those that were there", async () => {
    const { final, declined } = await learnAll(`CREATE TABLE old (d date NOT NULL) PARTITION BY RANGE (d);
CREATE INDEX old_d ON old (d);
DO $$
DECLARE parent text;
BEGIN
  CREATE TABLE new (d date NOT NULL, n int, PRIMARY KEY (d)) PARTITION BY RANGE (d);
  CREATE INDEX new_n ON new (n) WHERE n > 0;
  FOREACH parent IN ARRAY (SELECT array_agg(relname::text) FROM pg_class WHERE relkind = 'p') LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', parent || '_1', parent, '2024-01-01', '2024-02-01');
  END LOOP;
  CREATE INDEX one_more ON new_1 (n, d);
END $$;`);
    expect(declined).toEqual([]);
    const indexes = [...final.relations.values()].flatMap(({ name, index }) =>
      index == null ? [] : [{ name, index }],
    );
    const parentOf = (id: number | null) => (id === null ? null : final.relations.get(id)?.name);
    expect(indexes.map(({ name, index }) => [name, index.valid, parentOf(index.attachedTo)])).toEqual(
      expect.arrayContaining([
        ["old_d", true, null],
        ["old_1_d_idx", true, "old_d"],
        ["new_pkey", true, null],
        ["new_1_pkey", true, "new_pkey"],
        ["new_n", true, null],
        ["new_1_n_idx", true, "new_n"],
        ["one_more", true, null],
      ]),
    );
    expect(indexes).toHaveLength(7);
  });

  test("builds on what another one left, and on settings and schemas before it", async () => {
    const { final, declined } = await learnAll(`CREATE SCHEMA app; SET search_path = app; SET DateStyle = 'ISO, DMY';
${sales}${loop}
DO $$ BEGIN
  PERFORM pg_sleep(0);
  EXECUTE (SELECT 'DROP TABLE ' || string_agg(oid::regclass::text, ', ') FROM pg_class WHERE relname ~ '_0[12]$');
  EXECUTE format('CREATE TABLE %I PARTITION OF sales FOR VALUES FROM (%L) TO (%L)', md5('x'), '01/02/2024', '02/02/2024');
END $$;`);
    expect(declined).toEqual([]);
    expect(tables(final)).toEqual([
      "app.9dd4e461268c8034f5c8564e155c67a6 of sales FOR VALUES FROM ('2024-02-01') TO ('2024-02-02')",
      "app.sales",
      "app.sales_2024_03 of sales FOR VALUES FROM ('2024-03-01') TO ('2024-04-01')",
    ]);
  });
});

test("functions that the script creates are followed where it calls them", async () => {
  const { final, declined } = await learnAll(`${sales}
CREATE FUNCTION add_year(parent regclass, y int) RETURNS text LANGUAGE plpgsql AS $f$
DECLARE child text := parent::text || '_' || y;
BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)', child, parent, make_date(y, 1, 1), make_date(y + 1, 1, 1));
  RETURN child;
END $f$;
CREATE PROCEDURE add_rest() LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CREATE TABLE ' || left('rest' || sha256('x')::text, 4) || ' PARTITION OF sales DEFAULT'; END $$;
SELECT add_year('sales', y) FROM generate_series(2024, 2025) AS y;
CALL add_rest();`);
  expect(declined).toEqual([]);
  expect(tables(final)).toEqual([
    "public.rest of sales DEFAULT",
    "public.sales",
    "public.sales_2024 of sales FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
    "public.sales_2025 of sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')",
  ]);
});

test("what functions read that are not called does not matter, unless one may be", async () => {
  const script = (call: string) => `${sales}
CREATE TABLE regions (name text PRIMARY KEY);
CREATE FUNCTION forget() RETURNS void LANGUAGE sql AS $$ DELETE FROM regions; $$;
CREATE FUNCTION add_region() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO regions VALUES ('north') ON CONFLICT DO NOTHING;
  EXECUTE 'CREATE TABLE ' || left('rest' || sha256('x')::text, 4) || ' PARTITION OF sales DEFAULT';
  ${call}
END $$;
SELECT add_region();`;
  const { final, declined } = await learnAll(script("PERFORM sha256('x');"));
  expect(declined).toEqual([]);
  expect(tables(final)).toContain("public.rest of sales DEFAULT");
  for (const call of ["PERFORM forget();", "EXECUTE 'SELECT ' || 'for' || 'get()';"]) {
    expect((await learnAll(script(call))).declined).toEqual([
      expect.stringMatching(/depends on the rows of public.regions/),
    ]);
  }
});

describe("nothing is learned from", () => {
  test.each([
    ["one that fails there", "PERFORM nowhere.to_be_found(); DROP TABLE sales;", /schema "nowhere" does not exist/],
    ["one that raises", "EXECUTE 'DROP TABLE sales'; RAISE EXCEPTION 'not here: %', sha256('x')::text;", /not here/],
    ["chance", "EXECUTE format('DROP TABLE sales%s', (random() * 9)::int);", /different each time/],
    [
      "rows, which elsewhere are others",
      "FOR r IN SELECT name FROM regions LOOP EXECUTE 'DROP TABLE sales'; END LOOP;",
      /depends on the rows of public.regions/,
    ],
    [
      "rows behind a comma",
      "IF NOT EXISTS (SELECT 1 FROM pg_class c, regions r) THEN EXECUTE 'DROP TABLE sales'; END IF;",
      /depends on the rows of public.regions/,
    ],
    [
      "rows of a TABLE command",
      "FOR r IN TABLE regions LOOP EXECUTE 'DROP TABLE sales'; END LOOP;",
      /depends on the rows of public.regions/,
    ],
    [
      "rows of a view",
      "FOR r IN SELECT name FROM names LOOP EXECUTE 'DROP TABLE sales'; END LOOP;",
      /depends on the rows of public.regions/,
    ],
    [
      "rows that a change returns",
      "FOR r IN UPDATE regions SET name = 'x' RETURNING name LOOP EXECUTE 'DROP TABLE sales'; END LOOP;",
      /depends on the rows of public.regions/,
    ],
  ])("%s", async (_, body, reason) => {
    const text = `${sales}CREATE TABLE regions (name text); CREATE VIEW names AS SELECT name FROM regions;\nDO $$ DECLARE r record; BEGIN ${body} END $$;`;
    const { final, declined } = await learnAll(text);
    expect(declined).toEqual([expect.stringMatching(reason)]);
    expect(tables(final).find((line) => line.startsWith("public.sales"))).toBe("public.sales (tainted)");
  });

  test("one that does not end, whose time alone is short here, so that a busy machine changes nothing", async () => {
    let asked = 0;
    const impatient = createEmbeddedPostgres({
      ...(await embeddedOptions()),
      // The statements before it are the first request, and it is the second.
      get statementTimeoutMilliseconds() {
        return asked++ === 0 ? 120_000 : 100;
      },
    });
    const text = `${sales}DO $$ BEGIN EXECUTE 'DROP TABLE sales'; LOOP PERFORM 1; END LOOP; END $$;`;
    const { final, declined } = await learnAll(text, { server: impatient });
    await impatient.close();
    expect(declined).toEqual([expect.stringMatching(/did not answer in time/)]);
    expect(asked).toBe(2);
    expect(tables(final)).toEqual(["public.sales (tainted)"]);
  });

  test("a script that does not run there", async () => {
    const { declined } = await learnAll(
      `CREATE TABLE t (k some_extension_type) PARTITION BY RANGE (k);\n${sales}${loop}`,
      { complete: false },
    );
    expect(declined).toEqual([expect.stringMatching(/a statement before it does not run there/)]);
  });

  test("the clock, where another day is taken for today", async () => {
    const body = "EXECUTE format('DROP TABLE IF EXISTS %I', 'sales_' || to_char(clock_timestamp(), 'YYYY'))";
    const { declined, final } = await learnAll(`${sales}DO $$ BEGIN ${body}; END $$;`, { clockIsToday: false });
    expect(declined).toEqual([]);
    expect(final.tainted).toBe(true);
  });
});
