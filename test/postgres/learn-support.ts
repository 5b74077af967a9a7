/** Replays a script as the language server does: what has to be run to be known is run in the embedded PostgreSQL. */

import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { createLearnedStore, nextToLearn } from "../../server/src/ide/learning.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { learnEffect } from "../../server/src/postgres/learn.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { atOnce } from "../../server/src/text/turns.ts";
import { options } from "../pruning/support.ts";
import { partOfSteps } from "../support/parts.ts";
import { never } from "./support.ts";

export interface Learning {
  readonly steps: readonly Step[];
  readonly final: Catalog;
  /** Why statements that were run taught nothing. */
  readonly declined: readonly string[];
}

export interface LearningOptions {
  readonly server: EmbeddedPostgres;
  readonly reading: Reading;
  readonly clockIsToday?: boolean;
  readonly complete?: boolean;
}

/** Replays the script, learning from the first statement to the last, until there is nothing more to learn. */
export async function learnAll(
  text: string,
  { server, reading, clockIsToday = true, complete = true }: LearningOptions,
): Promise<Learning> {
  const { statements } = parseDocument(text, reading);
  const start = emptyCatalog({ complete, timeZone: "UTC" });
  const store = createLearnedStore();
  const declined: string[] = [];
  let previous: readonly Step[] = [];
  for (;;) {
    const source = { text, reading };
    const steps = replay({ file: "a.sql", statements, start, options, previous, source, learned: store.current() });
    previous = steps;
    const textOf = ({ statement }: Step): string => text.slice(statement.offset, statement.offset + statement.length);
    const task = atOnce(nextToLearn([partOfSteps(start, steps, textOf)], store, clockIsToday));
    const unfit = steps.flatMap((step) => (step.learned === undefined ? [] : step.declined));
    if (task === null) return { steps, final: steps.at(-1)?.after ?? start, declined: [...declined, ...unfit] };
    const answer = await learnEffect(server, task.before, task.sql, reading, never);
    store.add(task.step.before, task.step.statement, answer.kind === "learned" ? answer.effect : null);
    if (answer.kind === "declined") declined.push(answer.reason);
  }
}
