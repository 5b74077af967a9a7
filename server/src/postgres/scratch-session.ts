/** One PGlite instance on which statements are run for good, one after the other, each with its answer or PostgreSQL's error. */

import type { PGlite } from "@electric-sql/pglite";
import type { SandboxError } from "../rehearsal/sandbox.ts";
import type { Row } from "./connection.ts";
import { DeadInstanceError } from "./embedded-instance.ts";

export interface ScratchSession {
  run(
    sql: string,
  ): Promise<
    | { readonly kind: "ran"; readonly rows: readonly Row[]; readonly affected: number | null }
    | { readonly kind: "failed"; readonly error: SandboxError }
  >;
  /** Each in a savepoint of one transaction, constraints checked at once; `progress` is told how many are done. */
  tryEach(statements: readonly string[], progress: (done: number) => void): Promise<readonly (SandboxError | null)[]>;
}

/** More rows are not handed out: nobody looks at what a query of the script finds. */
const mostRows = 50_000;

/** The databases from which others are made: the snapshot leaves them out, for planning needs none. */
const templates = [
  "CREATE DATABASE template1 TEMPLATE postgres STRATEGY file_copy",
  "CREATE DATABASE template0 TEMPLATE postgres STRATEGY file_copy",
  "UPDATE pg_catalog.pg_database SET datistemplate = true, datallowconn = datname <> 'template0' WHERE datname <> 'postgres'",
];

export function createScratchSession(database: PGlite): ScratchSession {
  const own = async (sql: string): Promise<void> => {
    try {
      await database.exec(sql);
    } catch (error) {
      throw new DeadInstanceError(`${sql} failed: ${sandboxError(error).message}`);
    }
  };
  let prepared: Promise<void> | null = null;
  const prepare = (): Promise<void> => {
    prepared ??= (async () => {
      for (const sql of templates) await own(sql);
    })();
    return prepared;
  };
  return {
    run: async (sql) => {
      await prepare();
      try {
        const { rows, affectedRows } = await database.query<Record<string, unknown>>(sql);
        return { kind: "ran", rows: rows.slice(0, mostRows), affected: affectedRows ?? null };
      } catch (error) {
        return { kind: "failed", error: sandboxError(error) };
      }
    },
    tryEach: async (statements, progress) => {
      const errors: (SandboxError | null)[] = [];
      await prepare();
      await own("BEGIN; SET CONSTRAINTS ALL IMMEDIATE");
      for (const sql of statements) {
        await own("SAVEPOINT attempt");
        try {
          await database.query(sql);
          errors.push(null);
        } catch (error) {
          errors.push(sandboxError(error));
          await own("ROLLBACK TO SAVEPOINT attempt");
        }
        await own("RELEASE SAVEPOINT attempt");
        progress(errors.length);
      }
      await own("COMMIT");
      return errors;
    },
  };
}

/** PostgreSQL's error as plain data. Throws what is none: the instance then answers as PostgreSQL never does. */
function sandboxError(error: unknown): SandboxError {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string")
    throw new DeadInstanceError(error instanceof Error ? error.message : String(error));
  const text = (name: string): string | null => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === "string" && value !== "" ? value : null;
  };
  const position = Number(text("position"));
  return {
    sqlstate: error.code,
    message: error.message,
    detail: text("detail"),
    hint: text("hint"),
    position: Number.isInteger(position) && position > 0 ? position : null,
    table: text("schema") === null || text("table") === null ? null : `${text("schema")}.${text("table")}`,
  };
}
