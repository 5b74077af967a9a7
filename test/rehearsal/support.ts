/** What the tests of the rehearsal share: a sandbox from the sources, and the rehearsal of a text behind a schema. */

import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { analyseAtOnce } from "../../server/src/ide/analysis.ts";
import { runsOfFile } from "../../server/src/ide/chain.ts";
import { rehearsalInput } from "../../server/src/ide/rehearsal-input.ts";
import { partOf } from "../../server/src/ide/schema-statements.ts";
import { createSandboxes, type SandboxOptions } from "../../server/src/postgres/rehearsal-sandbox.ts";
import { type RehearsalLimits, rehearsalLimits, rehearse } from "../../server/src/rehearsal/rehearse.ts";
import type { RehearsalReport } from "../../server/src/rehearsal/report.ts";
import type { OpenSandbox, Sandbox } from "../../server/src/rehearsal/sandbox.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import type { Reading } from "../../server/src/syntax/read-statement.ts";
import { embeddedFiles, never } from "../postgres/support.ts";

export async function sandboxesForTests(options: Partial<SandboxOptions> = {}): Promise<OpenSandbox> {
  return createSandboxes({
    worker: new URL("../../server/src/postgres/embedded-worker.ts", import.meta.url),
    files: await embeddedFiles(),
    startTimeoutMilliseconds: 60_000,
    statementTimeoutMilliseconds: 60_000,
    wholeMilliseconds: 600_000,
    memoryBytes: 4_000_000_000,
    usedBytes: () => process.memoryUsage.rss(),
    ...options,
  });
}

/** One sandbox for several rehearsals: what ends one empties it. To be closed by `end`. */
export async function reusedSandbox(): Promise<{ readonly open: OpenSandbox; readonly end: () => Promise<void> }> {
  const opened = await (await sandboxesForTests())(never);
  if (!opened.ok) throw new Error(opened.problem.message);
  const sandbox = opened.value;
  const reused: Sandbox = {
    ...sandbox,
    close: async () => {
      for (const sql of ["ROLLBACK", "DISCARD ALL", emptying, "CREATE SCHEMA public", "RESET ALL"]) {
        const answer = await sandbox.run(sql);
        if (answer.kind === "refused") throw new Error(`${sql}: ${answer.error.message}`);
      }
    },
  };
  return { open: async () => ({ ok: true, value: reused }), end: () => sandbox.close() };
}

const emptying = `DO $$ DECLARE s text; BEGIN
  FOR s IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
    EXECUTE format('DROP SCHEMA %I CASCADE', s);
  END LOOP; END $$`;

export interface RehearsedText {
  readonly schema?: string;
  readonly script: string;
  /** What undoes it. */
  readonly undo?: string | null;
  /** The name of the file decides about its tool. */
  readonly file?: string;
  readonly mayLose?: readonly string[];
  readonly limits?: Partial<RehearsalLimits>;
  readonly sandboxes?: OpenSandbox;
  readonly signal?: AbortSignal;
  readonly progress?: (what: string, done: number, total: number) => void;
}

export async function rehearsedText(reading: Reading, given: RehearsedText): Promise<RehearsalReport> {
  const options = {
    version: 18,
    today: "2024-06-01",
    timeZone: "UTC",
    pathmanVersion: "auto",
    severities: {},
  } as const;
  const analysisOf = (file: string, text: string, start = emptyCatalog({ complete: true, timeZone: "UTC" })) => {
    const document = parseDocument(text, reading);
    const runs = runsOfFile(file, document);
    return analyseAtOnce({ file, document, reading, start, options, runs, startInFile: () => null, previous: null });
  };
  const schema = analysisOf("schema.sql", given.schema ?? "");
  const analysis = analysisOf(given.file ?? "script.sql", given.script, schema.left);
  const undo = given.undo ?? null;
  const undoFile = undo === null ? null : { name: "the undo", analysis: analysisOf("undo.sql", undo, analysis.left) };
  const input = rehearsalInput(
    analysis,
    { partsBefore: [partOf(schema)], databaseSchema: null, undoFile },
    given.mayLose,
  );
  const opened = await (given.sandboxes ?? (await sandboxesForTests()))(given.signal ?? never);
  if (!opened.ok) throw new Error(opened.problem.message);
  try {
    return await rehearse(input, opened.value, { ...rehearsalLimits, ...given.limits }, given.progress ?? (() => {}));
  } finally {
    await opened.value.close();
  }
}
