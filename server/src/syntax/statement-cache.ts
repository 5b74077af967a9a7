/** Remembers what was understood of a statement's text, so that only new text is parsed. */

import type { Statement } from "./statement.ts";

/** Keys are hashes of statements; shared by all documents of a session. */
export interface StatementCache {
  readonly get: (hash: number) => Statement | undefined;
  readonly set: (hash: number, statement: Statement) => void;
}

/** Keeps the `capacity` statements used last, and up to as many older ones. */
export function createStatementCache(capacity: number): StatementCache {
  let recent = new Map<number, Statement>();
  let older = new Map<number, Statement>();
  const set = (hash: number, statement: Statement): void => {
    if (recent.size >= capacity) {
      older = recent;
      recent = new Map();
    }
    recent.set(hash, statement);
  };
  const get = (hash: number): Statement | undefined => {
    const found = recent.get(hash);
    if (found !== undefined) return found;
    const old = older.get(hash);
    if (old !== undefined) set(hash, old);
    return old;
  };
  return { get, set };
}
