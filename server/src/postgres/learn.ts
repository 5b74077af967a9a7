/** Runs a DO block or a function's call in the embedded PostgreSQL and reads back what it did to the schema. */

import type { SchemaStatement } from "../pruning/planner.ts";
import type { LearnAnswer } from "../replay/learned.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { EmbeddedPostgres } from "./embedded-planner.ts";
import { schemaDifference } from "./learned-effect.ts";
import { learningQueries } from "./learning-queries.ts";

/**
 * What the statement does behind the others, each run without rows. Nothing is learned from a statement that fails there, for
 * elsewhere it may not, nor from one that reads rows of tables, for elsewhere there are others. The effects are undone.
 */
export async function learnEffect(
  embedded: EmbeddedPostgres,
  before: readonly SchemaStatement[],
  sql: string,
  reading: Reading,
  signal: AbortSignal,
): Promise<LearnAnswer> {
  const text = withFunctions(
    sql,
    before.map((each) => each.sql),
  );
  if (unpredictable.test(text)) return declined("what it does is different each time");
  const queries = learningQueries(embedded.serverVersion() ?? defaultServerVersion);
  const learned = await embedded.learn(before, sql, queries, signal);
  if (!learned.ok) {
    const { kind, message } = learned.problem;
    return kind === "timeout" || kind === "cancelled"
      ? { kind: "declined", reason: `it was stopped: ${message}`, stopped: true }
      : declined(message);
  }
  const failure = [...learned.value.failures].find(([index]) => (before[index]?.roots.length ?? 0) > 0);
  if (failure !== undefined) return declined(`a statement before it does not run there: ${failure[1]}`);
  const difference = schemaDifference(learned.value);
  if (difference.kind === "declined") return difference;
  const read = difference.scanned.find(({ name }) => readsFrom(text, name));
  if (read !== undefined) return declined(`it depends on the rows of ${read.schema}.${read.name}`);
  const { statements } = parseDocument(difference.statements.join(";\n"), reading);
  const unread = statements.find(({ statement }) => statement.kind === "invalid");
  return unread === undefined ? { kind: "learned", effect: statements } : declined("what it leaves is not understood");
}

const defaultServerVersion = 180_000;

/**
 * The statement with the functions that may run when it does: those that it names, that these name, and that triggers,
 * defaults and views name; all of them where SQL that is built may call one.
 */
function withFunctions(sql: string, before: readonly string[]): string {
  const nameOf = (statement: string): string | undefined =>
    createdFunction.exec(statement)?.[1]?.replaceAll('"', "").toLowerCase();
  let waiting = before.filter((each) => nameOf(each) !== undefined);
  let named = [sql, ...before.filter((each) => nameOf(each) === undefined)].join("\n").toLowerCase();
  let text = sql;
  for (;;) {
    const called = builtCall.test(text) ? waiting : waiting.filter((each) => named.includes(nameOf(each) ?? ""));
    if (called.length === 0) return text;
    waiting = waiting.filter((each) => !called.includes(each));
    named = called.join("\n").toLowerCase();
    text = [text, ...called].join("\n");
  }
}

const builtCall = /\bexecute\b[^;]*\b(?:select|call|perform)\b/i;

const createdFunction =
  /^\s*create\s+(?:or\s+replace\s+)?(?:function|procedure)\s+(?:(?:"[^"]*"|[\w$]+)\s*\.\s*)?("[^"]*"|[\w$]+)/i;

const unpredictable =
  /\b(?:random|random_normal|gen_random_uuid|uuidv4|uuidv7|pg_backend_pid|txid_current|pg_current_xact_id)\s*\(/i;

/** Whether SQL in the text, or in strings from which it builds SQL, may read rows of the table. */
function readsFrom(text: string, table: string): boolean {
  const sources = text.matchAll(/\b(?:from|join|using)\s+(?:only\s+)?((?:"[^"]*"|[\w$%|'.]+)+)/gi);
  for (const [, source = ""] of sources) {
    // A name that is built: `FROM %I`, `'… FROM ' || name`.
    if (/[%|']/.test(source)) return true;
    if (source.replaceAll('"', "").split(".").at(-1)?.toLowerCase() === table.toLowerCase()) return true;
  }
  return false;
}

function declined(reason: string): LearnAnswer {
  return { kind: "declined", reason };
}
