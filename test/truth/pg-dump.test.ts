// A dump is a world: replaying what pg_dump writes of a schema gives the schema, and nothing to complain about that was not there.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { finalCatalog } from "../../server/src/replay/replay.ts";
import type { Finding } from "../../server/src/text/finding.ts";
import { describeTable } from "../oracle/score.ts";
import type { RecordedTable } from "../oracle/truth.ts";
import { analyse } from "../rules/analyse.ts";
import { parseFixture } from "../rules/fixture.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { dumpSchema } from "../support/pg-dump.ts";
import { generateScript } from "./generator.ts";
import { clean, readCatalog, run } from "./record.ts";

// Debian's pg_dump is of this major, or newer.
const major = 15;
const settings = { "schema.complete": "true" };

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase(major);
});
afterAll(async () => await database.close());

describe("the dump of", () => {
  for (const [folder, name] of filesOf("../../sample/", "../fixtures/rules/", "schemas/")) {
    const cases = parseFixture(readFileSync(new URL(name, folder), "utf8")).cases.filter(
      // Schemas get other names here, and by its own TimescaleDB's chunks are known.
      ({ options, sql }) => options.server && !sql.includes("_timescaledb_internal"),
    );
    if (cases.length > 0) it(name, async () => await checkDump(cases.map(({ sql }) => statementsOf(sql))));
  }

  it.each([9000, 9020, 9040])("twenty generated scripts from seed %i on", async (first) => {
    const seeds = Array.from({ length: 20 }, (_, index) => first + index);
    // What such scripts leave in doubt hides findings that their dumps show.
    await checkDump(
      seeds.map((seed) => generateScript(seed).statements),
      "catalog alone",
    );
  });
});

/**
 * Runs the scripts one after the other, each in schemas of its own, dumps what they leave, and compares the dump's replay
 * with the server and its findings with theirs.
 */
async function checkDump(
  scripts: readonly (readonly string[])[],
  what: "catalog alone" | "findings too" = "findings too",
): Promise<void> {
  const { client } = database;
  await clean(client);
  const known = new Set<string>();
  for (const [index, statements] of scripts.entries()) {
    const accepted: string[] = [];
    for (const statement of statements) if ((await run(client, statement)).ok) accepted.push(statement);
    // What is refused keeps some findings back: a gap that it was to fill.
    for (const texts of [statements, accepted]) for (const each of complaintsAbout(texts.join(";\n"))) known.add(each);
    await client.query("rollback");
    await client.query("discard all");
    const { rows } = await client.query<{ name: string }>(
      `select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema$|c\\d+_)'`,
    );
    for (const { name } of rows) await client.query(`alter schema "${name}" rename to "c${index}_${name}"`);
    await client.query("create schema public");
  }
  const dump = await dumpSchema(database.connectionString);
  // What a server makes of the dump: it joins ANDs and puts the columns of children in another order.
  await clean(client);
  await client.query(dump.replaceAll(/^\\.*$/gm, ""));
  await client.query("discard all");
  const truth = await readCatalog(client, true);

  const dumped = analyse(dump, major, settings);
  const refused = dumped.steps.flatMap(({ rejection }) => (rejection === null ? [] : [rejection]));
  expect(refused, "the dump is accepted").toEqual([]);
  const mine = tables(finalCatalog(start, dumped.steps));
  expect(mine, "the dump's catalog is the server's").toEqual(sorted(truth));
  if (what === "catalog alone") return;
  const more = complaintsOf(dumped.findings).filter((complaint) => !known.has(complaint));
  expect(more, "the dump has no findings of its own").toEqual([]);
}

const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });

const comparedConstraints: ReadonlySet<string> = new Set(["check", "primary-key", "unique", "exclude", "foreign-key"]);

function tables(catalog: Catalog): readonly RecordedTable[] {
  const found: RecordedTable[] = [];
  for (const relation of catalog.relations.values()) {
    if (!["table", "partitioned-table", "foreign-table"].includes(relation.kind) || relation.schema === "pg_temp")
      continue;
    found.push(describeTable({ ...catalog, settings: start.settings }, relation, comparedConstraints));
  }
  return sorted(found);
}

function sorted(tables: readonly RecordedTable[]): readonly RecordedTable[] {
  const ordered = tables.map((table) => ({
    ...table,
    cons: table.cons === null ? null : [...table.cons].sort(([a], [b]) => (a < b ? -1 : 1)),
  }));
  return ordered.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function complaintsAbout(sql: string): readonly string[] {
  return complaintsOf(analyse(sql, major, settings).findings);
}

/** Errors and warnings, without the schemas into which the scripts were put. */
function complaintsOf(findings: readonly Finding[]): readonly string[] {
  return findings.flatMap(({ rule, severity, message }) =>
    severity === "error" || severity === "warning"
      ? [`${rule}: ${message.replaceAll(/\bc\d+_public\./g, "").replaceAll(/\bc\d+_/g, "")}`]
      : [],
  );
}

function statementsOf(sql: string): readonly string[] {
  const { document } = analyse(sql, major, settings);
  return document.statements.map(({ start: from, end }) => document.text.slice(from, end));
}

function filesOf(...folders: readonly string[]): readonly (readonly [folder: URL, name: string])[] {
  return folders.flatMap((folder) => {
    const url = new URL(folder, import.meta.url);
    return readdirSync(url)
      .filter((name) => name.endsWith(".sql"))
      .sort()
      .map((name) => [url, name] as const);
  });
}
