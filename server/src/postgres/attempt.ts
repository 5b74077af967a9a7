/** One query behind a savepoint, so that its failure ends nothing else of the transaction. */

import type { ReadSession, Row } from "./connection.ts";

/** What the query gave, or why it gave nothing. */
export type Attempt = { readonly rows: readonly Row[] } | { readonly failed: string };

/**
 * Runs in the caller's transaction, which it leaves usable. Rejects where nothing more can be asked: the connection is gone, or whoever
 * asked wants no answer any more.
 */
export async function attempt(
  session: ReadSession,
  signal: AbortSignal,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Attempt> {
  await session.query("SAVEPOINT attempt");
  try {
    const rows = await session.query(sql, values);
    await session.query("RELEASE SAVEPOINT attempt");
    return { rows };
  } catch (error) {
    if (signal.aborted) throw error;
    try {
      await session.query("ROLLBACK TO SAVEPOINT attempt");
    } catch {
      throw error;
    }
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}
