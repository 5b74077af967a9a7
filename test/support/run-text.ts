// Replays a text as a script of its own, from an empty database or what is given on.
import { type Catalog, emptyCatalog } from "../../server/src/catalog/catalog.ts";
import { replay } from "../../server/src/replay/replay.ts";
import type { Step } from "../../server/src/replay/step.ts";
import { parseDocument } from "../../server/src/syntax/document.ts";
import { readingForTests } from "./parser.ts";

const reading = await readingForTests();

/** What the scripts begin with. */
export const start = emptyCatalog({ complete: true, timeZone: "UTC" });

/** The steps of the text on PostgreSQL 18, behind what `from` has. */
export function runText(text: string, from: Catalog = start): readonly Step[] {
  return replay({
    file: "a.sql",
    statements: parseDocument(text, reading).statements,
    start: from,
    options: { version: 18, pathmanVersion: "1.5", today: "2025-01-01" },
    previous: [],
    source: { text, reading },
  });
}
