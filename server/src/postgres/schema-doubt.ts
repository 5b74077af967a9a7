/** Why an answer of the embedded PostgreSQL is not to be believed: a statement that it did not take, or another outcome than the files'. */

import type { PlannedTree, PlannerProblem, PlanRequest, SchemaStatement } from "../pruning/planner.ts";
import type { QualifiedName } from "../pruning/verdict.ts";
import { quoteLiteral } from "../syntax/literals.ts";

/**
 * Whether a statement that has failed in the embedded PostgreSQL, and not in the replay, may shape what is asked: it is about one of
 * the tables, or about a function, type or operator that the text mentions, itself or through what is made of it.
 */
export function doubtAbout(
  asked: Pick<PlanRequest, "sql" | "execution" | "roots">,
  statements: readonly SchemaStatement[],
  failures: ReadonlyMap<number, string>,
): PlannerProblem | null {
  if (failures.size === 0) return null;
  const { objects, tables } = doubtedBy(statements, failures);
  const table = asked.roots.map((root) => tables.get(keyOf(root))).find((doubt) => doubt !== undefined);
  if (table !== undefined)
    return rejected(`a statement about ${table.root.schema}.${table.root.name}: ${table.message}`);
  const message = mentioned(wordsOf(asked.sql), objects) ?? mentioned(wordsOf(asked.execution?.query ?? ""), objects);
  return message === undefined ? null : rejected(`a statement about what the query calls: ${message}`);
}

interface Doubted {
  /** By name, the message of the statement that failed. */
  readonly objects: ReadonlyMap<string, string>;
  readonly tables: ReadonlyMap<string, { readonly root: QualifiedName; readonly message: string }>;
}

/** What the failed statements make or change, and what others make that mention it, wherever they stand. */
function doubtedBy(statements: readonly SchemaStatement[], failures: ReadonlyMap<number, string>): Doubted {
  const objects = new Map<string, string>();
  const tables = new Map<string, { readonly root: QualifiedName; readonly message: string }>();
  const doubt = (statement: SchemaStatement, message: string, isMentioning: boolean): void => {
    const names = statement.objects ?? [];
    for (const name of names) if (!objects.has(name)) objects.set(name, message);
    // A view or a function that mentions it leaves the tables as they are.
    if (isMentioning && names.length > 0) return;
    for (const root of statement.roots) if (!tables.has(keyOf(root))) tables.set(keyOf(root), { root, message });
  };
  for (const [index, message] of failures) {
    const statement = statements[index];
    if (statement !== undefined) doubt(statement, message, false);
  }
  let waiting = statements.map((statement) => ({
    statement,
    words: objects.size === 0 ? noWords : wordsOf(statement.sql),
  }));
  for (let known = -1; known < objects.size; ) {
    known = objects.size;
    waiting = waiting.filter(({ statement, words }) => {
      const message = mentioned(words, objects);
      if (message !== undefined) doubt(statement, message, true);
      return message === undefined;
    });
  }
  return { objects, tables };
}

/** What the tables below a root are called that hold rows, in the embedded PostgreSQL: a query of its system catalogs. */
export function leavesQuery({ schema, name }: QualifiedName): string {
  const relation = [schema, name].map((part) => `pg_catalog.quote_ident(${quoteLiteral(part)})`).join(" || '.' || ");
  return `WITH RECURSIVE tree (id) AS (
    SELECT pg_catalog.to_regclass(${relation})::oid
    UNION SELECT i.inhrelid FROM pg_catalog.pg_inherits i JOIN tree ON i.inhparent OPERATOR(pg_catalog.=) tree.id)
  SELECT c.relname AS name FROM tree JOIN pg_catalog.pg_class c ON c.oid OPERATOR(pg_catalog.=) tree.id
  WHERE c.relkind OPERATOR(pg_catalog.<>) 'p'`;
}

/** Whether what the statements made there is what the files make. */
export function differentTree({ root, leaves }: PlannedTree, found: readonly string[]): PlannerProblem | null {
  const there = new Set(found);
  if (found.length === leaves.length && leaves.every((leaf) => there.has(leaf))) return null;
  const message = `the statements of the files make other partitions of ${root.schema}.${root.name} in the embedded PostgreSQL`;
  return { kind: "rejected", message };
}

export function keyOf({ schema, name }: QualifiedName): string {
  return `${schema}\0${name}`;
}

function rejected(what: string): PlannerProblem {
  return { kind: "rejected", message: `the embedded PostgreSQL did not take ${what}` };
}

interface Words {
  readonly text: string;
  readonly words: ReadonlySet<string>;
}

const noWords: Words = { text: "", words: new Set() };

/** Those in strings and comments too: the bodies of functions are strings. */
function wordsOf(sql: string): Words {
  const text = sql.toLowerCase();
  return { text, words: new Set(text.match(word)) };
}

/** The reason why one of the names that stand in the text is in doubt. */
function mentioned({ text, words }: Words, doubted: Doubted["objects"]): string | undefined {
  for (const [name, message] of doubted) {
    const key = name.toLowerCase();
    // Operators, and names that need quotes, may stand anywhere.
    if (plainName.test(key) ? words.has(key) : text.includes(key)) return message;
  }
  return undefined;
}

const word = /[\p{L}_][\p{L}\p{N}_$]*/gu;
const plainName = /^[\p{L}_][\p{L}\p{N}_$]*$/u;
