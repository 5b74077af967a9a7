/** The embedded PostgreSQL for several scripts: one that is slow keeps an instance of its own, so that no other waits for it. */

import type { PlanAnswer, PlannerProblem, SchemaStatement } from "../pruning/planner.ts";
import { cancelled } from "./connect.ts";
import type { EmbeddedPostgres } from "./embedded-planner.ts";

export interface FairOptions {
  /** An embedded PostgreSQL that has not been started. */
  readonly create: () => EmbeddedPostgres;
  /** So long a request of one script may keep those of others waiting, once PostgreSQL runs. */
  readonly patienceMilliseconds: number;
  /** Of a slow script so many requests wait at most; more are refused. */
  readonly mostWaiting: number;
  /** And so many of all others, before it is known which of them is slow. */
  readonly mostWaitingInCommon: number;
}

interface Job {
  /** Scripts of one name wait for each other: they share most of their schema. */
  readonly script: string;
  /** Never rejects. */
  readonly run: (embedded: EmbeddedPostgres) => Promise<void>;
  readonly refuse: (problem: PlannerProblem) => void;
}

/** An instance and who waits for it. */
interface Lane {
  readonly embedded: EmbeddedPostgres;
  readonly script: string | null;
  queue: readonly Job[];
  running: Job | null;
}

const busy: PlannerProblem = {
  kind: "timeout",
  message: "the embedded PostgreSQL is busy with earlier questions",
};

/** Two instances at most: one for all scripts, and one for the script that was slow last. */
export function createFairEmbedded(options: FairOptions): EmbeddedPostgres {
  let common: Lane = { embedded: options.create(), script: null, queue: [], running: null };
  let slow: Lane | null = null;
  let timer: NodeJS.Timeout | undefined;
  /** Since when the request of the common instance keeps others waiting, however many come meanwhile. */
  let since = 0;

  const lanes = (): readonly Lane[] => (slow === null ? [common] : [common, slow]);

  const goOn = (lane: Lane): void => {
    const [next, ...others] = lane.queue;
    if (lane.running !== null || next === undefined) return;
    lane.queue = others;
    lane.running = next;
    if (lane === common) since = performance.now();
    void next.run(lane.embedded).then(() => {
      // Meanwhile the instance may have become that of a slow script.
      const now = lanes().find(({ running }) => running === next);
      if (now === undefined) return;
      now.running = null;
      goOn(now);
    });
    watch();
  };

  /** Waits with those that wait for another script's request, but not for ever. */
  const watch = (): void => {
    const { running, queue, embedded } = common;
    if (running === null || queue.every(({ script }) => script === running.script)) return;
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        if (common.running !== running) return watch();
        // The start takes its time for whoever is first.
        if (embedded.serverVersion() !== null) return handOver(running);
        since = performance.now();
        watch();
      },
      Math.max(0, since + options.patienceMilliseconds - performance.now()),
    );
    timer.unref();
  };

  /** The script keeps the instance, where another one is not kept already by a script that is busy; others begin a new one. */
  const handOver = ({ script }: Job): void => {
    if (slow !== null && (slow.running !== null || slow.queue.length > 0)) {
      since = performance.now();
      watch();
      return;
    }
    void slow?.embedded.close();
    const { embedded, running, queue } = common;
    slow = { embedded, script, running, queue: [] };
    common = { embedded: options.create(), script: null, running: null, queue: [] };
    for (const job of queue) submit(job);
  };

  const submit = (job: Job): void => {
    const lane = slow?.script === job.script ? slow : common;
    if (lane.queue.length >= (lane === slow ? options.mostWaiting : options.mostWaitingInCommon)) {
      job.refuse(busy);
      return;
    }
    lane.queue = [...lane.queue, job];
    goOn(lane);
    watch();
  };

  const request = <Answer>(
    statements: readonly SchemaStatement[],
    work: (embedded: EmbeddedPostgres) => Promise<Answer>,
    refused: (problem: PlannerProblem) => Answer,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const run = (embedded: EmbeddedPostgres): Promise<void> => work(embedded).then(resolve, reject);
      submit({ script: nameOf(statements), run, refuse: (problem) => resolve(refused(problem)) });
    });

  return {
    after: (statements) => ({
      source: "embedded",
      explain: (plan, signal) =>
        request<PlanAnswer>(
          statements,
          (embedded) => embedded.after(statements).explain(plan, signal),
          (problem) => ({ ok: false, problem }),
        ),
    }),
    read: (statements, queries, signal) =>
      request(
        statements,
        (embedded) => embedded.read(statements, queries, signal),
        (problem) => ({ ok: false, problem }),
      ),
    learn: (statements, sql, queries, signal) =>
      request(
        statements,
        (embedded) => embedded.learn(statements, sql, queries, signal),
        (problem) => ({ ok: false, problem }),
      ),
    serverVersion: () => common.embedded.serverVersion() ?? slow?.embedded.serverVersion() ?? null,
    close: async () => {
      clearTimeout(timer);
      for (const lane of lanes()) {
        for (const { refuse } of lane.queue) refuse(cancelled);
        lane.queue = [];
      }
      await Promise.all(lanes().map(({ embedded }) => embedded.close()));
    },
  };
}

/** Files of one chain begin with the same statements. */
const statementsInName = 3;

function nameOf(statements: readonly SchemaStatement[]): string {
  return JSON.stringify(statements.slice(0, statementsInName).map(({ sql }) => sql));
}
