/** The statements that tell what a database has, run: partitions that are like each other are made together. */

import { type Catalog, nameKey } from "../catalog/catalog.ts";
import { type ReplayOptions, replayInTurns } from "../replay/replay.ts";
import { parseDocument } from "../syntax/document.ts";
import type { Reading } from "../syntax/read-statement.ts";
import type { PlacedStatement } from "../syntax/statement.ts";
import { handleAt } from "../syntax/statement-handle.ts";
import { addAll } from "../text/long-lists.ts";
import type { Turns } from "../text/turns.ts";
import { createBulkPartitions } from "./bulk-partitions.ts";
import type { CodeRow } from "./code-script.ts";
import type { SchemaScriptStatement } from "./schema-script.ts";

/** So many statements are replayed before their steps are let go, of which each holds on to two whole catalogs. */
const replayedTogether = 200;

/** The catalog that the statements make, what is not taken over of them, and the code that those would have made. */
export function* replayScript(
  script: readonly SchemaScriptStatement[],
  start: Catalog,
  reading: Reading,
  options: ReplayOptions,
): Turns<{ readonly made: Catalog; readonly declined: string[]; readonly untold: CodeRow[] }, unknown> {
  const declined: string[] = [];
  const untold: CodeRow[] = [];
  const bulk = createBulkPartitions({ ...options, ...ofDatabase });
  let made = start;
  let sources: SchemaScriptStatement[] = [];
  let statements: PlacedStatement[] = [];

  function* runAll(): Turns<void, unknown> {
    if (sources.length === 0) return;
    const input = { file: "", statements, start: made, options: { ...options, describes: true }, previous: [] };
    const steps = (yield* replayInTurns(input)).all();
    for (const [index, { rejection, statement }] of steps.entries()) {
      const source = sources[index];
      if (rejection === null || source === undefined) continue;
      declined.push(`${rejection.message}: ${source.sql}`);
      if (statement.statement.kind !== "invalid") addAll(untold, codeOf(source));
    }
    made = steps.at(-1)?.after ?? made;
    for (const { partition } of sources) if (partition !== undefined) bulk.made(made, partition);
    [sources, statements] = [[], []];
  }

  const read = (source: SchemaScriptStatement): void => {
    const placed = parseDocument(source.sql, reading).statements[0];
    if (placed !== undefined) {
      sources.push(source);
      statements.push(placed);
    }
    if (placed === undefined || placed.statement.kind === "invalid") addAll(untold, codeOf(source));
  };

  for (const together of partitionsTogether(script)) {
    yield;
    const partitions = together.flatMap(({ partition }) => partition ?? []);
    const [first] = partitions;
    let left = together;
    if (first !== undefined && bulk.hasExample(first)) {
      yield* runAll();
      const added = bulk.added(made, partitions);
      made = added.catalog;
      left = added.left.flatMap((index) => together[index] ?? []);
    }
    for (const source of left) {
      read(source);
      if (sources.length >= replayedTogether) yield* runAll();
      yield;
    }
    if (first !== undefined && bulk.wantsExample(first)) yield* runAll();
  }
  yield* runAll();
  return { made, declined, untold };
}

/** So many partitions are made between two pauses. */
const mostTogether = 50;

/** The statements in their order: partitions of one parent that follow each other together, behind the first one, and all others alone. */
function* partitionsTogether(script: readonly SchemaScriptStatement[]): Generator<readonly SchemaScriptStatement[]> {
  let parent: string | null = null;
  let together: SchemaScriptStatement[] = [];
  for (const source of script) {
    const { partition } = source;
    const own = partition === undefined ? null : nameKey(partition.parent.schema, partition.parent.name);
    const isNext = own !== null && own === parent;
    if ((!isNext || together.length >= mostTogether) && together.length > 0) {
      yield together;
      together = [];
    }
    if (isNext) together.push(source);
    else yield [source];
    parent = own;
  }
  if (together.length > 0) yield together;
}

/** How the statements are run that tell what a database has. */
const ofDatabase = {
  describes: true,
  file: "",
  statement: handleAt(0),
  inTransaction: false,
  inFunction: false,
} as const;

function codeOf({ code }: SchemaScriptStatement): readonly CodeRow[] {
  return code === undefined ? [] : [code];
}
