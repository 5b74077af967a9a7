/** Casts on the way into a column against real servers: rounded, cut, refused, or no cast at all. */

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { castValue } from "../../../server/src/catalog/values/cast.ts";
import { readValue } from "../../../server/src/catalog/values/input.ts";
import { formatTypeName } from "../../../server/src/catalog/values/types.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import {
  applySettings,
  contextFor,
  createMood,
  disagreements,
  literal,
  outcomeText,
  serverOutcomes,
  typeReader,
} from "./server.ts";

/** Constants of each type; the targets are the same types and some with modifiers. */
const constants: Readonly<Record<string, readonly string[]>> = {
  smallint: ["0", "-32768", "7"],
  integer: ["0", "40000", "-5", "2147483647"],
  bigint: ["5", "3000000000", "-9223372036854775808"],
  numeric: ["2.5", "-2.5", "3.5", "99999.995", "1e20", "NaN", "0.05"],
  real: ["1.5", "2.5", "1e30", "NaN", "0.1"],
  "double precision": ["0.5", "1.5", "-2.5", "1e300", "123456789.123456789", "Infinity"],
  boolean: ["t", "f"],
  text: ["abcd", "5", ""],
  "varchar(10)": ["abc   ", "2024-01-01"],
  "char(5)": ["ab", "abcde"],
  date: ["2024-03-10", "infinity", "0044-03-15 BC"],
  timestamp: ["2024-03-10 02:30:00.123456", "-infinity", "1999-12-31 23:59:59.999999"],
  timestamptz: ["2024-07-01 23:30:00+00", "infinity"],
  time: ["10:11:12.55"],
  interval: ["1 day 02:03:04.5", "1 year"],
  "bit(3)": ["101", "000"],
  uuid: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  mood: ["ok"],
};
const targets = [
  ...Object.keys(constants),
  "varchar(3)",
  "char(2)",
  "numeric(6,2)",
  "numeric(3,0)",
  "timestamp(0)",
  "timestamptz(3)",
  "oid",
  "bit(5)",
  "bit varying(2)",
];

describe.each([13, 18] as const)("PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
    await createMood(database.client);
  });
  afterAll(async () => await database.close());

  test.each(targets)("into %s", async (target) => {
    const readType = await typeReader();
    const context = contextFor(version, "America/New_York");
    await applySettings(database.client, context);
    const to = readType(target);
    const subjects: string[] = [];
    const ours: string[] = [];
    for (const [source, texts] of Object.entries(constants)) {
      const from = readType(source);
      for (const text of texts) {
        const read = readValue(text, from, context);
        if (read.kind !== "value") throw new Error(`${text} is no ${source}`);
        const outcome = outcomeText(castValue(read.value, from, to, context, "assignment"), to, context);
        subjects.push(`${literal(text)}::${source}`);
        ours.push(
          outcome === "no cast"
            ? `error|42804|column "v" is of type ${formatTypeName(to)} but expression is of type ${formatTypeName(from)}||You will need to rewrite or cast the expression.`
            : outcome,
        );
      }
    }
    const theirs = await serverOutcomes(database.client, target, subjects);
    expect(disagreements(subjects, ours, theirs)).toEqual([]);
    expect(ours.filter((outcome) => outcome === "declined").length).toBeLessThan(8);
  });
});
