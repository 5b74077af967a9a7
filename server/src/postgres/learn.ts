/** Runs a DO block or a function's call in the embedded PostgreSQL and reads back what it did to the schema. */

import type { SchemaStatement } from "../pruning/planner.ts";
import type { LearnAnswer } from "../replay/learned.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import { isTelling } from "../syntax/session-changes.ts";
import type { EmbeddedPostgres } from "./embedded-planner.ts";
import { type ScannedTable, type SchemaDifference, schemaDifference } from "./learned-effect.ts";
import { type LearnedRun, learningQueries } from "./learning-queries.ts";
import { whyNotRepeatable } from "./repeatable.ts";
import { doubtAbout } from "./schema-doubt.ts";

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
  const unrepeatable = whyNotRepeatable(text);
  if (unrepeatable !== null) return declined(unrepeatable);
  const queries = learningQueries(embedded.serverVersion() ?? defaultServerVersion);
  const learned = await embedded.learn(before, sql, queries, signal);
  if (!learned.ok) {
    const { kind, message } = learned.problem;
    if (kind === "cancelled") return { kind: "declined", reason: message, cancelled: true };
    return declined(kind === "timeout" ? `it was stopped: ${message}` : message);
  }
  const failure = [...learned.value.failures].find(([index]) => (before[index]?.roots.length ?? 0) > 0);
  if (failure !== undefined) return declined(`a statement before it does not run there: ${failure[1]}`);
  const doubt = doubtAbout({ sql: text, roots: [] }, before, learned.value.failures);
  if (doubt !== null) return declined(doubt.message);
  const difference = schemaDifference(learned.value);
  if (difference.kind === "declined") return difference;
  const untold = whyUntold(text, difference, learned.value);
  if (untold !== null) return declined(untold);
  const { statements } = parseDocument(difference.statements.join(";\n"), reading);
  const unread = statements.find(({ statement }) => statement.kind === "invalid");
  if (unread !== undefined) return declined("what it leaves is not understood");
  const written = [...difference.written, ...(changesRows.test(text) ? difference.scanned : [])];
  const sets = difference.session.flatMap(({ kind, name }) =>
    kind === "setting" && isTelling(name) ? [name.toLowerCase()] : [],
  );
  return { kind: "learned", effect: { statements, written, sets } };
}

/** Tables are empty where it runs: which rows it changes elsewhere is told by what it has looked at. */
const changesRows = /\b(?:insert|update|delete|merge|copy|truncate|execute|with)\b/i;

/** Why the difference of the two schemas is not all that the statement does everywhere; null where it is. */
function whyUntold(text: string, difference: Difference, run: LearnedRun): string | null {
  const { unexplained } = run;
  const throughOther = difference.views.some(({ name }) => readsFrom(text, name)) || looksAtChanges.test(text);
  const isReadByText = ({ name }: { readonly name: string }): boolean => throughOther || readsFrom(text, name);
  const read =
    difference.scanned.find((table) => isReadByText(table) || isReadBesides(text, table, run)) ??
    difference.gone.find(({ name }) => readsFrom(text, name));
  if (read !== undefined) return `it depends on the rows of ${read.schema}.${read.name}`;
  const other = difference.session.find(({ kind }) => kind !== "setting");
  if (other !== undefined) return `it leaves or takes the ${sessionWords[other.kind] ?? other.kind} "${other.name}"`;
  const [first] = unexplained;
  if (first === undefined) return null;
  return `it does more to the schema than is followed: ${first.length > shownLength ? `${first.slice(0, shownLength)}…` : first}`;
}

/**
 * Whether the statement has looked at rows for more than to check what it made or to find what it changes, whatever its text says:
 * the statements that do the same have not looked at that table, or less often where the statement takes what built SQL answers.
 */
function isReadBesides(text: string, { id, name, scans }: ScannedTable, { explainedScans }: LearnedRun): boolean {
  const explained = Number(explainedScans.find((row) => row["id"] === id)?.["scans"] ?? 0);
  if (takesBuiltAnswers.test(text)) return scans > explained;
  if (explained > 0) return false;
  const targets = [...text.matchAll(/\b(?:into|update|delete\s+from|truncate)\s+(?:only\s+|table\s+)*([^\s(;,]+)/gi)];
  // A name that is built: `UPDATE %I`.
  return !targets.some(([, target = ""]) => /[%|']/.test(target) || target.toLowerCase().includes(name.toLowerCase()));
}

const takesBuiltAnswers = /\bexecute\b[^;]*(?<!\b(?:insert|merge)\s+)\binto\b|\b(?:in|query|for)\s+execute\b/i;

/** What a statement did to rows is asked of it. */
const looksAtChanges = /\b(?:returning|found|row_count)\b/i;

type Difference = Extract<SchemaDifference, { kind: "statements" }>;

const sessionWords: Readonly<Record<string, string>> = { prepared: "prepared statement" };

/** Of a row in the log. */
const shownLength = 200;

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

/** Whether SQL in the text, or in strings from which it builds SQL, may read rows of the table. */
function readsFrom(text: string, table: string): boolean {
  const isTable = (name: string): boolean =>
    name.replaceAll('"', "").split(".").at(-1)?.toLowerCase() === table.toLowerCase();
  for (const [, source = ""] of text.matchAll(/\b(?:from|join|using)\s+(?:only\s+)?((?:"[^"]*"|[\w$%|'.]+)+)/gi)) {
    // A name that is built: `FROM %I`, `'… FROM ' || name`.
    if (/[%|']/.test(source) || isTable(source)) return true;
  }
  for (const [, list = ""] of text.matchAll(/\bfrom\b([^;()']*)/gi))
    for (const item of list.split(",").slice(1))
      if (isTable(/^\s*(?:only\s+)?(\S+)/i.exec(item)?.[1] ?? "")) return true;
  // `TABLE t` is a query where no other command ends in the word.
  const queries = text.matchAll(
    /(?:[;(']|\b(?:as|in|begin|loop|then|union|all|except|intersect))\s*table\s+(?:only\s+)?((?:"[^"]*"|[\w$.]+)+)/gi,
  );
  return [...queries].some(([, name = ""]) => isTable(name));
}

function declined(reason: string): LearnAnswer {
  return { kind: "declined", reason };
}
