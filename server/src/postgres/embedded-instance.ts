/** One PGlite instance that holds a script's schema, in one transaction that is never committed. */
// Any earlier point of the script is then a ROLLBACK TO SAVEPOINT away.

import type { PGlite } from "@electric-sql/pglite";
import type { PlannedExecution } from "../pruning/planner.ts";
import type { Row } from "./connection.ts";
import type { StatementFailure } from "./embedded-protocol.ts";
import type { LearnedRun, LearningQueries } from "./learning-queries.ts";
import { changeQueriesOf, runToLearn } from "./learning-run.ts";
import { hasParameters, withoutParameters } from "./parameters.ts";

/** Thrown when the instance answers as PostgreSQL never does; nothing it says is to be believed any more. */
export class DeadInstanceError extends Error {
  override readonly name = "DeadInstanceError";
}

export interface EmbeddedInstance {
  /** Goes back to the state after the first `keep` statements and applies more; `progress` is told how many are done. */
  replay(
    keep: number,
    statements: readonly string[],
    progress: (done: number) => void,
  ): Promise<readonly StatementFailure[]>;
  /** The plan of one statement, with these settings for it alone. Rejects with PostgreSQL's error. */
  explain(
    sql: string,
    execution: PlannedExecution | null,
    settings: readonly (readonly [name: string, value: string])[],
  ): Promise<unknown>;
  read(queries: readonly string[]): Promise<readonly (readonly Row[])[]>;
  /**
   * What the statement, which is undone, changes of the schema; and whether that is all, for which the statements that do the same
   * are run too. Rejects with PostgreSQL's error.
   */
  learn(sql: string, queries: LearningQueries): Promise<LearnedRun>;
}

/** A savepoint and the number of statements applied before it. */
interface Checkpoint {
  readonly name: string;
  readonly position: number;
}

/** Savepoints nest, and each level costs: few are kept, whatever the length of the script. */
const mostCheckpoints = 40;
const fewestStatementsBetweenCheckpoints = 16;

const preparedName = "partition_lens_execution";

