// `partition-lens rehearse` as people run it: what it prints, its JSON, and its exit codes.
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { embeddedFiles } from "../postgres/support.ts";
import { createDatabase } from "../support/database.ts";
import { type ToolFolder, toolFolder } from "./support.ts";

/** The sources, where the embedded PostgreSQL is found. */
const main = join(import.meta.dirname, "../../server/src/cli/main.ts");

let folder: ToolFolder;

beforeAll(async () => {
  await embeddedFiles();
  folder = toolFolder(main);
  folder.write(
    "migrations/1_events.up.sql",
    `CREATE TABLE events (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');`,
  );
  folder.write("migrations/2_detach.up.sql", "ALTER TABLE events DETACH PARTITION events_2024;\n");
  folder.write(
    "migrations/2_detach.down.sql",
    "ALTER TABLE events ATTACH PARTITION events_2024 FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
  );
  folder.write("migrations/3_drop.up.sql", "DROP TABLE events_2024;\n");
  folder.write("migrations/4_wrong.up.sql", "SELECT 1;\nALTER TABLE events ADD nix nixtype;\n");
});
afterAll(() => folder.remove());

it("a migration that runs, with its way back", () => {
  const { code, out, error } = folder.run("rehearse", "migrations/2_detach.up.sql");
  expect(error.replace(/^.*MODULE_TYPELESS[\s\S]*$/m, "")).toBe("");
  expect(code).toBe(0);
  expect(out).toContain("Rehearsal of migrations/2_detach.up.sql\nIt runs, in PostgreSQL 18 with ");
  expect(out).toContain(
    "1  ALTER TABLE events DETACH PARTITION events_2024\n     ACCESS EXCLUSIVE on events, events_2024\n",
  );
  expect(out).toMatch(/\n {2}events: \d+ rows before, 0 after: \d+ now in events_2024\n/);
  expect(out).toMatch(
    /\nPartitions of events\n {2}- events_2024 FROM \('2024-01-01'\) TO \('2025-01-01'\) \(\d+ rows\)\n/,
  );
  expect(out).toContain("The way back (2_detach.down.sql)\n  tables, partitions and rows are as they were before\n");
});

it("rows that go are a loss, unless they are meant to", () => {
  const lost = folder.run("rehearse", "migrations/3_drop.up.sql", "--format", "json");
  expect(lost.code).toBe(1);
  expect(JSON.parse(lost.out)).toMatchObject({ path: "migrations/3_drop.up.sql", outcome: "lost-rows", undo: null });
  // Behind the migration before it the partition is a table of its own.
  expect(folder.run("rehearse", "migrations/3_drop.up.sql", "--may-lose", "events_2024").code).toBe(0);
});

it("an error stands where PostgreSQL puts it", () => {
  const { code, out } = folder.run("rehearse", "migrations/4_wrong.up.sql", "--format", "json");
  expect(code).toBe(1);
  expect(JSON.parse(out).statements[1].result).toMatchObject({
    kind: "refused",
    message: 'type "nixtype" does not exist',
    at: { line: 1, character: 27 },
  });
});

it("begins at a line, with what stands above as its schema", () => {
  folder.write("both.sql", "CREATE TABLE lone (id int);\nTRUNCATE lone;\n");
  const { code, out } = folder.run("rehearse", "both.sql", "--from-line", "2", "--may-lose", "lone");
  expect(code).toBe(0);
  expect(out).toMatch(/\n2 {2}TRUNCATE lone\n {5}ACCESS EXCLUSIVE on lone\n {5}lone: \d+ → 0 rows\n/);
  const { code: refused, error } = folder.run("rehearse", "both.sql", "--from-line", "9");
  expect(refused).toBe(2);
  expect(error).toContain("--from-line 9: the file has 3 lines");
});

it("takes the schema from a connected database, and leaves the database alone", async () => {
  const database = await createDatabase(15);
  try {
    await database.client.query(`
      CREATE TYPE mood AS ENUM ('fine', 'sour');
      CREATE TABLE live (id bigint GENERATED ALWAYS AS IDENTITY, at date NOT NULL, m mood DEFAULT 'fine',
        CHECK (id > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE live_2024 PARTITION OF live FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
      CREATE TABLE live_rest PARTITION OF live DEFAULT;
      CREATE INDEX live_m ON live (m);
      CREATE TABLE notes (live_id bigint, live_at date, FOREIGN KEY (live_id, live_at) REFERENCES live (id, at));
      INSERT INTO live (at) VALUES ('2024-05-05'), ('2031-01-01');`);
    const loses = "BEGIN;\nALTER TABLE live DETACH PARTITION live_rest;\nDROP TABLE live_rest;\nCOMMIT;\n";
    folder.write("loses.sql", loses);
    const { code, out, error } = folder.run("rehearse", "loses.sql", "--connect", database.connectionString);
    expect(error.replace(/^.*MODULE_TYPELESS[\s\S]*$/m, "")).toBe("");
    expect(out).toContain("Rows are lost: ");
    expect(out).toContain("ACCESS EXCLUSIVE on live");
    expect(code).toBe(1);
    const { rows } = await database.client.query(
      "SELECT (SELECT count(*)::int FROM live) AS rows, (SELECT count(*)::int FROM pg_inherits WHERE inhparent = 'live'::regclass) AS parts",
    );
    expect(rows).toEqual([{ rows: 2, parts: 2 }]);
  } finally {
    await database.close();
  }
});
