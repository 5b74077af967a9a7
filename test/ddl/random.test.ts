/** Random tables of every strategy and scheme, an operation on each: no row, no attribute is lost, and the undo brings all back. */

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalog, withSettings } from "../../server/src/catalog/catalog.ts";
import type { DatabaseConnection } from "../../server/src/postgres/connection.ts";
import { databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { connectionTo, never } from "../postgres/support.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { type Proof, prove } from "./random/proof.ts";

/** More of them, or others: `RANDOM_OPERATIONS=5000 RANDOM_SEED=7`. */
const count = Number(process.env["RANDOM_OPERATIONS"] ?? 320);
const seed = Number(process.env["RANDOM_SEED"] ?? 1);
const today = "2024-06-01";
const majors = [18, 13, 17, 15] as const;

describe.each(majors)("random operations on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  let connection: DatabaseConnection;
  const role = `owner_${crypto.randomUUID().replaceAll("-", "")}`;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
    connection = connectionTo(database.connectionString);
    await database.client.query(`SET TimeZone = 'UTC'; CREATE ROLE ${role}`);
  });
  afterAll(async () => {
    await connection.close();
    await database.client.query(`ROLLBACK; DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`);
    await database.close();
  });

  it("keep rows and attributes, and are undone", async () => {
    const proofs: Proof[] = [];
    const wrong: string[] = [];
    const connected = async (path: string): Promise<Catalog> => {
      const snapshot = await readDatabase(connection, never);
      if (!snapshot.ok) throw new Error(snapshot.problem.message);
      const { catalog, declined } = databaseSchema(snapshot.value, reading, {
        version: major,
        pathmanVersion: "1.5",
        today,
      });
      expect(declined).toEqual([]);
      return withSettings(catalog, { searchPath: [path] });
    };
    for (let number = majors.indexOf(major); number < count; number += majors.length) {
      const world = { schema: `s${number}`, major, role };
      // Every third as a connected database shows it, the others as their statements do.
      const read = Math.floor(number / majors.length) % 3 === 2 ? connected : null;
      const proof = await prove(seed * 1_000_003 + number, world, database.client, reading, read);
      await database.client.query(`DROP SCHEMA IF EXISTS ${world.schema} CASCADE`);
      proofs.push(proof);
      if (proof.wrong.length > 0) wrong.push(told(number, proof));
    }
    if (process.env["RANDOM_REPORT"] !== undefined) console.log(report(proofs));
    expect(wrong.slice(0, 5)).toEqual([]);
    // Refusals have a reason that says what is wrong; most of what is asked for can be done.
    const refused = proofs.filter(({ refusal }) => refusal !== null);
    expect(refused.length / proofs.length).toBeLessThan(0.4);
    expect(refused.filter(({ refusal }) => (refusal ?? "").length < 20)).toEqual([]);
  });
});

function told(number: number, { table, request, wrong, sql }: Proof): string {
  return [
    `case ${number}: ${JSON.stringify(request.request)}`,
    ...wrong,
    table.schema,
    request.schema ?? "",
    table.rows,
    request.rows ?? "",
    sql,
  ].join("\n");
}

function report(proofs: readonly Proof[]): string {
  const refusals = proofs.flatMap(({ refusal, request }) =>
    refusal === null ? [] : [`${request.request.operation}: ${refusal}`],
  );
  return `${proofs.length} operations, ${refusals.length} refused\n${refusals.toSorted().join("\n")}`;
}
