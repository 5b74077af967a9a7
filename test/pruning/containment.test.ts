/** Containment in a constant range: from 17 on the planner makes comparisons of it, before it reads all partitions. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { scannedBy, withSchema } from "./planned.ts";
import { predictLast, readingForTests } from "./support.ts";

const schema = [
  "create table d (k date, n int) partition by range (k)",
  "create table d_1 partition of d for values from ('2024-01-01') to ('2024-02-01')",
  "create table d_2 partition of d for values from ('2024-02-01') to ('2024-03-01')",
  "create table i (k int) partition by list (k)",
  "create table i_1 partition of i for values in (1)",
  "create table i_9 partition of i for values in (9)",
];

const queries = [
  "select * from d where k <@ daterange('2024-02-02', '2024-02-10')",
  "select * from d where daterange('2024-01-02', '2024-02-01') @> k",
  "select * from d where k <@ daterange('2024-01-02', '2024-02-01', '[]')",
  "select * from d where k <@ '[2024-02-02,)'::daterange",
  "select * from d where k <@ 'empty'::daterange",
  "select * from d where not k <@ daterange('2024-02-02', '2024-02-10')",
  "select * from d where n <@ int4range(1, 5)",
  "select * from i where k <@ int4range(0, 5)",
  "select * from i where k <@ int4range(1, 9, '(]')",
];

describe.each([16, 18] as const)("PostgreSQL %i", (major) => {
  let database: TestDatabase;
  let reading: Reading;
  beforeAll(async () => {
    [database, reading] = [await createDatabase(major), await readingForTests()];
  });
  afterAll(() => database.close());

  test.each(queries)("%s", async (query) => {
    await withSchema(database.client, schema, async (accepted) => {
      expect(accepted).toEqual(schema);
      const scanned = (await scannedBy(database.client, query)) ?? [];
      const [verdict] = predictLast(`${schema.join(";\n")};\n${query}`, reading, major).relations;
      const survivors = verdict?.survivors?.map(({ name }) => name).sort();
      if (verdict?.certainty === "exact") expect(survivors).toEqual(scanned);
      else expect(survivors).toEqual(expect.arrayContaining([...scanned]));
      if (major === 18 && !query.includes("not ")) expect(verdict?.certainty).toBe("exact");
    });
  });
});
