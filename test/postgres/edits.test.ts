/** Whatever becomes of a script, the embedded PostgreSQL that follows its edits says what one says that reads it anew. */

import fc from "fast-check";
import { expect, test } from "vitest";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import { analyseText } from "../ide/support.ts";
import { anyEdit, anyScript, edited } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";
import { embeddedPostgres, never } from "./support.ts";

const reading = await readingForTests();

/** `LONG_EDITS=1000000` goes on for so many edits. */
const edits = Number(process.env["LONG_EDITS"] ?? 30);
const editsOfScript = 3;

test("any edits of any script", async () => {
  const [following, fresh] = [await embeddedPostgres(), await embeddedPostgres()];
  try {
    let count = 0;
    const property = fc.asyncProperty(
      anyScript,
      fc.array(anyEdit, { minLength: editsOfScript, maxLength: editsOfScript }),
      async (script, changes) => {
        let text = script;
        for (const change of changes) {
          text = edited(text, change);
          const analysis = analyseText(text, reading);
          const told = await verdictsOf(analysis, following);
          // Back to an empty database, whatever the other one keeps.
          await fresh.read([], ["SELECT 1"], never);
          expect(told).toEqual(await verdictsOf(analysis, fresh));
          count++;
        }
      },
    );
    const numRuns = Math.ceil(edits / editsOfScript);
    await fc.assert(property, { numRuns, seed: 20260202, endOnFailure: true });
    expect(count).toBe(numRuns * editsOfScript);
    expect(await following.read([], ["SELECT 1 AS one"], never)).toEqual({ ok: true, value: [[{ one: 1 }]] });
  } finally {
    await Promise.all([following.close(), fresh.close()]);
  }
});

/** Of so many of a script's last queries: each costs PostgreSQL the statements before it. */
const queriesAsked = 2;

async function verdictsOf(analysis: Analysis, embedded: EmbeddedPostgres): Promise<readonly unknown[]> {
  const schemas = analysis.steps.flatMap((step) => {
    const schema = step.statement.statement.kind === "query" ? schemaBefore([partOf(analysis)], step) : null;
    return schema === null ? [] : [{ step, schema }];
  });
  const verdicts: unknown[] = [];
  for (const { step, schema } of schemas.slice(-queriesAsked)) {
    const text = textOfStatement(analysis.document, step.handle);
    verdicts.push(await verdictFor(step, text, embedded.after(schema), analysis.options, never));
  }
  return verdicts;
}
