/** Several files one after the other: where the first statement of each file starts from. */

import type { Catalog } from "../catalog/catalog.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import type { ScriptSource } from "./do-block.ts";
import type { Learned } from "./learned.ts";
import { endOfSession } from "./new-session.ts";
import { type ReplayOptions, replay } from "./replay.ts";
import type { Step } from "./step.ts";
import { autocommit } from "./transaction.ts";

export interface WorldFile {
  /** The world's id of the file. */
  readonly file: string;
  readonly statements: readonly PlacedStatement[];
  /** How many of the statements run forward; the rest undoes them (`downSection`). */
  readonly forward: number;
  readonly source?: ScriptSource | undefined;
}

export interface ReplayedFile {
  readonly file: string;
  readonly start: Catalog;
  /** Of all statements; those that undo follow on the others. */
  readonly steps: readonly Step[];
  /** What the next file of the chain starts from. */
  readonly end: Catalog;
}

/**
 * Replays the files of a chain in order. Each file is a session of its own: what it sets, its temporary relations and a
 * transaction that it leaves open end with it.
 *
 * @param previous the same chain before an edit, under the same options; steps are kept as far as nothing changed
 * @param learned what DO blocks and the like did where they were run
 */
export function replayWorld(
  files: readonly WorldFile[],
  start: Catalog,
  options: ReplayOptions,
  previous: readonly ReplayedFile[],
  learned?: Learned,
): ReplayedFile[] {
  const before = new Map(previous.map((replayed) => [replayed.file, replayed]));
  const replayedFiles: ReplayedFile[] = [];
  let catalog = start;
  for (const { file, statements, forward, source } of files) {
    const old = before.get(file);
    const steps = replay({ file, statements, start: catalog, options, previous: old?.steps ?? [], source, learned });
    const last = steps[forward - 1];
    const end =
      old !== undefined && old.start === catalog && last !== undefined && last === old.steps[forward - 1]
        ? old.end
        : endOfFile(catalog, steps.slice(0, forward));
    replayedFiles.push({ file, start: catalog, steps, end });
    catalog = end;
  }
  return replayedFiles;
}

/** What a file leaves of the database that it began with: what follows a `\connect` to another one is elsewhere. */
function endOfFile(start: Catalog, steps: readonly Step[]): Catalog {
  const away = steps.findIndex(
    ({ statement: { statement } }) => statement.kind === "connect" && statement.database !== null,
  );
  const last = steps[(away < 0 ? steps.length : away) - 1];
  return endOfSession(start, last?.after ?? start, last?.transaction.session ?? autocommit);
}
