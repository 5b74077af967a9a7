/** Files as the migration tools run them: in one piece or by statements, inside a transaction or not; held against a server. */

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { migrationToolOf } from "../../server/src/replay/migration-layout.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import { type Run, runsOf } from "../../server/src/replay/runs.ts";
import { type Document, parseDocument } from "../../server/src/syntax/document.ts";
import type { MigrationTool } from "../../server/src/syntax/migration-tools.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

/** What a file begins with, so that its table is there. */
const table = `CREATE TABLE p (k int) PARTITION BY LIST (k);
CREATE TABLE p_1 PARTITION OF p FOR VALUES IN (1);
`;
const lock = "LOCK TABLE p;\n";
const savepoint = "SAVEPOINT s;\nCREATE TABLE a (k int);\nROLLBACK TO s;\n";
const detach = "ALTER TABLE p DETACH PARTITION p_1 CONCURRENTLY;\n";
const again = "CREATE TABLE p (k int);\nCREATE TABLE b (k int);\n";

/** SQLSTATE is that of the first error, the tables are those that are left. */
type Case = readonly [
  path: string,
  text: string,
  sqlstate: string | null,
  tables: string,
  beside?: Readonly<Record<string, string>>,
];

const goose = (text: string, more = ""): string => `-- +goose Up\n${more}${text}-- +goose Down\nDROP TABLE nosuch;\n`;
const dbmate = (text: string, options = ""): string =>
  `-- migrate:up${options}\n${text}\n-- migrate:down\nDROP TABLE nosuch\n`;
const drizzle = "--> statement-breakpoint\n";

const cases: readonly Case[] = [
  ["1_a.sql", goose(table + lock + savepoint), null, "p, p_1"],
  ["1_a.sql", goose(table + detach), "25001", ""],
  ["1_a.sql", goose(table + detach, "-- +goose NO TRANSACTION\n"), null, "p, p_1"],
  ["1_a.sql", goose(table + lock, "-- +goose NO TRANSACTION\n"), "25P01", "p, p_1"],
  ["1_a.sql", goose(table + again), "42P07", ""],
  ["1_a.sql", goose(table + again, "-- +goose NO TRANSACTION\n"), "42P07", "p, p_1"],
  [
    "1_a.sql",
    goose("-- +goose StatementBegin\nCREATE TABLE a (k int)\n-- +goose StatementEnd\nCREATE TABLE b (k int);\n"),
    null,
    "a, b",
  ],
  ["1_a.sql", dbmate(table + lock + savepoint), null, "p, p_1"],
  ["1_a.sql", dbmate(table + detach), "25001", ""],
  ["1_a.sql", dbmate("CREATE TABLE a (k int)"), null, "a"],
  ["1_a.sql", dbmate(`${again}CREATE TABL c (k int);`), "42601", ""],
  // Several statements that are sent as one share a transaction all the same.
  ["1_a.sql", dbmate(table + lock, " transaction:false"), null, "p, p_1"],
  ["1_a.sql", dbmate(table + detach, " transaction:false"), "25001", ""],
  ["1_a.sql", dbmate(table + savepoint, " transaction:false"), "25P01", ""],
  ["1_a.sql", dbmate("LOCK TABLE p", " transaction:false"), "25P01", ""],
  ["1_a.up.sql", table + lock, null, "p, p_1"],
  ["1_a.up.sql", table + detach, "25001", ""],
  ["1_a.up.sql", table + again, "42P07", ""],
  ["1_a.up.sql", "VACUUM;", null, ""],
  ["1_a.up.sql", "VACUUM;\nSELECT 1;", "25001", ""],
  ["1_a.up.sql", `${again}CREATE TABL c (k int);`, "42601", ""],
  ["1_a.up.sql", `${table}COMMIT;\n${again}`, "42P07", "p, p_1"],
  ["1_a.up.sql", `${table}BEGIN;\nSAVEPOINT s;\nCOMMIT;\n${again}`, "42P07", "p, p_1"],
  ["1_a.up.sql", `${table}BEGIN;\n${again}`, "42P07", ""],
  ["1_a.up.sql", `BEGIN;\n${table}${lock}COMMIT;`, null, "p, p_1"],
  ["1_a.up.sql", "CREATE TABLE a (k int);\nROLLBACK;\nCREATE TABLE b (k int);", null, "b"],
  ["1_a.up.sql", `SET LOCAL search_path = nosuch;\n${again}`, "3F000", ""],
  ["20240101000000_a/migration.sql", table + detach, "25001", ""],
  ["20240101000000_a/migration.sql", "VACUUM", null, ""],
  ["2024-01-01-000000_a/up.sql", table + lock + savepoint, null, "p, p_1"],
  ["2024-01-01-000000_a/up.sql", "VACUUM;", "25001", ""],
  ["2024-01-01-000000_a/up.sql", "VACUUM;", null, "", { "metadata.toml": "run_in_transaction = false\n" }],
  ["V1__a.sql", table + lock + savepoint, null, "p, p_1"],
  ["V1__a.sql", table + detach, "25001", ""],
  ["V1__a.sql", table + detach, null, "p, p_1", { "V1__a.sql.conf": "executeInTransaction=false" }],
  ["V1__a.sql", "CREATE TABLE a (k int);\nCREATE INDEX CONCURRENTLY i ON a (k);", null, "a"],
  ["1_a.sql", `-- +migrate Up\n${table}${detach}`, "25001", ""],
  ["1_a.sql", `-- +migrate Up notransaction\n${table}${detach}-- +migrate Down\nDROP TABLE nosuch;`, null, "p, p_1"],
  ["a.sql", `-- Up Migration\n${table}${lock}\n-- Down Migration\nDROP TABLE nosuch;`, null, "p, p_1"],
  [
    "drizzle/0000_a.sql",
    `CREATE TABLE a (k int)\n${drizzle}SAVEPOINT s${drizzle}CREATE TABLE b (k int);`,
    null,
    "a, b",
  ],
  ["migrations/1.sql", `-- atlas:txmode none\n${table}${detach}`, null, "p, p_1"],
  ["migrations/1.sql", `-- atlas:nolint\n${table}${detach}`, "25001", ""],
  [
    "a.sql",
    `--liquibase formatted sql\n--changeset me:1\n${table}LOCK TABLE p\n--changeset me:2 runInTransaction:false\n${detach}`,
    null,
    "p, p_1",
  ],
  // What is for another database is neither run nor refused, and the changesets behind it are run.
  [
    "a.sql",
    `--liquibase formatted sql\n--changeset me:1 dbms:mysql\nCREATE TABLE \`m\` (k int) ENGINE=InnoDB;\n--changeset me:2 dbms:"h2, postgresql"\nCREATE TABLE a (k int);\n--changeset me:3 dbms:!postgresql\nDROP TABLE nosuch;\n--changeset me:4 dbms:!oracle\nCREATE TABLE b (k int);`,
    null,
    "a, b",
  ],
  ["deploy/docker-entrypoint-initdb.d/1.sql", table + again, "42P07", "p, p_1"],
];

