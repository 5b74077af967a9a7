/** Learns in the background what DO blocks do, by running them in the embedded PostgreSQL; never on a connected server. */

import type { Analysis } from "../ide/analysis.ts";
import { createLearnedStore, learnNext } from "../ide/learning.ts";
import type { ScriptPart } from "../ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../postgres/embedded-planner.ts";
import { learnEffect } from "../postgres/learn.ts";
import type { Learned } from "../replay/learned.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { Turns } from "../text/turns.ts";

export interface Learner {
  readonly learned: () => Learned;
  /** Looks, when the typing pauses, whether something in the file, or before it in its chain, is worth running. */
  readonly consider: (analysis: Analysis) => void;
  readonly stop: () => void;
}

export interface LearnerOptions {
  /** null where its files are missing. */
  readonly embedded: EmbeddedPostgres | null;
  readonly reading: Reading;
  /** Whether the file's statements may be run: not while a database is connected, whose tables are not in the sandbox. */
  readonly enabled: (uri: string) => boolean;
  /** The file with what goes before it in its chain. */
  readonly partsOf: (analysis: Analysis) => readonly ScriptPart[];
  /** ISO date of the clock. */
  readonly today: () => string;
  readonly inTurns: <Result>(work: Turns<Result>) => Promise<Result>;
  /** More is known than before. */
  readonly onLearned: () => void;
  readonly log: (line: string) => void;
  readonly onError: (error: unknown) => void;
}

/** After the last change of a file. */
const pauseMilliseconds = 400;
const mostAtOnce = 2;

export function createLearner(options: LearnerOptions): Learner {
  const { embedded, reading } = options;
  const store = createLearnedStore();
  const controller = new AbortController();
  const waiting = new Map<string, Analysis>();
  let timer: NodeJS.Timeout | undefined;
  /** Files that are being learned from: a slow one does not make others wait. */
  const working = new Set<string>();

  const learnFrom = async (running: EmbeddedPostgres, analysis: Analysis): Promise<void> => {
    const stopped = (): boolean => controller.signal.aborted || !options.enabled(analysis.file);
    if (stopped()) return;
    const learned = await learnNext(options.partsOf(analysis), {
      store,
      run: ({ before, sql }) => learnEffect(running, before, sql, reading, controller.signal),
      inTurns: options.inTurns,
      clockIsToday: analysis.options.today === options.today(),
      stopped,
      log: options.log,
    });
    // The file is analysed anew then, and comes back.
    if (learned) options.onLearned();
  };

  const work = async (running: EmbeddedPostgres): Promise<void> => {
    while (working.size < mostAtOnce) {
      const next = [...waiting].find(([file]) => !working.has(file));
      if (next === undefined) return;
      const [file, analysis] = next;
      waiting.delete(file);
      working.add(file);
      await learnFrom(running, analysis)
        .catch(options.onError)
        .finally(() => working.delete(file));
    }
  };

  return {
    learned: store.current,
    consider: (analysis) => {
      if (embedded === null) return;
      // The latest one counts; whether there is anything to learn is found out when nobody waits for an answer.
      waiting.set(analysis.file, analysis);
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (let count = 0; count < mostAtOnce; count++) void work(embedded);
      }, pauseMilliseconds);
    },
    stop: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
