/** Odd tables that are real: whatever they have, each operation leaves all rows and every attribute, and its undo gives all of it back. */

import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase, type TestDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { oddTables } from "./odd-table-cases.ts";
import { type Attributes, attributesOf } from "./random/attributes.ts";
import { promisedParts, scriptOf } from "./support.ts";

interface Look {
  readonly rows: readonly string[];
  readonly attributes: Attributes;
}

describe.each([18, 13] as const)("on PostgreSQL %d", (major) => {
  let reading: Reading;
  let database: TestDatabase;
  beforeAll(async () => {
    reading = await readingForTests();
    database = await createDatabase(major);
  });
  afterAll(() => database.close());

  const cases = oddTables.flatMap((table) =>
    table.requests
      .filter(({ from = 0 }) => from <= major && (table.from ?? 0) <= major)
      .map((asked) => ({ ...table, ...asked })),
  );

  it.each(cases)("$title: $request.operation $request.style", async (given) => {
    const { schema, rows, request, path = "public", refers = [] } = given;
    const { client } = database;
    await client.query(
      "ROLLBACK; RESET ALL; DROP SCHEMA IF EXISTS app CASCADE; DROP SCHEMA public CASCADE; CREATE SCHEMA public",
    );
    const setting = path === "public" ? "" : `SET search_path = ${path}, public;`;
    await runEach(client, reading, schema);
    await runEach(client, reading, rows);
    const table = String(request["table"]);
    const script = scriptOf(reading, `${schema}\n${setting}`, request, major);
    const look = async (): Promise<Look> => ({
      rows: await rowsOf(client, [table, ...refers]),
      attributes: await attributesOf(client, path, major),
    });
    await client.query(setting);
    const before = await look();
    await runEach(client, reading, script.sql);
    const after = await look();
    expect(after.rows).toEqual(before.rows);
    const root = table
      .replace(/^.*\./, "")
      .replace(/^"(.*)"$/, "$1")
      .replaceAll('""', '"');
    const made = [...after.attributes.keys()].filter((name) => !before.attributes.has(name));
    const parts = promisedParts(reading, `${schema}\n${setting}`, script, table, major);
    expect(made.filter((name) => !parts.includes(name))).toEqual([]);
    // The table as a whole is as it was, and new parts are like the one whose rows they have.
    expect(ofWhole(after.attributes.get(root), request)).toEqual(ofWhole(before.attributes.get(root), request));
    const like = given.like ?? root;
    for (const name of made)
      expect([name, ...ofPart(after.attributes.get(name), request)]).toEqual([
        name,
        ...ofPart(before.attributes.get(like), request),
      ]);
    for (const [name, lines] of before.attributes) {
      if (name === root || !after.attributes.has(name)) continue;
      const isReplaced = request["style"] === "online" && parts.includes(name);
      if (isReplaced)
        expect([name, ...ofPart(after.attributes.get(name), request)]).toEqual([name, ...ofPart(lines, request)]);
      else expect([name, ...withoutBound(after.attributes.get(name))]).toEqual([name, ...withoutBound(lines)]);
    }
    const invalid = ({ attributes }: Look): readonly string[] =>
      [...attributes.values()].flat().filter((line) => line.startsWith("index ") && line.includes(" valid false"));
    expect(invalid(after)).toEqual([]);
    if (script.undo === null) return;
    await runEach(client, reading, script.undo);
    const back = await look();
    expect(back.rows).toEqual(before.rows);
    expect([...back.attributes.keys()]).toEqual([...before.attributes.keys()]);
    for (const [name, lines] of before.attributes) {
      // What a merge has dropped is made like the one that has its rows.
      if (request["operation"] === "merge" && !after.attributes.has(name)) continue;
      const isRemade =
        !after.attributes.has(name) || (request["style"] === "online" && (parts.includes(name) || name === root));
      const compared = isRemade
        ? (all: readonly string[] | undefined) => ofPart(all, request)
        : (all: readonly string[] = []) => all;
      expect([name, ...compared(back.attributes.get(name))]).toEqual([name, ...compared(lines)]);
    }
  });
});

/** As psql runs it, one statement after the other. */
async function runEach(client: Client, reading: Reading, sql: string): Promise<void> {
  for (const { start, end } of parseDocument(sql, reading).statements) {
    const statement = sql.slice(start, end);
    await client.query(statement).catch((error: Error) => {
      throw new Error(`${error.message}\n${statement}`);
    });
  }
}

async function rowsOf(client: Client, tables: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const table of tables) {
    const { rows } = await client.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM ${table} AS t`);
    found.push(...rows.map(({ row }) => `${table} ${row}`));
  }
  return found.toSorted();
}

/** What is said of the table as a whole; where it was plain, how rows are stored is said of the partitions from then on. */
function ofWhole(lines: readonly string[] = [], request: Readonly<Record<string, unknown>>): readonly string[] {
  if (request["operation"] !== "convert") return lines;
  return lines
    .map((line) =>
      line
        .replace(/^(table) ([rp])[up] (owner \S+ )identity \w (.*?) *(?:\{.*\})? (space \d+) method \d+/, "$1 $3$4 $5")
        .replace(/^(statistics) \S+/, "$1")
        .replace(/ identity (?:true|false) clustered (?:true|false)/, ""),
    )
    .toSorted();
}

function withoutBound(lines: readonly string[] = []): readonly string[] {
  return lines.filter((line) => !line.startsWith("part of "));
}

/** What a part has, but for its bound and the names of what each table has its own of. */
function ofPart(lines: readonly string[] = [], { operation }: Readonly<Record<string, unknown>>): readonly string[] {
  return withoutBound(lines)
    .filter((line) => operation !== "convert" || !/^(?:grant|policy|trigger|publication|comment) /.test(line))
    .map((line) =>
      line
        .replace(/^(index|statistics) (?:"(?:[^"]|"")*"|\S+)/, "$1")
        .replace(/^constraint (?:"(?:[^"]|"")*"|\S+) ((?:PRIMARY|UNIQUE|EXCLUDE))/, "constraint $1")
        .replace(/ attached (?:true|false)/, "")
        .replace(/^table [rp]/, "table"),
    )
    .map((line) =>
      operation === "convert"
        ? line.replace(/ identity [ad]? comment .*| comment .*/, "").replace(/ security \w+ */, " ")
        : line,
    )
    .toSorted();
}