// 13 has no DETACH CONCURRENTLY.
describe.each([14, 15, 17, 18] as const)("PostgreSQL %i", (version) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createDatabase(version);
  });
  afterAll(() => database.close());

  test.for(cases)("%s: %j", async ([path, text, sqlstate, tables, beside = {}]) => {
    const document = parseDocument(text, reading);
    const tool = migrationToolOf(path, text, []);
    if (tool === null) throw new Error("there is a tool");
    const runs = runsOf(document, tool, path.slice(path.lastIndexOf("/") + 1), (name) => beside[name] ?? null);
    const start = emptyCatalog({ complete: true, timeZone: "UTC" });
    const options = { version, pathmanVersion: "1.5", today: "2025-01-01" };
    const source = { text, reading };
    const steps = replay({ file: path, statements: document.statements, start, options, previous: [], source, runs });
    const errors = steps.flatMap(({ run, rejection }) =>
      rejection === null || run.direction === "down" ? [] : [rejection],
    );
    const relations = [...finalCatalog(start, steps).relations.values()].filter(({ kind }) => /table/.test(kind));
    const left = relations.map(({ name }) => name).sort();

    const server = await runAsTool(database.client, document, tool, runs);
    expect(server, "the server").toEqual({ sqlstate, message: server.message, tables });
    expect(errors.map((each) => [each.sqlstate, each.message])).toEqual(
      sqlstate === null ? [] : [[sqlstate, server.message]],
    );
    expect(left.join(", ")).toBe(tables);
  });
});

interface Answer {
  readonly sqlstate: string | null;
  readonly message: string | null;
  readonly tables: string;
}

/** Sends the runs that go forward as their tool does, and stops at the first error. */
async function runAsTool(
  client: Client,
  { text, statements }: Document,
  tool: MigrationTool,
  runs: readonly Run[],
): Promise<Answer> {
  await client.query("DROP SCHEMA public CASCADE; CREATE SCHEMA public;");
  let error: { readonly code: string; readonly message: string } | null = null;
  for (const [place, run] of runs.entries()) {
    if (run.direction === "down" || run.isElsewhere === true || error !== null) continue;
    const own = statements.slice(run.first, runs[place + 1]?.first);
    const texts = own.map(({ start, end }) => text.slice(start, end));
    const pieces = tool.sends === "text" ? [texts.join(";\n")] : texts;
    const [begin, end] = run.transaction === "block" ? [["BEGIN"], ["COMMIT"]] : [[], []];
    for (const piece of [...begin, ...pieces, ...end]) {
      try {
        await client.query(piece);
      } catch (problem) {
        error = problem as { readonly code: string; readonly message: string };
        break;
      }
    }
    await client.query("ROLLBACK");
  }
  const { rows } = await client.query<{ names: string }>(
    `SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '') AS names
     FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
  );
  return { sqlstate: error?.code ?? null, message: error?.message ?? null, tables: rows[0]?.names ?? "" };
}

test("of plain numbers nobody knows whether they are run inside a transaction", () => {
  const text = table + lock + savepoint + detach;
  const document = parseDocument(text, reading);
  const path = "migrations/0001_a.sql";
  const runs = runsOf(document, migrationToolOf(path, text, []), "0001_a.sql", () => null);
  const start = emptyCatalog({ complete: true, timeZone: "UTC" });
  const options = { version: 18, pathmanVersion: "1.5", today: "2025-01-01" } as const;
  const steps = replay({ file: path, statements: document.statements, start, options, previous: [], runs });
  expect(steps.flatMap(({ rejection }) => rejection?.message ?? [])).toEqual([]);
});
