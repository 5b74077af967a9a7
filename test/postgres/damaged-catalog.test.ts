/** Catalogs as no PostgreSQL has them, made of a real one's: whoever answers in its place may send anything. */

import { afterAll, beforeAll, expect, test } from "vitest";
import type { Row } from "../../server/src/postgres/connection.ts";
import { type DatabaseSnapshot, databaseSchema, readDatabase } from "../../server/src/postgres/introspect.ts";
import { schemaScript } from "../../server/src/postgres/schema-script.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { connectionTo, never } from "./support.ts";

const reading = await readingForTests();
const options = { version: 18, pathmanVersion: "1.5", today: "2024-06-01" } as const;

let database: TestDatabase;
let snapshot: DatabaseSnapshot;

beforeAll(async () => {
  database = await createDatabase(18);
  await database.client.query(`CREATE TABLE above (k int) PARTITION BY RANGE (k);
    CREATE TABLE below PARTITION OF above FOR VALUES FROM (1) TO (2);
    CREATE TABLE parent (k int); CREATE TABLE child () INHERITS (parent);`);
  const connection = connectionTo(database.connectionString);
  const read = await readDatabase(connection, never);
  await connection.close();
  if (!read.ok) throw new Error(read.problem.message);
  snapshot = read.value;
});
afterAll(() => database.close());

function relation(name: string): Row {
  const row = snapshot.rows.relations.find((each) => each["name"] === name);
  if (row === undefined) throw new Error(`there is no ${name}`);
  return row;
}

/** The names of the relations that are read of the catalog with these in it. */
function namesRead(relations: readonly Row[]): readonly string[] {
  const { catalog } = databaseSchema({ ...snapshot, rows: { ...snapshot.rows, relations } }, reading, options);
  return [...catalog.relations.values()].map(({ name }) => name);
}

test("as it is, it is read whole", () => {
  expect(namesRead(snapshot.rows.relations).toSorted()).toEqual(["above", "below", "child", "parent"]);
});

test("tables that inherit from each other in a ring", () => {
  const [parent, child] = [relation("parent"), relation("child")];
  const ring = [{ ...parent, parents: [child["id"]] }, child];
  expect(namesRead(ring)).not.toContain("above");
  expect(namesRead([{ ...parent, parents: [parent["id"]] }])).toEqual(expect.any(Array));
});

test("partitions of each other, and of themselves", () => {
  const [above, below] = [relation("above"), relation("below")];
  const bound = { is_partition: true, bound: "FOR VALUES FROM (1) TO (2)" };
  expect(namesRead([{ ...above, ...bound, parents: [below["id"]] }, below, relation("parent")])).toContain("parent");
  expect(namesRead([{ ...below, parents: [below["id"]] }, relation("parent")])).toContain("parent");
});

test("a parent that is nowhere", () => {
  expect(namesRead([{ ...relation("child"), parents: ["1"] }, relation("parent")])).toContain("parent");
});

test("thousands of levels, children before their parents", () => {
  const levels = Array.from({ length: 10_000 }, (_, index) => ({
    ...relation("child"),
    ...{ id: `level ${index}`, name: `level_${index}`, parents: index === 0 ? [] : [`level ${index - 1}`] },
    columns: index === 0 ? relation("parent")["columns"] : [],
  }));
  // In whose order each comes before its parent.
  const script = databaseSchema(
    { ...snapshot, rows: { ...snapshot.rows, relations: levels.slice(0, 300).reverse() } },
    reading,
    options,
  );
  expect([...script.catalog.relations.values()].length).toBe(300);
  expect(schemaOrder(levels.toReversed())).toEqual(levels.map(({ name }) => name));
});

function schemaOrder(relations: readonly Row[]): readonly string[] {
  return schemaScript({ ...snapshot.rows, relations }).flatMap(({ sql }) =>
    [...sql.matchAll(/^CREATE TABLE public\.(\w+)/g)].map(([, name = ""]) => name),
  );
}
