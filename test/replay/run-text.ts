// Replays a text as a script of its own, from an empty database on.
import { emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "../support/parser.ts";

const reading = await readingForTests();

/** What the scripts begin with. */
export const start = emptyCatalog({ complete: true, timeZone: "UTC" });

/** The steps of the text on PostgreSQL 18. */
export function runText(text: string): readonly Step[] {
  return replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start,
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}
