/** The guide to the operations: what it offers can be had, it asks no more than it must, and says what is wrong as it is typed. */

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { IdMap } from "../../server/src/catalog/id-map.ts";
import { resolveRelation } from "../../server/src/ddl/writer.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Answers, GuideContext } from "../../server/src/ide/guide/answers.ts";
import { type GuideStep, guideInTurns, guideStep } from "../../server/src/ide/guide/guide.ts";
import { inMenuOrder } from "../../server/src/ide/guide/questions.ts";
import { nothingRefused, refusedPlaces } from "../../server/src/ide/refused-places.ts";
import { sizesUnknown } from "../../server/src/ide/relation-sizes.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { replayed } from "../ddl/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests, typedValuesForTests } from "../support/parser.ts";
import { analyseText } from "./support.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const range = `CREATE TABLE sales (d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE TABLE sales_2024_01 PARTITION OF sales FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE sales_2024_02 PARTITION OF sales FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE sales_2024_04 PARTITION OF sales FOR VALUES FROM ('2024-04-01') TO ('2024-05-01');
CREATE TABLE sales_next (d date NOT NULL, v int);`;
const withDefault = `CREATE TABLE logs (d date NOT NULL, v int) PARTITION BY RANGE (d);
CREATE TABLE logs_2024_01 PARTITION OF logs FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE TABLE logs_2024_02 PARTITION OF logs FOR VALUES FROM ('2024-02-01') TO ('2024-03-01');
CREATE TABLE logs_default PARTITION OF logs DEFAULT;`;
const list = `CREATE TABLE orders (region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('de', 'fr');
CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('us');`;
const hash = `CREATE TABLE h (k int NOT NULL) PARTITION BY HASH (k);
CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);`;
const empty = `CREATE TABLE e (k int NOT NULL) PARTITION BY HASH (k);
CREATE TABLE r (k int NOT NULL) PARTITION BY RANGE (k);`;
const children = `CREATE TABLE c (k int NOT NULL);
CREATE TABLE c_1 (CHECK (k >= 0 AND k < 100)) INHERITS (c);
CREATE TABLE c_2 (CHECK (k >= 100 AND k < 200)) INHERITS (c);`;

const today = "2024-05-10";

function contextOf(sql: string, version: PostgresVersion = 18): GuideContext {
  return {
    catalog: replayed(reading, sql, version),
    version,
    today,
    inTransaction: false,
    typedValues: typedValuesForTests(reading),
    reading,
    versions: { pathmanVersion: "auto", partmanVersion: "auto" },
    refused: nothingRefused,
    sizeOf: sizesUnknown,
    narrowed: "",
  };
}

const labels = ({ question }: GuideStep): readonly string[] => question?.choices.map(({ label }) => label) ?? [];

/** What nothing can be proposed for. */
const typed: Answers = { values: "xx", server: "elsewhere", to: "10" };

/** Goes on with the first choice and with what is proposed, to the end; gives the arguments that were asked for. */
function pressEnter(
  start: Answers,
  context: GuideContext,
): { readonly step: GuideStep; readonly asked: readonly string[] } {
  const asked: string[] = [];
  let step = guideStep(start, context);
  while (step.question !== null) {
    const { argument, kind, choices, value } = step.question;
    asked.push(argument);
    const own = value === "" && kind === "text" ? { [argument]: typed[argument] } : { [argument]: value };
    const answers = kind === "text" ? own : { [argument]: null, ...choices[0]?.answers };
    step = guideStep({ ...step.answers, ...answers }, context);
    if (asked.length > 20) throw new Error(`asked without end: ${asked.join(", ")}`);
  }
  return { step, asked };
}

const offered = (sql: string, subject: string, version: PostgresVersion = 18): readonly unknown[] =>
  guideStep({ subject }, contextOf(sql, version)).question?.choices.map(({ answers }) => answers["operation"]) ?? [];

describe("the operations", () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      "a table of ranges",
      range,
      "sales",
      [
        "split",
        "merge",
        "append",
        "prepend",
        "fill",
        "attach",
        "detach",
        "drop",
        "retention",
        "add-default",
        "create-ranges",
        "create-span",
        "foreign",
      ],
    ],
    [
      "one with a default",
      withDefault,
      "logs",
      [
        "split",
        "merge",
        "append",
        "prepend",
        "move-rows",
        "detach",
        "drop",
        "retention",
        "drop-default",
        "create-ranges",
        "create-span",
        "foreign",
      ],
    ],
    ["a list", list, "orders", ["split", "merge", "detach", "drop", "add-default", "foreign"]],
    ["hash partitions", hash, "h", ["split", "merge", "detach", "drop", "rehash"]],
    ["a hash table without any", empty, "e", ["create-hashes"]],
    ["ranges without any", empty, "r", ["attach", "add-default", "create-ranges", "create-span", "foreign"]],
    [
      "children",
      children,
      "c",
      [
        "split",
        "merge",
        "append",
        "prepend",
        "move-rows",
        "detach",
        "drop",
        "retention",
        "create-ranges",
        "create-span",
        "foreign",
        "convert",
      ],
    ],
    ["a partition", range, "sales_2024_01", ["split", "merge", "detach", "drop"]],
    ["a partition beside a gap", range, "sales_2024_04", ["split", "detach", "drop"]],
    ["a default partition", withDefault, "logs_default", ["merge", "detach", "drop"]],
  ])("of %s are those that apply", (_, sql, subject, expected) => {
    expect(offered(sql, subject)).toEqual(expected);
  });

  it("are fewer where a refused statement was to put the partition", () => {
    const sql = `${range}\nCREATE TABLE sales_2024_01 PARTITION OF sales FOR VALUES FROM ('2024-05-01') TO ('2024-06-01');`;
    const { final, steps } = analyseText(sql, reading);
    const context = { ...contextOf(range), catalog: final, refused: refusedPlaces(steps, 18) };
    const operations = guideStep({ subject: "sales" }, context).question?.choices.map(
      ({ answers }) => answers["operation"],
    );
    expect(operations).toContain("prepend");
    expect(operations).not.toContain("append");
  });

  it("say which tables they can be had with, and ask for none where there is one", () => {
    const context = contextOf(range + list + hash);
    expect(labels(guideStep({ operation: "detach" }, context))).toEqual(["sales", "orders", "h"]);
    expect(guideStep({ operation: "append" }, context).answers["table"]).toBe("public.sales");
    expect(guideStep({ operation: "append" }, context).trail).toEqual(["Append", "sales"]);
  });

  it("there is nothing to do where there is no table", () => {
    const step = guideStep({}, contextOf("CREATE VIEW v AS SELECT 1 AS x;"));
    expect(step.question).toBeNull();
    expect(step.problem?.message).toBe("there is no table that this can be done with");
  });
});

describe.each<[string, string]>([
  ["ranges", range],
  ["ranges with a default", withDefault],
  ["a list", list],
  ["hashes", hash],
  ["no partitions", empty],
  ["children", children],
])("on %s", (_, sql) => {
  it("every operation that is offered is had by Enter alone", () => {
    const context = contextOf(sql);
    const names = inMenuOrder.flatMap((operation) => (labels(guideStep({}, context)).length === 0 ? [] : [operation]));
    const choices = guideStep({}, context).question?.choices ?? [];
    expect(choices.length).toBeGreaterThan(0);
    expect(names.length).toBeGreaterThanOrEqual(choices.length);
    for (const { answers } of choices) {
      const { step, asked } = pressEnter(answers, context);
      expect([answers["operation"], step.problem, step.script === null]).toEqual([answers["operation"], null, false]);
      expect(asked.at(-1)).toBe("style");
      expect(step.arguments["operation"]).toBe(answers["operation"]);
    }
  });
});

describe("the partitions that are promised are those that PostgreSQL then has", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
  });
  afterAll(() => database.close());

  it.each<[string, string]>([
    ["ranges", range],
    ["ranges with a default", withDefault],
    ["a list", list],
    ["hashes", hash],
    ["no partitions", empty],
    ["children", children],
  ])("%s", async (_, sql) => {
    const context = contextOf(sql);
    let compared = 0;
    for (const { answers } of guideStep({}, context).question?.choices ?? []) {
      if (answers["operation"] === "foreign") continue;
      const { step } = pressEnter(answers, context);
      const table = resolveRelation(context.catalog, String(step.answers["table"]));
      expect([answers["operation"], step.parts]).not.toEqual([answers["operation"], null]);
      await database.client.query(`DROP SCHEMA public CASCADE; CREATE SCHEMA public; ${sql}`);
      await database.client.query(step.script?.sql ?? "");
      const { rows } = await database.client.query<{ name: string }>(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = $1::regclass ORDER BY 1",
        [table?.name],
      );
      const promised = step.parts?.filter(({ change }) => change !== "goes").map(({ name }) => name);
      expect([answers["operation"], promised?.toSorted()]).toEqual([
        answers["operation"],
        rows.map(({ name }) => name).toSorted(),
      ]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(0);
  });
});

describe("a split", () => {
  const split = { operation: "split", table: "sales" };

  it("asks for partition, way, name and style, and shows what comes of it", () => {
    const context = contextOf(range);
    const { step, asked } = pressEnter(split, context);
    expect(asked).toEqual(["partition", "way", "name", "style"]);
    expect(step.arguments).toEqual({
      ...split,
      partition: "public.sales_2024_01",
      at: "2024-01-16",
      name: "sales_2024_01_16",
      style: "simple",
    });
    expect(step.parts?.map(({ change, name, bound }) => `${change} ${name} ${bound}`).slice(0, 4)).toEqual([
      "goes sales_2024_01 2024-01-01 … 2024-02-01",
      "comes sales_2024_01 2024-01-01 … 2024-01-16",
      "comes sales_2024_01_16 2024-01-16 … 2024-02-01",
      "stays sales_2024_02 2024-02-01 … 2024-03-01",
    ]);
  });

  it("says what is wrong with a value while it is typed, in the words of the operation", () => {
    const context = contextOf(range);
    const chosen = { ...split, partition: "sales_2024_01", way: "at" };
    const messageFor = (at: string) => guideStep({ ...chosen, at }, context).problem?.message;
    expect(guideStep(chosen, context).question).toMatchObject({ argument: "at", kind: "text", value: "2024-01-16" });
    expect(messageFor("2024-01-10")).toBeUndefined();
    expect(messageFor("2024-03-10")).toMatch(/^'2024-03-10' does not lie inside sales_2024_01/);
    expect(messageFor("2024-02-30")).toBe('date/time field value out of range: "2024-02-30"');
    expect(messageFor("x")).toBe('invalid input syntax for type date: "x"');
  });

  it("says what is wrong with a name: taken, or longer than PostgreSQL keeps", () => {
    const context = contextOf(range);
    const chosen = { ...split, partition: "sales_2024_01", way: "at", at: "2024-01-10" };
    const problemFor = (name: string) => guideStep({ ...chosen, name }, context).problem?.message;
    expect(guideStep(chosen, context).question?.value).toBe("sales_2024_01_10");
    expect(problemFor("sales_2024_04")).toBe("there is a relation sales_2024_04 in public already");
    expect(problemFor("é".repeat(32))).toMatch(/has 64 bytes: PostgreSQL keeps 63 of a name$/);
    expect(problemFor("é".repeat(31))).toBeUndefined();
    expect(problemFor("")).toBeUndefined();
    expect(guideStep({ ...chosen, name: "" }, context).parts).toContainEqual({
      change: "comes",
      name: "sales_2024_01_10",
      bound: "2024-01-10 … 2024-02-01",
    });
  });

  it("offers a list's values to choose from", () => {
    const context = contextOf(list);
    const step = guideStep({ operation: "split", table: "orders", partition: "orders_eu" }, context);
    expect(step.question).toMatchObject({ argument: "values", kind: "pick-many" });
    expect(labels(step)).toEqual(["de", "fr"]);
    const all = guideStep({ ...step.answers, values: ["'de'", "'fr'"] }, context);
    expect(all.problem?.message).toMatch(/^these are all values of orders_eu/);
  });
});

it("a merge is offered with the neighbours that follow without a gap", () => {
  const context = contextOf(range);
  const step = guideStep({ operation: "merge", table: "sales", partition: "public.sales_2024_01" }, context);
  expect(step.answers["partitions"]).toEqual(["public.sales_2024_02"]);
  const { step: end } = pressEnter(step.answers, context);
  expect(end.arguments["partitions"]).toEqual(["public.sales_2024_01", "public.sales_2024_02"]);
});

describe("a plain table is converted", () => {
  const plain = "CREATE TABLE p (k date NOT NULL, n int, PRIMARY KEY (k, n));";

  it("as it is, or by a copy that is asked for its partitions", () => {
    const context = contextOf(plain);
    const asked = guideStep(
      { operation: "convert", table: "p", to: "declarative", key: "k", strategy: "range" },
      context,
    );
    expect(labels(asked)).toEqual(["The table becomes the default partition", "Its rows are copied to partitions"]);
    const { step, asked: questions } = pressEnter({ ...asked.answers, way: "copy" }, context);
    expect(questions).toEqual(["start", "interval", "style"]);
    expect(step.arguments).toMatchObject({ style: "online", start: "2024-01-01", interval: "1 month" });
    expect(step.parts?.map(({ name }) => name)).toEqual([
      ...[1, 2, 3, 4, 5].map((month) => `p_2024_0${month}`),
      "p_default",
    ]);
  });

  it("by hash by a copy alone", () => {
    const context = contextOf(plain);
    const chosen = { operation: "convert", table: "p", to: "declarative", key: "n", strategy: "hash" };
    const { step, asked } = pressEnter(chosen, context);
    expect(asked).toEqual(["modulus", "style"]);
    expect(step.parts).toHaveLength(8);
  });
});

it("both styles are offered where they differ, each with what waits meanwhile", () => {
  const sql = withDefault.replace("v int)", "v int, PRIMARY KEY (d))");
  const { step } = pressEnter({ operation: "append", table: "logs" }, contextOf(sql));
  expect(step.answers["style"]).toBe("simple");
  const before = {
    operation: "split",
    table: "logs",
    partition: "logs_2024_01",
    way: "at",
    at: "2024-01-10",
    name: "",
  };
  const { question } = guideStep(before, contextOf(sql));
  expect(question?.choices.map(({ label, detail = "" }) => `${label}: ${detail.slice(0, 32)}`)).toEqual([
    "Simple: From DETACH to COMMIT logs is lo",
    "Online: Readers and writers of logs go o",
  ]);
});

it("a value that was given before and is wrong stands in the way", () => {
  const step = guideStep({ operation: "append", table: "gone" }, contextOf(range));
  expect(labels(step)).toEqual([]);
  const wrong = guideStep({ operation: "split", table: "sales", partition: "orders" }, contextOf(range));
  expect(wrong).toMatchObject({ question: null, problem: { argument: "partition" } });
});

it("how a table is divided is read once for all that is tried out with it", () => {
  const ranges = (count: number): string => {
    const parts = Array.from(
      { length: count },
      (_, n) => `CREATE TABLE t_${n} PARTITION OF t FOR VALUES FROM (${n}) TO (${n + 1});`,
    );
    return `CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);\n${parts.join("\n")}`;
  };
  const looksAt = (count: number): number => {
    const context = contextOf(ranges(count));
    const get = vi.spyOn(IdMap.prototype, "get");
    try {
      guideStep({}, context);
      return get.mock.calls.length;
    } finally {
      get.mockRestore();
    }
  };
  // Once for the table, and once for all that is tried with a partition: not once for each of a dozen operations.
  const [few, many] = [looksAt(100), looksAt(1_100)];
  expect((many - few) / 1_000).toBeLessThan(12);
});

describe("of more tables than are tried out", () => {
  const tables = Array.from(
    { length: 250 },
    (_, n) => `CREATE TABLE log_${n} (k int NOT NULL) PARTITION BY RANGE (k);`,
  );
  const sql = `${tables.join("\n")}\n${hash}`;

  it("operations of a table behind them are offered too", () => {
    const operations = guideStep({}, contextOf(sql)).question?.choices.map(({ answers }) => answers["operation"]);
    expect(operations).toEqual(expect.arrayContaining(["create-ranges", "rehash"]));
  });

  it("the question says how many it lists, and a name that is typed finds the others", () => {
    const { question } = guideStep({ operation: "create-ranges" }, contextOf(sql));
    expect(question?.choices).toHaveLength(200);
    expect(question).toMatchObject({
      prompt: "Create ranges: which table (the first 200 of 251: type to narrow)",
      isCut: true,
    });
    const narrowed = guideStep({ operation: "create-ranges" }, { ...contextOf(sql), narrowed: "LOG_24" });
    expect(labels(narrowed)).toEqual(["log_24", ...Array.from({ length: 10 }, (_, n) => `log_24${n}`)]);
    expect(narrowed.question?.isCut).toBeUndefined();
    // What is typed chooses nothing by itself, and finds nothing without an error.
    expect(labels(guideStep({ operation: "create-ranges" }, { ...contextOf(sql), narrowed: "log_249" }))).toEqual([
      "log_249",
    ]);
    const none = guideStep({ operation: "create-ranges" }, { ...contextOf(sql), narrowed: "x" });
    expect([none.problem, labels(none)]).toEqual([null, []]);
  });

  it("the work pauses after each that is tried out", () => {
    let pauses = 0;
    for (const work = guideInTurns({ operation: "create-ranges" }, contextOf(sql)); work.next().done !== true; )
      pauses += 1;
    expect(pauses).toBeGreaterThanOrEqual(200);
  });
});

it("a thousand partitions are listed without being tried one by one", () => {
  const parts = Array.from(
    { length: 1_000 },
    (_, n) => `CREATE TABLE t_${n} PARTITION OF t FOR VALUES FROM (${n * 10}) TO (${n * 10 + 10});`,
  );
  const context = contextOf(`CREATE TABLE t (k int NOT NULL) PARTITION BY RANGE (k);\n${parts.join("\n")}`);
  const step = guideStep({ operation: "split", table: "t" }, context);
  expect(step.question?.choices).toHaveLength(1_000);
  expect(step.question?.choices[999]).toMatchObject({ label: "t_999", description: "9990 … 10000" });
});