export function createEmbeddedInstance(database: PGlite): EmbeddedInstance {
  let applied: { readonly sql: string; readonly failure: Omit<StatementFailure, "index"> | null }[] = [];
  const checkpoints: Checkpoint[] = [];

  async function begin(): Promise<void> {
    if (checkpoints.length > 0) return;
    await run("BEGIN");
    await setCheckpoint(0);
  }

  async function setCheckpoint(position: number): Promise<void> {
    const name = `checkpoint_${position}`;
    await run(`SAVEPOINT ${name}`);
    checkpoints.push({ name, position });
  }

  /** Returns to the nearest checkpoint at or before the position, and says what has to be applied again from there. */
  async function goBackTo(position: number): Promise<readonly string[]> {
    if (position >= applied.length) return [];
    while (checkpoints.length > 1 && (checkpoints.at(-1)?.position ?? 0) > position) checkpoints.pop();
    const checkpoint = checkpoints.at(-1);
    if (checkpoint === undefined) throw new DeadInstanceError("there is no transaction");
    await run(`ROLLBACK TO SAVEPOINT ${checkpoint.name}`);
    const again = applied.slice(checkpoint.position, position).map(({ sql }) => sql);
    applied = applied.slice(0, checkpoint.position);
    return again;
  }

  async function apply(sql: string): Promise<void> {
    // Whether its body makes sense yet was the file's matter, which may have said that nobody is to look.
    await run("SET LOCAL check_function_bodies = off; SAVEPOINT statement");
    try {
      await database.query(sql);
      await run("RELEASE SAVEPOINT statement");
      applied.push({ sql, failure: null });
    } catch (error) {
      await run("ROLLBACK TO SAVEPOINT statement; RELEASE SAVEPOINT statement");
      applied.push({ sql, failure: failureOf(error) });
    }
  }

  /** Our own commands never fail on an instance that lives. */
  async function run(sql: string): Promise<void> {
    try {
      await database.exec(sql);
    } catch (error) {
      throw new DeadInstanceError(`${sql} failed: ${failureOf(error).message}`);
    }
  }

  async function rows(sql: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    const result = await database.query<Record<string, unknown>>(sql, [...values]);
    if (result.fields.length === 0) throw new DeadInstanceError("a query returned no columns");
    return result.rows;
  }

  async function readAll(queries: readonly string[]): Promise<readonly (readonly Row[])[]> {
    const results: (readonly Row[])[] = [];
    for (const sql of queries) results.push(await rows(sql));
    return results;
  }

  /** Runs the work, which may go back to where it began, and undoes all its effects. */
  async function undone<T>(work: (goBack: () => Promise<void>) => Promise<T>): Promise<T> {
    await begin();
    await run("SAVEPOINT undone");
    try {
      return await work(() => run("ROLLBACK TO SAVEPOINT undone"));
    } finally {
      await run("ROLLBACK TO SAVEPOINT undone; RELEASE SAVEPOINT undone");
    }
  }

  async function isAlive(): Promise<void> {
    const [row] = await rows("SELECT 6 * 7 AS answer");
    if (row?.["answer"] !== 42) throw new DeadInstanceError("it no longer computes");
  }

  /** Runs a statement for its effects. Rejects with PostgreSQL's error. */
  async function execute(sql: string): Promise<void> {
    await database.query(sql);
    await isAlive();
  }

  let ofCatalogs: ReturnType<typeof changeQueriesOf> | null = null;
  const changes = (): ReturnType<typeof changeQueriesOf> => (ofCatalogs ??= changeQueriesOf(rows));

  async function parameterTypeNames(sql: string): Promise<readonly string[]> {
    const { queryParams } = await database.describeQuery(sql);
    const names = await rows(
      "SELECT pg_catalog.format_type(t, NULL) AS name FROM pg_catalog.unnest($1::oid[]) WITH ORDINALITY AS u(t, n) ORDER BY n",
      [queryParams.map(({ dataTypeID }) => dataTypeID)],
    );
    return names.map((row) => String(row["name"]));
  }

  async function plan(statement: string): Promise<unknown> {
    const [row] = await rows(`EXPLAIN (VERBOSE, COSTS OFF, FORMAT JSON) ${statement}`);
    if (row === undefined) throw new DeadInstanceError("EXPLAIN returned no row");
    return row["QUERY PLAN"];
  }

  /** Runs the work and undoes all its effects; what it prepared outlives a rollback. */
  async function withoutPrepared<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await undone(work);
    } finally {
      await run("DEALLOCATE ALL");
    }
  }

  async function explainExecution({ parameterTypes, query, arguments: values }: PlannedExecution): Promise<unknown> {
    await database.query(`PREPARE ${preparedName}${parameterTypes} AS ${query}`);
    return plan(`EXECUTE ${preparedName}${values}`);
  }

  return {
    async replay(keep, statements, progress) {
      await begin();
      const again = await goBackTo(keep);
      const all = [...again, ...statements];
      const total = applied.length + all.length;
      const distance = Math.max(fewestStatementsBetweenCheckpoints, Math.ceil(total / mostCheckpoints));
      for (const [index, sql] of all.entries()) {
        const last = checkpoints.at(-1)?.position ?? 0;
        if (applied.length - last >= distance && checkpoints.length < mostCheckpoints)
          await setCheckpoint(applied.length);
        await apply(sql);
        progress(index + 1 - again.length);
      }
      await isAlive();
      return applied.flatMap(({ failure }, index) => (failure === null ? [] : [{ index, ...failure }]));
    },
    explain: (sql, execution, settings) =>
      withoutPrepared(async () => {
        for (const [name, value] of settings) await rows("SELECT pg_catalog.set_config($1, $2, true)", [name, value]);
        if (execution !== null) return explainExecution(execution);
        return plan(hasParameters(sql) ? withoutParameters(sql, await parameterTypeNames(sql)) : sql);
      }),
    async read(queries) {
      await begin();
      return readAll(queries);
    },
    async learn(sql, queries) {
      await begin();
      await run("SET LOCAL check_function_bodies = on");
      return runToLearn({ rows, execute, undone, changes }, sql, queries);
    },
  };
}

/** PostgreSQL's error as plain data. */
export function failureOf(error: unknown): { readonly sqlstate: string | undefined; readonly message: string } {
  const sqlstate = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  return { sqlstate, message: error instanceof Error ? error.message : String(error) };
}
