/** Scores a file of recorded histories of an extension: `node test/oracle/score-file.mjs --extension partman5 FILE [--about kind] [--limit n] [--history n]`. */

import type { Reading } from "../../server/src/syntax/read-statement.ts";
import {
  type ExtensionAdapter,
  type ExtensionRecording,
  emptyExtensionScore,
  printExtensionScore,
  readHistories,
  scoreHistory,
} from "./extension-score.ts";
import { partmanAdapter } from "./partman-adapter.ts";

/** The adapters by the names of the recordings. */
// biome-ignore lint/suspicious/noExplicitAny: each adapter has recordings of its own shape, which nobody else looks into.
export const adapters: Readonly<Record<string, ExtensionAdapter<any>>> = {
  partman4: partmanAdapter(4),
  partman5: partmanAdapter(5),
};

/** Prints the score of a file and what was missed. */
export function scoreExtensionFile(
  file: string,
  name: string,
  values: ReadonlyMap<string, string>,
  reading: Reading,
): void {
  const adapter = adapters[name];
  if (adapter === undefined) throw new Error(`there is no adapter ${name}, but ${Object.keys(adapters).join(", ")}`);
  const score = emptyExtensionScore();
  const started = performance.now();
  for (const recording of readHistories<ExtensionRecording>(file)) {
    if (values.has("history") && String(recording.id) !== values.get("history")) continue;
    scoreHistory(score, recording, adapter, reading);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${name}, ${file}, ${seconds} s\n${printExtensionScore(score)}\n`);
  const about = values.get("about")?.split(",");
  const shown = score.misses.filter((miss) => about === undefined || about.includes(miss.about));
  for (const miss of shown.slice(0, Number(values.get("limit") ?? 20))) {
    console.log(
      `${miss.about} ${miss.history}#${miss.statement ?? ""}: ${miss.sql.replaceAll("\n", " ").slice(0, 400)}`,
    );
    console.log(`    expected ${miss.expected.slice(0, 600)}\n    actual   ${miss.actual.slice(0, 600)}`);
  }
}
