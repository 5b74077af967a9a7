// The names and bounds that a series of partitions goes on with.
import { expect, it } from "vitest";
import { createStatementCache } from "../../server/src/syntax/statement-cache.ts";
import { scriptOf } from "../ddl/support.ts";
import { loadParserForTests } from "../support/parser.ts";

const reading = { parser: await loadParserForTests(), cache: createStatementCache(100_000) };

/** The partitions that exist, and those that are appended. */
const series: readonly (readonly [
  what: string,
  keyType: string,
  existing: readonly string[],
  next: readonly string[],
])[] = [
  [
    "numbers that only count",
    "date",
    [
      "ord_1 FROM ('2026-01-01') TO ('2026-02-01')",
      "ord_2 FROM ('2026-02-01') TO ('2026-03-01')",
      "ord_3 FROM ('2026-03-01') TO ('2026-04-01')",
    ],
    [
      "ord_4 FROM ('2026-04-01') TO ('2026-05-01')",
      "ord_5 FROM ('2026-05-01') TO ('2026-06-01')",
      "ord_6 FROM ('2026-06-01') TO ('2026-07-01')",
    ],
  ],
  [
    "years of two digits, over the end of a century",
    "date",
    ["staff_98 FROM ('1998-01-01') TO ('1999-01-01')", "staff_99 FROM ('1999-01-01') TO ('2000-01-01')"],
    ["staff_00 FROM ('2000-01-01') TO ('2001-01-01')", "staff_01 FROM ('2001-01-01') TO ('2002-01-01')"],
  ],
  [
    "a lone January is no first week",
    "date",
    ["m_2024_01 FROM ('2024-01-01') TO ('2024-02-01')"],
    ["m_2024_02 FROM ('2024-02-01') TO ('2024-03-01')", "m_2024_03 FROM ('2024-03-01') TO ('2024-04-01')"],
  ],
  [
    "a lone year of two digits is no month",
    "date",
    ["staff_01 FROM ('2001-01-01') TO ('2002-01-01')"],
    ["staff_02 FROM ('2002-01-01') TO ('2003-01-01')"],
  ],
  [
    "names of months",
    "date",
    ["ev_nov2025 FROM ('2025-11-01') TO ('2025-12-01')", "ev_dec2025 FROM ('2025-12-01') TO ('2026-01-01')"],
    ["ev_jan2026 FROM ('2026-01-01') TO ('2026-02-01')", "ev_feb2026 FROM ('2026-02-01') TO ('2026-03-01')"],
  ],
  [
    "the last of each month, also behind a short one",
    "date",
    ["m_1 FROM ('2025-12-31') TO ('2026-01-31')", "m_2 FROM ('2026-01-31') TO ('2026-02-28')"],
    ["m_3 FROM ('2026-02-28') TO ('2026-03-31')", "m_4 FROM ('2026-03-31') TO ('2026-04-30')"],
  ],
  [
    "the 30th of each month",
    "timestamp",
    ["m_1 FROM ('2026-01-30 06:00:00') TO ('2026-02-28 06:00:00')"],
    [
      "m_2 FROM ('2026-02-28 06:00:00') TO ('2026-03-30 06:00:00')",
      "m_3 FROM ('2026-03-30 06:00:00') TO ('2026-04-30 06:00:00')",
    ],
  ],
  [
    "28 days are no month",
    "date",
    ["m_1 FROM ('2026-02-01') TO ('2026-03-01')", "m_2 FROM ('2026-03-01') TO ('2026-03-29')"],
    ["m_3 FROM ('2026-03-29') TO ('2026-04-26')"],
  ],
];

it.each(series)("%s", (_, keyType, existing, next) => {
  const create = existing.map((partition) => {
    const [name, ...bound] = partition.split(" ");
    return `CREATE TABLE ${name} PARTITION OF t FOR VALUES ${bound.join(" ")};`;
  });
  const schema = [`CREATE TABLE t (k ${keyType} NOT NULL) PARTITION BY RANGE (k);`, ...create].join("\n");
  const { steps } = scriptOf(reading, schema, { operation: "append", table: "t", count: next.length }, 18);
  const attached = steps.flatMap(({ sql }) => {
    const [, name, bound] = /ATTACH PARTITION (\S+)\s+FOR VALUES (.*)$/s.exec(sql) ?? [];
    return name === undefined ? [] : [`${name} ${bound}`];
  });
  expect(attached).toEqual(next);
});

it.each<[string, string, string, string]>([
  ["sales_2024_01 FROM ('2024-01-01') TO ('2024-02-01')", "date", "2024-01-16", "sales_2024_01_16"],
  ["sales_2024_01 FROM ('2024-01-01') TO ('2024-02-01')", "timestamptz", "2024-01-16 12:00", "sales_2024_01_16_1200"],
  ["sales_2024 FROM ('2024-01-01') TO ('2025-01-01')", "date", "2024-07-01", "sales_2024_07"],
  ["sales_2024 FROM ('2024-01-01') TO ('2025-01-01')", "date", "2024-07-02", "sales_2024_07_02"],
  ["sales_20240105 FROM ('2024-01-05') TO ('2024-01-06')", "timestamp", "2024-01-05 06:00", "sales_20240105_0600"],
])("what is split off %s (%s) at %s is called %s, by where it begins", (existing, keyType, at, name) => {
  const [partition = "", bound = ""] = existing.split(/ (?=FROM)/);
  const schema = `CREATE TABLE sales (k ${keyType} NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE ${partition} PARTITION OF sales FOR VALUES ${bound};`;
  const { sql } = scriptOf(reading, schema, { operation: "split", table: "sales", partition, at }, 18);
  expect(sql).toContain(`CREATE TABLE ${name} (LIKE`);
});
