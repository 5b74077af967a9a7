/** Puts the steps of a script into the text that stands in a file: what it does, its locks, its transaction. */

import { madeInPortions } from "../catalog/access.ts";
import type { SessionSettings } from "../catalog/catalog.ts";
import type { PartitionKey, RangeDatum } from "../catalog/partitioning.ts";
import { spellRange } from "../catalog/written-bound.ts";
import { visibleSql } from "../syntax/visible-sql.ts";
import { lineText } from "../text/foreign-text.ts";
import { addAll } from "../text/long-lists.ts";
import { itemsOfWriting } from "../text/portions.ts";
import type { Script, ScriptStep } from "./script.ts";

/** How long a script waits for a lock before it gives up, so that it does not make others queue behind it. */
const lockTimeout = "5s";

const lineWidth = 118;

export interface ScriptParts {
  readonly title: string;
  /** Sentences: what it does, what waits meanwhile, how to undo it. */
  readonly comment: readonly string[];
  readonly steps: readonly ScriptStep[];
  readonly notes: readonly string[];
  /** What takes it back; null where nothing does. */
  readonly undo: readonly ScriptStep[] | null;
}

/**
 * The whole script, and the one that undoes it. Steps inside a transaction stand together between BEGIN and COMMIT, unless one is
 * open already.
 */
export function assembleScript(parts: ScriptParts, inTransaction: boolean): Script {
  const lines = [...parts.comment, ...parts.notes].flatMap(commentLines);
  const steps = madeInPortions(parts.steps, itemsOfWriting, (step) => [{ ...step, sql: visibleSql(step.sql) }]);
  const back = parts.undo === null ? null : blocksOf(parts.undo, inTransaction);
  const undo = back === null ? null : madeInPortions(back, itemsOfWriting, (line) => [visibleSql(line)]);
  return {
    title: parts.title,
    comment: parts.comment,
    steps,
    notes: parts.notes,
    sql: `${[...lines, ...blocksOf(steps, inTransaction)].join("\n")}\n`,
    undo: undo === null ? null : `${undo.join("\n")}\n`,
  };
}

/** The script with one more thing that the reader must know. */
export function withNote(script: Script, note: string): Script {
  const lines = script.sql.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("--"));
  const sql = [...lines.slice(0, end), ...commentLines(note), ...lines.slice(end)].join("\n");
  return { ...script, notes: [...script.notes, note], sql };
}

function blocksOf(steps: readonly ScriptStep[], inTransaction: boolean): readonly string[] {
  const blocks: string[] = [];
  for (const group of groupByTransaction(steps)) {
    const statements = group.map(({ sql }) => `${sql};`);
    const isOutside = group[0]?.transaction === "outside";
    if (!isOutside && !inTransaction) blocks.push("BEGIN;");
    blocks.push(`SET ${isOutside ? "" : "LOCAL "}lock_timeout = '${lockTimeout}';`);
    addAll(blocks, statements);
    if (isOutside) blocks.push("RESET lock_timeout;");
    else if (!inTransaction) blocks.push("COMMIT;");
  }
  return blocks;
}

/** `FOR VALUES FROM (…) TO (…)` */
export function forValues(
  lower: readonly RangeDatum[],
  upper: readonly RangeDatum[],
  key: PartitionKey,
  settings: SessionSettings,
): string {
  return `FOR VALUES ${spellRange({ lower, upper }, key, settings)}`;
}

function groupByTransaction(steps: readonly ScriptStep[]): readonly (readonly ScriptStep[])[] {
  const groups: ScriptStep[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last?.[0]?.transaction === step.transaction && step.begins !== true) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

function commentLines(sentence: string): readonly string[] {
  const lines: string[] = [];
  let line = "--";
  for (const word of lineText(sentence).split(/\s+/)) {
    if (line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = "--  ";
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
