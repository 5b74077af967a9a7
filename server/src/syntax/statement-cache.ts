/** Remembers what was understood of a statement's text, so that only new text is parsed. */

import type { Statement } from "./statement.ts";

/** Keys are hashes of statements; shared by all documents of a session. */
export interface StatementCache {
  readonly get: (hash: number) => Statement | undefined;
  /** `length` is that of the statement's text in UTF-16 units. */
  readonly set: (hash: number, statement: Statement, length: number) => void;
}

interface Entry {
  readonly statement: Statement;
  readonly length: number;
}

/** What a statement takes besides what grows with its text, in characters. */
const lengthOfEntry = 100;

/**
 * Keeps the statements used last whose texts have `characters` together, and up to as many older ones; what is understood of a
 * character takes some twenty bytes. A statement that would push most of the others out is not kept.
 */
export function createStatementCache(characters: number): StatementCache {
  let recent = new Map<number, Entry>();
  let older = new Map<number, Entry>();
  let used = 0;
  const keep = (hash: number, entry: Entry): void => {
    const size = entry.length + lengthOfEntry;
    if (size > characters / 4) return;
    if (used + size > characters) {
      older = recent;
      recent = new Map();
      used = 0;
    }
    if (!recent.has(hash)) used += size;
    recent.set(hash, entry);
  };
  const get = (hash: number): Statement | undefined => {
    const found = recent.get(hash);
    if (found !== undefined) return found.statement;
    const old = older.get(hash);
    if (old !== undefined) keep(hash, old);
    return old?.statement;
  };
  return { get, set: (hash, statement, length) => keep(hash, { statement, length }) };
}
