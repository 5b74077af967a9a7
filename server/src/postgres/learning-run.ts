/** Runs a statement to see what it does to the schema, and the statements that should do the same, to see whether that is all. */

import {
  type ChangeQueries,
  changeQueries,
  changesBetween,
  columnsOfCatalogs,
  withoutIds,
  writtenCatalogs,
} from "./catalog-changes.ts";
import type { Row } from "./connection.ts";
import { schemaDifference } from "./learned-effect.ts";
import {
  goneRows,
  type LearnedRows,
  type LearnedRun,
  type LearningQueries,
  type SchemaRows,
} from "./learning-queries.ts";

/** What a run needs of the instance in which it takes place. */
export interface LearningSession {
  /** The rows of a query of our own. */
  rows(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs somebody's statement. Rejects with PostgreSQL's error. */
  execute(sql: string): Promise<unknown>;
  /** What `changeQueriesOf` has answered: the same for as long as the server lives. */
  changes(): Promise<ReadonlyMap<string, ChangeQueries>>;
  /** Runs the work, which may go back to where it began at any time, and undoes all its effects. */
  undone<T>(work: (goBack: () => Promise<void>) => Promise<T>): Promise<T>;
}

/** What the statement changes. Rejects with PostgreSQL's error; a failure of the statements that should do the same is told. */
export async function runToLearn(session: LearningSession, sql: string, queries: LearningQueries): Promise<LearnedRun> {
  const { schema, changes } = await session.undone((goBack) => runOnce(session, sql, queries, goBack));
  const difference = schemaDifference(schema);
  if (difference.kind === "declined") return { ...schema, unexplained: [], explainedScans: [] };
  const repeated = await session.undone((goBack) => runAgain(session, difference.statements, queries, goBack));
  if (typeof repeated === "string") return { ...schema, unexplained: [repeated], explainedScans: [] };
  return { ...schema, unexplained: unexplained(changes, repeated.changes), explainedScans: repeated.scans };
}

/** The queries that tell what was written into the system catalogs, of which a server has the same ones for ever. */
export async function changeQueriesOf(rows: LearningSession["rows"]): Promise<ReadonlyMap<string, ChangeQueries>> {
  return changeQueries(await rows(columnsOfCatalogs));
}

type Changes = ReadonlyMap<string, number>;

/** More of them say no more. */
const mostUnexplained = 20;

function unexplained(changes: Changes, explained: Changes): readonly string[] {
  const rows = new Set([...changes.keys(), ...explained.keys()]);
  return [...rows].filter((row) => changes.get(row) !== explained.get(row)).slice(0, mostUnexplained);
}

async function runOnce(
  session: LearningSession,
  sql: string,
  queries: LearningQueries,
  goBack: () => Promise<void>,
): Promise<{ readonly schema: LearnedRows; readonly changes: Changes }> {
  await session.rows(counting);
  const begun = await countsOf(session, queries);
  await session.rows(queries.mark);
  await session.execute(sql);
  const ended = await countsOf(session, queries);
  await assertReadable(session, begun, ended);
  const isSame = (name: string): boolean => begun.writes?.[name] === ended.writes?.[name];
  // What went is not among what was touched: then all is read.
  const which = isSame(goneRows) ? queries.touched : queries.all;
  const wanted = queries.read.map(({ sql: query, where }) => (where !== null && isSame(where) ? null : query));
  await session.rows(queries.printing);
  const touched = await textOf(session, which);
  const after = await readHanded(session, queries, touched, wanted);
  const written = await readWritten(session, begun.catalogs, ended.catalogs);
  await goBack();
  await session.rows(queries.printing);
  const before = await readHanded(session, queries, isSame(goneRows) ? touched : await textOf(session, which), wanted);
  const changes = changesBetween(await readRemoved(session, written), written.added);
  return {
    schema: {
      before: { scans: begun.scans, session: begun.session, results: before },
      after: { scans: ended.scans, session: ended.session, results: after },
    },
    changes,
  };
}

/** What the statements, which are to do the same, change; why they do not, where one fails. */
async function runAgain(
  session: LearningSession,
  statements: readonly string[],
  queries: LearningQueries,
  goBack: () => Promise<void>,
): Promise<{ readonly changes: Changes; readonly scans: readonly Row[] } | string> {
  await session.rows(counting);
  const begun = await countsOf(session, queries);
  await session.rows(queries.mark);
  await session.rows(queries.printing);
  await session.rows("SELECT pg_catalog.set_config('check_function_bodies', 'off', true)");
  for (const sql of statements) {
    const failure = await session.execute(sql).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    if (failure !== null) return failure;
  }
  const ended = await countsOf(session, queries);
  const written = await readWritten(session, begun.catalogs, ended.catalogs);
  await goBack();
  await session.rows(queries.printing);
  return {
    changes: changesBetween(await readRemoved(session, written), written.added),
    scans: scansBetween(begun.scans, ended.scans),
  };
}

/** What was counted since; counts of work that was undone remain. */
function scansBetween(begun: readonly Row[], ended: readonly Row[]): readonly Row[] {
  const counts = new Map(begun.map((row) => [row["id"], Number(row["scans"])]));
  return ended.map((row) => ({ ...row, scans: Number(row["scans"]) - (counts.get(row["id"]) ?? 0) }));
}

interface Counts extends Pick<SchemaRows, "scans" | "session"> {
  readonly writes: Row | undefined;
  readonly catalogs: readonly Row[];
}

/** PostgreSQL counts scans and writes only while this setting is on. */
const counting = "SELECT pg_catalog.set_config('track_counts', 'on', true)";

/** More rows than that take too long to be told one by one; some hundreds of partitions write fewer. */
const mostWritten = 20_000;

/** Throws where what was done was not counted, or is too much to be read row by row. */
async function assertReadable({ rows }: LearningSession, begun: Counts, ended: Counts): Promise<void> {
  const [row] = await rows("SELECT pg_catalog.current_setting('track_counts') AS counting");
  if (row?.["counting"] !== "on") throw new Error("it switches off the setting by which its effects are told");
  const written = ({ catalogs }: Counts): number => catalogs.reduce((sum, each) => sum + Number(each["written"]), 0);
  if (written(ended) - written(begun) > mostWritten)
    throw new Error(`it writes more than ${mostWritten} rows of the system catalogs`);
}

async function countsOf({ rows }: LearningSession, queries: LearningQueries): Promise<Counts> {
  const scans = await rows(queries.scans);
  const [writes] = await rows(queries.writes);
  return { scans, writes, session: await rows(queries.session), catalogs: await rows(writtenCatalogs) };
}

async function textOf({ rows }: LearningSession, query: string): Promise<string> {
  const [row] = await rows(query);
  return String(row?.["ids"]);
}

/** The results of the queries about the relations with these ids; none for those that are not wanted. */
async function readHanded(
  { rows }: LearningSession,
  { hand }: LearningQueries,
  ids: string,
  wanted: readonly (string | null)[],
): Promise<readonly (readonly Row[])[]> {
  await rows(hand, [ids]);
  const results: (readonly Row[])[] = [];
  for (const sql of wanted) results.push(sql === null ? [] : await rows(sql));
  return results;
}

interface Written {
  readonly added: readonly string[];
  /** For each catalog of which rows may be gone: how to find them, and where those are that are not. */
  readonly reduced: readonly { readonly queries: ChangeQueries; readonly kept: string }[];
}

/** What was written into the catalogs behind the mark. */
async function readWritten(session: LearningSession, begun: readonly Row[], ended: readonly Row[]): Promise<Written> {
  const queries = await session.changes();
  const counts = new Map(begun.map((row) => [row["catalog"], row["changed"]]));
  const added: string[] = [];
  const reduced: Written["reduced"][number][] = [];
  for (const { catalog, changed } of ended as readonly { readonly catalog: string; readonly changed: string }[]) {
    const ofCatalog = queries.get(catalog);
    if (ofCatalog === undefined) continue;
    for (const row of await session.rows(ofCatalog.added)) added.push(withoutIds(String(row["row"])));
    if (changed === (counts.get(catalog) ?? "0")) continue;
    reduced.push({ queries: ofCatalog, kept: await textOf(session, ofCatalog.kept) });
  }
  return { added, reduced };
}

/** What is gone from the catalogs, read where it is still there. */
async function readRemoved({ rows }: LearningSession, { reduced }: Written): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const { queries, kept } of reduced)
    for (const row of await rows(queries.removed, [kept])) removed.push(withoutIds(String(row["row"])));
  return removed;
}
