/** Holds what the grammars of older majors refuse against their servers, for all statements of SQL files; prints what differs. */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "../support/parser.ts";
import type { PostgresMajor } from "../support/postgres-binaries.ts";
import { startServer } from "../support/postgres-server.ts";
import { abortTransaction, expectedSyntaxError, syntaxErrorOf } from "./syntax-error.ts";

const words = process.argv.slice(2);
const option = (name: string, otherwise: string): string =>
  words.includes(`--${name}`) ? (words[words.indexOf(`--${name}`) + 1] ?? otherwise) : otherwise;
const majors = option("majors", "10,11,12,13,14,15,16,17").split(",").map(Number) as PostgresMajor[];
const limit = Number(option("limit", "20"));
const named = words.slice(
  0,
  [...words, "--"].findIndex((each) => each.startsWith("--")),
);
const files = named
  .flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]))
  .filter((path) => path.endsWith(".sql"));

const reading = await readingForTests();
for (const major of majors) {
  const server = await startServer(major);
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await abortTransaction(client);
  try {
    await compare(major, client);
  } finally {
    await client.end();
    await server.stop();
  }
}

async function compare(major: PostgresMajor, client: pg.Client): Promise<void> {
  let [statements, refused, found, exact, falseAlarms] = [0, 0, 0, 0, 0];
  const differences = new Map<string, { count: number; sample: string }>();
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const placed of parseDocument(text, reading).statements) {
      if (placed.masked) continue;
      const sql = text.slice(placed.start, placed.end);
      const server = await syntaxErrorOf(client, sql);
      const ours = expectedSyntaxError(placed.statement, major);
      statements += 1;
      if (server !== null) refused += 1;
      if (server !== null && ours !== null) found += 1;
      if (server === null && ours !== null) falseAlarms += 1;
      if (server?.message === ours?.message && server?.position === ours?.position) {
        if (server !== null) exact += 1;
        continue;
      }
      const about = server === null ? "FALSE ALARM" : ours === null ? "missed" : "differs";
      const shape = `${about} ${server?.message} ${server?.position === ours?.position ? "" : "@"}/ ${ours?.message}`;
      const seen = differences.get(shape);
      const place = `${file.split("/").at(-1)}:${text.slice(0, placed.start).split("\n").length}`;
      const sample = `${place} ${sql.replaceAll(/\s+/g, " ").slice(0, 250)}`;
      differences.set(shape, { count: (seen?.count ?? 0) + 1, sample: seen?.sample ?? sample });
    }
  }
  console.log(
    `PostgreSQL ${major}: ${statements} statements, ${refused} refused by the grammar: ${found} found, ${exact} exact; ${falseAlarms} false alarms`,
  );
  for (const [shape, { count, sample }] of [...differences].sort((a, b) => b[1].count - a[1].count).slice(0, limit)) {
    console.log(`${String(count).padStart(5)} ${shape}\n        ${sample}`);
  }
}
