/** Compares what a server said to a script with what the replay says. */

import type { PostgresVersion } from "../../server/src/effects/outcome.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { type Score, scoreScript } from "../oracle/score.ts";
import type { RecordedResult, Recording } from "../oracle/truth.ts";

/** Adds a recording that was made on the same major to a score. Errors that depend on rows are not scored. */
export function compareScript(score: Score, recording: Recording, version: PostgresVersion, reading: Reading): void {
  const results = recording.results.map((result) =>
    dependsOnRows(result) ? { ...result, sqlstate: "23514" } : result,
  );
  scoreScript(score, { ...recording, results }, version, reading, version);
}

/** Integrity constraint violations come from rows. */
function dependsOnRows({ ok, sqlstate }: RecordedResult): boolean {
  return !ok && sqlstate !== undefined && sqlstate.startsWith("23");
}
