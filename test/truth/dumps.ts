/** Dumps databases that PostgreSQL's own regression scripts leave, and replays the dumps; prints what differs. */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { finalCatalog } from "../../server/src/replay/replay.ts";
import { parseDocument, textOfStatement } from "../../server/src/syntax/document.ts";
import { describeTable } from "../oracle/score.ts";
import type { RecordedTable } from "../oracle/truth.ts";
import { analyse } from "../rules/analyse.ts";
import { readingForTests } from "../support/parser.ts";
import { dumpSchema } from "../support/pg-dump.ts";
import type { PostgresMajor } from "../support/postgres-binaries.ts";
import { startServer } from "../support/postgres-server.ts";
import { readCatalog, run } from "./record.ts";

const [folder = "", ...words] = process.argv.slice(2);
const option = (name: string, otherwise: string): string =>
  words.includes(`--${name}`) ? (words[words.indexOf(`--${name}`) + 1] ?? otherwise) : otherwise;
const major = Number(option("major", "15")) as PostgresMajor;
const wanted = words.includes("--files")
  ? option("files", "").split(",")
  : readdirSync(folder).map((name) => name.replace(/\.sql$/, ""));

const reading = await readingForTests();
const server = await startServer(major);
let [statements, refused, tables, different] = [0, 0, 0, 0];
try {
  for (const name of wanted) if (existsSync(join(folder, `${name}.sql`))) await check(name);
} finally {
  await server.stop();
}
console.log(`${statements} statements of dumps: ${refused} false alarms; ${tables} tables: ${different} differ`);

async function check(name: string): Promise<void> {
  const administrator = new pg.Client({ connectionString: server.connectionString });
  await administrator.connect();
  await administrator.query(`create database "r_${name}"`);
  await administrator.end();
  const connectionString = server.connectionString.replace(/postgres$/, `r_${name}`);
  const client = new pg.Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("set statement_timeout = '5s'");
    const setup = existsSync(join(folder, "test_setup.sql")) ? read("test_setup") : "";
    const text = `${setup}\n${read(name)}`;
    for (const { masked, statement, start, end } of parseDocument(text, reading).statements)
      if (!masked && statement.kind !== "copy") await run(client, text.slice(start, end));
    await client.query("rollback").catch(() => {});
    await client.query("discard all").catch(() => {});
    let dump: string;
    try {
      dump = await dumpSchema(connectionString);
    } catch (error) {
      console.log(`${name}: ${String(error).slice(0, 200)}`);
      return;
    }
    const truth = await restored(name, dump);
    const dumped = analyse(dump, major, { "schema.complete": "true" });
    statements += dumped.steps.length;
    for (const { rejection, handle } of dumped.steps) {
      if (rejection === null) continue;
      refused += 1;
      const sql = textOfStatement(dumped.document, handle).replaceAll(/\s+/g, " ").slice(0, 300);
      console.log(`${name}: ${sql}\n    ${rejection.sqlstate} ${rejection.message}`);
    }
    const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
    const final = { ...finalCatalog(start, dumped.steps), settings: start.settings };
    const mine = new Map(
      [...final.relations.values()]
        .filter(({ kind }) => ["table", "partitioned-table", "foreign-table"].includes(kind))
        .map((relation) => describeTable(final, relation))
        .map((table) => [table.name, table]),
    );
    for (const table of truth) {
      tables += 1;
      const own = mine.get(table.name);
      if (printed(own) === printed(table)) continue;
      different += 1;
      console.log(`${name}: table ${table.name}\n    server ${printed(table)}\n    replay ${printed(own)}`);
    }
  } catch (error) {
    console.log(`${name}: ${error instanceof Error ? error.stack : String(error)}`);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Constraints in the order of their names, types as they are called with `public` in the path. */
function printed(table: RecordedTable | undefined): string {
  if (table === undefined) return "no such table";
  const cons = table.cons === null ? null : [...table.cons].sort(([a], [b]) => (a < b ? -1 : 1));
  const cols = table.cols.map(([name, type, notNull]) => [name, type.replace(/^public\./, ""), notNull]);
  return JSON.stringify({ ...table, cols, cons });
}

/** What the dump makes of an empty database: not all that the first one had, such as the order of inherited columns. */
async function restored(name: string, dump: string): Promise<readonly RecordedTable[]> {
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query(`create database "d_${name}"`);
  await client.end();
  const connectionString = server.connectionString.replace(/postgres$/, `d_${name}`);
  spawnSync("psql", ["-qX", connectionString], { input: dump, maxBuffer: 64 * 1024 * 1024 });
  const copy = new pg.Client({ connectionString });
  await copy.connect();
  try {
    return await readCatalog(copy, true);
  } finally {
    await copy.end();
  }
}

function read(name: string): string {
  return readFileSync(join(folder, `${name}.sql`), "utf8");
}
