/** Made rows: every table and partition gets some, at the edges of its bounds, whatever its types, constraints and strategy. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fillTables } from "../../server/src/rehearsal/fill.ts";
import { rehearsalLimits } from "../../server/src/rehearsal/rehearse.ts";
import { rowsOf, type Sandbox } from "../../server/src/rehearsal/sandbox.ts";
import { never } from "../postgres/support.ts";
import { sandboxesForTests } from "./support.ts";

let sandbox: Sandbox;

beforeAll(async () => {
  const opened = await (await sandboxesForTests())(never);
  if (!opened.ok) throw new Error(opened.problem.message);
  sandbox = opened.value;
});

afterAll(() => sandbox.close());

async function run(...statements: readonly string[]): Promise<void> {
  for (const sql of statements) await rowsOf(sandbox, sql);
}

/** Fills the statements' schema, in a database that is empty before and after. */
async function filled<Result>(
  statements: readonly string[],
  look: (empty: readonly { readonly relation: string; readonly reason: string }[]) => Promise<Result>,
  alsoTried: readonly string[] = [],
): Promise<Result> {
  await run("CREATE SCHEMA made", "SET search_path = made", ...statements);
  try {
    return await look(await fillTables(sandbox, rehearsalLimits, alsoTried, () => {}));
  } finally {
    await run("SET search_path = public", "DROP SCHEMA made CASCADE");
  }
}

async function values(sql: string): Promise<readonly string[]> {
  return (await rowsOf(sandbox, sql)).map((row) => String(Object.values(row)[0]));
}

interface KeyType {
  readonly type: string;
  /** Three bounds in order. */
  readonly bounds: readonly [string, string, string];
  /** The last value before a bound, in SQL. */
  readonly before: (bound: string) => string;
}

