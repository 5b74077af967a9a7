/** Scripts of generic DDL: each statement is refused as real servers refuse it, and leaves the same catalog behind. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { type Catalog, emptyCatalog, parentOf } from "../../server/src/catalog/catalog.ts";
import { printBound, printPartitionKey } from "../../server/src/catalog/print.ts";
import { formatType } from "../../server/src/catalog/values/types.ts";
import { routeInsert } from "../../server/src/effects/queries/insert.ts";
import { constraintDefinition } from "../../server/src/effects/relations/constraint-shape.ts";
import { finalCatalog, replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { createDatabase } from "../support/database.ts";
import { readingForTests } from "../support/parser.ts";
import { defaultMajors, type PostgresMajor } from "../support/postgres-binaries.ts";

const folder = join(import.meta.dirname, "scripts");

let reading: Reading;
beforeAll(async () => {
  reading = await readingForTests();
});

const files = readdirSync(folder).filter((file) => file.endsWith(".sql"));

describe.each([12, 14, 16, ...defaultMajors] as const)("PostgreSQL %i", (major) => {
  test.each(files)("%s", async (file) => {
    const text = readFileSync(join(folder, file), "utf8");
    const start = emptyCatalog({ complete: true, timeZone: "UTC", databaseCollation: "C" });
    const steps = replayScript(text, start, major);
    const database = await createDatabase(major);
    try {
      const { client } = database;
      const expected = await runScript(client, text, steps, major);
      expect(steps.map((step) => said(text, step, major))).toEqual(expected);
      expect(describeCatalog(finalCatalog(start, steps))).toEqual(await readCatalog(client));
    } finally {
      await database.close();
    }
  });
});

function replayScript(text: string, start: Catalog, major: PostgresMajor): readonly Step[] {
  return replay({
    file: "script.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options: { version: major, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}

function sqlOf(text: string, { statement }: Step): string {
  return text.slice(statement.offset, statement.offset + statement.length);
}

/** What the replay says of a statement: the statement with the message, its code, DETAIL and HINT below. */
function said(text: string, step: Step, major: PostgresMajor): string {
  const sql = sqlOf(text, step);
  if (step.rejection === null) return [sql, ...leavesOf(step, major)].join("\n");
  const { sqlstate, message, detail, hint } = step.rejection;
  return answer(sql, sqlstate, message, detail, hint);
}

/** The leaves that take the rows of an INSERT; none where that is not told, or no INSERT. */
function leavesOf(step: Step, major: PostgresMajor): readonly string[] {
  const { statement } = step.statement;
  if (statement.kind !== "query" || statement.query.kind !== "insert" || statement.wrapper !== "none") return [];
  const { query } = statement;
  if (query.returning.length > 0 || query.onConflict !== null) return [];
  const context = {
    version: major,
    pathmanVersion: "1.5",
    today: "2025-01-01",
    file: step.file,
    statement: step.handle,
    inTransaction: false,
    inFunction: false,
  };
  const leaves = (routeInsert(step.before, query, context) ?? []).map((route) =>
    route.kind === "leaf" ? step.before.relations.get(route.relation)?.name : undefined,
  );
  return leaves.every((leaf) => leaf !== undefined) ? leaves : [];
}

/** The same from a server. */
async function runScript(
  client: Client,
  text: string,
  steps: readonly Step[],
  major: PostgresMajor,
): Promise<string[]> {
  const answers: string[] = [];
  for (const step of steps) {
    const sql = sqlOf(text, step);
    try {
      if (step.rejection === null && leavesOf(step, major).length > 0) {
        const { rows } = await client.query<{ leaf: string }>(`${sql} RETURNING tableoid::regclass::text AS leaf`);
        answers.push([sql, ...rows.map(({ leaf }) => leaf.replace(/^.*\./, ""))].join("\n"));
      } else {
        await client.query(sql);
        answers.push(sql);
      }
    } catch (error) {
      const { code, message, detail, hint } = error as {
        code: string;
        message: string;
        detail?: string;
        hint?: string;
      };
      answers.push(answer(sql, code, message, detail, hint));
    }
  }
  return answers;
}

function answer(
  sql: string,
  code: string,
  message: string,
  detail: string | undefined,
  hint: string | undefined,
): string {
  const lines = [sql, `${code} ${message}`];
  if (detail !== undefined) lines.push(`DETAIL ${detail}`);
  if (hint !== undefined) lines.push(`HINT ${hint}`);
  return lines.join("\n");
}

/** Tables with their columns, constraints and indexes, one line for each. */
function describeCatalog(catalog: Catalog): string[] {
  const lines: string[] = [];
  for (const relation of catalog.relations.values()) {
    const name = `${relation.schema}.${relation.name}`.replace(/^pg_temp\./, "temporary.");
    if (relation.index !== null) {
      const { unique, valid } = relation.index;
      lines.push(`${name} index unique=${unique} valid=${valid}`);
      continue;
    }
    lines.push(name);
    if (relation.partitioning !== null) lines.push(`${name} ${printPartitionKey(relation.partitioning.key)}`);
    const parent = relation.partitionOf === null ? null : parentOf(catalog, relation);
    if (relation.partitionOf !== null && parent?.partitioning != null) {
      lines.push(`${name} ${printBound(relation.partitionOf.bound, parent.partitioning.key, catalog.settings)}`);
    }
    if (!["table", "partitioned-table", "foreign-table"].includes(relation.kind)) continue;
    relation.columns.forEach((column) => {
      const { notNull, local, inheritedFrom } = column;
      const inherited = `local=${local} inherited=${inheritedFrom}`;
      lines.push(`${name}.${column.name} ${formatType(column.type)}${notNull ? " not null" : ""} ${inherited}`);
    });
    for (const constraint of relation.constraints) {
      const { local, inheritedFrom } = constraint;
      const definition = constraintDefinition(constraint);
      lines.push(`${name} ${constraint.name} ${definition} local=${local} inherited=${inheritedFrom}`);
    }
  }
  return lines.sort();
}

async function readCatalog(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    with relation as (
      select c.oid as id, relkind, relpartbound, case when relpersistence = 't' then 'temporary' else nspname end || '.' || relname as name
      from pg_class c join pg_namespace n on n.oid = relnamespace
      where nspname !~ '^pg_(catalog|toast)|information_schema'
    )
    select name as line from relation where relkind not in ('i', 'I')
    union all
    select format('%s %s', name, pg_get_partkeydef(id)) from relation where relkind = 'p'
    union all
    select format('%s %s', name, pg_get_expr(relpartbound, id)) from relation where relkind <> 'I' and relpartbound is not null
    union all
    select format('%s index unique=%s valid=%s', name, indisunique, indisvalid)
    from relation join pg_index on indexrelid = id
    union all
    select format('%s.%s %s%s local=%s inherited=%s', name, attname, format_type(atttypid, atttypmod),
                  case when attnotnull then ' not null' else '' end, attislocal, attinhcount)
    from relation join pg_attribute on attrelid = id
    where relkind in ('r', 'p', 'f') and attnum > 0 and not attisdropped
    union all
    select format('%s %s %s local=%s inherited=%s', name, conname, pg_get_constraintdef(c.oid), conislocal, coninhcount)
    from relation join pg_constraint c on conrelid = id
    -- Of a foreign key to a partitioned table each partition that it refers to has a copy of its own.
    where not exists (select from pg_constraint p where p.oid = (to_jsonb(c) ->> 'conparentid')::oid and p.conrelid = c.conrelid)`);
  return rows.map(({ line }) => line.replaceAll("=t", "=true").replaceAll("=f", "=false")).sort();
}
