/** Each operation of the matrix is offered by the guide for some table of its scheme. */

import { beforeAll, describe, expect, it } from "vitest";
import { hasParts, isPartitioned } from "../../server/src/catalog/layout.ts";
import type { Scheme } from "../../server/src/catalog/partitioning.ts";
import { matrix } from "../../server/src/ddl/matrix.ts";
import { operations } from "../../server/src/ddl/operation.ts";
import type { GuideContext } from "../../server/src/ide/guide/answers.ts";
import { guideStep } from "../../server/src/ide/guide/guide.ts";
import { nothingRefused } from "../../server/src/ide/refused-places.ts";
import { sizesUnknown } from "../../server/src/ide/relation-sizes.ts";
import { quoteIdentifier } from "../../server/src/syntax/names.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { replayed } from "../ddl/support.ts";
import { readingForTests, typedValuesForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

function contextOf(sql: string): GuideContext {
  return {
    catalog: replayed(reading, sql, 18),
    version: 18,
    today: "2024-05-10",
    inTransaction: false,
    typedValues: typedValuesForTests(reading),
    reading,
    versions: { pathmanVersion: "auto", partmanVersion: "auto" },
    refused: nothingRefused,
    sizeOf: sizesUnknown,
    narrowed: "",
  };
}

const months = [1, 2, 4, 5].map(
  (month) =>
    `CREATE TABLE m_0${month} PARTITION OF m FOR VALUES FROM ('2024-0${month}-01') TO ('2024-0${month + 1}-01');`,
);
const monthly = `CREATE TABLE m (tenant int, at date NOT NULL) PARTITION BY RANGE (at);\n${months.join("\n")}`;
const schemas: Readonly<Record<Scheme, readonly string[]>> = {
  declarative: [
    `${monthly} CREATE TABLE more (LIKE m);`,
    `${monthly} CREATE TABLE rest PARTITION OF m DEFAULT;`,
    "CREATE TABLE h (k int) PARTITION BY HASH (k); CREATE TABLE h_0 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE h_1 PARTITION OF h FOR VALUES WITH (MODULUS 2, REMAINDER 1);",
    "CREATE TABLE e (k int) PARTITION BY HASH (k);",
    `CREATE EXTENSION citus; ${monthly}`,
  ],
  inheritance: [
    `CREATE TABLE c (k int PRIMARY KEY); CREATE TABLE more (k int NOT NULL);
     CREATE TABLE c_1 (PRIMARY KEY (k), CHECK (k >= 0 AND k < 100)) INHERITS (c); CREATE TABLE c_2 (PRIMARY KEY (k), CHECK (k >= 100 AND k < 200)) INHERITS (c);
     CREATE TABLE c_4 (PRIMARY KEY (k), CHECK (k >= 300 AND k < 400)) INHERITS (c);`,
    "CREATE TABLE c (k int NOT NULL); CREATE TABLE c_0 (CHECK (k % 2 = 0)) INHERITS (c); CREATE TABLE c_1 (CHECK (k % 2 = 1)) INHERITS (c);",
  ],
  pathman: [
    "CREATE EXTENSION pg_pathman; CREATE TABLE p (k int NOT NULL); SELECT create_range_partitions('p', 'k', 1, 100, 3); CREATE TABLE more (k int NOT NULL);",
    "CREATE EXTENSION pg_pathman VERSION '1.4'; CREATE TABLE p (k int NOT NULL); SELECT create_range_partitions('p', 'k', 1, 100, 3);",
  ],
  partman: [
    `CREATE SCHEMA partman; CREATE EXTENSION pg_partman SCHEMA partman VERSION '5.2.4'; CREATE TABLE m (tenant int, at date NOT NULL) PARTITION BY RANGE (at);
     SELECT partman.create_parent('public.m', 'at', '1 month');`,
  ],
  citus: [`CREATE EXTENSION citus;\n${monthly}\nSELECT create_distributed_table('m', 'tenant');`],
};

describe("every operation that a scheme has can be reached", () => {
  it.each(Object.entries(schemas))("%s", (scheme, texts) => {
    const found = new Set<unknown>();
    for (const text of texts) {
      const context = contextOf(text);
      for (const table of context.catalog.relations.values()) {
        const isMeant =
          hasParts(table) || isPartitioned(table) || table.partitionOf !== null || table.inherits.length > 0;
        if (!isMeant) continue;
        const subject = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
        for (const { answers } of guideStep({ subject }, context).question?.choices ?? [])
          found.add(answers["operation"]);
      }
    }
    const written = operations.filter((operation) => typeof matrix[scheme as Scheme][operation] === "function");
    expect(written.filter((operation) => !found.has(operation))).toEqual(unreached[scheme as Scheme]);
  });
});

/** What is never offered, for there is no use for it. */
const unreached: Readonly<Record<Scheme, readonly string[]>> = {
  // PostgreSQL moves rows itself.
  declarative: ["update-triggers"],
  inheritance: [],
  // `create-span` asks for the same.
  pathman: ["create-ranges"],
  partman: [],
  citus: [],
};
