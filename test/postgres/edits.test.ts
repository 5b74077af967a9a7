/** Whatever becomes of a script, the embedded PostgreSQL that follows its edits says what one says that reads it anew. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { anyEdit, anyScript } from "../support/edits.ts";
import { readingForTests } from "../support/parser.ts";
import { followEmbedded } from "./follow-embedded.ts";
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
        await followEmbedded(script, changes, reading, { following, fresh });
        count += changes.length;
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
