/** Holds the answers to a file against a real server, on which the file's statements run one by one. */

import type { Client } from "pg";
import { expect } from "vitest";
import type { Document } from "../../server/src/syntax/document.ts";
import type { PlacedStatement } from "../../server/src/syntax/statement.ts";
import { type Answer, messageText, unqualified } from "./answer.ts";

interface Refusal {
  readonly sqlstate: string;
  readonly message: string;
}

/**
 * Runs the statements and expects: each `error` to be a refusal with its SQLSTATE and words, each refusal to be an error (but
 * for those of rows, class 23, which the text need not tell), and every set of survivors to be that of the server's plan: the
 * same where it is said to be exact, and none missing where not. Gives the tables that the server has in the end.
 */
export async function expectServerAgrees(client: Client, document: Document, answer: Answer): Promise<string[]> {
  const { text } = document;
  const open = new Set(unclaimed.exec(text)?.[1]?.split(" ") ?? []);
  for (const { start, end, terminatorEnd } of asPostgresReads(document)) {
    const sql = text.slice(start, end);
    const [firstLine, lastLine] = [start, terminatorEnd].map((offset) => lineOf(text, offset));
    const within = (line: number): boolean => line >= (firstLine ?? 0) && line <= (lastLine ?? 0);
    const errors = answer.diagnostics.filter(({ severity, range }) => severity === 1 && within(range.start.line));
    const asked = answer.survivors.filter(({ range }) => range.start.line === firstLine);
    for (const table of byTable(asked.flatMap(({ relations }) => relations))) await expectPlan(client, sql, table);
    const refusal = await run(client, sql);
    if (refusal === null) {
      expect(
        errors.map(({ message }) => message),
        `accepted: ${sql}`,
      ).toEqual([]);
    } else if (errors.length === 0) {
      const mayBeSilent =
        refusal.sqlstate.startsWith("23") || silent.has(refusal.sqlstate) || open.has(refusal.sqlstate);
      expect(mayBeSilent, `refused: ${sql}\n${refusal.sqlstate} ${refusal.message}`).toBe(true);
    } else {
      const said = errors.map(({ message, data }) => [
        sqlstateOf(data),
        messageText(message).slice(0, refusal.message.length),
      ]);
      expect(said, sql).toContainEqual([refusal.sqlstate, refusal.message]);
    }
  }
  const { rows } = await client.query<{ line: string }>(tablesQuery);
  return rows.map(({ line }) => line);
}

/** Refusals that nobody needs to be told of: of parameters without a value, and in a transaction that has failed already. */
const silent: ReadonlySet<string> = new Set(["42P02", "25P02"]);

/** `-- @unclaimed 0A000: why`: refusals of the file that the text need not tell. */
const unclaimed = /^-- @unclaimed ([0-9A-Z ]+):/m;

/** What is read inside a statement that PostgreSQL refuses whole, before and behind where it stops, is no statement to it. */
function asPostgresReads({
  statements,
}: Document): readonly Pick<PlacedStatement, "start" | "end" | "terminatorEnd">[] {
  const whole: { start: number; end: number; terminatorEnd: number; broken: boolean }[] = [];
  for (const { start, end, terminatorEnd, swallowed, statement } of statements) {
    const previous = whole.at(-1);
    const broken = statement.kind === "invalid";
    const goesOn =
      previous !== undefined && (previous.end === previous.terminatorEnd || (swallowed && previous.broken));
    if (goesOn) Object.assign(previous, { end, terminatorEnd, broken: previous.broken || broken });
    else whole.push({ start, end, terminatorEnd, broken });
  }
  return whole;
}

/** What is said of the references of each table together: a plan does not always tell them apart. */
function byTable(relations: readonly Survivors[]): readonly Survivors[] {
  const tables = new Map<string, Survivors>();
  for (const one of relations) {
    const other = tables.get(one.relation);
    const certainty = other === undefined || other.certainty === one.certainty ? one.certainty : "at-most";
    const survivors =
      one.survivors === null || other?.survivors === null
        ? null
        : [...new Set([...one.survivors, ...(other?.survivors ?? [])])];
    const decided = other === undefined || other.decided === "planning" ? one.decided : other.decided;
    tables.set(one.relation, { ...one, certainty, survivors, decided });
  }
  return [...tables.values()];
}

type Survivors = Answer["survivors"][number]["relations"][number];

async function run(client: Client, sql: string): Promise<Refusal | null> {
  try {
    await client.query(sql);
    return null;
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    return { sqlstate: code, message };
  }
}

async function expectPlan(
  client: Client,
  sql: string,
  { relation, leaves, survivors, certainty, decided }: Survivors,
): Promise<void> {
  // What is decided later than at planning stands in the plan whole; parameters have no value here.
  if (survivors === null || decided !== "planning" || /\$\d|^\s*insert\b/i.test(sql)) return;
  const explained = await client
    .query(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${sql.replace(/^\s*EXPLAIN\s+(ANALYZE\s+)?/i, "")}`)
    .catch(() => null);
  if (explained === null) return;
  const scanned = new Set(relationsOf(explained.rows[0]?.["QUERY PLAN"]));
  const truth = leaves.filter((leaf) => scanned.has(unqualified(leaf)));
  const where = `survivors of ${relation} in ${sql}`;
  if (certainty === "exact") expect([...survivors].sort(), where).toEqual(truth.sort());
  else expect(survivors, where).toEqual(expect.arrayContaining(truth));
}

function* relationsOf(plan: unknown): Generator<string> {
  if (typeof plan !== "object" || plan === null) return;
  if ("Relation Name" in plan) yield String(plan["Relation Name"]);
  for (const value of Object.values(plan)) yield* relationsOf(value);
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length - 1;
}

function sqlstateOf(data: unknown): unknown {
  return typeof data === "object" && data !== null && "sqlstate" in data ? data.sqlstate : undefined;
}

/** The tables as `printAnswer` prints them. */
const tablesQuery = `
  SELECT concat_ws(' ', n.nspname || '.' || c.relname,
                   CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END,
                   pg_get_expr(c.relpartbound, c.oid),
                   '(of ' || (SELECT pn.nspname || '.' || p.relname
                                FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent
                                JOIN pg_namespace pn ON pn.oid = p.relnamespace
                               WHERE i.inhrelid = c.oid ORDER BY i.inhseqno LIMIT 1) || ')') AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'f') AND n.nspname !~ '^pg_|^information_schema$'
   ORDER BY c.oid`;