const keyTypes: readonly KeyType[] = [
  { type: "int", bounds: ["-5", "0", "10"], before: (bound) => `${Number(bound) - 1}` },
  { type: "bigint", bounds: ["0", "1000", "9000000000"], before: (bound) => `${Number(bound) - 1}` },
  { type: "numeric(8,2)", bounds: ["0", "0.5", "100"], before: (bound) => `(${bound}::numeric - 0.01)` },
  {
    type: "date",
    bounds: ["'2024-01-01'", "'2024-02-01'", "'2024-02-29'"],
    before: (bound) => `(${bound}::date - 1)`,
  },
  {
    type: "timestamptz",
    bounds: ["'2024-01-01 00:00:00+00'", "'2024-01-02 00:00:00+00'", "'2025-01-01 00:00:00+00'"],
    before: (bound) => `(${bound}::timestamptz - '1 microsecond'::interval)`,
  },
  {
    type: "uuid",
    bounds: [
      "'00000000-0000-0000-0000-000000000000'",
      "'40000000-0000-0000-0000-000000000000'",
      "'80000000-0000-0000-0000-000000000000'",
    ],
    before: (bound) => `'${(BigInt(`0x${bound.replace(/['-]/g, "")}`) - 1n).toString(16).padStart(32, "0")}'::uuid`,
  },
];

const otherColumns = [
  "name text NOT NULL",
  "code varchar(3) NOT NULL CHECK (length(code) >= 2)",
  "letter char(1) CHECK (letter IN ('x', 'y'))",
  "amount numeric(4,2) NOT NULL CHECK (amount > 10)",
  "state state_of NOT NULL DEFAULT 'open'",
  "positive positive_int NOT NULL",
  "tags text[] NOT NULL",
  "span tstzrange",
  "doc jsonb NOT NULL DEFAULT '{}'",
  "flag boolean NOT NULL",
  "address inet NOT NULL",
  "raw bytea NOT NULL",
  "twice int GENERATED ALWAYS AS (small * 2) STORED, small smallint NOT NULL",
  "low int NOT NULL, high int NOT NULL, CHECK (low < high)",
  "owner int NOT NULL REFERENCES owners",
  "parent bigint REFERENCES chain",
  "bits bit(4) NOT NULL",
  "moment time NOT NULL, every interval NOT NULL",
  "pair pair_of",
];

const common = [
  "CREATE TYPE state_of AS ENUM ('open', 'closed')",
  "CREATE DOMAIN positive_int AS int CHECK (VALUE > 1000 AND VALUE % 2 = 0)",
  "CREATE TYPE pair_of AS (a int, b text)",
  "CREATE TABLE owners (id int PRIMARY KEY, name text UNIQUE NOT NULL)",
  "CREATE TABLE chain (id bigserial PRIMARY KEY, above bigint NOT NULL REFERENCES chain)",
];

const unique = fc.constantFrom("", "PRIMARY KEY (id, k)", "UNIQUE (k, id)");

interface RandomTable {
  readonly key: KeyType;
  readonly strategy: "range" | "list" | "hash" | "range-list";
  readonly others: readonly string[];
  readonly unique: string;
  readonly nullable: boolean;
}

const randomTable: fc.Arbitrary<RandomTable> = fc.record({
  key: fc.constantFrom(...keyTypes),
  strategy: fc.constantFrom("range" as const, "list" as const, "hash" as const, "range-list" as const),
  others: fc.subarray(otherColumns, { maxLength: 6 }),
  unique,
  nullable: fc.boolean(),
});

function statementsOf({ key, strategy, others, unique: uniqueKey, nullable }: RandomTable): readonly string[] {
  const [a, b, c] = key.bounds;
  const isNullable = nullable && uniqueKey === "";
  const columns = [`id bigint NOT NULL`, `k ${key.type} ${isNullable ? "" : "NOT NULL"}`, ...others];
  const range = [
    `CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (${a}) TO (${b})`,
    `CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (${b}) TO (${c})`,
  ];
  const byStrategy: Readonly<Record<RandomTable["strategy"], readonly string[]>> = {
    range: [...range, "CREATE TABLE t_rest PARTITION OF t DEFAULT"],
    list: [
      `CREATE TABLE t_1 PARTITION OF t FOR VALUES IN (${a}, ${c})`,
      `CREATE TABLE t_2 PARTITION OF t FOR VALUES IN (${b}${isNullable ? ", NULL" : ""})`,
      "CREATE TABLE t_rest PARTITION OF t DEFAULT",
    ],
    hash: [0, 1, 2, 3, 4, 5].map(
      (remainder) => `CREATE TABLE t_${remainder} PARTITION OF t FOR VALUES WITH (MODULUS 6, REMAINDER ${remainder})`,
    ),
    "range-list": [
      range[0] ?? "",
      `CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (${b}) TO (${c}) PARTITION BY LIST (id)`,
      "CREATE TABLE t_2_odd PARTITION OF t_2 FOR VALUES IN (1, 3, 5)",
      "CREATE TABLE t_2_rest PARTITION OF t_2 DEFAULT",
    ],
  };
  const by = strategy === "range-list" ? "range" : strategy;
  const table = `CREATE TABLE t (${[...columns, ...(uniqueKey === "" ? [] : [uniqueKey])].join(", ")}) PARTITION BY ${by} (k)`;
  return [...common, table, ...byStrategy[strategy]];
}

describe("random tables", () => {
  it("each partition has rows, and a range those at its edges", async () => {
    await fc.assert(
      fc.asyncProperty(randomTable, async (table) => {
        await filled(statementsOf(table), async (empty) => {
          expect(empty).toEqual([]);
          const leaves = await values(
            "SELECT relid::regclass::text FROM pg_partition_tree('t') WHERE isleaf ORDER BY 1",
          );
          for (const leaf of leaves) {
            const [count] = await values(`SELECT count(*) FROM ${leaf}`);
            expect(Number(count), leaf).toBeGreaterThan(0);
          }
          const [a, b] = table.key.bounds;
          if (table.strategy.startsWith("range")) {
            expect(await values(`SELECT count(*) > 0 FROM t_1 WHERE k = ${a}`)).toEqual(["true"]);
            expect(await values(`SELECT count(*) > 0 FROM t_1 WHERE k = ${table.key.before(b)}`)).toEqual(["true"]);
            expect(await values(`SELECT count(*) > 0 FROM t_2 WHERE k = ${b}`)).toEqual(["true"]);
          }
          if (table.strategy === "list") expect(await values(`SELECT count(DISTINCT k) FROM t_1`)).toEqual(["2"]);
          if (table.nullable && table.unique === "" && table.strategy !== "range-list")
            expect(await values("SELECT count(*) > 0 FROM t WHERE k IS NULL")).toEqual(["true"]);
        });
      }),
      { numRuns: 50, seed: 12 },
    );
  });
});

describe("single tables", () => {
  it("inheritance children have rows that their CHECK constraints allow, and the parent has some itself", async () => {
    await filled(
      [
        "CREATE TABLE p (d date, v int)",
        "CREATE TABLE p_1 (CHECK (d >= '2024-01-01' AND d < '2024-02-01')) INHERITS (p)",
        "CREATE TABLE p_2 (CHECK (date_part('year', d) = 2031)) INHERITS (p)",
      ],
      async (empty) => {
        expect(empty).toEqual([]);
        expect(await values("SELECT count(*) > 0 FROM ONLY p")).toEqual(["true"]);
        expect(await values("SELECT max(d)::text FROM p_1")).toEqual(["2024-01-31"]);
        expect(await values("SELECT DISTINCT date_part('year', d) FROM p_2 WHERE d IS NOT NULL")).toEqual(["2031"]);
      },
    );
  });

  it("a key that is an expression, and bounds without an end", async () => {
    await filled(
      [
        "CREATE TABLE e (name text, at timestamp) PARTITION BY RANGE (lower(name), date_trunc('day', at))",
        "CREATE TABLE e_1 PARTITION OF e FOR VALUES FROM (MINVALUE, MINVALUE) TO ('m', '2024-01-01')",
        "CREATE TABLE e_2 PARTITION OF e FOR VALUES FROM ('m', '2024-01-01') TO (MAXVALUE, MAXVALUE)",
      ],
      async (empty) => {
        expect(empty).toEqual([]);
        expect(await values("SELECT count(*) > 0 FROM e_1")).toEqual(["true"]);
        expect(await values("SELECT count(*) > 0 FROM e_2")).toEqual(["true"]);
      },
    );
  });

  it("values of the script are tried too, where they fit", async () => {
    await filled(
      [
        "CREATE TABLE r (k int) PARTITION BY RANGE (k)",
        "CREATE TABLE r_1 PARTITION OF r FOR VALUES FROM (0) TO (1000)",
      ],
      async () =>
        expect(await values("SELECT k FROM r_1 WHERE k BETWEEN 499 AND 501 ORDER BY k")).toEqual(["499", "500", "501"]),
      ["500", "no number"],
    );
  });

  it("where no row can be made it says so, in PostgreSQL's words or its own", async () => {
    await filled(
      [
        "CREATE TABLE never (a int NOT NULL CHECK (a > 5 AND a < 5))",
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$",
        "CREATE TABLE guarded (a int)",
        "CREATE TRIGGER refuse BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION refuse()",
      ],
      async (empty) =>
        expect(empty).toEqual([
          { relation: "made.never", reason: "no values were found that its bounds and constraints allow" },
          { relation: "made.guarded", reason: "not today" },
        ]),
    );
  });

  it("a table that refers to a partitioned one, and to itself in a circle", async () => {
    await filled(
      [
        "CREATE TABLE orders (id int, d date, PRIMARY KEY (id, d)) PARTITION BY RANGE (d)",
        "CREATE TABLE orders_1 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
        "CREATE TABLE items (order_id int NOT NULL, d date NOT NULL, n int, FOREIGN KEY (order_id, d) REFERENCES orders) PARTITION BY RANGE (d)",
        "CREATE TABLE items_1 PARTITION OF items FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
        "CREATE TABLE tree (id uuid PRIMARY KEY, above uuid NOT NULL REFERENCES tree)",
      ],
      async (empty) => {
        expect(empty).toEqual([]);
        expect(await values("SELECT count(*) > 1 FROM items_1")).toEqual(["true"]);
        expect(await values("SELECT count(*) > 0 FROM tree")).toEqual(["true"]);
      },
    );
  });
});
