// Makes edits without end of scripts of every kind, and holds what is known after each against a fresh reading of the same text.
// Usage: node test/truth/edits.mjs [--edits 1000000] [--seed 1] [--longest 1000] [--tables 1000] [--each 1] [--embedded]

import { parseArgs } from "node:util";
import fc from "fast-check";
import { analyseText } from "../ide/support.ts";
import { followEmbedded } from "../postgres/follow-embedded.ts";
import { embeddedPostgres } from "../postgres/support.ts";
import { anyEdit, anyScript, edited, longScript, slightlyEdited, smallEdit } from "../support/edits.ts";
import { followEdits } from "../support/follow-edits.ts";
import { readingForTests } from "../support/parser.ts";
import { megabytesInUse } from "./soak.ts";

const { values } = parseArgs({
  options: {
    edits: { type: "string", default: "1000000" },
    seed: { type: "string", default: "1" },
    /** The characters of the longest script: a fresh reading of a long one costs as much as of many short ones. */
    longest: { type: "string", default: "1000" },
    /** How many relations a script may leave: functions of extensions make hundreds in one line. */
    tables: { type: "string", default: "1000" },
    /** After each so many edits of a script, and after its last one, what is known is compared: of 12 edits with `--each 12` once. */
    each: { type: "string", default: "1" },
    /** What the embedded PostgreSQL says of queries, instead of what the server itself knows. */
    embedded: { type: "boolean", default: false },
  },
});
const say = (line: string) => process.stdout.write(`${new Date().toISOString()} ${line}\n`);
const longest = Number(values.longest);
const each = Number(values.each);
const reading = await readingForTests();
const sizes = new Map<string, number>();
const shortScript = anyScript.filter(isSmall);
const shortRow = longScript.filter(isSmall);
const editsOfScript = { minLength: 12, maxLength: 12 } as const;
const scriptsOfBatch = 100;

let made = 0;
let compared = 0;
const instances = values.embedded ? [await embeddedPostgres(), await embeddedPostgres()] : [];
const batches = values.embedded ? embeddedBatches() : [anyEdits(), anyEdits(), anyEdits(), smallEdits()];
let problems = 0;
let seed = Number(values.seed);
for (; made < Number(values.edits); seed++) {
  const before = made;
  for (const [index, batch] of batches.entries()) {
    const details = await batch({ numRuns: scriptsOfBatch, seed: seed * batches.length + index, endOnFailure: true });
    if (!details.failed) continue;
    problems++;
    say(`seed ${seed}, batch ${index}: ${JSON.stringify(details.counterexample)}\n${String(details.errorInstance)}`);
  }
  if (Math.floor(before / 20_000) < Math.floor(made / 20_000))
    say(`${made} edits, compared ${compared} times, ${problems} problems, ${(await megabytesInUse()).toFixed(0)} MB`);
}
say(`${made} edits of seeds ${values.seed} to ${seed - 1}, compared ${compared} times: ${problems} problems`);
await Promise.all(instances.map((instance) => instance.close()));
process.exitCode = problems === 0 ? 0 : 1;

interface Checked {
  readonly failed: boolean;
  readonly counterexample: unknown;
  readonly errorInstance: unknown;
}

type Batch = (parameters: Pick<fc.Parameters, "numRuns" | "seed" | "endOnFailure">) => Promise<Checked>;

function anyEdits(): Batch {
  const property = fc.property(shortScript, fc.array(anyEdit, editsOfScript), (script, edits) => {
    count(edits.length);
    followEdits(script, edits, edited, reading, each);
  });
  return async (parameters) => fc.check(property, parameters);
}

function smallEdits(): Batch {
  const property = fc.property(shortRow, fc.array(smallEdit, editsOfScript), (script, edits) => {
    count(edits.length);
    followEdits(script, edits, slightlyEdited, reading, each);
  });
  return async (parameters) => fc.check(property, parameters);
}

function embeddedBatches(): readonly Batch[] {
  const [following, fresh] = instances;
  if (following === undefined || fresh === undefined) throw new Error("there are two instances");
  const property = fc.asyncProperty(shortScript, fc.array(anyEdit, editsOfScript), async (script, edits) => {
    count(edits.length);
    await followEmbedded(script, edits, reading, { following, fresh }, each);
  });
  return [(parameters) => fc.check(property, parameters)];
}

function count(edits: number): void {
  made += edits;
  compared += Math.ceil(edits / each);
}

function isSmall(script: string): boolean {
  if (script.length > longest) return false;
  const known = sizes.get(script);
  const { size } = known === undefined ? analyseText(script, reading).final.relations : { size: known };
  if (sizes.size < 100_000) sizes.set(script, size);
  return size <= Number(values.tables);
}
