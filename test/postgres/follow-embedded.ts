// What a script's queries are told by an embedded PostgreSQL that follows edits, held against one that reads the script anew.
import { deepStrictEqual } from "node:assert/strict";
import type { Analysis } from "../../server/src/ide/analysis.ts";
import { partOf, schemaBefore } from "../../server/src/ide/schema-statements.ts";
import type { EmbeddedPostgres } from "../../server/src/postgres/embedded-planner.ts";
import { verdictFor } from "../../server/src/pruning/verdict-of.ts";
import { textOfStatement } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { analyseText } from "../ide/support.ts";
import { type Edit, edited } from "../support/edits.ts";
import { isCompared } from "../support/follow-edits.ts";
import { never } from "./support.ts";

/**
 * Makes the edits one after the other, and throws where the two are told different things: after each of them, or after each so many
 * and the last one.
 */
export async function followEmbedded(
  script: string,
  edits: readonly Edit[],
  reading: Reading,
  { following, fresh }: { readonly following: EmbeddedPostgres; readonly fresh: EmbeddedPostgres },
  comparedEach = 1,
): Promise<void> {
  let text = script;
  for (const [index, edit] of edits.entries()) {
    text = edited(text, edit);
    const analysis = analyseText(text, reading);
    const told = await verdictsOf(analysis, following);
    if (!isCompared(index, edits.length, comparedEach)) continue;
    // Back to an empty database, whatever the other one keeps.
    await fresh.read([], ["SELECT 1"], never);
    deepStrictEqual(told, await verdictsOf(analysis, fresh));
  }
}

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
