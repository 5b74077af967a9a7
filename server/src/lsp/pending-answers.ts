/** Answers that take a while, asked for once: kept with what they were asked about, shared by all who wait for them. */

import type { Catalog } from "../catalog/catalog.ts";

export interface PendingAnswers<Answer> {
  /** The answer that has arrived already; null while there is none. */
  readonly known: (catalog: Catalog, hash: number) => Answer | null;
  /**
   * The answer for a statement in a catalog; `ask` is called where nobody has asked yet, or too long ago. Its signal is
   * raised when all who wait have given up. Rejects as `ask` does, and then forgets.
   */
  readonly get: (
    catalog: Catalog,
    hash: number,
    signal: AbortSignal,
    ask: (signal: AbortSignal) => Promise<Answer>,
  ) => Promise<Answer>;
  readonly clear: () => void;
}

interface Entry<Answer> {
  /** When it was asked for, and then when it came. */
  since: number;
  readonly result: Promise<Answer>;
  readonly controller: AbortController;
  value: { readonly answer: Answer } | null;
  waiting: number;
}

/** A database changes without our knowing: after this time it is asked again, when somebody wants to know. */
const validMilliseconds = 5 * 60_000;

/** After a failure the next who asks a moment later asks again: the server may be back. */
const failureMilliseconds = 2_000;

/** For one catalog: while somebody types a query, each version of it has an answer of its own. */
const mostAnswers = 500;

export interface PendingAnswersOptions<Answer> {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  /** Whether an answer only says why there is none. */
  readonly isFailure: (answer: Answer) => boolean;
}

export function createPendingAnswers<Answer>({
  now,
  isFailure,
}: PendingAnswersOptions<Answer>): PendingAnswers<Answer> {
  // A catalog that no analysis holds any more takes its answers with it.
  let byCatalog = new WeakMap<Catalog, Map<number, Entry<Answer>>>();

  const find = (catalog: Catalog, hash: number): Entry<Answer> | null => {
    const entry = byCatalog.get(catalog)?.get(hash);
    if (entry === undefined) return null;
    const failed = entry.value !== null && isFailure(entry.value.answer);
    return now() - entry.since > (failed ? failureMilliseconds : validMilliseconds) ? null : entry;
  };

  const start = (catalog: Catalog, hash: number, ask: (signal: AbortSignal) => Promise<Answer>): Entry<Answer> => {
    const entries = byCatalog.get(catalog) ?? new Map<number, Entry<Answer>>();
    byCatalog.set(catalog, entries);
    const controller = new AbortController();
    const forget = (): void => {
      if (entries.get(hash) === entry) entries.delete(hash);
    };
    const result = ask(controller.signal);
    const entry: Entry<Answer> = { since: now(), result, controller, value: null, waiting: 0 };
    const [oldest] = entries.keys();
    if (entries.size >= mostAnswers && oldest !== undefined) entries.delete(oldest);
    entries.set(hash, entry);
    result.then((answer) => {
      entry.value = { answer };
      entry.since = now();
      // What was given up half-way is no answer for the next who asks.
      if (controller.signal.aborted) forget();
    }, forget);
    controller.signal.addEventListener("abort", forget);
    return entry;
  };

  return {
    known: (catalog, hash) => find(catalog, hash)?.value?.answer ?? null,
    get: async (catalog, hash, signal, ask) => {
      const entry = find(catalog, hash) ?? start(catalog, hash, ask);
      entry.waiting++;
      const giveUp = (): void => {
        entry.waiting--;
        if (entry.waiting === 0 && entry.value === null) entry.controller.abort();
      };
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp, { once: true });
      try {
        return await entry.result;
      } finally {
        signal.removeEventListener("abort", giveUp);
      }
    },
    clear: () => {
      byCatalog = new WeakMap();
    },
  };
}
