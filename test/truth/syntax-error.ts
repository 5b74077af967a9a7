/** Syntax errors of a statement: what a server's grammar says, and what the replay says of that major's. */

import type { Client, DatabaseError } from "pg";
import type { Statement } from "../../server/src/syntax/statement.ts";

/** In PostgreSQL's words; the position is 1-based, in characters. */
export interface SyntaxErrorAt {
  readonly message: string;
  readonly position: number | null;
}

/** Takes the connection into a transaction in which nothing is executed any more: PostgreSQL still parses there. */
export async function abortTransaction(client: Client): Promise<void> {
  await client.query("rollback");
  await client.query("begin");
  await client.query("select 1 / 0").catch(() => undefined);
}

/** What the grammar of the server says to a statement, in a transaction that is aborted, and stays so. */
export async function syntaxErrorOf(client: Client, sql: string): Promise<SyntaxErrorAt | null> {
  try {
    await client.query(sql);
  } catch (error) {
    const { code, message, position } = error as DatabaseError;
    if (code === "25P02" || code === "3B001") return null;
    return { message, position: position === undefined ? null : Number(position) };
  }
  // It ended the transaction.
  await abortTransaction(client);
  return null;
}

/** What our reading says that the grammar of the major says. */
export function expectedSyntaxError(statement: Statement, major: number): SyntaxErrorAt | null {
  const newer = statement.newerSyntax?.find(({ since, from = 0 }) => from <= major && major < since);
  if (newer !== undefined) {
    return { message: newer.message, position: newer.withoutPosition === true ? null : newer.range.start + 1 };
  }
  if (statement.kind !== "invalid") return null;
  return { message: statement.error.message, position: statement.error.range.start + 1 };
}
