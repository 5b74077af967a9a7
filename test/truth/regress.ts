/** Runs a folder of SQL files statement by statement on a real server and through the replay; prints what differs. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
import type { RecordedResult } from "../oracle/truth.ts";
import { readingForTests } from "../support/parser.ts";
import type { PostgresMajor } from "../support/postgres-binaries.ts";
import { startServer } from "../support/postgres-server.ts";
import { openSession } from "./session.ts";

/** The files that are about tables, in the order of the server's own schedule. */
const defaultFiles =
  "create_table create_type create_schema create_view create_index create_table_like alter_table inherit indexing " +
  "partition_aggregate partition_info partition_join partition_prune hash_part insert insert_conflict constraints " +
  "foreign_key identity generated triggers truncate rules domain enum typed_table temp update tablespace namespace " +
  "transactions drop_if_exists create_misc create_procedure create_function_sql updatable_views matview sequence merge " +
  "date timestamp timestamptz int2 int4 int8 numeric text varchar char uuid boolean interval reloptions replica_identity " +
  "cluster vacuum comments plpgsql copy2 rowtypes rangetypes arrays collate stats_ext privileges rowsecurity security_label";

const [folder = "", ...words] = process.argv.slice(2);
const option = (name: string, otherwise: string): string => words[words.indexOf(`--${name}`) + 1] ?? otherwise;
const has = (name: string): boolean => words.includes(`--${name}`);
const major = Number(has("major") ? option("major", "15") : 15) as PostgresMajor;
const wanted = has("files") ? option("files", "").split(",") : defaultFiles.split(" ");
const limit = Number(has("limit") ? option("limit", "20") : 20);

const reading = await readingForTests();
const server = await startServer(major);
const totals = { statements: 0, accepted: 0, falseAlarms: 0, rejected: 0, found: 0, exact: 0, exceptions: 0 };
try {
  const names = wanted[0] === "all" ? readdirSync(folder).map((name) => name.replace(/\.sql$/, "")) : wanted;
  for (const name of names) {
    if (existsSync(join(folder, `${name}.sql`))) await compareFile(name);
  }
} finally {
  await server.stop();
}
console.log(
  `${totals.statements} statements, ${totals.accepted} accepted: ${totals.falseAlarms} false alarms, ${totals.exceptions} exceptions; ` +
    `${totals.rejected} rejected: ${totals.found} found, ${totals.exact} with the same message`,
);

async function compareFile(name: string): Promise<void> {
  const setup = name === "test_setup" || !existsSync(join(folder, "test_setup.sql")) ? "" : read("test_setup");
  const text = `${setup}\n${read(name)}`;
  const { statements } = parseDocument(text, reading);
  const session = await openSession(server.connectionString, `r_${name}`);
  const results: (RecordedResult | null)[] = [];
  try {
    for (const placed of statements) {
      results.push(await session.ask(text, placed));
    }
  } catch (error) {
    // What a script does to the server itself (ends sessions, crashes a buggy one) ends the comparison of its file.
    console.log(
      `${name}: ${error instanceof Error ? error.message : String(error)} after ${results.length} statements`,
    );
  } finally {
    await session.close();
  }
  report(name, text, replaySafely(name, text, statements), results, setup.length);
}

function read(name: string): string {
  return readFileSync(join(folder, `${name}.sql`), "utf8");
}

function replaySafely(name: string, text: string, statements: readonly PlacedStatement[]): readonly Step[] {
  const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
  const options = { version: major as PostgresVersion, pathmanVersion: "1.5", today: "2024-06-01" };
  try {
    return replay({ file: name, statements, start, options, previous: [], source: { text, reading } });
  } catch (error) {
    totals.exceptions += 1;
    console.log(`exception in ${name}: ${error instanceof Error ? error.stack : String(error)}`);
    return [];
  }
}

function report(
  name: string,
  text: string,
  steps: readonly Step[],
  results: readonly (RecordedResult | null)[],
  from: number,
): void {
  let shown = 0;
  const own = { statements: 0, falseAlarms: 0, rejected: 0, found: 0, exact: 0 };
  for (const [index, step] of steps.entries()) {
    const result = results[index] ?? null;
    if (result === null || step.statement.offset < from) continue;
    const sql = text
      .slice(step.statement.offset, step.statement.offset + step.statement.length)
      .replaceAll(/\s+/g, " ")
      .slice(0, 300);
    const line = text.slice(from, step.statement.offset).split("\n").length;
    totals.statements += 1;
    own.statements += 1;
    if (result.ok) {
      totals.accepted += 1;
      if (step.rejection === null) continue;
      totals.falseAlarms += 1;
      own.falseAlarms += 1;
      if (shown++ < limit) {
        console.log(
          `${name}:${line} ${sql}\n    accepted, but the replay says ${step.rejection.sqlstate} ${step.rejection.message}`,
        );
      }
      continue;
    }
    if (result.sqlstate?.startsWith("23") === true) continue;
    totals.rejected += 1;
    own.rejected += 1;
    const exact = step.rejection?.sqlstate === result.sqlstate && step.rejection?.message === result.message;
    if (step.rejection !== null) {
      totals.found += 1;
      own.found += 1;
    }
    if (exact) {
      totals.exact += 1;
      own.exact += 1;
    } else if (has("missed") && shown++ < limit) {
      console.log(
        `${name}:${line} ${sql}\n    expected ${result.sqlstate} ${result.message}\n    actual   ${step.rejection?.sqlstate} ${step.rejection?.message ?? step.declined.join("; ")}`,
      );
    }
  }
  console.log(
    `${name.padEnd(20)}${own.statements} statements, ${own.falseAlarms} false alarms; ${own.rejected} rejected: ${own.found} found, ${own.exact} exact`,
  );
}
