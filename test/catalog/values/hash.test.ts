/** Hashes against a real server's `satisfies_hash_partition` and hash functions. */

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DataType } from "../../../server/src/catalog/data-type.ts";
import type { Value } from "../../../server/src/catalog/value.ts";
import { hash32, hashRemainder } from "../../../server/src/catalog/values/hash.ts";
import { readValue } from "../../../server/src/catalog/values/input.ts";
import { createDatabase, type TestDatabase } from "../../support/database.ts";
import { textsOfTypes } from "./literal-texts.ts";
import { contextFor, createMood, literal, typeReader } from "./server.ts";

const context = contextFor(18);
/** An enum hashes by the OIDs of its labels, and bit strings do not hash at all. */
const typeNames = Object.keys(textsOfTypes).filter((name) => name !== "mood" && !name.startsWith("bit"));

function readable(type: DataType, typeName: string): readonly { readonly text: string; readonly value: Value }[] {
  const texts = fc.sample(textsOfTypes[typeName] ?? fc.constant(""), { numRuns: 100, seed: 11 });
  return texts.flatMap((text) => {
    const read = readValue(text, type, context);
    return read.kind === "value" ? [{ text, value: read.value }] : [];
  });
}

describe.each([13, 18] as const)("PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
    await createMood(database.client);
  });
  afterAll(async () => await database.close());

  test.each(typeNames)("puts rows with a key of %s where we do", async (typeName) => {
    const type = (await typeReader())(typeName);
    const rows = readable(type, typeName).filter(({ text }) => !/0x|0b|0o|_|inf/i.test(text) || version > 15);
    await database.client.query(`CREATE TABLE p (k ${typeName}) PARTITION BY HASH (k)`);
    for (const modulus of [7, 32]) {
      // As literals: the fields of an interval type decide how its text is read.
      const given = rows.map(
        ({ text, value }, index) =>
          `(${index}, ${hashRemainder([value], [type], modulus)}, ${literal(text)}::${typeName})`,
      );
      const answers = await database.client.query<{ fits: boolean }>(
        `SELECT satisfies_hash_partition('p'::regclass, ${modulus}, remainder, v) AS fits
           FROM (VALUES ${given.join(", ")}) AS given (o, remainder, v) ORDER BY o`,
      );
      const misplaced = rows.filter((_, index) => answers.rows[index]?.fits !== true).map(({ text }) => text);
      expect(misplaced).toEqual([]);
    }
    await database.client.query("DROP TABLE p");
  });

  test("combines the columns of a key, and leaves out NULLs", async () => {
    const types = [
      { kind: "base", name: "int4", modifier: null },
      { kind: "base", name: "text", modifier: null },
    ] as const;
    await database.client.query("CREATE TABLE p (a int, b text) PARTITION BY HASH (a, b)");
    for (const [a, b] of [
      [1n, "x"],
      [1n, null],
      [null, "x"],
      [null, null],
      [-5n, "ж"],
    ] as const) {
      const values: readonly (Value | null)[] = [
        a === null ? null : { family: "integer", value: a },
        b === null ? null : { family: "text", value: b },
      ];
      const { rows } = await database.client.query<{ fits: boolean }>(
        `SELECT satisfies_hash_partition('p'::regclass, 16, $1, ${a ?? "NULL"}::int, ${b === null ? "NULL" : literal(b)}::text) AS fits`,
        [hashRemainder(values, types, 16)],
      );
      expect(rows).toEqual([{ fits: true }]);
    }
    await database.client.query("DROP TABLE p");
  });
});

describe("the 32-bit hashes", () => {
  const functions: Readonly<Record<string, string>> = {
    smallint: "hashint2",
    integer: "hashint4",
    bigint: "hashint8",
    text: "hashtext",
    "char(4)": "hashbpchar",
    uuid: "uuid_hash",
    numeric: "hash_numeric",
    "double precision": "hashfloat8",
    boolean: "hashchar",
    timestamp: "timestamp_hash",
    time: "time_hash",
    timetz: "timetz_hash",
    interval: "interval_hash",
  };
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(18);
  });
  afterAll(async () => await database.close());

  test.each(Object.keys(functions))("%s", async (typeName) => {
    const type = (await typeReader())(typeName);
    const rows = readable(type, typeName);
    const argument = typeName === "boolean" ? `(v::boolean::int::"char")` : `v::${typeName}`;
    const given = typeName === "boolean" ? 'CASE WHEN v::boolean THEN chr(1)::"char" ELSE \'\'::"char" END' : argument;
    const answers = await database.client.query<{ hash: number }>(
      `SELECT ${functions[typeName]}(${given}) AS hash FROM unnest($1::text[]) WITH ORDINALITY AS given (v, o) ORDER BY o`,
      [rows.map(({ text }) => text)],
    );
    expect(rows.map(({ value }) => hash32(value, type))).toEqual(answers.rows.map(({ hash }) => hash));
  });
});

test("an enum hashes its OID, which nobody knows beforehand", async () => {
  const type = (await typeReader())("mood");
  expect(hashRemainder([{ family: "enum", label: "ok", order: 1 }], [type], 4)).toBeNull();
  expect(hash32({ family: "opaque", text: "10.0.0.1" }, (await typeReader())("inet"))).toBeNull();
});
