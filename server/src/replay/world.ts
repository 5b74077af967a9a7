/** Several files one after the other: where the first statement of each file starts from. */

import type { Catalog } from "../catalog/catalog.ts";
import { atOnce, type Turns } from "../text/turns.ts";
import { whyUnsent } from "./client.ts";
import type { ScriptSource } from "./do-block.ts";
import type { Learned } from "./learned.ts";
import { endOfSession } from "./new-session.ts";
import { type ReplayOptions, replayInTurns } from "./replay.ts";
import { endOfRun } from "./run-ends.ts";
import { forwardStatements, type Run } from "./runs.ts";
import type { GivenStatements } from "./statement-list.ts";
import type { Step } from "./step.ts";
import { noSteps, type StepList } from "./step-list.ts";

export interface WorldFile {
  /** The world's id of the file. */
  readonly file: string;
  readonly statements: GivenStatements;
  /** How it is run; as a script for psql where nothing is said. */
  readonly runs?: readonly Run[] | undefined;
  readonly source?: ScriptSource | undefined;
}

export interface ReplayedFile {
  readonly file: string;
  readonly start: Catalog;
  /** Of all statements; those that undo follow on the others. */
  readonly steps: readonly Step[];
  /** The same, of which none is made that nobody asks for. */
  readonly list: StepList;
  /** What the next file of the chain starts from. */
  readonly end: Catalog;
}

export interface WorldInput {
  /** In the order in which they run. */
  readonly files: readonly WorldFile[];
  readonly start: Catalog;
  readonly options: ReplayOptions;
  /** What DO blocks and the like did where they were run. */
  readonly learned?: Learned | undefined;
  /** The same files before an edit, under the same options: steps are kept as far as nothing changed. */
  readonly previous: World | null;
}

/**
 * Files replayed in order, and no further than anybody asks: what comes after the file in an editor is of no interest to it.
 * Each file is a session of its own: what it sets, its temporary relations and a transaction that it leaves open end with it.
 */
export interface World {
  /** The first so many files. */
  readonly upTo: (count: number) => readonly ReplayedFile[];
  /** The file at a place, counted from 0, replayed behind those in front of it; undefined beyond the last one. Copies no list. */
  readonly fileAt: (place: number) => ReplayedFile | undefined;
  /** The work that `upTo` would do, pausing wherever it can. */
  readonly inTurns: (count: number) => Turns<void, unknown>;
  /** Each file as it was last replayed, in this world or an earlier one, with what was learned by then. */
  readonly known: ReadonlyMap<string, KnownFile>;
}

interface KnownFile {
  readonly replayed: ReplayedFile;
  readonly learned: Learned | undefined;
}

export function createWorld({ files, start, options, learned, previous }: WorldInput): World {
  const replayed: ReplayedFile[] = [];
  const known = new Map(previous?.known);
  const work = replayAll();

  function* replayAll(): Turns<void, unknown> {
    let catalog = start;
    for (const { file, statements, runs, source } of files) {
      const old = known.get(file);
      const list = yield* replayInTurns({
        file,
        statements,
        start: catalog,
        options,
        previous: old?.replayed.list ?? noSteps,
        previousLearned: old?.learned,
        source,
        learned,
        runs,
      });
      const forward = forwardStatements(runs ?? [], list.length);
      const last = list.at(forward - 1);
      const isSame =
        old?.replayed.start === catalog && last !== undefined && last === old.replayed.list.at(forward - 1);
      const end = isSame ? old.replayed.end : endOfFile(catalog, list, forward);
      const done: ReplayedFile = {
        ...{ file, start: catalog, list, end },
        get steps() {
          return list.all();
        },
      };
      replayed.push(done);
      known.set(file, { replayed: done, learned });
      catalog = end;
      yield;
    }
  }

  function* inTurns(count: number): Turns<void, unknown> {
    // Whoever comes first does the work; the others find it done.
    while (replayed.length < Math.min(count, files.length)) {
      work.next();
      yield;
    }
  }

  return {
    upTo: (count) => {
      atOnce(inTurns(count));
      return replayed.slice(0, count);
    },
    fileAt: (place) => {
      atOnce(inTurns(place + 1));
      return replayed[place];
    },
    inTurns,
    known,
  };
}

/** What a file leaves of the database that it began with: what follows a `\\connect` to another one is elsewhere. */
function endOfFile(start: Catalog, steps: StepList, forward: number): Catalog {
  let end = forward;
  for (const step of steps.ofKind("connect")) {
    if (!isSentElsewhere(step)) continue;
    end = Math.min(forward, steps.placeOf(step.handle, step.handle));
    break;
  }
  const last = steps.at(end - 1);
  if (last === undefined) return start;
  const { catalog, session } = endOfRun(last.run, last.behind.real);
  return endOfSession(start, catalog, session);
}

/** Whether the statement goes on with another database, and is reached. */
function isSentElsewhere({ statement: { statement }, behind }: Step): boolean {
  return statement.kind === "connect" && statement.elsewhere !== null && whyUnsent(behind.client) === null;
}
